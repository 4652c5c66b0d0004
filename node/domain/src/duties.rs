//! Duties (履责): what is owed on a calendar or after an event: greetings, weekly
//! service, meetings, clinics, patrols, door-knocking (`reference/seed-systems.md`
//! QS-4, QS-6, BBT-3, BBT-4, BBT-11, CZY-2, CZY-11, QH-3). One process is one
//! duty with all its occurrences. Knows no person: whom a duty is owed to is a
//! number of the register.
//!
//! A rule's date never moves in silence: an occurrence is held, postponed with a
//! reason, or missed, and its rule date is what the statistics count by.

mod decide;
mod facts;
mod kind;
mod notices;
mod rule;
mod state;

pub use self::kind::{Kind, Rules};
pub use self::rule::{Rule, Window};
pub use self::state::{Action, Duty, Happening, Occurrence, Open, Outcome};

#[cfg(test)]
pub(crate) mod tests;
