//! Processes (流程): what the engines beside cases have in common. A command is
//! decided against a state and gives what happened, or a refusal; what happened
//! makes the next state and the facts. Engines are listed here and nowhere else,
//! and none of them knows another: facts of a neighbour arrive in a command.
//! Knows no store, no token and no current time.

mod engines;
mod refusal;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proto::fact::Fact;
use serde::{Deserialize, Serialize};

pub use self::engines::{Action, Engine, Happenings, State};
pub use self::refusal::{Class, Refusal};
use crate::actor::Actor;
use crate::notices::{Notice, Raised, Sentence};
use crate::playbook::Playbooks;

/// The node's number for a process; counted over all engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessId(pub u64);

/// Moments that one command may find passed; a daily duty has one a day.
const MOST_PASSED: usize = 4_000;

/// The state of an engine's processes, and the engine with it.
pub trait Process: Sized + Clone {
    type Action;
    type Happening: Clone;
    /// Whether what somebody enters must not lie before what was entered earlier;
    /// if so, time is judged as it stood then, else as it stands.
    const IN_ORDER: bool = true;
    /// All that its notices can say.
    const SENTENCES: &[&Sentence];

    /// What the action makes happen. `before`: none while nothing is opened; an
    /// action that opens is refused where something is.
    fn decide(
        before: Option<&Self>,
        action: &Self::Action,
        context: &Context<'_>,
    ) -> Result<Vec<Self::Happening>, Refusal>;

    /// `None`: this cannot follow.
    fn apply(before: Option<Self>, happened: &Happened<Self::Happening>) -> Option<Self>;

    /// A happening's code, UPPER_SNAKE, and its details, for its history.
    fn told(what: &Self::Happening) -> (&'static str, Vec<(&'static str, String)>);

    /// What somebody is to be told of a happening that made `after`.
    fn notice(
        before: Option<&Self>,
        after: &Self,
        happened: &Happened<Self::Happening>,
    ) -> Option<Notice>;

    fn facts(before: Option<&Self>, happened: &Happened<Self::Happening>) -> Vec<Fact>;

    /// What the next moment brings that nobody has to enter.
    fn alarm(&self) -> Option<(Timestamp, Self::Happening)>;

    /// The last time that somebody entered something for.
    fn acted_at(&self) -> Timestamp;

    fn is_open(&self) -> bool;

    fn is_visible_to(&self, actor: &Actor) -> bool;
}

/// One thing that happened, when, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened<H> {
    #[serde(with = "crate::stored::micros")]
    pub at: Timestamp,
    pub by: Actor,
    pub what: H,
}

/// All that one command made happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub process: ProcessId,
    pub happenings: Happenings,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    pub by: Actor,
    /// When it happened, if that was before it was entered; never in the future.
    pub happened_at: Timestamp,
    /// `None`: time has passed.
    pub action: Option<Action>,
}

/// What a decision may look at beside the process.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub now: Timestamp,
    /// When it happened, to the microsecond.
    pub at: Timestamp,
    pub by: &'a Actor,
    pub playbooks: &'a Playbooks,
    /// The community's civil time.
    pub zone: &'a TimeZone,
}

impl<'a> Context<'a> {
    /// `now` and `happened_at` count to the microsecond: as exact as what is
    /// stored.
    pub fn new(
        now: Timestamp,
        command: &'a Command,
        playbooks: &'a Playbooks,
        zone: &'a TimeZone,
    ) -> Context<'a> {
        let whole_us = |at: Timestamp| Timestamp::from_microsecond(at.as_microsecond());
        Context {
            now: whole_us(now).unwrap_or(now),
            at: whole_us(command.happened_at).unwrap_or(command.happened_at),
            by: &command.by,
            playbooks,
            zone,
        }
    }

    /// The civil day on which it happened.
    pub fn day(&self) -> Date {
        self.zone.to_datetime(self.at).date()
    }
}

/// One happening in its history's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub at: Timestamp,
    pub by: Actor,
    pub code: &'static str,
    pub details: Vec<(&'static str, String)>,
}

/// A process after a command, and what the journal is to keep of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    pub state: State,
    pub happenings: Happenings,
    pub facts: Vec<Fact>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what happened cannot follow the state")]
pub struct OutOfOrder;

/// What one engine makes of one command.
struct Made<P: Process> {
    state: P,
    happened: Vec<Happened<P::Happening>>,
    facts: Vec<Fact>,
}

/// `None`: nothing had to happen. `action`: none where time alone has passed.
fn execute<P: Process>(
    before: Option<P>,
    action: Option<&P::Action>,
    context: &Context<'_>,
) -> Result<Option<Made<P>>, Refusal> {
    check_time(before.as_ref(), action.is_some(), context)?;
    let mut state = before;
    let (mut happened, mut facts) = (Vec::new(), Vec::new());
    let mut record = |state: &mut Option<P>, one: Happened<P::Happening>| {
        facts.extend(P::facts(state.as_ref(), &one));
        *state = P::apply(state.take(), &one);
        happened.push(one);
        state.is_some().then_some(()).ok_or_else(Refusal::unknown)
    };
    // What may be entered late may not be entered after its moment.
    let until = if P::IN_ORDER { context.at } else { context.now };
    // At the very moment, whoever acts is in time.
    let has_passed = |moment| moment < until || action.is_none() && moment == until;
    for _ in 0..MOST_PASSED {
        match state.as_ref().and_then(P::alarm) {
            Some((at, what)) if has_passed(at) => {
                let by = Actor::System;
                record(&mut state, Happened { at, by, what })?;
            }
            _ => break,
        }
    }
    if let Some(action) = action {
        for what in P::decide(state.as_ref(), action, context)? {
            let (at, by) = (context.at, context.by.clone());
            record(&mut state, Happened { at, by, what })?;
        }
    }
    Ok(state.filter(|_| !happened.is_empty()).map(|state| Made {
        state,
        happened,
        facts,
    }))
}

fn check_time<P: Process>(
    before: Option<&P>,
    is_act: bool,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    if context.at > context.now {
        return Err(Refusal::future(context.now));
    }
    if context.at < Timestamp::UNIX_EPOCH {
        return Err(Refusal::too_old());
    }
    match before {
        Some(process) if is_act && P::IN_ORDER && context.at < process.acted_at() => {
            Err(Refusal::before_last_act(process.acted_at()))
        }
        _ => Ok(()),
    }
}

/// The state after all of `happened`; for a replay.
fn follow<P: Process>(
    before: Option<P>,
    happened: &[Happened<P::Happening>],
) -> Result<P, OutOfOrder> {
    let mut state = before;
    for one in happened {
        state = P::apply(state, one);
        if state.is_none() {
            return Err(OutOfOrder);
        }
    }
    state.ok_or(OutOfOrder)
}

/// What is told of all of `happened`; nothing of what another system's history
/// holds, nor of what cannot follow.
fn raise<P: Process>(before: Option<P>, happened: &[Happened<P::Happening>]) -> Vec<Raised> {
    let mut raised = Vec::new();
    if happened.iter().any(|one| one.by == Actor::Import) {
        return raised;
    }
    let mut state = before;
    for (index, one) in (0..).zip(happened) {
        let Some(after) = P::apply(state.clone(), one) else {
            break;
        };
        raised.extend(P::notice(state.as_ref(), &after, one).map(|notice| Raised {
            index,
            at: one.at,
            by: one.by.clone(),
            notice,
        }));
        state = Some(after);
    }
    raised
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
