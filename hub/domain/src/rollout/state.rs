//! Rollouts, and what happens to them. A fold of its events: decides nothing.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use proto::{
    indicator::catalogue::{Item, ItemId},
    place::Place,
    sync::trial::Trial,
};

use crate::{
    catalogue::{Audience, Log},
    event::Asked,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// New definitions, not in the catalogue yet.
    Drafted {
        asked: Asked,
        number: u32,
        items: Arc<[Item]>,
        unchanged: u32,
        terms: Terms,
        at: Timestamp,
    },
    /// A node answered the dry run.
    Tried {
        number: u32,
        node: Place,
        tried: Tried,
        at: Timestamp,
    },
    Approved {
        asked: Asked,
        number: u32,
        at: Timestamp,
    },
    /// The nodes up to position `through` have it now as well.
    Widened {
        number: u32,
        wave: Wave,
        through: u64,
        at: Timestamp,
    },
    Halted {
        number: u32,
        halt: Halt,
        at: Timestamp,
    },
    /// All nodes have it, and it was watched for long enough.
    Settled { number: u32, at: Timestamp },
    /// Somebody asked for a number that is there, and was pointed to it.
    Turned {
        asked: Asked,
        code: String,
        by: String,
        at: Timestamp,
    },
    /// Nodes count by these no more. Also of what was published without a rollout.
    Retired {
        asked: Asked,
        items: Arc<[ItemId]>,
        at: Timestamp,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub hold: SignedDuration,
    /// Nodes that are asked to try it out first.
    pub trial: Vec<Place>,
}

/// What a node said of the dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    Counted(Trial),
    /// Of a build that knows no dry runs, or no such definition.
    Refused {
        reason: String,
        detail: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wave {
    OnePercent,
    TenPercent,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Draft,
    /// Some of the nodes asked have not answered.
    DryRun,
    /// The first wave is about to begin.
    Approved,
    Wave(Wave),
    Live,
    Retired,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    pub cause: Cause,
    /// The first few, in words: who refused, and why.
    pub details: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// So many of so many nodes.
    Refusals { refused: u32, of: u32 },
    /// Something else was published meanwhile that these contradict.
    Contradicts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    pub number: u32,
    pub items: Arc<[Item]>,
    pub terms: Terms,
    pub stage: Stage,
    /// Of the stage.
    pub since: Timestamp,
    pub halted: Option<Halt>,
    /// Refusals up to here an operator has accepted.
    pub accepted_refusals: u32,
    pub tried: BTreeMap<Place, Tried>,
    /// The first position of the present wave.
    pub from: u64,
    /// The position up to which nodes have it; `None` before the first wave.
    pub through: Option<u64>,
}

/// By number, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollouts {
    all: BTreeMap<u32, Rollout>,
    turned: VecDeque<Turned>,
}

/// Requests for a number that was there already, at most as many as are kept.
const TURNED: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    pub code: String,
    /// The indicator that has the number.
    pub by: String,
    pub at: Timestamp,
}

/// What `event` does to the rollouts and to the log that nodes follow. Total.
pub fn carry(event: &Event, rollouts: &mut Rollouts, log: &mut Arc<Log>) {
    match event {
        Event::Drafted {
            number,
            items,
            terms,
            ..
        } if !terms.trial.is_empty() => Arc::make_mut(log).try_out(*number, items, &terms.trial),
        Event::Widened {
            number, through, ..
        } => {
            let rollout = rollouts.get(*number);
            let from = rollout.and_then(|rollout| rollout.through);
            let from = from.map_or(Some(0), |last| last.checked_add(1));
            if let (Some(rollout), Some(from)) = (rollout, from)
                && from <= *through
            {
                let through = *through;
                Arc::make_mut(log).issue(&rollout.items, &Audience::Wave { from, through });
            }
        }
        Event::Retired { items, .. } => Arc::make_mut(log).withdraw(items),
        _ => {}
    }
    rollouts.apply(event);
}

