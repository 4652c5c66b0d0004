//! What is known of a node's line, as the view keeps it.

use hub_domain::sync::line::{Agreed, Answered, Cause, Line, Quarantine};
use proto::{
    identity::{Nonce, StoreId},
    sync::{head::LastRelease, uplink::StartId},
};

use super::{
    Unreadable,
    coverage::StoredCoverage,
    head::{StoredHead, head},
    line::{StoredAgreed, StoredGranted},
    network::StoredReached,
    part::{StoredTime, fixed, optional_time, time},
    reclaim::StoredDecided,
    release::StoredLastRelease,
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredQuarantine {
    #[prost(message, optional, tag = "1")]
    pub since: Option<StoredTime>,
    /// 1 stale epoch, 2 other store, 3 head behind, 4 nothing shared, 5 parted.
    #[prost(uint32, tag = "2")]
    pub cause: u32,
    /// The hub's epoch, cursor or journal size that it fell short of.
    #[prost(uint64, tag = "4")]
    pub current: u64,
    /// As it presented itself.
    #[prost(bytes = "vec", tag = "5")]
    pub store_id: Vec<u8>,
    #[prost(uint64, tag = "6")]
    pub epoch: u64,
    #[prost(uint32, tag = "7")]
    pub lineage: u32,
    #[prost(uint64, tag = "8")]
    pub head_seq: u64,
    #[prost(uint64, tag = "9")]
    pub journal_size: u64,
}

/// A line in the view, without its markers: they have keys of their own.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLine {
    #[prost(message, optional, tag = "1")]
    pub granted: Option<StoredGranted>,
    #[prost(uint64, tag = "2")]
    pub acked: u64,
    #[prost(message, optional, tag = "3")]
    pub complete_until: Option<StoredTime>,
    #[prost(message, optional, tag = "4")]
    pub quarantine: Option<StoredQuarantine>,
    #[prost(message, optional, tag = "5")]
    pub repaired_at: Option<StoredTime>,
    #[prost(message, optional, tag = "6")]
    pub agreed: Option<StoredAgreed>,
    #[prost(message, optional, tag = "7")]
    pub decided: Option<StoredDecided>,
    #[prost(bool, tag = "8")]
    pub sweeps: bool,
    #[prost(message, optional, tag = "9")]
    pub coverage: Option<StoredCoverage>,
    #[prost(message, optional, tag = "10")]
    pub journal_head: Option<StoredHead>,
    #[prost(message, optional, tag = "70")]
    pub released: Option<StoredLastRelease>,
    #[prost(uint64, optional, tag = "130")]
    pub counted: Option<u64>,
    #[prost(message, repeated, tag = "132")]
    pub reached: Vec<StoredReached>,
}

impl From<&Quarantine> for StoredQuarantine {
    fn from(quarantine: &Quarantine) -> StoredQuarantine {
        let (cause, current) = match quarantine.cause {
            Cause::StaleEpoch { current, .. } => (1, current),
            Cause::OtherStore { .. } => (2, 0),
            Cause::HeadBehind { acked, .. } => (3, acked),
            Cause::NothingShared => (4, 0),
            Cause::Parted { known, .. } => (5, known),
        };
        let journal_size = match quarantine.cause {
            Cause::Parted { size, .. } => size,
            _ => 0,
        };
        StoredQuarantine {
            since: Some(quarantine.since.into()),
            cause,
            current,
            store_id: quarantine.store_id.0.to_vec(),
            epoch: quarantine.epoch,
            lineage: quarantine.lineage,
            head_seq: quarantine.head_seq,
            journal_size,
        }
    }
}

impl TryFrom<StoredQuarantine> for Quarantine {
    type Error = Unreadable;

