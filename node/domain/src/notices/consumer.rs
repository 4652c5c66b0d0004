//! A consumer of notices: whose it is, how far it has come, what it has missed.
//! Knows no stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Recipient;
use crate::actor::Actor;

/// Where a notice stands among all: the journal position of what happened, and
/// which of the things that happened there it tells of. Stable for ever.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Mark {
    pub position: u64,
    pub index: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumer {
    /// Whose notices it gets; the office gets all.
    pub owner: Actor,
    /// It has dealt with everything up to here.
    pub acked: Mark,
    /// Notices that were given up before it acknowledged them.
    pub lost: u64,
}

impl Consumer {
    /// As whom an actor owns consumers: the office is one, whoever is in it.
    pub fn owner_of(actor: &Actor) -> Actor {
        match actor {
            Actor::Admin => Actor::Staff,
            other => other.clone(),
        }
    }

    pub fn gets(&self, recipient: &Recipient) -> bool {
        match (&self.owner, recipient) {
            (Actor::Staff, _) => true,
            (Actor::GridWorker(own), Recipient::Grid(grid)) => own == grid,
            (owner, Recipient::Handler(name)) => owner.handles_as(name),
            _ => false,
        }
    }

    /// Whether it still waits for something told to these.
    pub fn waits_for(&self, mark: Mark, recipients: &[Recipient]) -> bool {
        mark > self.acked && recipients.iter().any(|one| self.gets(one))
    }
}

impl Mark {
    /// The least one after it.
    pub fn next(self) -> Mark {
        match self.index.checked_add(1) {
            Some(index) => Mark { index, ..self },
            None => Mark {
                position: self.position + 1,
                index: 0,
            },
        }
    }
}

/// A notice's id on the wire, `4711-0`.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.position, self.index)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want a notice's id, 4711-0")]
pub struct InvalidMark;

impl FromStr for Mark {
    type Err = InvalidMark;

    fn from_str(text: &str) -> Result<Mark, InvalidMark> {
        let (position, index) = text.split_once('-').ok_or(InvalidMark)?;
        let mark = Mark {
            position: position.parse().map_err(|_| InvalidMark)?,
            index: index.parse().map_err(|_| InvalidMark)?,
        };
        // One spelling each.
        (mark.to_string() == text)
            .then_some(mark)
            .ok_or(InvalidMark)
    }
}
