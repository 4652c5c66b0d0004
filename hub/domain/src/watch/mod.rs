//! Watch rules (预警): a threshold or a trend of an indicator at every place of
//! a level warns the centre responsible once, until the number has come back
//! far enough. Knows no query; what was observed is told.

mod book;
mod judge;
mod rule;

pub use book::{Book, RULES, Refusal, WARNINGS, Warning};
pub use judge::{Observed, judge};
pub use rule::{Condition, InvalidRule, Rule};

use jiff::Timestamp;
use proto::{identity::Label, period::Period, place::Place};

use crate::event::Asked;

/// A warning's number, from 1, over all rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WarningId(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Made, or put in the place of the rule of the same code.
    Ruled { asked: Asked, rule: Rule },
    /// The rule is no more; its open warnings are cleared with it.
    Retired {
        asked: Asked,
        rule: Label,
        at: Timestamp,
    },
    Raised {
        warning: WarningId,
        rule: Label,
        place: Place,
        period: Period,
        value: f64,
        at: Timestamp,
    },
    Cleared {
        warning: WarningId,
        period: Period,
        value: f64,
        at: Timestamp,
    },
    /// Somebody has taken it up.
    Acknowledged {
        asked: Asked,
        warning: WarningId,
        note: String,
        at: Timestamp,
    },
}

impl Event {
    /// What somebody asked for; warnings are raised and cleared by themselves.
    pub const fn asked(&self) -> Option<&Asked> {
        match self {
            Event::Ruled { asked, .. }
            | Event::Retired { asked, .. }
            | Event::Acknowledged { asked, .. } => Some(asked),
            Event::Raised { .. } | Event::Cleared { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
