//! Stored forms of a case and of its events: protobuf messages of their own, so
//! that the domain's types may change while what is on disk does not. Frozen by
//! golden bytes. Knows no key and no file.
//!
//! Every message starts with its version; a newer one is refused, because a build
//! that dropped what it does not know would write it back without.
//! Times are microseconds since 1970.

mod event;
mod happening;
mod outcome;
mod parts;
mod rules;
mod state;
mod words;

use node_domain::{actor::Grid, cases::Case};
use prost::Message as _;

pub use self::event::{decode_event, encode_event};
use self::state::StoredCase;

/// 2: levels of responsibility, or an event that sets their clock. What has none is
/// still written as 1, for builds that know of none.
const NEWEST: u32 = 2;

/// Why stored bytes are no case or event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredFault {
    #[error("not a stored message: {0}")]
    Malformed(#[from] prost::DecodeError),
    #[error("format version {found}, this build reads up to {known}: use a newer build")]
    Newer { found: u32, known: u32 },
    #[error("{field} is missing")]
    Missing { field: &'static str },
    #[error("{field} holds {value}, which means nothing")]
    Meaningless { field: &'static str, value: String },
}

pub fn encode_case(case: &Case) -> Vec<u8> {
    StoredCase::from(case).encode_to_vec()
}

pub fn decode_case(bytes: &[u8]) -> Result<Case, StoredFault> {
    let stored = StoredCase::decode(bytes)?;
    check_version(stored.version)?;
    stored.try_into()
}

fn version(has_levels: bool) -> u32 {
    if has_levels { NEWEST } else { 1 }
}

fn check_version(found: u32) -> Result<(), StoredFault> {
    let known = NEWEST;
    match found {
        0 => Err(StoredFault::Missing { field: "version" }),
        found if found > known => Err(StoredFault::Newer { found, known }),
        _ => Ok(()),
    }
}

fn grid(number: u32) -> Result<Option<Grid>, StoredFault> {
    if number == 0 {
        return Ok(None);
    }
    let grid = u16::try_from(number).ok().and_then(Grid::new);
    grid.map(Some).ok_or_else(|| StoredFault::Meaningless {
        field: "grid",
        value: number.to_string(),
    })
}

#[cfg(test)]
mod tests;
