//! Claims and assignments.

use super::{
    InvalidMessage, invalid,
    parts::{read_timestamp, timestamp},
};
use jiff::Timestamp;

use crate::{
    pb::sync as pb,
    place::{Level, Place},
    sync::assignment::{Assignment, Claim, ClaimState, LIMIT},
};

/// Codes on the wire have twelve digits, aligned ones fifteen.
const GRIDS: u64 = 1_000;

impl From<&Claim> for pb::Claim {
    fn from(claim: &Claim) -> pb::Claim {
        let (state, asked_at) = match claim.state {
            ClaimState::Absent => (pb::ClaimState::Absent, None),
            ClaimState::Wanted { asked_at } => (pb::ClaimState::Wanted, Some(asked_at)),
            ClaimState::Counted => (pb::ClaimState::Counted, None),
        };
        pb::Claim {
            community: claim.community.aligned() / GRIDS,
            number: claim.number,
            state: state.into(),
            asked_at: asked_at.map(timestamp),
        }
    }
}

impl From<&Assignment> for pb::Assignment {
    fn from(assignment: &Assignment) -> pb::Assignment {
        pb::Assignment {
            community: assignment.community.aligned() / GRIDS,
            number: assignment.number,
            yours: assignment.is_yours,
            asked_at: assignment.asked_at.map(timestamp),
        }
    }
}

pub fn read_claims(claims: &[pb::Claim]) -> Result<Vec<Claim>, InvalidMessage> {
    if claims.len() > LIMIT {
        return Err(invalid("coverage.claims", "want at most 4096"));
    }
    let read = claims.iter().map(|claim| {
        let state = match claim.state() {
            pb::ClaimState::Absent => ClaimState::Absent,
            pb::ClaimState::Wanted => ClaimState::Wanted {
                asked_at: asked_at(claim)?,
            },
            pb::ClaimState::Counted => ClaimState::Counted,
            // A newer word may mean anything but that it is left out.
            pb::ClaimState::Unspecified => return Ok(None),
        };
        Ok(Some(Claim {
            community: community("coverage.claims.community", claim.community)?,
            number: claim.number,
            state,
        }))
    });
    let read: Result<Vec<Option<Claim>>, InvalidMessage> = read.collect();
    let claims: Vec<Claim> = read?.into_iter().flatten().collect();
    match claims.is_sorted_by(|a, b| a.community < b.community) {
        true => Ok(claims),
        false => Err(invalid("coverage.claims", "want ascending communities")),
    }
}

pub fn read_assignments(said: &[pb::Assignment]) -> Result<Vec<Assignment>, InvalidMessage> {
    if said.len() > LIMIT {
        return Err(invalid("ack.assignments", "want at most 4096"));
    }
    let read = said.iter().map(|said| {
        Ok(Assignment {
            community: community("ack.assignments.community", said.community)?,
            number: said.number,
            is_yours: said.yours,
            asked_at: match said.asked_at {
                None => None,
                Some(at) => Some(read_timestamp("ack.assignments.asked_at", at)?),
            },
        })
    });
    read.collect()
}

fn asked_at(claim: &pb::Claim) -> Result<Timestamp, InvalidMessage> {
    const FIELD: &str = "coverage.claims.asked_at";
    let at = claim
        .asked_at
        .ok_or_else(|| invalid(FIELD, "want a time"))?;
    read_timestamp(FIELD, at)
}

fn community(field: &'static str, code: u64) -> Result<Place, InvalidMessage> {
    let aligned = code.checked_mul(GRIDS);
    let place = aligned.and_then(|aligned| Place::from_aligned(aligned, Level::Community));
    place.ok_or_else(|| invalid(field, "want twelve digits"))
}
