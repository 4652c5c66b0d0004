//! An entry, what is asked of it, and what happens to it. What happened is
//! complete in itself: no playbook and no neighbour is asked again.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Condition, Plot, PlotAsk, PlotChange, Rules};
use crate::actor::{Actor, Grid, Pseudonym};
use crate::code::{Code, Name};
use crate::sealed::Sealed;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub register: Code,
    pub rules: Rules,
    pub conditions: Vec<Condition>,
    /// Of a body or garden: what it is called. Never a resident's name.
    pub title: Option<Name>,
    pub group: Option<Code>,
    pub grid: Option<Grid>,
    /// A building, a stairwell, a courtyard: where rolls are cut.
    pub area: Option<Code>,
    /// Floor area in hundredths of a square metre; 0: not known.
    pub unit: u64,
    pub parent: Option<u64>,
    /// In the tree, from 1; 0 outside one.
    pub level: u8,
    pub personal: Option<Personal>,
    /// Whose token stands for this entry.
    pub resident: Option<Pseudonym>,
    pub consented_on: Option<Day>,
    pub stage: Code,
    #[serde(with = "crate::stored::micros")]
    pub stage_since: Timestamp,
    /// Ascending, without overlap.
    pub terms: Vec<Term>,
    /// How many of the terms have begun.
    pub begun: u16,
    /// The last term that has begun runs.
    pub is_member: bool,
    /// Present and coming ones, in the order in which they were granted.
    pub grants: Vec<Grant>,
    pub pair: Option<Pair>,
    /// The n-th is plot n + 1.
    pub plots: Vec<Plot>,
    /// In the order in which they came.
    pub asks: Vec<PlotAsk>,
    pub ended: bool,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
    /// The community's civil time.
    pub zone: Box<str>,
}

/// Sealed under its subject's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    pub subject: Pseudonym,
    pub sealed: Sealed,
}

/// Civil days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    pub from: Day,
    pub until: Option<Day>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Code,
    /// An entry; `None`: this one.
    pub holder: Option<u64>,
    pub term: Term,
    pub by: Actor,
    pub is_running: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub person: u64,
    pub helpers: Vec<u64>,
    pub accepted: Vec<u64>,
    /// Days since the person's last pair ended, and whether that was in time.
    pub again: Option<(u32, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Register(Box<Open>),
    Amend(Box<Amend>),
    /// Another term.
    Renew {
        from: Date,
        until: Option<Date>,
    },
    Leave {
        /// The last day; today unless given.
        on: Option<Date>,
        reason: Code,
    },
    Move {
        to: Code,
        reason: Option<Name>,
        seen: Seen,
    },
    /// One of a pair agrees to it.
    Accept {
        party: u64,
    },
    Grant {
        role: Code,
        holder: Option<u64>,
        from: Option<Date>,
        until: Option<Date>,
    },
    EndRole {
        role: Code,
        holder: Option<u64>,
        on: Option<Date>,
        reason: Code,
    },
    AddPlots {
        count: u16,
        is_school: bool,
    },
    /// What was planned can be claimed from now on.
    OpenPlots,
    Ask {
        by: u64,
        is_school: bool,
    },
    Withdraw {
        by: u64,
    },
    /// `seed`: what was drawn in public; decides where the register goes by lot.
    Allot {
        seed: u64,
    },
    ChangePlot {
        plot: u16,
        change: PlotChange,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub register: Code,
    pub title: Option<Name>,
    pub group: Option<Code>,
    pub grid: Option<Grid>,
    pub area: Option<Code>,
    pub unit: u64,
    pub parent: Option<Parent>,
    /// Today unless given.
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub consented_on: Option<Date>,
    pub personal: Option<Personal>,
    pub resident: Option<Pseudonym>,
    /// Of a pair.
    pub person: Option<u64>,
    pub helpers: Vec<u64>,
    pub before: PairsBefore,
}

impl Open {
    /// An entry of which nothing is said but its register.
    pub fn of(register: Code) -> Open {
        Open {
            register,
            title: None,
            group: None,
            grid: None,
            area: None,
            unit: 0,
            parent: None,
            from: None,
            until: None,
            consented_on: None,
            personal: None,
            resident: None,
            person: None,
            helpers: Vec::new(),
            before: PairsBefore::default(),
        }
    }
}

/// The entry above in the tree, and how deep that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    pub entry: u64,
    pub level: u8,
}

/// What the register knows of a person's other pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairsBefore {
    pub is_paired: bool,
    pub ended_on: Option<Day>,
}

/// What a stage's condition is held against that the entry does not know itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When the wanted assessment was published last, and whether it reaches the
    /// wanted points.
    pub result: Option<(Day, bool)>,
    /// How many others go first, and are where this entry is.
    pub waiting: u32,
}

/// What is given changes; the rest stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Amend {
    pub title: Option<Name>,
    pub group: Option<Code>,
    pub grid: Option<Grid>,
    pub area: Option<Code>,
    pub unit: Option<u64>,
    pub personal: Option<Personal>,
    pub resident: Option<Pseudonym>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    pub register: Code,
    pub rules: Rules,
    pub title: Option<Name>,
    pub group: Option<Code>,
    pub grid: Option<Grid>,
    pub area: Option<Code>,
    pub unit: u64,
    pub parent: Option<u64>,
    pub level: u8,
    pub term: Term,
    pub consented_on: Option<Day>,
    pub personal: Option<Personal>,
    pub resident: Option<Pseudonym>,
    pub pair: Option<Pair>,
    pub zone: Box<str>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Registered(Box<Registered>),
    Amended {
        title: Option<Name>,
        group: Option<Code>,
        grid: Option<Grid>,
        area: Option<Code>,
        unit: Option<u64>,
        personal: Option<Personal>,
        resident: Option<Pseudonym>,
    },
    Renewed {
        term: Term,
    },
    Joined {
        on: Day,
    },
    /// `on`: the last day. All roles end with it.
    Left {
        on: Day,
        reason: Code,
    },
    Moved {
        to: Code,
        reason: Option<Name>,
    },
    Accepted {
        party: u64,
    },
    RoleGranted {
        role: Code,
        holder: Option<u64>,
        term: Term,
    },
    RoleBegan {
        role: Code,
        holder: Option<u64>,
        on: Day,
    },
    RoleEnded {
        role: Code,
        holder: Option<u64>,
        on: Day,
        reason: Code,
    },
    PlotsAdded {
        count: u16,
        is_school: bool,
    },
    PlotsOpened,
    PlotAsked {
        by: u64,
        is_school: bool,
    },
    PlotWithdrawn {
        by: u64,
    },
    /// What the plots that follow went by.
    Drawn {
        seed: u64,
    },
    PlotClaimed {
        plot: u16,
        by: u64,
    },
    PlotChanged {
        plot: u16,
        change: PlotChange,
    },
    /// What its stages ask from now on.
    Bound {
        conditions: Vec<Condition>,
    },
}

impl Term {
    pub fn holds(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Whether the two have a day in common.
    pub fn meets(&self, other: &Term) -> bool {
        let before = |a: &Term, b: &Term| a.until.is_some_and(|until| until < b.from);
        !before(self, other) && !before(other, self)
    }
}
