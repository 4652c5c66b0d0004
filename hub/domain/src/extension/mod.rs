//! Extensions (扩展服务): what outside teams run in the support cloud for a time.
//! Registered, approved, live, retired; what each may see. Knows no certificate
//! and no clock.

mod decide;
mod refusal;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use proto::{identity::Label, indicator::catalogue::ItemId, place::Place};

pub use decide::Wanted;
pub use refusal::Refusal;

use crate::{
    centre::{Group, Reader, Scope},
    event::Asked,
    rollout,
};

/// Extensions that are kept, retired ones too, at most.
pub const EXTENSIONS: usize = 1_000;
/// Of a purpose, an owner, a contact.
pub const TEXT_CHARS: usize = 200;
/// An end date is at most so far ahead: three years.
pub const LONGEST_DAYS: i32 = 3 * 366;
/// An end is announced so many days ahead, like a sunset.
pub const NOTICE_DAYS: i32 = crate::asks::NOTICE_DAYS;

/// What an outside team wants, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub code: Label,
    pub purpose_zh: String,
    pub purpose_en: String,
    pub owner: String,
    /// At the office: never a resident.
    pub contact: String,
    /// Indicators that are there, beside its own definitions.
    pub reads: Vec<Group>,
    /// None: the whole hub.
    pub places: Vec<Place>,
    /// Its last day.
    pub until: Date,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Registered {
        asked: Asked,
        registration: Box<Registration>,
        /// Its new definitions, as [`rollout::Event::Drafted`].
        draft: Option<Box<rollout::Event>>,
        at: Timestamp,
    },
    /// Its definitions may go out.
    Approved {
        asked: Asked,
        code: Label,
        at: Timestamp,
    },
    /// These of its definitions are retired, its identity is revoked. Asked for
    /// by the hub itself when its end date is over.
    Retired {
        asked: Asked,
        code: Label,
        items: Arc<[ItemId]>,
        at: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Registered,
    Live,
    Retired,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub registration: Registration,
    /// Of its definitions.
    pub rollout: Option<u32>,
    pub stage: Stage,
    /// Of the stage.
    pub since: Timestamp,
    /// It was retired by its end date.
    pub is_ended: bool,
    /// Rises when the code is registered anew: what it sees is then another thing.
    pub version: u64,
}

/// A fold of events, by code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(BTreeMap<Label, Extension>);

impl Event {
    pub const fn asked(&self) -> &Asked {
        match self {
            Event::Registered { asked, .. }
            | Event::Approved { asked, .. }
            | Event::Retired { asked, .. } => asked,
        }
    }
}

impl Extension {
    pub fn is_live(&self) -> bool {
        self.stage == Stage::Live
    }

    /// Its last day is over, and it was not retired.
    fn is_over(&self, today: Date) -> bool {
        self.stage != Stage::Retired && self.registration.until < today
    }

    /// Days that are left, the last one included; `None`: it is not near its end.
    pub fn days_left(&self, today: Date) -> Option<i32> {
        let left = (self.registration.until - today).get_days() + 1;
        (self.is_live() && left <= NOTICE_DAYS).then_some(left)
    }
}

impl State {
    pub fn extension(&self, code: &Label) -> Option<&Extension> {
        self.0.get(code)
    }

    /// In the order of their codes.
    pub fn extensions(&self) -> impl Iterator<Item = (&Label, &Extension)> {
        self.0.iter()
    }

    pub fn is_live(&self, code: &Label) -> bool {
        self.extension(code).is_some_and(Extension::is_live)
    }

    /// Those whose last day is over.
    pub fn over(&self, today: Date) -> impl Iterator<Item = &Label> {
        let over = self.0.iter().filter(move |(_, held)| held.is_over(today));
        over.map(|(code, _)| code)
    }

    /// Whoever was not approved, or is retired, sees nothing.
    pub fn scope(&self, code: &Label) -> Scope {
        match self.extension(code).filter(|held| held.is_live()) {
            Some(held) => Scope::Reader(Reader {
                code: Some(code.clone()),
                reads: held.registration.reads.clone(),
                places: held.registration.places.clone(),
                finest: None,
            }),
            None => Scope::Nothing,
        }
    }

    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Registered {
                registration,
                draft,
                at,
                ..
            } => {
                let rollout = match draft.as_deref() {
                    Some(rollout::Event::Drafted { number, .. }) => Some(*number),
                    _ => None,
                };
                let before = self.extension(&registration.code);
                let extension = Extension {
                    rollout,
                    stage: Stage::Registered,
                    since: *at,
                    is_ended: false,
                    version: before.map_or(0, |before| before.version + 1),
                    registration: Registration::clone(registration),
                };
                self.0.insert(registration.code.clone(), extension);
            }
            Event::Approved { code, at, .. } => {
                if let Some(held) = self.0.get_mut(code) {
                    (held.stage, held.since) = (Stage::Live, *at);
                }
            }
            Event::Retired {
                asked, code, at, ..
            } => {
                if let Some(held) = self.0.get_mut(code) {
                    (held.stage, held.since) = (Stage::Retired, *at);
                    held.is_ended = asked.by == proto::identity::Subject::Hub;
                }
            }
        }
    }
}
