//! What can be asked of a survey, and what can happen to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Issue, Mark, Question, Rules, Visit};
use crate::cases::Origin;
use crate::code::{Code, Name};
use crate::roll::Roll;
use crate::stored::Day;
use crate::words::Words;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    /// Freezes the roll; answers are taken until the end of `until`.
    Start {
        roll: Roll,
        until: Date,
    },
    Answer {
        origin: Origin,
        sheets: Vec<Sheet>,
    },
    /// What was entered for a household was not what it said.
    Correct {
        sheet: Sheet,
        reason: Words,
    },
    /// Somebody called and came back without an answer.
    Visit {
        household: u64,
        visit: Visit,
    },
    Close,
    Summarise {
        text: Words,
    },
    Scheme {
        text: Words,
    },
    /// Issues per department, from what households chose.
    Compile,
    Send {
        department: Name,
    },
    Reply {
        department: Name,
        text: Words,
    },
    /// Whether what was replied has been done.
    Track {
        department: Name,
        is_settled: bool,
        note: Words,
    },
    Withdraw {
        reason: Words,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    pub questions: Vec<Question>,
    /// The topic that it was asked for, as a number of that engine.
    pub topic: Option<u64>,
}

/// A household's answers, one for each question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub household: u64,
    pub marks: Vec<Mark>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        title: Name,
        questions: Vec<Question>,
        topic: Option<u64>,
        zone: Box<str>,
    },
    Started {
        roll: Roll,
        until: Day,
    },
    Answered {
        origin: Origin,
        sheets: Vec<Sheet>,
    },
    Corrected {
        sheet: Sheet,
        reason: Words,
    },
    Visited {
        household: u64,
        visit: Visit,
    },
    Closed,
    Summarised {
        text: Words,
    },
    SchemeMade {
        text: Words,
    },
    Compiled {
        issues: Vec<(Name, Vec<Issue>)>,
    },
    Sent {
        department: Name,
        due: Day,
    },
    Replied {
        department: Name,
        text: Words,
    },
    ReplyFellDue {
        department: Name,
    },
    Tracked {
        department: Name,
        is_settled: bool,
        note: Words,
    },
    Withdrawn {
        reason: Words,
    },
}
