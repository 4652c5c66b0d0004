//! Surveys (调查): the same questions to every household on a frozen roll, one
//! answer each over all channels, a summary per question, and what the answers
//! raise handed to departments with a clock (`reference/seed-systems.md` TN-1,
//! CZY-8, QH-6, QH-7, WJ-7). One process is one survey.
//!
//! The denominator is every household on the roll, asked or not: silence shows.
//! Until the end only who has answered shows, never what. Knows no person: a
//! household is a number of the register, an answer a choice or a number.

mod apply;
mod decide;
mod facts;
mod happening;
mod kind;
mod notices;
mod questions;
mod state;

pub use self::happening::{Action, Happening, Open, Sheet};
pub use self::kind::{Kind, Rules};
pub use self::questions::{Choice, Form, Mark, Question, Total};
pub use self::state::{Bundle, Issue, Stage, Survey, Visit};

#[cfg(test)]
pub(crate) mod tests;
