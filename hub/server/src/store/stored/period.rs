//! Locks of periods and revisions of cells as stored.

use std::{collections::BTreeSet, sync::Arc};

use hub_domain::period::{CellRevision, Event, Late, Lock, LockNumber, Reopened, Why};
use proto::{
    indicator::cell::{CellKey, CellState, IndicatorId, Revision},
    period::Period,
    place::Place,
};

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredPeriod {
    #[prost(oneof = "What", tags = "1, 2")]
    pub what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum What {
    #[prost(message, tag = "1")]
    Locked(StoredLock),
    #[prost(message, tag = "2")]
    Reopened(StoredReopened),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLock {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(uint32, tag = "3")]
    pub period: u32,
    /// As they were named; none: all.
    #[prost(uint32, repeated, tag = "4")]
    pub indicators: Vec<u32>,
    /// Indicator and revision in turn, ascending.
    #[prost(uint32, repeated, tag = "5")]
    pub series: Vec<u32>,
    #[prost(uint64, tag = "6")]
    pub after: u64,
    #[prost(message, optional, tag = "7")]
    pub at: Option<StoredTime>,
    #[prost(string, tag = "8")]
    pub note: String,
    #[prost(uint32, tag = "9")]
    pub expected: u32,
    /// [`Place::aligned`] of those that had not reported, ascending.
    #[prost(uint64, repeated, tag = "10")]
    pub silent: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredReopened {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
    #[prost(string, tag = "4")]
    pub note: String,
}

/// Of an accepted batch that changes a locked or long reported period.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLate {
    #[prost(message, optional, tag = "1")]
    pub at: Option<StoredTime>,
    /// Indicator and revision in turn.
    #[prost(uint32, repeated, tag = "2")]
    pub uncounted: Vec<u32>,
}

/// The value of a revision's row; its key has community, cell and record.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRevision {
    #[prost(message, optional, tag = "1")]
    pub at: Option<StoredTime>,
    /// 1 late report, 2 late entry, 3 correction, 4 restated, 5 repaired, 6 first
    /// counted.
    #[prost(uint32, tag = "2")]
    pub why: u32,
    /// 0: none stood.
    #[prost(uint32, tag = "3")]
    pub lock: u32,
    #[prost(message, optional, tag = "4")]
    pub before: Option<StoredCellState>,
    #[prost(message, optional, tag = "5")]
    pub after: Option<StoredCellState>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCellState {
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub state: Vec<u8>,
}

fn flat(series: &[(IndicatorId, Revision)]) -> Vec<u32> {
    let pairs = series.iter();
    pairs
        .flat_map(|(indicator, revision)| [indicator.0, revision.0])
        .collect()
}

fn pairs(flat: &[u32]) -> Result<Vec<(IndicatorId, Revision)>, Unreadable> {
    match flat.as_chunks::<2>() {
        (pairs, []) => Ok(pairs
            .iter()
            .map(|[indicator, revision]| (IndicatorId(*indicator), Revision(*revision)))
            .collect()),
        _ => Err(Unreadable::field("series")),
    }
}

impl From<&Event> for StoredPeriod {
    fn from(event: &Event) -> StoredPeriod {
        let what = match event {
            Event::Locked { asked, lock } => What::Locked(StoredLock {
                asked: Some(asked.into()),
                number: lock.number.0,
                period: lock.period.number(),
                indicators: lock.indicators.iter().map(|id| id.0).collect(),
                series: flat(&lock.series),
                after: lock.after,
                at: Some(lock.at.into()),
                note: lock.note.clone(),
                expected: lock.expected,
                silent: lock.silent.iter().copied().collect(),
            }),
            Event::Reopened {
                asked,
                lock,
                note,
                at,
            } => What::Reopened(StoredReopened {
                asked: Some(asked.into()),
                number: lock.0,
                at: Some((*at).into()),
                note: note.clone(),
            }),
        };
        StoredPeriod { what: Some(what) }
    }
}

impl TryFrom<StoredPeriod> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredPeriod) -> Result<Event, Unreadable> {
        let what = stored.what.ok_or_else(|| Unreadable::field("what"))?;
        Ok(match what {
            What::Locked(stored) => {
                let asked = asked(stored.asked)?;
                let series = pairs(&stored.series)?;
                let period = Period::from_number(stored.period);
                let lock = Lock {
                    number: LockNumber(stored.number),
                    period: period.map_err(|_| Unreadable::field("period"))?,
                    indicators: stored.indicators.into_iter().map(IndicatorId).collect(),
                    series: series.into(),
                    after: stored.after,
                    by: asked.by.clone(),
                    at: time(stored.at)?,
                    note: stored.note,
                    expected: stored.expected,
                    silent: Arc::new(stored.silent.into_iter().collect::<BTreeSet<u64>>()),
                    reopened: None::<Reopened>,
                };
                Event::Locked {
                    asked,
                    lock: Box::new(lock),
                }
            }
            What::Reopened(stored) => Event::Reopened {
                asked: asked(stored.asked)?,
                lock: LockNumber(stored.number),
                note: stored.note,
                at: time(stored.at)?,
            },
        })
    }
}

impl From<&Late> for StoredLate {
    fn from(late: &Late) -> StoredLate {
        StoredLate {
            at: Some(late.at.into()),
            uncounted: flat(&late.uncounted),
        }
    }
}

