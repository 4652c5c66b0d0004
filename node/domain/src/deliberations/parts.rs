//! What a topic is made of: where it came from, how it was graded, drafts, advice,
//! rounds, ballots, follow-ups. Knows no rule.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Step;
use crate::actor::Grid;
use crate::cases::Origin;
use crate::code::{Code, Name};
use crate::roll::Roll;
use crate::sha256::Sha256;
use crate::stored::Day;
use crate::words::Words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    Resident,
    /// 网格民情
    Grid,
    Office,
    Party,
    Organisation,
    Council,
    Expert,
    /// The calendar: it is owed every year.
    Calendar,
}

/// 轻重缓急, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// 急
    Urgent,
    /// 重
    Important,
    /// 轻
    Minor,
    /// 缓
    Deferrable,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Triage {
    pub grade: Grade,
    pub route: Route,
    pub reason: Words,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    Agenda,
    Deferred,
    /// Somebody else's to settle.
    Elsewhere(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepDone {
    pub step: Step,
    #[serde(with = "crate::stored::micros")]
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub by: Name,
    pub text: Words,
    pub hash: Sha256,
    /// From 1, over all drafts of the topic.
    pub version: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posting {
    pub from: Day,
    pub comments: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    pub expert: u64,
    pub discipline: Code,
    /// The expert said that it has an interest in the matter.
    pub has_interest: bool,
    pub text: Words,
    #[serde(with = "crate::stored::micros")]
    pub given_at: Timestamp,
    /// Whether it was adopted, and why or why not.
    pub answer: Option<(bool, Words)>,
}

/// The rules of order (议事规则) that were in force when a topic was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// documents/7
    pub document: u64,
    pub version: u32,
    pub sha256: Sha256,
    /// Its clauses' codes.
    pub rules: Box<[Code]>,
}

/// A session's list, fixed before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    pub on: Day,
    pub participants: Vec<Participant>,
    pub held: Option<Held>,
    pub findings: u16,
    pub breaches: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    pub entry: u64,
    pub seat: Seat,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Seat {
    /// For a party of the platform.
    Party(Code),
    /// Why the topic is its business (利害关系人).
    Stakeholder(Words),
    Grid(Grid),
    Resident,
    /// Advises and has no vote.
    Expert,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub present: Vec<u64>,
    /// Leads and neither argues nor votes (主持中立).
    pub chair: u64,
    pub parties_present: u8,
    pub is_quorate: bool,
    /// Present, without the chair and experts.
    pub votes: u16,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The session that set it, from 1.
    pub round: u16,
    pub to: Name,
    pub what: Name,
    pub result: Option<Words>,
    /// The survey that it was to be, as a number of that engine.
    pub survey: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    pub hash: Sha256,
    pub roll: Roll,
    /// The last day of voting.
    pub until: Day,
    /// Per entry on the roll, in its order: 0, or one more than the origin's place.
    pub voted: Vec<u8>,
    pub counts: Vec<Count>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub origin: Origin,
    pub yes: u32,
    pub no: u32,
    pub abstained: u32,
    pub invalid: u32,
    /// Two different people.
    pub counters: [u64; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    #[serde(with = "crate::stored::micros")]
    pub at: Timestamp,
    pub passed: bool,
    /// Of a vote, the hash of what was voted on stands for it.
    pub text: Option<Words>,
    pub yes: u32,
    pub no: u32,
    pub abstained: u32,
    /// The first announcement.
    #[serde(with = "crate::stored::micros_or_none")]
    pub announced_at: Option<Timestamp>,
    /// Whether the clock of the announcement has been read.
    pub clock_read: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    pub owner: Name,
    pub what: Words,
    pub due: Day,
    #[serde(with = "crate::stored::micros_or_none")]
    pub done_at: Option<Timestamp>,
    /// Supervisors that found it done.
    pub passed_by: Vec<Name>,
    pub is_verified: bool,
    /// Whether it has fallen due.
    pub clock_read: bool,
}

impl Vote {
    /// Voters marked, by channel or over all.
    pub fn marked(&self, origin: Option<Origin>) -> u32 {
        let wanted = origin.map(Vote::mark);
        let marks = self.voted.iter().filter(|mark| **mark != 0);
        let of = marks.filter(|mark| wanted.is_none_or(|wanted| **mark == wanted));
        of.count() as u32
    }

    /// Entries on the roll, ascending: places of `voted`.
    pub fn heads(&self) -> Vec<u64> {
        self.roll.entries().collect()
    }

    pub(super) fn mark(origin: Origin) -> u8 {
        origin as u8 + 1
    }

    /// Yes, no, abstained, and ballots in the boxes.
    pub fn sums(&self) -> (u32, u32, u32, u32) {
        let sum = |of: fn(&Count) -> u32| self.counts.iter().map(of).sum::<u32>();
        let cast = sum(|count| count.yes + count.no + count.abstained + count.invalid);
        (
            sum(|count| count.yes),
            sum(|count| count.no),
            sum(|count| count.abstained),
            cast,
        )
    }
}

impl Source {
    pub const fn code(self) -> &'static str {
        match self {
            Source::Resident => "resident",
            Source::Grid => "grid",
            Source::Office => "office",
            Source::Party => "party",
            Source::Organisation => "organisation",
            Source::Council => "council",
            Source::Expert => "expert",
            Source::Calendar => "calendar",
        }
    }
}

impl Grade {
    pub const fn code(self) -> &'static str {
        match self {
            Grade::Urgent => "urgent",
            Grade::Important => "important",
            Grade::Minor => "minor",
            Grade::Deferrable => "deferrable",
        }
    }
}

impl Route {
    pub const fn code(&self) -> &'static str {
        match self {
            Route::Agenda => "agenda",
            Route::Deferred => "deferred",
            Route::Elsewhere(_) => "elsewhere",
        }
    }
}

impl Seat {
    pub const fn votes(&self) -> bool {
        !matches!(self, Seat::Expert)
    }
}
