//! Claims, assignments and releases as stored.

use hub_domain::tree::{
    Event,
    assignment::{Assigned, Released},
};
use jiff::Timestamp;
use proto::sync::assignment::{Assignment, Claim, ClaimState};

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, optional_time, place, time},
};

/// `state`: 1 absent, 2 wanted, 3 counted.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredClaim {
    #[prost(uint64, tag = "1")]
    pub community: u64,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(uint32, tag = "3")]
    pub state: u32,
    #[prost(message, optional, tag = "4")]
    pub asked_at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTold {
    #[prost(message, repeated, tag = "1")]
    pub said: Vec<StoredAssignment>,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredAssignment {
    #[prost(uint64, tag = "1")]
    pub community: u64,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(bool, tag = "3")]
    pub is_yours: bool,
    #[prost(message, optional, tag = "4")]
    pub asked_at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAssigned {
    #[prost(message, repeated, tag = "1")]
    pub assigned: Vec<StoredHolder>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredHolder {
    #[prost(uint64, tag = "1")]
    pub community: u64,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    /// 0: no child of this hub.
    #[prost(uint64, tag = "3")]
    pub holder: u64,
    #[prost(message, optional, tag = "4")]
    pub asked_at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredReleased {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint64, tag = "2")]
    pub node: u64,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
}

impl From<&Claim> for StoredClaim {
    fn from(claim: &Claim) -> StoredClaim {
        let (state, asked_at) = match claim.state {
            ClaimState::Absent => (1, None),
            ClaimState::Wanted { asked_at } => (2, Some(asked_at.into())),
            ClaimState::Counted => (3, None),
        };
        StoredClaim {
            community: claim.community.aligned(),
            number: claim.number,
            state,
            asked_at,
        }
    }
}

impl TryFrom<StoredClaim> for Claim {
    type Error = Unreadable;

    fn try_from(stored: StoredClaim) -> Result<Claim, Unreadable> {
        Ok(Claim {
            community: place(stored.community)?,
            number: stored.number,
            state: match stored.state {
                1 => ClaimState::Absent,
                2 => ClaimState::Wanted {
                    asked_at: time(stored.asked_at)?,
                },
                3 => ClaimState::Counted,
                _ => return Err(Unreadable::field("claim.state")),
            },
        })
    }
}

impl StoredTold {
    pub fn new(said: &[Assignment], at: Timestamp) -> StoredTold {
        let said = said.iter().map(|said| StoredAssignment {
            community: said.community.aligned(),
            number: said.number,
            is_yours: said.is_yours,
            asked_at: said.asked_at.map(Into::into),
        });
        StoredTold {
            said: said.collect(),
            at: Some(at.into()),
        }
    }

    pub fn event(self) -> Result<Event, Unreadable> {
        let said = self.said.into_iter().map(|said| {
            Ok(Assignment {
                community: place(said.community)?,
                number: said.number,
                is_yours: said.is_yours,
                asked_at: optional_time(said.asked_at)?,
            })
        });
        Ok(Event::Told {
            said: said.collect::<Result<_, Unreadable>>()?,
            at: time(self.at)?,
        })
    }
}

impl From<&[Assigned]> for StoredAssigned {
    fn from(assigned: &[Assigned]) -> StoredAssigned {
        let assigned = assigned.iter().map(|one| StoredHolder {
            community: one.community.aligned(),
            number: one.number,
            holder: one
                .holder
                .map(|holder| holder.aligned())
                .unwrap_or_default(),
            asked_at: one.asked_at.map(Into::into),
        });
        StoredAssigned {
            assigned: assigned.collect(),
        }
    }
}

impl TryFrom<StoredAssigned> for Vec<Assigned> {
    type Error = Unreadable;

    fn try_from(stored: StoredAssigned) -> Result<Vec<Assigned>, Unreadable> {
        let assigned = stored.assigned.into_iter().map(|one| {
            Ok(Assigned {
                community: place(one.community)?,
                number: one.number,
                holder: match one.holder {
                    0 => None,
                    holder => Some(place(holder)?),
                },
                asked_at: optional_time(one.asked_at)?,
            })
        });
        assigned.collect()
    }
}

impl From<&Released> for StoredReleased {
    fn from(released: &Released) -> StoredReleased {
        StoredReleased {
            asked: Some((&released.asked).into()),
            node: released.node.aligned(),
            at: Some(released.at.into()),
        }
    }
}

impl TryFrom<StoredReleased> for Released {
    type Error = Unreadable;

    fn try_from(stored: StoredReleased) -> Result<Released, Unreadable> {
        Ok(Released {
            asked: asked(stored.asked)?,
            node: place(stored.node)?,
            at: time(stored.at)?,
        })
    }
}
