//! Elections (选举): nomination, review, more candidates than seats, a frozen roll,
//! ballots in boxes, a count, objections, seats with terms (QH-1, QH-2, WJ-5).
//!
//! The roll is apart from the urn. The roll says who was handed a ballot; ballots
//! are paper in boxes, and all that is ever entered of them is a box's sums, after
//! voting is closed, by people who do not stand. No record holds one ballot, so no
//! order of records and no hour of the day leads from a person to a choice. A box
//! with few ballots is mixed with another before anybody opens it. Votes given in
//! another, verifiable system come as the sums of one more box. Knows no person, no
//! candidate's name, and no other election; who serves elsewhere comes in a command.

mod count;
mod decide;
mod facts;
mod happening;
mod kind;
mod nomination;
mod notices;
mod outcome;
mod state;
mod voting;

pub use self::happening::{Action, Happening, Open};
pub use self::kind::{Kind, Rules, Tie};
pub use self::outcome::{Ending, Outcome};
pub use self::state::{
    BallotBox, Candidate, Election, Invalid, Objection, Phase, Route, Seat, Standing, Tally,
};

#[cfg(test)]
pub(crate) mod tests;
