//! Notices (通知): who is told what of something that happened. Each engine says
//! beside its happenings what is told, in a fixed sentence and never in anybody's
//! own words; who follows a matter hears what is public in it. Consumers, each with
//! a cursor of its own, pass notices on to people. Knows no journal and no wire.

mod consumer;
mod decide;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::consumer::{Consumer, InvalidMark, Mark};
pub use self::decide::{Command, Context, Event, MOST_CONSUMERS, MOST_FOLLOWERS, decide};
use crate::actor::{Actor, Grid, Pseudonym};
use crate::cases::{self, CaseId};
use crate::code::Name;
use crate::process::{Engine, ProcessId};

/// Whom a notice is for. Append-only: kept in its place's form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Recipient {
    Resident(Pseudonym),
    /// A grid's own worker.
    Grid(Grid),
    /// An office or company that work was given to.
    Handler(Name),
    /// Of a register: a household, a candidate, an owner.
    Entry(u64),
    /// The community's office.
    Office,
}

/// What is told, whoever it is told to; `{}` stands for the matter's name.
#[derive(Debug, PartialEq, Eq)]
pub struct Sentence {
    /// UPPER_SNAKE; one meaning for ever within an engine.
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

/// What an engine has to tell of one happening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub says: &'static Sentence,
    pub to: Vec<Recipient>,
    /// Also told to whoever follows the matter and may see it.
    pub is_public: bool,
}

/// A notice of the `index`th thing that one command made happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    pub index: u32,
    pub at: Timestamp,
    pub by: Actor,
    pub notice: Notice,
}

/// What a notice is about. Kept as its engine's number, 0 for a case, and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u8, u64)", into = "(u8, u64)")]
pub enum Matter {
    Case(CaseId),
    Process(Engine, ProcessId),
}

/// Defines an engine's sentences, and `ALL` of them.
macro_rules! sentences {
    ($($code:ident: $zh:literal, $en:literal;)*) => {
        $(const $code: $crate::notices::Sentence = $crate::notices::Sentence {
            code: stringify!($code),
            zh: $zh,
            en: $en,
        };)*
        pub(crate) const ALL: &[&$crate::notices::Sentence] = &[$(&$code,)*];
    };
}
pub(crate) use sentences;

impl Notice {
    pub fn to(says: &'static Sentence, to: impl IntoIterator<Item = Recipient>) -> Notice {
        Notice {
            says,
            to: to.into_iter().collect(),
            is_public: false,
        }
    }

    pub fn public(says: &'static Sentence, to: impl IntoIterator<Item = Recipient>) -> Notice {
        Notice {
            is_public: true,
            ..Notice::to(says, to)
        }
    }
}

impl Raised {
    /// All who are told: nobody twice, and nobody of what it did itself.
    pub fn recipients(&self, followers: impl IntoIterator<Item = Recipient>) -> Vec<Recipient> {
        let followers = followers.into_iter().filter(|_| self.notice.is_public);
        let mut all: Vec<Recipient> = self.notice.to.iter().cloned().chain(followers).collect();
        all.retain(|recipient| !recipient.is(&self.by));
        all.sort();
        all.dedup();
        all
    }
}

impl Recipient {
    /// As whom somebody is told; `None`: nobody tells this role anything.
    pub fn of(actor: &Actor) -> Option<Recipient> {
        match actor {
            Actor::Resident(who) => Some(Recipient::Resident(*who)),
            Actor::GridWorker(grid) => Some(Recipient::Grid(*grid)),
            Actor::Handler(name) => Some(Recipient::Handler(name.clone())),
            Actor::Staff | Actor::Admin => Some(Recipient::Office),
            Actor::Auditor | Actor::Import | Actor::System => None,
        }
    }

    pub fn grid(grid: Option<Grid>) -> Option<Recipient> {
        grid.map(Recipient::Grid)
    }

    pub fn resident(who: Option<Pseudonym>) -> Option<Recipient> {
        who.map(Recipient::Resident)
    }

    pub fn handler(name: Option<&Name>) -> Option<Recipient> {
        name.cloned().map(Recipient::Handler)
    }

    pub fn entries(entries: impl IntoIterator<Item = u64>) -> impl Iterator<Item = Recipient> {
        entries.into_iter().map(Recipient::Entry)
    }

    fn is(&self, actor: &Actor) -> bool {
        match self {
            Recipient::Resident(who) => *actor == Actor::Resident(*who),
            Recipient::Grid(grid) => *actor == Actor::GridWorker(*grid),
            Recipient::Handler(name) => actor.handles_as(name),
            Recipient::Entry(_) => false,
            Recipient::Office => matches!(actor, Actor::Staff | Actor::Admin),
        }
    }

    /// As whom it looks at a matter that it follows.
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Recipient::Resident(who) => Some(Actor::Resident(*who)),
            Recipient::Grid(grid) => Some(Actor::GridWorker(*grid)),
            Recipient::Handler(name) => Some(Actor::Handler(name.clone())),
            Recipient::Entry(_) => None,
            Recipient::Office => Some(Actor::Staff),
        }
    }
}

impl Matter {
    /// The sentence that its engine has under a code.
    pub fn sentence(self, code: &str) -> Option<&'static Sentence> {
        let all = match self {
            Matter::Case(_) => cases::SENTENCES,
            Matter::Process(engine, _) => engine.sentences(),
        };
        all.iter().copied().find(|sentence| sentence.code == code)
    }
}

impl Sentence {
    pub fn zh(&self, matter: Matter) -> String {
        self.zh.replace("{}", &matter.to_string())
    }

    pub fn en(&self, matter: Matter) -> String {
        self.en.replace("{}", &matter.to_string())
    }
}

impl From<Matter> for (u8, u64) {
    fn from(matter: Matter) -> (u8, u64) {
        match matter {
            Matter::Case(case) => (0, case.0),
            Matter::Process(engine, process) => (engine as u8, process.0),
        }
    }
}

impl TryFrom<(u8, u64)> for Matter {
    type Error = String;

    fn try_from((engine, id): (u8, u64)) -> Result<Matter, String> {
        match engine {
            0 => Ok(Matter::Case(CaseId(id))),
            number => Engine::by_number(number)
                .map(|engine| Matter::Process(engine, ProcessId(id)))
                .ok_or_else(|| format!("engine {number}: use a newer program")),
        }
    }
}

/// As resource names spell it, `cases/17`.
impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Matter::Case(case) => write!(f, "cases/{}", case.0),
            Matter::Process(engine, process) => {
                write!(f, "{}/{}", engine.collection(), process.0)
            }
        }
    }
}

#[cfg(test)]
mod tests;
