//! Periods under lock (锁定): an operator approves the numbers of a period as they
//! stand; what changes afterwards is taken all the same, and listed as a revision
//! of what was approved. Without a lock, what changes long after a node had
//! reported the period whole is listed too. Knows no store and no wire.

mod book;
mod late;
mod revised;

pub use book::{Book, LOCKS, Lock, NOTE_CHARS, Proposal, Refusal, Reopened};
pub use late::{GRACE_DAYS, Late, Lateness, Passed, late};
pub use revised::{CellRevision, Why, approved};

use jiff::Timestamp;

use crate::event::Asked;

/// A lock's number, from 1, over all periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockNumber(pub u32);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The numbers were approved as they stood.
    Locked { asked: Asked, lock: Box<Lock> },
    /// The approval was taken back; the next one approves what stands then.
    Reopened {
        asked: Asked,
        lock: LockNumber,
        note: String,
        at: Timestamp,
    },
}

impl Event {
    pub const fn asked(&self) -> &Asked {
        match self {
            Event::Locked { asked, .. } | Event::Reopened { asked, .. } => asked,
        }
    }

    pub const fn lock(&self) -> LockNumber {
        match self {
            Event::Locked { lock, .. } => lock.number,
            Event::Reopened { lock, .. } => *lock,
        }
    }
}

#[cfg(test)]
mod tests;
