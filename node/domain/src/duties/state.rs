//! A duty and what happens to it: commands, happenings and the state that they
//! make. What happened is complete in itself: neither playbook nor calendar is
//! asked again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::{Rules, Window};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::notices::{Notice, Sentence};
use crate::process::{Happened, Process, Refusal};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duty {
    pub kind: Code,
    pub rules: Rules,
    pub grid: Option<Grid>,
    /// Who owes it: an office, a team, a company.
    pub owed_by: Option<Name>,
    /// Whom it is owed to, as a number of the register.
    pub owed_to: Option<u64>,
    pub from: Day,
    pub until: Option<Day>,
    /// Due now or entered ahead; ascending by rule date.
    pub occurrences: Vec<Occurrence>,
    /// The first that is not among `occurrences` yet; none without a calendar,
    /// and after the last.
    pub next: Option<Window>,
    pub no_answers: u8,
    pub alerts: u32,
    pub held: u32,
    pub unheld: u32,
    pub ended: bool,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    pub window: Window,
    /// The day it was postponed to.
    pub moved_to: Option<Day>,
    pub attempts: u8,
    /// Held or declined; it waits here for an earlier one.
    pub outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// How many of how many who should have been there were.
    Held {
        present: u32,
        seats: u32,
    },
    Declined,
    NoAnswer,
    Missed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    /// For the occurrence whose window holds the day, or with rule date `on`.
    Hold {
        on: Option<Date>,
        present: u32,
        seats: u32,
    },
    Decline {
        on: Option<Date>,
    },
    /// Nobody was there; the occurrence stays due.
    NoAnswer {
        on: Option<Date>,
    },
    Postpone {
        on: Date,
        to: Date,
        reason: Name,
    },
    /// An event that makes the duty due.
    Trigger {
        cause: Code,
    },
    End {
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub grid: Option<Grid>,
    pub owed_by: Option<Name>,
    pub owed_to: Option<u64>,
    /// Today unless given.
    pub from: Option<Date>,
    pub until: Option<Date>,
    /// Of a kind that is due on a day of each year: which.
    pub year_day: Option<(u8, u8)>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        grid: Option<Grid>,
        owed_by: Option<Name>,
        owed_to: Option<u64>,
        from: Day,
        until: Option<Day>,
        zone: Box<str>,
    },
    Concluded {
        on: Day,
        outcome: Outcome,
    },
    Attempted {
        on: Day,
    },
    /// Too many visits in a row without an answer.
    Alerted {
        no_answers: u8,
    },
    Postponed {
        on: Day,
        to: Day,
        reason: Name,
    },
    Triggered {
        window: Window,
        cause: Code,
    },
    /// Outside every window.
    HeldExtra {
        present: u32,
        seats: u32,
    },
    Ended {
        reason: Name,
    },
}

impl Occurrence {
    pub fn new(window: Window) -> Occurrence {
        Occurrence {
            window,
            moved_to: None,
            attempts: 0,
            outcome: None,
        }
    }

    /// The last day on which it can be held.
    pub fn last_day(&self) -> Date {
        self.moved_to.unwrap_or(self.window.until).0
    }

    /// A postponed one is held on its new day, and only then.
    pub fn can_be_held_on(&self, day: Date) -> bool {
        match self.moved_to {
            Some(to) => to.0 == day,
            None => self.window.holds(day),
        }
    }
}

impl Duty {
    /// Windows that begin on or before `day`, put among the occurrences.
    pub(super) fn open_through(&mut self, day: Date) {
        while let Some(window) = self.next.filter(|next| next.on.0 <= day) {
            self.occurrences.push(Occurrence::new(window));
            let after = window.on.0.tomorrow().ok();
            self.next = after.and_then(|after| self.window_from(after));
        }
        self.occurrences.sort_by_key(|occurrence| occurrence.window);
    }

    fn window_from(&self, day: Date) -> Option<Window> {
        let window = self.rules.rule.next(self.from.0, day)?;
        let ends = self.until.is_some_and(|until| window.on > until);
        (!ends).then_some(window)
    }

    pub(super) fn position(&self, on: Day) -> Option<usize> {
        self.occurrences.iter().position(|one| one.window.on == on)
    }

