//! A consent, as what happened to it makes it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{Action, Base, Course, Happening, Rules};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Happened, Process, Refusal};
use crate::roll::{Channel, Roll};
use crate::sha256::Sha256;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    pub kind: Code,
    pub rules: Rules,
    /// What is consented to, in words of the office; no resident's name.
    pub title: Name,
    pub grid: Option<Grid>,
    /// The stairwell that is served, as the roll's lines name it.
    pub unit: Option<Code>,
    pub takes_common_area: bool,
    pub is_special: bool,
    /// Of the text as it was reviewed.
    pub text: Option<Sha256>,
    /// Of a mandate: who acts, for which entry, and whose token gave it.
    pub mandatary: Option<Name>,
    pub principal: Option<u64>,
    pub phase: Phase,
    pub roll: Option<Roll>,
    pub frozen_on: Option<Day>,
    /// By entry; who is not here has not answered.
    pub given: BTreeMap<u64, Given>,
    pub withdrawals: u32,
    /// The last day for answers, or of a mandate.
    pub until: Option<Day>,
    pub notice_until: Option<Day>,
    pub met_on: Option<Day>,
    #[serde(with = "crate::stored::micros_or_none")]
    pub in_use_at: Option<Timestamp>,
    /// The document that rules its use.
    pub covenant: Option<u64>,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    pub opened_by: Actor,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub says: Says,
    pub channel: Channel,
    /// The entry that signed for it.
    pub proxy: Option<u64>,
    pub signed_on: Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Says {
    Yes,
    No,
    Abstains,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    Proposed,
    /// The roll is frozen, answers come in.
    Collecting,
    Met,
    Publicised,
    Approved,
    Building,
    Inspected,
    InUse,
    /// Not met by the deadline.
    Lapsed,
    /// A vote's ends.
    Carried,
    Rejected,
    /// A mandate: given, acted on, done, taken back, run out.
    Granted,
    Acting,
    Done,
    Revoked,
    Expired,
    /// Given up by the office, with a reason.
    Ended,
}

impl Process for Consent {
    type Action = Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Consent>,
        action: &Action,
        context: &crate::process::Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Consent>, happened: &Happened<Happening>) -> Option<Consent> {
        let mut consent = match (before, &happened.what) {
            (None, Happening::Opened { .. } | Happening::Granted { .. }) => {
                return opened(happened);
            }
            (Some(_), Happening::Opened { .. } | Happening::Granted { .. }) | (None, _) => {
                return None;
            }
            (Some(consent), _) => consent,
        };
        if happened.by != Actor::System {
            consent.acted_at = consent.acted_at.max(happened.at);
        }
        consent.change(happened)?;
        Some(consent)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(
        _: Option<&Consent>,
        after: &Consent,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Consent>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        let what = match (self.phase, self.rules.course) {
            (Phase::Collecting, Course::Vote) if self.is_met() => Happening::Carried,
            (Phase::Collecting, Course::Vote) => Happening::Rejected,
            (Phase::Collecting, _) if self.is_met() => Happening::Met { on: self.until? },
            (Phase::Collecting, _) => Happening::Lapsed,
            (Phase::Granted | Phase::Acting, _) => Happening::Expired,
            _ => return None,
        };
        Some((self.end_of(self.until?), what))
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        use Phase::{Carried, Done, Ended, Expired, InUse, Lapsed, Rejected, Revoked};
        !matches!(
            self.phase,
            InUse | Lapsed | Carried | Rejected | Done | Revoked | Expired | Ended
        )
    }

    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(resident) => {
                let roll = self.roll.as_ref();
                self.opened_by == *actor
                    || roll.is_some_and(|roll| roll.entry_of(*resident).is_some())
            }
            Actor::GridWorker(grid) => self.grid == Some(*grid),
            Actor::Handler(name) => self.mandatary.as_ref() == Some(name),
            _ => true,
        }
    }
}

impl Consent {
    /// Written consent can be given and taken back until works start; where it
    /// matters who took part, until the deadline.
    pub fn takes_answers(&self) -> bool {
        let of_roll = self.thresholds().all(|one| one.base == Base::Roll);
        match self.rules.course {
            Course::Works if of_roll => (Phase::Collecting..=Phase::Approved).contains(&self.phase),
            Course::Works | Course::Vote => self.phase == Phase::Collecting,
            Course::Mandate => false,
        }
    }

