//! A survey as it stands, and the clocks that follow from it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{Action, Happening, Mark, Question, Rules, Total};
use crate::actor::Actor;
use crate::cases::Origin;
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::roll::Roll;
use crate::stored::Day;
use crate::words::Words;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    pub kind: Code,
    pub rules: Rules,
    pub title: Name,
    pub questions: Vec<Question>,
    pub topic: Option<u64>,
    pub stage: Stage,
    /// Frozen when it began.
    pub roll: Option<Roll>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub started_at: Option<Timestamp>,
    /// The last day of answering.
    pub until: Option<Day>,
    /// One per household on the roll, in its order.
    pub households: Vec<Household>,
    /// Its questions' answers, once it is closed.
    pub totals: Vec<Total>,
    pub corrections: u32,
    pub summary: Option<Words>,
    pub scheme: Option<Words>,
    pub bundles: Vec<Bundle>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Household {
    pub answered: Option<Origin>,
    /// Kept until the survey is closed; then only totals are.
    pub marks: Vec<Mark>,
    /// Visits that found nobody.
    pub no_answers: u8,
    pub has_declined: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Its questions are drawn up.
    Draft,
    Open,
    Closed,
    Summarised,
    Withdrawn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visit {
    NoAnswer,
    Declined,
}

/// What one department is to reply to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    pub department: Name,
    pub issues: Vec<Issue>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub sent_at: Option<Timestamp>,
    pub due: Option<Day>,
    pub reply: Option<Words>,
    pub clock_read: bool,
    pub is_settled: bool,
}

/// A choice that is a department's business, and how many households made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// From 1, as on the sheet.
    pub question: u16,
    pub choice: u16,
    pub households: u32,
}

impl Survey {
    /// On the roll, ascending: places of `households`.
    pub fn heads(&self) -> Vec<u64> {
        self.roll.iter().flat_map(Roll::entries).collect()
    }

    pub fn place_of(&self, household: u64) -> Option<usize> {
        self.heads().binary_search(&household).ok()
    }

    pub fn answered(&self) -> usize {
        let answered = self.households.iter();
        answered.filter(|one| one.answered.is_some()).count()
    }

    pub fn bundle(&self, department: &Name) -> Option<&Bundle> {
        self.bundles
            .iter()
            .find(|one| one.department == *department)
    }

    /// Midnight after `day` and `days` more.
    pub fn end_of(&self, day: Date, days: u16) -> Timestamp {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let after = day.checked_add((i64::from(days) + 1).days());
        let end = after.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)));
        end.unwrap_or(Timestamp::MAX)
    }

    pub(super) fn is_run_by(&self, actor: &Actor) -> bool {
        let runner = self.rules.runner.as_ref();
        actor.is_office() || runner.is_some_and(|runner| actor.handles_as(runner))
    }
}

impl Process for Survey {
    type Action = Action;
    type Happening = Happening;
    /// Sheets of paper come in any order, each for its own day.
    const IN_ORDER: bool = false;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Survey>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Survey>, happened: &Happened<Happening>) -> Option<Survey> {
        super::apply::apply(before, happened)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(
        _: Option<&Survey>,
        after: &Survey,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Survey>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        let until = self.until.filter(|_| self.stage == Stage::Open);
        let end = until.map(|day| {
            (
                self.end_of(day.0, self.rules.record_days),
                Happening::Closed,
            )
        });
        let due = self.bundles.iter().filter(|one| !one.clock_read);
        let due = due.filter_map(|one| {
            let department = one.department.clone();
            let what = Happening::ReplyFellDue { department };
            Some((self.end_of(one.due?.0, 0), what))
        });
        end.into_iter().chain(due).min_by_key(|(at, _)| *at)
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Draft | Stage::Open)
    }

    /// Residents see what is asked and what came of it, not what is drawn up.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(_) => !matches!(self.stage, Stage::Draft | Stage::Withdrawn),
            _ => true,
        }
    }
}

impl Stage {
    pub const ALL: [Stage; 5] = [
        Stage::Draft,
        Stage::Open,
        Stage::Closed,
        Stage::Summarised,
        Stage::Withdrawn,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Stage::Draft => "draft",
            Stage::Open => "open",
            Stage::Closed => "closed",
            Stage::Summarised => "summarised",
            Stage::Withdrawn => "withdrawn",
        }
    }
}

impl Visit {
    pub const fn code(self) -> &'static str {
        match self {
            Visit::NoAnswer => "no-answer",
            Visit::Declined => "declined",
        }
    }
}
