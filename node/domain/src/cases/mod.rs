//! Cases (报事): anything reported to a community and worked to an outcome.
//! The anatomy that every engine has: a [`Command`] is decided against the state
//! and gives [`Event`]s or a [`Refusal`]; events make the next state and the
//! facts. Knows no store, no token and no current time.
//!
//! What was recorded is judged as it stood when a moment passed: a clock that
//! ran out unanswered stays so, even when somebody later records an earlier
//! answer.

mod alarm;
mod apply;
mod clock;
mod command;
mod decide;
mod event;
mod facts;
mod history;
mod lifecycle;
mod notices;
mod permission;
mod positions;
mod refusal;
mod state;
mod wording;

use proto::fact::Fact;

pub(crate) use self::notices::ALL as SENTENCES;
pub use self::{
    alarm::next_alarm,
    apply::{OutOfOrder, apply},
    clock::{Clock, ClockKind, Clocks, Due},
    command::{Action, Chain, Command, Context, Report, Target, Targets},
    decide::decide,
    event::{Event, Happening, Reported},
    facts::facts,
    history::{Record, Rejected, history},
    notices::notices,
    permission::{Visibility, visible_to},
    positions::Positions,
    refusal::{Class, Needs, Refusal},
    state::{Case, CaseId, Completion, Level, Lifecycle, Origin, Outcome, Pause, Review, Standing},
};

/// One decided event with what it means for statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub event: Event,
    pub facts: Vec<Fact>,
}

/// Decides a command, appends what happened to `journal` and returns the case
/// after it. On a refusal nothing has happened.
pub fn execute(
    case: Option<Case>,
    command: &Command,
    context: &Context<'_>,
    journal: &mut Vec<Recorded>,
) -> Result<Option<Case>, Refusal> {
    let events = decide(case.as_ref(), command, context)?;
    let mut next = case;
    for event in events {
        let facts = facts(next.as_ref(), &event);
        // What was just decided on this state follows it.
        apply::follow(&mut next, &event).map_err(|OutOfOrder { .. }| Refusal::UnknownCase)?;
        journal.push(Recorded { event, facts });
    }
    Ok(next)
}

#[cfg(test)]
mod tests;
