//! The hub's control state: a fold of its events. Cells are not in it; the
//! store keeps those. Decides nothing itself: its parts do.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use proto::{
    identity::{LogId, Subject},
    place::Place,
};

use crate::{
    catalogue::Log,
    centre,
    event::{Asked, Event, Founded, Imported, LineEvent},
    extension,
    issuance::{self, withdrawn},
    period,
    register::Register,
    rollout::{self, Rollouts, Uptake},
    support::{self, DeskAnswer},
    sync::line::{Agreed, Line},
    tree::{self, Tree},
    watch,
};

/// Answers to mutations that are remembered, at most.
pub const ANSWERS: usize = 4096;

/// What a mutation was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Imported(Imported),
    Published {
        catalogue_seq: u64,
        added: u32,
        unchanged: u32,
    },
    Watched,
    Desk(DeskAnswer),
    CentreSet,
    Extension,
    Rolled(Rolled),
    /// A period was locked, or reopened.
    Locked(period::LockNumber),
}

/// What an operator is answered about a rollout: its number, and what it adds; of
/// a retirement how many revisions went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rolled {
    pub number: u32,
    pub added: u32,
    pub unchanged: u32,
}

impl Rolled {
    pub fn of(event: &rollout::Event) -> Rolled {
        match event {
            rollout::Event::Drafted {
                number,
                items,
                unchanged,
                ..
            } => Rolled {
                number: *number,
                added: items.len() as u32,
                unchanged: *unchanged,
            },
            rollout::Event::Approved { number, .. } => Rolled {
                number: *number,
                ..Rolled::default()
            },
            rollout::Event::Retired { items, .. } => Rolled {
                added: items.len() as u32,
                ..Rolled::default()
            },
            rollout::Event::Tried { .. }
            | rollout::Event::Turned { .. }
            | rollout::Event::Widened { .. }
            | rollout::Event::Halted { .. }
            | rollout::Event::Settled { .. } => Rolled::default(),
        }
    }
}

/// Parts are shared with readers and copied when they change.
#[derive(Clone, Debug)]
pub struct Hub {
    pub founded: Option<Founded>,
    /// Rises when a restored hub meets a node that remembers more.
    pub incarnation: u64,
    pub register: Arc<Register>,
    pub catalogue: Arc<Log>,
    pub issuance: Arc<issuance::State>,
    pub centres: Arc<centre::State>,
    pub extensions: Arc<extension::State>,
    pub lines: BTreeMap<Place, Line>,
    pub tree: Arc<Tree>,
    pub watch: Arc<watch::Book>,
    pub periods: Arc<period::Book>,
    pub rollouts: Arc<Rollouts>,
    pub uptake: Arc<Uptake>,
    pub support: Arc<support::State>,
    answers: HashMap<Asked, Answer>,
    oldest: VecDeque<Asked>,
}

impl Default for Hub {
    fn default() -> Hub {
        Hub {
            founded: None,
            incarnation: 0,
            register: Arc::default(),
            catalogue: Arc::new(Log::new(LogId([0; 16]))),
            issuance: Arc::default(),
            centres: Arc::default(),
            extensions: Arc::default(),
            lines: BTreeMap::new(),
            tree: Arc::default(),
            watch: Arc::default(),
            periods: Arc::default(),
            rollouts: Arc::default(),
            uptake: Arc::default(),
            support: Arc::default(),
            answers: HashMap::new(),
            oldest: VecDeque::new(),
        }
    }
}