impl TryFrom<StoredLate> for Late {
    type Error = Unreadable;

    fn try_from(stored: StoredLate) -> Result<Late, Unreadable> {
        Ok(Late {
            at: time(stored.at)?,
            uncounted: pairs(&stored.uncounted)?,
        })
    }
}

impl From<&CellRevision> for StoredRevision {
    fn from(revision: &CellRevision) -> StoredRevision {
        let state = |state: &Option<CellState>| {
            state.as_ref().map(|state| StoredCellState {
                kind: state.kind,
                state: state.bytes.to_vec(),
            })
        };
        StoredRevision {
            at: Some(revision.at.into()),
            why: revision.why as u32,
            lock: revision.lock.map_or(0, |lock| lock.0),
            before: state(&revision.before),
            after: state(&revision.after),
        }
    }
}

impl StoredRevision {
    /// `community`, `key` and `seq`: of the row's key.
    pub fn read(
        self,
        community: Place,
        key: CellKey,
        seq: u64,
    ) -> Result<CellRevision, Unreadable> {
        let state = |stored: StoredCellState| CellState {
            kind: stored.kind,
            bytes: stored.state.into(),
        };
        let why = Why::ALL.into_iter().find(|why| *why as u32 == self.why);
        Ok(CellRevision {
            community,
            key,
            seq,
            at: time(self.at)?,
            why: why.ok_or_else(|| Unreadable::field("why"))?,
            lock: (self.lock != 0).then_some(LockNumber(self.lock)),
            before: self.before.map(state),
            after: self.after.map(state),
        })
    }
}

#[cfg(test)]
mod tests {
    use hub_domain::event::Event as HubEvent;
    use prost::Message as _;
    use proto::indicator::{accumulator::Accumulator, cell::Breakdown};

    use super::super::{decode, encode};
    use super::*;

    const LOCKED: &str = "019208420a400a120a0b6f70657261746f722f6c691203722d31100318cb5e2201012a04010101023084073a060880ada89a0d4206e5b7b2e6a0b8485f5207c0bdb5bca6fe73";
    const REOPENED: &str =
        "0192082812260a120a0b6f70657261746f722f6c691203722d3110031a060880ada89a0d2206e6bc8fe68aa5";
    const LATE: &str = "0a060880ada89a0d12020701";
    const REVISION: &str = "0a060880ada89a0d100218032a050801120104";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn events() -> [Event; 2] {
        let asked = hub_domain::event::Asked {
            by: "operator/li".parse().unwrap(),
            request: "r-1".parse().unwrap(),
        };
        let at = "2026-03-02T04:00:00Z".parse().unwrap();
        let place: Place = "510115003064".parse().unwrap();
        let lock = Lock {
            number: LockNumber(3),
            period: "202602".parse().unwrap(),
            indicators: vec![IndicatorId(1)],
            series: [(IndicatorId(1), Revision(1)), (IndicatorId(1), Revision(2))].into(),
            after: 900,
            by: asked.by.clone(),
            at,
            note: "已核".to_owned(),
            expected: 95,
            silent: Arc::new([place.aligned()].into()),
            reopened: None,
        };
        [
            Event::Locked {
                asked: asked.clone(),
                lock: Box::new(lock),
            },
            Event::Reopened {
                asked,
                lock: LockNumber(3),
                note: "漏报".to_owned(),
                at,
            },
        ]
    }

    #[test]
    fn the_bytes_are_frozen_and_read_back() {
        for (event, frozen) in events().into_iter().zip([LOCKED, REOPENED]) {
            let written = encode(&HubEvent::Period(event.clone()), None);
            assert_eq!(hex(&written), frozen);
            let HubEvent::Period(read) = decode(&written).unwrap() else {
                panic!("another event");
            };
            assert_eq!(read, event);
        }
        let late = Late {
            at: "2026-03-02T04:00:00Z".parse().unwrap(),
            uncounted: vec![(IndicatorId(7), Revision(1))],
        };
        let stored = StoredLate::from(&late);
        assert_eq!(hex(&stored.encode_to_vec()), LATE);
        assert_eq!(Late::try_from(stored).unwrap(), late);
    }

    #[test]
    fn a_revision_is_frozen_and_read_back() {
        let revision = CellRevision {
            community: "510115003064".parse().unwrap(),
            key: CellKey {
                indicator: IndicatorId(2),
                revision: Revision(1),
                period: "20260210".parse().unwrap(),
                breakdown: Breakdown::new([3]),
            },
            seq: 901,
            at: "2026-03-02T04:00:00Z".parse().unwrap(),
            why: Why::LateEntry,
            lock: Some(LockNumber(3)),
            before: None,
            after: Some(Accumulator::Count(4).encode()),
        };
        let stored = StoredRevision::from(&revision);
        assert_eq!(hex(&stored.encode_to_vec()), REVISION);
        let read = stored.read(revision.community, revision.key, revision.seq);
        assert_eq!(read.unwrap(), revision);
    }

    #[test]
    fn half_a_pair_is_a_fault() {
        let torn = StoredLate {
            at: Some(StoredTime {
                second: 1,
                nanosecond: 0,
            }),
            uncounted: vec![1],
        };
        assert!(Late::try_from(torn).is_err());
    }
}
