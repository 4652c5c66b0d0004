//! Deliberations (议事): a topic on its way through ordered steps and rounds to a
//! decision, and what follows from it (`reference/seed-systems.md` BBT-1, BBT-3,
//! CZY-1, CZY-3 to CZY-7, CZY-11, WJ-7, QH-5). One process is one topic. Knows no
//! person: who takes part is a number of the register.
//!
//! No step is ever skipped: an act of the next step ends the present one, if all
//! is done that it asks for, and no other act does. What is voted on is byte for
//! byte what was fixed after the experts' review.

mod apply;
mod decide;
mod facts;
mod happening;
mod kind;
mod notices;
mod parts;
mod state;
mod told;

pub use self::happening::{Action, Happening, Propose};
pub use self::kind::{Base, Kind, Rules, Step, VoteRule};
pub use self::parts::{
    Advice, Count, Decision, Draft, FollowUp, Grade, Held, Order, Participant, Posting, Round,
    Route, Seat, Source, StepDone, Task, Triage, Vote,
};
pub use self::state::{Ending, Stage, Topic};

#[cfg(test)]
pub(crate) mod tests;
