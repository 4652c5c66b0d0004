//! Where a follower stands, as bytes that only the hub reads: which log, seen
//! through which scope, and the place in it. Decides nothing.

use proto::{
    identity::LogId,
    indicator::cell::{Breakdown, CellKey, IndicatorId, Revision},
    period::Period,
    place::Place,
};

const FORMAT: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Another log, or another incarnation of this one, is listed anew.
    pub log: LogId,
    /// Of the centre's settings: with others it sees other cells.
    pub scope_version: u64,
    pub at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Records up to `after` are told; of those up to `through` the changes up
    /// to that of `last`, in the order of place and key.
    Window {
        after: u64,
        through: u64,
        last: Option<Listed>,
    },
    /// Of a listing everything up to `last` is told. Records after `resume`
    /// follow it.
    Listing {
        /// `None`: of everything.
        place: Option<Place>,
        resume: u64,
        last: Option<Listed>,
    },
}

/// A cell by its name, where a window or a listing goes on after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub place: Place,
    pub key: CellKey,
}

impl At {
    pub const fn after(seq: u64) -> At {
        At::Window {
            after: seq,
            through: seq,
            last: None,
        }
    }

    /// Up to which record the follower has everything.
    pub const fn seq(&self) -> u64 {
        match self {
            At::Window { after, .. } => *after,
            At::Listing { place: None, .. } => 0,
            At::Listing { resume, .. } => resume.saturating_sub(1),
        }
    }
}

impl Cursor {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&self.log.0);
        bytes.extend_from_slice(&self.scope_version.to_be_bytes());
        match &self.at {
            At::Window {
                after,
                through,
                last,
            } => {
                bytes.push(1);
                bytes.extend_from_slice(&after.to_be_bytes());
                bytes.extend_from_slice(&through.to_be_bytes());
                put_listed(last, &mut bytes);
            }
            At::Listing {
                place,
                resume,
                last,
            } => {
                bytes.push(2);
                bytes.extend_from_slice(&place.map_or(0, Place::aligned).to_be_bytes());
                bytes.extend_from_slice(&resume.to_be_bytes());
                put_listed(last, &mut bytes);
            }
        }
        bytes
    }

    /// `None`: no cursor of this hub's making.
    pub fn from_bytes(bytes: &[u8]) -> Option<Cursor> {
        let mut rest = Rest(bytes);
        (rest.number::<1>()? == u64::from(FORMAT)).then_some(())?;
        let log = LogId(rest.take::<16>()?);
        let scope_version = rest.number::<8>()?;
        let at = match rest.number::<1>()? {
            1 => At::Window {
                after: rest.number::<8>()?,
                through: rest.number::<8>()?,
                last: rest.listed()?,
            },
            2 => At::Listing {
                place: match rest.number::<8>()? {
                    0 => None,
                    aligned => Some(Place::reporting(aligned)?),
                },
                resume: rest.number::<8>()?,
                last: rest.listed()?,
            },
            _ => return None,
        };
        let is_sound = match at {
            At::Window {
                after,
                through,
                last,
            } => after <= through && (last.is_none() || after < through),
            At::Listing { .. } => true,
        };
        (rest.0.is_empty() && is_sound).then_some(Cursor {
            log,
            scope_version,
            at,
        })
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number<const N: usize>(&mut self) -> Option<u64> {
        let bytes = self.take::<N>()?;
        Some(
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        )
    }

    /// `Some(None)`: the bytes end here.
    fn listed(&mut self) -> Option<Option<Listed>> {
        if self.0.is_empty() {
            return Some(None);
        }
        Some(Some(Listed {
            place: Place::reporting(self.number::<8>()?)?,
            key: CellKey {
                indicator: IndicatorId(self.number::<4>()? as u32),
                revision: Revision(self.number::<4>()? as u32),
                period: Period::from_number(self.number::<4>()? as u32).ok()?,
                breakdown: Breakdown(self.number::<8>()?),
            },
        }))
    }
}

fn put_listed(last: &Option<Listed>, bytes: &mut Vec<u8>) {
    if let Some(last) = last {
        bytes.extend_from_slice(&last.place.aligned().to_be_bytes());
        bytes.extend_from_slice(&last.key.to_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Vec<Cursor> {
        let place: Place = "510115003064".parse().unwrap();
        let last = Listed {
            place,
            key: CellKey {
                indicator: IndicatorId(40),
                revision: Revision(2),
                period: "202601".parse().unwrap(),
                breakdown: Breakdown::new([3, 1]),
            },
        };
        let window = |after, through, last| At::Window {
            after,
            through,
            last,
        };
        let listing = |place, last| At::Listing {
            place,
            resume: 7,
            last,
        };
        let at = [
            window(5, 5, None),
            window(5, 9, Some(last)),
            listing(None, None),
            listing(None, Some(last)),
            listing(Some(place), Some(last)),
        ];
        let cursor = |at| Cursor {
            log: LogId([3; 16]),
            scope_version: 1,
            at,
        };
        at.map(cursor).into()
    }

    #[test]
    fn cursors_survive_a_round_trip_and_others_are_none() {
        for cursor in cursors() {
            let bytes = cursor.to_bytes();
            assert_eq!(Cursor::from_bytes(&bytes), Some(cursor));
            let longer = [&bytes[..], &[0]].concat();
            assert_eq!(Cursor::from_bytes(&longer), None);
            let mut newer = bytes.clone();
            newer[0] = FORMAT + 1;
            assert_eq!(Cursor::from_bytes(&newer), None);
            for cut in 0..bytes.len() {
                let read = Cursor::from_bytes(&bytes[..cut]);
                assert!(read.is_none_or(|read| read != cursor), "{cut}");
            }
        }
        let reversed = Cursor {
            at: At::Window {
                after: 9,
                through: 5,
                last: None,
            },
            ..cursors()[0]
        };
        assert_eq!(Cursor::from_bytes(&reversed.to_bytes()), None);
    }

    #[test]
    fn a_follower_has_what_lies_before_its_place() {
        let seqs: Vec<u64> = cursors().iter().map(|cursor| cursor.at.seq()).collect();
        assert_eq!(seqs, [5, 5, 0, 0, 6]);
    }
}