impl Hub {
    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Founded(founded) => {
                self.incarnation = founded.incarnation;
                self.catalogue = Arc::new(Log::new(founded.catalogue_log));
                self.founded = Some(founded.clone());
            }
            Event::Registered {
                asked,
                events,
                answer,
            } => {
                if !events.is_empty() {
                    let register = Arc::make_mut(&mut self.register);
                    events.iter().for_each(|event| register.apply(event));
                }
                self.remember(asked, Answer::Imported(*answer));
            }
            Event::Published {
                asked,
                items,
                unchanged,
            } => {
                if !items.is_empty() {
                    Arc::make_mut(&mut self.catalogue).apply(items);
                }
                let answer = Answer::Published {
                    catalogue_seq: self.catalogue.head(),
                    added: items.len() as u32,
                    unchanged: *unchanged,
                };
                self.remember(asked, answer);
            }
            Event::Centre { asked, event } => {
                Arc::make_mut(&mut self.centres).apply(event);
                if let Some(asked) = asked {
                    self.remember(asked, Answer::CentreSet);
                }
            }
            Event::Extension(event) => self.extend(event),
            Event::Issued(event) => {
                Arc::make_mut(&mut self.issuance).apply(event);
                if let Some((node, at)) = event.enrols_a_node() {
                    Arc::make_mut(&mut self.tree).assignments.enrol(node, at);
                }
            }
            // Kept for auditors; decides nothing here.
            Event::Audited(_) => {}
            Event::Restored { incarnation, .. } => self.raise(*incarnation),
            Event::Line(node, event) => {
                if let LineEvent::Granted(granted) = event {
                    self.raise(granted.hub_incarnation);
                }
                self.lines.entry(*node).or_default().apply(event);
            }
            Event::Tree(event) => {
                if let tree::Event::Taken(taken) = event
                    && !taken.added.is_empty()
                {
                    Arc::make_mut(&mut self.catalogue).apply(&taken.added);
                }
                Arc::make_mut(&mut self.tree).apply(event);
            }
            Event::Watch(event) => {
                Arc::make_mut(&mut self.watch).apply(event);
                if let Some(asked) = event.asked() {
                    self.remember(asked, Answer::Watched);
                }
            }
            Event::Period(event) => {
                Arc::make_mut(&mut self.periods).apply(event);
                self.remember(event.asked(), Answer::Locked(event.lock()));
            }
            Event::Support { asked, event } => {
                Arc::make_mut(&mut self.support).apply(event);
                if let Some((asked, answer)) = asked.as_ref().zip(event.answer()) {
                    self.remember(asked, Answer::Desk(answer));
                }
            }
            Event::Rollout(event) => self.roll(event),
            Event::Took(taking) => Arc::make_mut(&mut self.uptake).apply(taking),
        }
    }

    fn roll(&mut self, event: &rollout::Event) {
        let rollouts = Arc::make_mut(&mut self.rollouts);
        rollout::carry(event, rollouts, &mut self.catalogue);
        if let rollout::Event::Drafted { asked, .. }
        | rollout::Event::Approved { asked, .. }
        | rollout::Event::Retired { asked, .. } = event
        {
            self.remember(asked, Answer::Rolled(Rolled::of(event)));
        }
    }

    /// What happens to an extension happens to its definitions and its identity.
    fn extend(&mut self, event: &extension::Event) {
        let rolled = match event {
            extension::Event::Registered { draft, .. } => draft.as_deref().cloned(),
            extension::Event::Approved { asked, code, at } => {
                let known = self.extensions.extension(code);
                let number = known.and_then(|known| known.rollout);
                number
                    .filter(|number| self.rollouts.waits(*number))
                    .map(|number| rollout::Event::Approved {
                        asked: asked.clone(),
                        number,
                        at: *at,
                    })
            }
            extension::Event::Retired {
                asked,
                code,
                items,
                at,
            } => {
                let revoked = withdrawn(Subject::Extension(code.clone()), asked, *at);
                Arc::make_mut(&mut self.issuance).apply(&revoked);
                (!items.is_empty()).then(|| rollout::Event::Retired {
                    asked: asked.clone(),
                    items: items.clone(),
                    at: *at,
                })
            }
        };
        if let Some(rolled) = rolled {
            let rollouts = Arc::make_mut(&mut self.rollouts);
            rollout::carry(&rolled, rollouts, &mut self.catalogue);
        }
        Arc::make_mut(&mut self.extensions).apply(event);
        self.remember(event.asked(), Answer::Extension);
    }

    /// The catalogue's log is another one from then on: what was published
    /// before the hub went back may have borne the same seqs.
    pub fn raise(&mut self, incarnation: u64) {
        if incarnation > self.incarnation {
            self.incarnation = incarnation;
            Arc::make_mut(&mut self.catalogue).renew(incarnation);
        }
    }

    /// What this request was answered with before.
    pub fn answered(&self, asked: &Asked) -> Option<Answer> {
        self.answers.get(asked).copied()
    }

    /// What this request about a rollout was answered with before.
    pub fn rolled(&self, asked: &Asked) -> Option<Rolled> {
        match self.answered(asked)? {
            Answer::Rolled(rolled) => Some(rolled),
            _ => None,
        }
    }

    fn remember(&mut self, asked: &Asked, answer: Answer) {
        if self.answers.insert(asked.clone(), answer).is_none() {
            self.oldest.push_back(asked.clone());
        }
        if self.oldest.len() > ANSWERS
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

impl Line {
    pub fn apply(&mut self, event: &LineEvent) {
        match event {
            LineEvent::Granted(granted) => self.grant(granted),
            LineEvent::Accepted(accepted) => self.accept(accepted),
            LineEvent::Listed(listed) => self.list(listed),
            LineEvent::Sighted(quarantine) => self.sight(quarantine),
            LineEvent::Decided(decided) => self.decide(decided),
            LineEvent::Heard(starts) => self.hear(starts),
            LineEvent::Agreed { through, at } => {
                self.agreed = Some(Agreed {
                    through: *through,
                    at: *at,
                });
            }
            LineEvent::RepairBegan { at } => self.repaired_at = Some(*at),
        }
    }
}