impl Rollouts {
    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Drafted {
                number,
                items,
                terms,
                at,
                ..
            } => {
                let stage = match terms.trial.is_empty() {
                    true => Stage::Draft,
                    false => Stage::DryRun,
                };
                let rollout = Rollout {
                    number: *number,
                    items: items.clone(),
                    terms: terms.clone(),
                    stage,
                    since: *at,
                    halted: None,
                    accepted_refusals: 0,
                    tried: BTreeMap::new(),
                    from: 0,
                    through: None,
                };
                self.all.insert(*number, rollout);
            }
            Event::Retired { items, at, .. } => self.withdraw(items, *at),
            Event::Turned { code, by, at, .. } => {
                self.turned.truncate(TURNED - 1);
                self.turned.push_front(Turned {
                    code: code.clone(),
                    by: by.clone(),
                    at: *at,
                });
            }
            Event::Tried { number, .. }
            | Event::Approved { number, .. }
            | Event::Widened { number, .. }
            | Event::Halted { number, .. }
            | Event::Settled { number, .. } => {
                if let Some(rollout) = self.all.get_mut(number) {
                    rollout.apply(event);
                }
            }
        }
    }

    fn withdraw(&mut self, items: &[ItemId], at: Timestamp) {
        for rollout in self.all.values_mut() {
            let mut own = rollout.indicators();
            let is_all_gone = own.all(|item| items.contains(&item));
            drop(own);
            if is_all_gone && rollout.stage != Stage::Retired {
                (rollout.stage, rollout.since) = (Stage::Retired, at);
                rollout.halted = None;
            }
        }
    }

    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Rollout> {
        self.all.values()
    }

    pub fn get(&self, number: u32) -> Option<&Rollout> {
        self.all.get(&number)
    }

    /// The newest first.
    pub fn turned(&self) -> impl Iterator<Item = &Turned> {
        self.turned.iter()
    }

    pub fn next_number(&self) -> u32 {
        self.all.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// The newest rollout of this indicator.
    pub fn of(&self, code: &str) -> Option<&Rollout> {
        self.all().rev().find(|rollout| rollout.has(code))
    }

    /// Whether time alone may change something.
    pub fn is_underway(&self) -> bool {
        self.all().any(Rollout::is_underway)
    }
}

impl Rollout {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Tried {
                node, tried, at, ..
            } => {
                self.tried.insert(*node, tried.clone());
                let mut asked = self.terms.trial.iter();
                if self.stage == Stage::DryRun && asked.all(|node| self.tried.contains_key(node)) {
                    (self.stage, self.since) = (Stage::Draft, *at);
                }
            }
            Event::Approved { at, .. } => {
                self.since = *at;
                match self.halted.take() {
                    Some(halt) => {
                        if let Cause::Refusals { refused, .. } = halt.cause {
                            self.accepted_refusals = refused;
                        }
                    }
                    None => self.stage = Stage::Approved,
                }
            }
            Event::Widened {
                wave, through, at, ..
            } => {
                (self.stage, self.since) = (Stage::Wave(*wave), *at);
                self.from = self.through.map_or(0, |last| last.saturating_add(1));
                self.through = Some(*through);
            }
            Event::Halted { halt, .. } => self.halted = Some(halt.clone()),
            Event::Settled { at, .. } => (self.stage, self.since) = (Stage::Live, *at),
            Event::Drafted { .. } | Event::Turned { .. } | Event::Retired { .. } => {}
        }
    }

    pub const fn is_underway(&self) -> bool {
        matches!(self.stage, Stage::Approved | Stage::Wave(_)) && self.halted.is_none()
    }

    /// Whether `node` was asked to try it out, and has not answered.
    pub fn waits_for(&self, node: Place) -> bool {
        self.terms.trial.contains(&node) && !self.tried.contains_key(&node)
    }

    /// Its indicators; dimensions come along and are never retired.
    pub fn indicators(&self) -> impl Iterator<Item = ItemId> + '_ {
        let items = self.items.iter().map(Item::id);
        items.filter(|item| matches!(item, ItemId::Indicator(..)))
    }

    pub fn has(&self, code: &str) -> bool {
        self.indicators()
            .any(|item| matches!(&item, ItemId::Indicator(of, _) if of.as_str() == code))
    }
}

impl Wave {
    pub const fn percent(self) -> u32 {
        match self {
            Wave::OnePercent => 1,
            Wave::TenPercent => 10,
            Wave::All => 100,
        }
    }

    pub const fn of_percent(percent: u32) -> Option<Wave> {
        match percent {
            1 => Some(Wave::OnePercent),
            10 => Some(Wave::TenPercent),
            100 => Some(Wave::All),
            _ => None,
        }
    }
}