    /// When it is too late to enter this one: the end of a civil day.
    fn deadline(&self, occurrence: &Occurrence) -> Timestamp {
        let days = i64::from(self.rules.record_days) + 1;
        let end = occurrence.last_day().checked_add(days.days());
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        let end = end.and_then(|day| zone.to_timestamp(day.at(0, 0, 0, 0)));
        end.unwrap_or(Timestamp::MAX)
    }

    fn conclude(&mut self, on: Day, outcome: Outcome) -> Option<()> {
        self.open_through(on.0);
        let at = self.position(on)?;
        match outcome {
            Outcome::Held { .. } => self.held += 1,
            _ => self.unheld += 1,
        }
        if matches!(outcome, Outcome::Held { .. } | Outcome::Declined) {
            self.no_answers = 0;
        }
        self.occurrences.remove(at);
        Some(())
    }
}

impl Process for Duty {
    type Action = Action;
    type Happening = Happening;
    /// Lists from paper come in any order, each for its own day.
    const IN_ORDER: bool = false;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Duty>,
        action: &Action,
        context: &crate::process::Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Duty>, happened: &Happened<Happening>) -> Option<Duty> {
        let mut duty = match (before, &happened.what) {
            (None, Happening::Opened { .. }) => return opened(happened),
            (Some(_), Happening::Opened { .. }) | (None, _) => return None,
            (Some(duty), _) => duty,
        };
        if happened.by != Actor::System {
            duty.acted_at = duty.acted_at.max(happened.at);
        }
        match &happened.what {
            Happening::Opened { .. } => return None,
            Happening::Concluded { on, outcome } => duty.conclude(*on, *outcome)?,
            Happening::Attempted { on } => {
                duty.open_through(on.0);
                let at = duty.position(*on)?;
                let one = &mut duty.occurrences[at];
                one.attempts = one.attempts.saturating_add(1);
                duty.no_answers = duty.no_answers.saturating_add(1);
            }
            Happening::Alerted { .. } => {
                duty.alerts += 1;
                duty.no_answers = 0;
            }
            Happening::Postponed { on, to, .. } => {
                duty.open_through(on.0);
                let at = duty.position(*on)?;
                duty.occurrences[at].moved_to = Some(*to);
            }
            Happening::Triggered { window, .. } => {
                duty.occurrences.push(Occurrence::new(*window));
                duty.occurrences.sort_by_key(|one| one.window);
            }
            Happening::HeldExtra { .. } => {}
            Happening::Ended { .. } => {
                duty.ended = true;
                duty.occurrences.clear();
                duty.next = None;
            }
        }
        Some(duty)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::facts::told(what)
    }

    fn notice(_: Option<&Duty>, after: &Duty, happened: &Happened<Happening>) -> Option<Notice> {
        super::notices::notice(after, happened)
    }

    fn facts(before: Option<&Duty>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        if self.rules.is_mandatory {
            return None;
        }
        let next = self.next.map(Occurrence::new);
        let due = self.occurrences.iter().copied().chain(next);
        let (at, first) = due
            .map(|one| (self.deadline(&one), one))
            .min_by_key(|(at, _)| *at)?;
        let outcome = match first.attempts {
            0 => Outcome::Missed,
            _ => Outcome::NoAnswer,
        };
        Some((
            at,
            Happening::Concluded {
                on: first.window.on,
                outcome,
            },
        ))
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !self.ended
    }

    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(_) => false,
            Actor::GridWorker(grid) => self.grid == Some(*grid) || self.is_owed_by(actor),
            Actor::Handler(_) => self.is_owed_by(actor),
            _ => true,
        }
    }
}

impl Duty {
    pub(super) fn is_owed_by(&self, actor: &Actor) -> bool {
        self.owed_by
            .as_ref()
            .is_some_and(|name| actor.handles_as(name))
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Duty> {
    let Happening::Opened {
        kind,
        rules,
        grid,
        owed_by,
        owed_to,
        from,
        until,
        zone,
    } = &happened.what
    else {
        return None;
    };
    let mut duty = Duty {
        kind: kind.clone(),
        rules: rules.clone(),
        grid: *grid,
        owed_by: owed_by.clone(),
        owed_to: *owed_to,
        from: *from,
        until: *until,
        occurrences: Vec::new(),
        next: None,
        no_answers: 0,
        alerts: 0,
        held: 0,
        unheld: 0,
        ended: false,
        acted_at: happened.at,
        zone: zone.clone(),
    };
    duty.next = duty.window_from(from.0);
    Some(duty)
}
