//! What somebody asks of a case, and what a decision may look at. Knows no rules.

use jiff::Timestamp;

use super::{CaseId, Completion, Level, Origin};
use crate::{
    actor::{Actor, Grid, Pseudonym},
    code::{Code, Name},
    playbook::Playbooks,
    sealed::{Said, Sealed},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// For a report: the number the node gives it.
    pub case: CaseId,
    pub by: Actor,
    /// When it happened, if that was before it was entered; never in the future,
    /// never before what somebody did to the case earlier.
    pub happened_at: Timestamp,
    pub action: Action,
}

impl Command {
    /// When it happened, to the microsecond: as exact as what is stored.
    pub(super) fn at(&self) -> Timestamp {
        whole_us(self.happened_at)
    }
}

pub(super) fn whole_us(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Report(Report),
    Accept,
    /// Gives the case to a handler, or takes it from one to another.
    Dispatch {
        handler: Name,
    },
    /// The handler sends it back: not theirs.
    Bounce {
        reason: Option<Sealed>,
    },
    Start,
    Pause {
        cause: Code,
    },
    Resume,
    Reply(Said),
    Note(Said),
    Complete {
        completion: Completion,
        text: Option<Sealed>,
    },
    Refuse {
        by: Name,
        refer_to: Name,
        text: Option<Sealed>,
    },
    MarkDuplicate {
        of: CaseId,
    },
    Rate {
        level: Level,
        text: Option<Sealed>,
    },
    Appeal {
        reason: Option<Sealed>,
    },
    RuleAppeal {
        upheld: bool,
        reason: Option<Sealed>,
    },
    Withdraw {
        reason: Option<Sealed>,
    },
    /// Time has passed: record what that means.
    Tick,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub kind: Code,
    pub origin: Origin,
    /// A grid worker's own when it gives none.
    pub grid: Option<Grid>,
    /// The requester's name, phone, address and words.
    pub personal: Option<Sealed>,
    /// A resident's report is always its own.
    pub requester: Option<Pseudonym>,
    pub on_behalf: bool,
    /// Counts where the kind's rules know of levels.
    pub chain: Option<Chain>,
    /// Instead of the clock's: what an import's source promised, or for when it was
    /// agreed where the kind is an appointment.
    pub due_at: Option<Timestamp>,
    pub source_id: Option<Name>,
}

/// Who is responsible for the place that a report is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// The nearest one's entry in its register.
    pub area: u64,
    /// Level by level, the nearest first; whoever reads the register fills it in.
    pub levels: Box<[Name]>,
}

impl Chain {
    /// Its levels are not looked up yet.
    pub fn of(area: u64) -> Chain {
        let levels = Box::default();
        Chain { area, levels }
    }
}

/// What a decision needs beside the case.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub now: Timestamp,
    pub playbooks: &'a Playbooks,
    pub targets: &'a dyn Targets,
}

/// Other cases, as far as duplicates concern them.
pub trait Targets {
    fn target(&self, case: CaseId) -> Target;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Unknown,
    /// Not a duplicate itself.
    Original,
    DuplicateOf(CaseId),
}

impl<F: Fn(CaseId) -> Target> Targets for F {
    fn target(&self, case: CaseId) -> Target {
        self(case)
    }
}