    /// Whether the count is still nobody's to see.
    pub fn is_secret(&self) -> bool {
        self.rules.course == Course::Vote && self.phase <= Phase::Collecting
    }

    /// The midnight after it.
    pub(super) fn end_of(&self, day: Day) -> Timestamp {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let end = day.0.checked_add(1.day());
        let end = end.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)));
        end.unwrap_or(Timestamp::MAX)
    }

    fn change(&mut self, happened: &Happened<Happening>) -> Option<()> {
        match &happened.what {
            Happening::Opened { .. } | Happening::Granted { .. } => return None,
            Happening::RollFrozen { roll, on, until } => {
                self.roll = Some(roll.clone());
                (self.frozen_on, self.until) = (Some(*on), Some(*until));
                self.phase = Phase::Collecting;
            }
            Happening::Answered { entry, given, .. } => {
                self.given.insert(*entry, *given);
            }
            Happening::Withdrawn { entry, .. } => {
                self.given.remove(entry)?;
                self.withdrawals = self.withdrawals.saturating_add(1);
            }
            Happening::Met { on } => {
                (self.phase, self.met_on) = (Phase::Met, Some(*on));
            }
            Happening::Undone { until } => {
                (self.phase, self.met_on, self.until) = (Phase::Collecting, None, Some(*until));
            }
            Happening::Publicised { until, .. } => {
                (self.phase, self.notice_until) = (Phase::Publicised, Some(*until));
            }
            Happening::Inspected { has_passed, .. } => {
                // What has not passed is built on and inspected again.
                let passed = [Phase::Building, Phase::Inspected];
                self.phase = passed[usize::from(*has_passed)];
            }
            Happening::PutInUse => {
                (self.phase, self.in_use_at) = (Phase::InUse, Some(happened.at));
            }
            Happening::CovenantAttached { document } => self.covenant = Some(*document),
            Happening::Approved { .. } => self.phase = Phase::Approved,
            Happening::WorksStarted => self.phase = Phase::Building,
            Happening::Lapsed => self.phase = Phase::Lapsed,
            Happening::Carried => self.phase = Phase::Carried,
            Happening::Rejected => self.phase = Phase::Rejected,
            Happening::ActingBegun => self.phase = Phase::Acting,
            Happening::ActingFinished => self.phase = Phase::Done,
            Happening::Revoked { .. } => self.phase = Phase::Revoked,
            Happening::Expired => self.phase = Phase::Expired,
            Happening::Ended { .. } => self.phase = Phase::Ended,
        }
        Some(())
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Consent> {
    let (kind, rules, title, grid, zone) = match &happened.what {
        Happening::Opened {
            kind,
            rules,
            title,
            grid,
            zone,
            ..
        }
        | Happening::Granted {
            kind,
            rules,
            title,
            grid,
            zone,
            ..
        } => (kind, rules, title, grid, zone),
        _ => return None,
    };
    let mut consent = Consent {
        kind: kind.clone(),
        rules: rules.clone(),
        title: title.clone(),
        grid: *grid,
        unit: None,
        takes_common_area: false,
        is_special: false,
        text: None,
        mandatary: None,
        principal: None,
        phase: Phase::Proposed,
        roll: None,
        frozen_on: None,
        given: BTreeMap::new(),
        withdrawals: 0,
        until: None,
        notice_until: None,
        met_on: None,
        in_use_at: None,
        covenant: None,
        acted_at: happened.at,
        opened_by: happened.by.clone(),
        zone: zone.clone(),
    };
    match &happened.what {
        Happening::Opened {
            unit,
            takes_common_area,
            is_special,
            text,
            ..
        } => {
            consent.unit = unit.clone();
            consent.takes_common_area = *takes_common_area;
            consent.is_special = *is_special;
            consent.text = *text;
        }
        Happening::Granted {
            mandatary,
            principal,
            until,
            ..
        } => {
            consent.phase = Phase::Granted;
            consent.mandatary = Some(mandatary.clone());
            consent.principal = *principal;
            consent.until = *until;
        }
        _ => return None,
    }
    Some(consent)
}