    fn try_from(stored: StoredQuarantine) -> Result<Quarantine, Unreadable> {
        let store_id = StoreId(fixed(&stored.store_id, "store_id")?);
        Ok(Quarantine {
            since: time(stored.since)?,
            cause: match stored.cause {
                1 => Cause::StaleEpoch {
                    presented: stored.epoch,
                    current: stored.current,
                },
                2 => Cause::OtherStore {
                    presented: store_id,
                },
                3 => Cause::HeadBehind {
                    head: stored.head_seq,
                    acked: stored.current,
                },
                4 => Cause::NothingShared,
                5 => Cause::Parted {
                    size: stored.journal_size,
                    known: stored.current,
                },
                _ => return Err(Unreadable::field("cause")),
            },
            store_id,
            epoch: stored.epoch,
            lineage: stored.lineage,
            head_seq: stored.head_seq,
        })
    }
}

impl From<&Line> for StoredLine {
    fn from(line: &Line) -> StoredLine {
        let (presented_epoch, nonce) = match &line.answered {
            Some(answered) => (answered.presented_epoch, answered.nonce.0.to_vec()),
            None => (0, Vec::new()),
        };
        StoredLine {
            granted: line.store_id.map(|store_id| StoredGranted {
                store_id: store_id.0.to_vec(),
                epoch: line.epoch,
                lineage: line.lineage,
                presented_epoch,
                nonce,
                told: Some((&line.told).into()),
                hub_incarnation: 0,
                is_reclaimed: false,
                starts: line.starts.iter().map(|start| start.0).collect(),
            }),
            acked: line.acked,
            complete_until: line.complete_until.map(Into::into),
            quarantine: line.quarantine.as_ref().map(Into::into),
            repaired_at: line.repaired_at.map(Into::into),
            agreed: line.agreed.map(|agreed| StoredAgreed {
                through: agreed.through,
                at: Some(agreed.at.into()),
            }),
            decided: line.decided.as_ref().map(Into::into),
            sweeps: line.sweeps,
            coverage: line.coverage.as_ref().map(Into::into),
            journal_head: line.journal_head.as_deref().map(Into::into),
            counted: line.counted,
            reached: line.reached.iter().copied().map(Into::into).collect(),
            released: (line.released != LastRelease::default()).then(|| (&line.released).into()),
        }
    }
}

impl TryFrom<StoredLine> for Line {
    type Error = Unreadable;

    fn try_from(stored: StoredLine) -> Result<Line, Unreadable> {
        let mut line = Line::default();
        if let Some(granted) = stored.granted {
            line.store_id = Some(StoreId(fixed(&granted.store_id, "store_id")?));
            line.epoch = granted.epoch;
            line.lineage = granted.lineage;
            // None once an operator has decided about another store.
            if !granted.nonce.is_empty() {
                line.answered = Some(Answered {
                    presented_epoch: granted.presented_epoch,
                    nonce: Nonce(fixed(&granted.nonce, "nonce")?),
                });
            }
            let told = granted.told.ok_or_else(|| Unreadable::field("told"))?;
            line.told = told.try_into()?;
            line.starts = granted.starts.into_iter().map(StartId).collect();
        }
        line.decided = stored.decided.map(TryInto::try_into).transpose()?;
        line.sweeps = stored.sweeps;
        line.acked = stored.acked;
        line.counted = stored.counted;
        let reached = stored.reached.into_iter().map(TryInto::try_into);
        line.reached = reached.collect::<Result<_, _>>()?;
        line.complete_until = optional_time(stored.complete_until)?;
        line.quarantine = stored.quarantine.map(TryInto::try_into).transpose()?;
        line.repaired_at = optional_time(stored.repaired_at)?;
        line.journal_head = head(stored.journal_head)?;
        let released = stored.released.map(TryInto::try_into).transpose()?;
        line.released = released.unwrap_or_default();
        line.coverage = stored.coverage.map(TryInto::try_into).transpose()?;
        line.agreed = match stored.agreed {
            None => None,
            Some(agreed) => Some(Agreed {
                through: agreed.through,
                at: time(agreed.at)?,
            }),
        };
        Ok(line)
    }
}
