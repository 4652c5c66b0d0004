//! The hub's control state: a fold of its events. Cells are not in it; the
//! store keeps those. Decides nothing itself: its parts do.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use proto::{identity::LogId, place::Place};

use crate::{
    catalogue::Log,
    centre,
    event::{Asked, Event, Founded, Imported, LineEvent},
    issuance,
    register::Register,
    sync::line::{Agreed, Line},
    tree::{self, Tree},
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
    CentreSet,
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
    pub lines: BTreeMap<Place, Line>,
    pub tree: Arc<Tree>,
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
            lines: BTreeMap::new(),
            tree: Arc::default(),
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
            Event::Issued(event) => Arc::make_mut(&mut self.issuance).apply(event),
            Event::Centre { asked, event } => {
                Arc::make_mut(&mut self.centres).apply(event);
                if let Some(asked) = asked {
                    self.remember(asked, Answer::CentreSet);
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
        }
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
