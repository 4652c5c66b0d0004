//! A topic as it stands, and the clocks that follow from it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{
    Action, Advice, Decision, Draft, FollowUp, Happening, Order, Posting, Round, Rules, Source,
    Step, StepDone, Task, Triage, Vote,
};
use crate::actor::{Actor, Grid, Pseudonym};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::sha256::Sha256;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub kind: Code,
    pub rules: Box<Rules>,
    pub order: Option<Box<Order>>,
    pub title: Name,
    pub source: Source,
    pub grid: Option<Grid>,
    pub case: Option<u64>,
    pub supporters: u32,
    /// The resident who proposed it with its own token.
    pub proposer: Option<Pseudonym>,
    #[serde(with = "crate::stored::micros")]
    pub proposed_at: Timestamp,
    pub stage: Stage,
    pub triage: Option<Triage>,
    /// In the order of the rules; none is missing between two.
    pub steps_done: Vec<StepDone>,
    pub talk_parties: Vec<Name>,
    pub ideas: u32,
    pub drafts: u16,
    pub draft: Option<Box<Draft>>,
    pub posting: Option<Posting>,
    pub advice: Vec<Advice>,
    /// The hash of the text that the review fixed.
    pub fixed: Option<Sha256>,
    pub survey: Option<u64>,
    pub rounds: Vec<Round>,
    pub tasks: Vec<Task>,
    pub vote: Option<Box<Vote>>,
    pub decision: Option<Box<Decision>>,
    pub follow_ups: Vec<FollowUp>,
    /// A yearly topic is owed for this year now.
    pub year: i16,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Waits for the office to grade it.
    Collected,
    Deferred,
    Deliberating,
    Decided,
    /// All that was to follow from it is done, and checked.
    Verified,
    Closed(Ending),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    CarriedOut,
    Rejected,
    Elsewhere,
    Withdrawn,
}

impl Topic {
    /// The step it is at; none before and after.
    pub fn step(&self) -> Option<Step> {
        let at = self.steps_done.len();
        (self.stage == Stage::Deliberating)
            .then(|| self.rules.steps.get(at).copied())
            .flatten()
    }

    /// Codes of the rules of order whose breaches are noted.
    pub fn order_rules(&self) -> &[Code] {
        match &self.order {
            Some(order) => &order.rules,
            None => &self.rules.order_rules,
        }
    }

    /// Sessions that could decide, so far.
    pub fn rounds_held(&self) -> usize {
        let held = self.rounds.iter().filter_map(|round| round.held.as_ref());
        held.filter(|held| held.is_quorate).count()
    }

    /// What may be voted on: what the review fixed, else the draft.
    pub fn text_hash(&self) -> Option<Sha256> {
        match self.rules.steps.contains(&Step::Review) {
            true => self.fixed,
            false => self.draft.as_ref().map(|draft| draft.hash),
        }
    }

    pub fn day_of(&self, at: Timestamp) -> Date {
        self.civil().to_datetime(at).date()
    }

    /// Midnight after `day` and `days` more.
    pub fn end_of(&self, day: Date, days: u16) -> Timestamp {
        let after = day.checked_add((i64::from(days) + 1).days());
        let end = after.and_then(|day| self.civil().to_timestamp(day.at(0, 0, 0, 0)));
        end.unwrap_or(Timestamp::MAX)
    }

    pub(super) fn noon(&self, day: Date) -> Timestamp {
        let noon = self.civil().to_timestamp(day.at(12, 0, 0, 0));
        noon.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn civil(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    fn announcement_due(&self) -> Option<Timestamp> {
        let decision = self.decision.as_ref()?;
        let is_running = self.rules.announce_days > 0 && !decision.clock_read;
        is_running.then(|| self.end_of(self.day_of(decision.at), self.rules.announce_days))
    }

    fn follow_up_due(&self) -> Option<(Timestamp, u32)> {
        let open = (1..)
            .zip(&self.follow_ups)
            .filter(|(_, one)| !one.clock_read);
        open.map(|(number, one)| (self.end_of(one.due.0, 0), number))
            .min()
    }

    /// A decision waits for its announcement before the year can turn.
    fn year_end(&self) -> Option<Timestamp> {
        let last = Date::new(self.year, 12, 31).ok()?;
        let end = self.end_of(last, 0);
        self.rules
            .is_yearly
            .then(|| self.announcement_due().map_or(end, |due| due.max(end)))
    }
}

impl Process for Topic {
    type Action = Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Topic>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Topic>, happened: &Happened<Happening>) -> Option<Topic> {
        super::apply::apply(before, happened)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::told::told(what)
    }

    fn notice(_: Option<&Topic>, after: &Topic, happened: &Happened<Happening>) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Topic>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    /// Also of what is closed: a follow-up that was done early still falls due.
    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        let announcement = self.announcement_due();
        let announcement = announcement.map(|at| (at, Happening::AnnouncementFellDue));
        let follow_up = self.follow_up_due();
        let follow_up =
            follow_up.map(|(at, follow_up)| (at, Happening::FollowUpFellDue { follow_up }));
        let year = self.year;
        let year_end = self.year_end();
        let year_end = year_end.map(|at| (at, Happening::YearTurned { year }));
        // At one moment in this order: the year turns last.
        let all = [announcement, follow_up, year_end];
        all.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Closed(_))
    }

    /// Public once it is on the agenda; before, its proposer's and the office's.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(who) => {
                let is_public = !matches!(
                    self.stage,
                    Stage::Collected | Stage::Deferred | Stage::Closed(Ending::Elsewhere)
                );
                is_public || self.proposer == Some(*who)
            }
            _ => true,
        }
    }
}

impl Stage {
    pub const ALL: [Stage; 9] = [
        Stage::Collected,
        Stage::Deferred,
        Stage::Deliberating,
        Stage::Decided,
        Stage::Verified,
        Stage::Closed(Ending::CarriedOut),
        Stage::Closed(Ending::Rejected),
        Stage::Closed(Ending::Elsewhere),
        Stage::Closed(Ending::Withdrawn),
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Stage::Collected => "collected",
            Stage::Deferred => "deferred",
            Stage::Deliberating => "deliberating",
            Stage::Decided => "decided",
            Stage::Verified => "verified",
            Stage::Closed(Ending::CarriedOut) => "carried-out",
            Stage::Closed(Ending::Rejected) => "rejected",
            Stage::Closed(Ending::Elsewhere) => "elsewhere",
            Stage::Closed(Ending::Withdrawn) => "withdrawn",
        }
    }
}
