//! A programme as it stands, and the clocks that follow from it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{Action, Happening, Rules, Session, Size, Status};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Programme {
    pub kind: Code,
    pub rules: Rules,
    pub title: Name,
    pub team: Option<Name>,
    pub grid: Option<Grid>,
    /// The latest ones; ascending by number.
    pub sessions: Vec<Session>,
    /// So many were ever announced.
    pub announced: u32,
    pub held: u32,
    /// Days with a small and a large activity that a cadence may still ask for.
    pub small_days: Vec<Day>,
    pub large_days: Vec<Day>,
    /// The next day and the next week's Sunday to be judged.
    pub next_day: Option<Day>,
    pub next_sunday: Option<Day>,
    pub is_ended: bool,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

impl Programme {
    pub fn session(&self, number: u32) -> Option<&Session> {
        self.sessions.iter().find(|one| one.number == number)
    }

    pub(super) fn session_mut(&mut self, number: u32) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|one| one.number == number)
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

    pub(super) fn is_run_by(&self, actor: &Actor) -> bool {
        let team = self.team.as_ref();
        let own_grid = matches!(actor, Actor::GridWorker(grid) if self.grid == Some(*grid));
        actor.is_office() || own_grid || team.is_some_and(|team| actor.handles_as(team))
    }

    /// Whether a held activity of `size` lies in the `days` that end with `last`.
    fn has(&self, size: Size, last: Date, days: u8) -> bool {
        let first = last.checked_sub((i64::from(days) - 1).days());
        let held = match size {
            Size::Small => &self.small_days,
            Size::Large => &self.large_days,
        };
        first.is_ok_and(|first| held.iter().any(|day| (first..=last).contains(&day.0)))
    }

    fn judgements(&self) -> impl Iterator<Item = (Timestamp, Happening)> {
        let late = u16::from(self.rules.record_days);
        let day = self.next_day.map(|day| {
            let is_kept = self.has(Size::Small, day.0, self.rules.small_every_days);
            let what = Happening::DayJudged { day, is_kept };
            (self.end_of(day.0, late), what)
        });
        let week = self.next_sunday.map(|sunday| {
            let is_kept = self.has(Size::Large, sunday.0, 7);
            let what = Happening::WeekJudged { sunday, is_kept };
            (self.end_of(sunday.0, late), what)
        });
        day.into_iter().chain(week)
    }

    fn session_clocks(&self) -> impl Iterator<Item = (Timestamp, Happening)> {
        self.sessions.iter().filter_map(|one| {
            let session = one.number;
            match one.status {
                Status::Announced => {
                    let late = u16::from(self.rules.record_days);
                    Some((self.end_of(one.on.0, late), Happening::Lapsed { session }))
                }
                Status::Held if self.rules.publish_days > 0 && !one.clock_read => Some((
                    self.end_of(one.on.0, self.rules.publish_days),
                    Happening::AccountsFellDue { session },
                )),
                _ => None,
            }
        })
    }
}

impl Process for Programme {
    type Action = Action;
    type Happening = Happening;
    /// Lists from paper come in any order, each for its own day.
    const IN_ORDER: bool = false;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Programme>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Programme>, happened: &Happened<Happening>) -> Option<Programme> {
        super::apply::apply(before, happened)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(
        _: Option<&Programme>,
        after: &Programme,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Programme>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    /// Also of one that has ended: its last accounts still fall due.
    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        let all = self.judgements().chain(self.session_clocks());
        all.min_by_key(|(at, _)| *at)
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !self.is_ended
    }

    fn is_visible_to(&self, _: &Actor) -> bool {
        true
    }
}
