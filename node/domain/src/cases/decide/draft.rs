//! Events being drawn up by one command, with the clocks they start. Knows the
//! calendar, no rules about who or when.

use jiff::Timestamp;

use super::super::{Case, ClockKind, Command, Context, Due, Event, Happening, command::whole_us};
use crate::{
    actor::Actor,
    calendar::{Calendar, Limit},
    code::Name,
    playbook::{Rules, Since},
};

pub(super) struct Draft<'a> {
    pub case: &'a Case,
    pub command: &'a Command,
    pub context: &'a Context<'a>,
    pub events: Vec<Event>,
}

impl<'a> Draft<'a> {
    pub fn new(case: &'a Case, command: &'a Command, context: &'a Context<'a>) -> Draft<'a> {
        Draft {
            case,
            command,
            context,
            events: Vec::with_capacity(2),
        }
    }

    pub fn at(&self) -> Timestamp {
        self.command.at()
    }

    pub fn push(&mut self, happening: Happening) {
        self.push_with(happening, Vec::new());
    }

    pub fn push_with(&mut self, happening: Happening, dues: Vec<Due>) {
        self.events.push(Event {
            case: self.case.id,
            happened_at: self.at(),
            by: self.command.by.clone(),
            happening,
            dues,
        });
    }

    /// What follows by itself from what somebody did.
    pub fn push_follow_up(&mut self, happening: Happening, dues: Vec<Due>) {
        self.push_with(happening, dues);
        if let Some(event) = self.events.last_mut() {
            event.by = Actor::System;
        }
    }

    pub fn due(&self, clock: ClockKind, limit: Option<Limit>) -> Option<Due> {
        due(self.calendar(), clock, limit, self.at())
    }

    /// The end of the time in which somebody may answer to this. What is entered
    /// late can be answered from now on; imported history is past.
    pub fn answer_until(&self, limit: Option<Limit>) -> Option<Timestamp> {
        let from = match self.command.by {
            Actor::Import => self.at(),
            _ => whole_us(self.context.now),
        };
        limit.map(|limit| self.calendar().due(from, limit))
    }

    /// Ends a pause, if there is one: moves what still runs by the time it took.
    pub fn resume(&mut self) {
        let Some(pause) = self.case.paused() else {
            return;
        };
        let running = self
            .case
            .clocks
            .iter()
            .filter(|(_, clock)| clock.is_running() && clock.met.is_none());
        let dues = running
            .map(|(kind, clock)| Due {
                clock: kind,
                due_at: self.calendar().shift(
                    clock.due_at,
                    limit(&self.case.rules, kind),
                    pause.paused_at,
                    self.at(),
                ),
            })
            .collect();
        self.push_with(Happening::Resumed, dues);
    }

    fn calendar(&self) -> &'a Calendar {
        let playbook = &self.case.rules.playbook.code;
        self.context.playbooks.calendar(playbook)
    }

    /// Clocks that this stage starts and that have not run before.
    pub fn dues(&self, stage: Since) -> Vec<Due> {
        let fresh = |due: &Due| {
            let after_completion = self.case.first_completed_at.is_some();
            self.case.clocks.get(due.clock).is_none() && !after_completion
        };
        let dues = dues(&self.case.rules, self.calendar(), stage, self.command);
        dues.into_iter().filter(fresh).collect()
    }
}

/// Clocks that a stage of a case's way starts. Of imported history only the
/// completion is known: whether anybody was late to accept, dispatch or reply is
/// not made up.
pub(super) fn dues(
    rules: &Rules,
    calendar: &Calendar,
    stage: Since,
    command: &Command,
) -> Vec<Due> {
    let imported = command.by == Actor::Import;
    let starts = |clock| match clock {
        ClockKind::Accept | ClockKind::Dispatch | ClockKind::Reply if imported => false,
        ClockKind::Accept => rules.needs_accepting && stage == Since::Reported,
        ClockKind::Dispatch => stage == Since::Accepted,
        ClockKind::Reply => stage == rules.reply_since,
        ClockKind::Complete => stage == rules.complete_since,
        ClockKind::Rework | ClockKind::Rate | ClockKind::Level => false,
    };
    let clocks = ClockKind::ALL.into_iter().filter(|clock| starts(*clock));
    clocks
        .filter_map(|clock| due(calendar, clock, limit(rules, clock), command.at()))
        .collect()
}

/// The time that a level has; none for the last one, and for who is no level.
pub(super) fn level_due(
    case: &Case,
    context: &Context<'_>,
    level: &Name,
    at: Timestamp,
) -> Option<Due> {
    let calendar = context.playbooks.calendar(&case.rules.playbook.code);
    first_level_due(&case.rules, calendar, &case.chain, level, at)
}

/// The same of a case that is being reported.
pub(super) fn first_level_due(
    rules: &Rules,
    calendar: &Calendar,
    chain: &[Name],
    level: &Name,
    at: Timestamp,
) -> Option<Due> {
    let place = chain.iter().position(|one| one == level)?;
    let has_next = place + 1 < chain.len();
    due(
        calendar,
        ClockKind::Level,
        rules.level.filter(|_| has_next),
        at,
    )
}

fn due(calendar: &Calendar, clock: ClockKind, limit: Option<Limit>, at: Timestamp) -> Option<Due> {
    let due_at = calendar.due(at, limit?);
    Some(Due { clock, due_at })
}

fn limit(rules: &Rules, clock: ClockKind) -> Option<Limit> {
    match clock {
        ClockKind::Accept => rules.accept,
        ClockKind::Dispatch => rules.dispatch,
        ClockKind::Reply => rules.reply,
        ClockKind::Complete => rules.complete,
        ClockKind::Rework => rules.rework,
        ClockKind::Rate => rules.rate,
        ClockKind::Level => rules.level,
    }
}
