//! What can be asked of a consent, and what happens to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Given, Rules, Says};
use crate::actor::Grid;
use crate::code::{Code, Name};
use crate::roll::{Channel, Roll};
use crate::sha256::Sha256;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    Freeze {
        roll: Roll,
        until: Option<Date>,
    },
    Answer(Answer),
    /// `entry`: none where a resident's own token takes its answer back.
    Withdraw {
        entry: Option<u64>,
        channel: Channel,
        document: Option<Sha256>,
    },
    Publicise {
        place: Name,
    },
    Approve {
        by: Name,
        document: Sha256,
    },
    StartWorks,
    Inspect {
        by: Name,
        document: Sha256,
        has_passed: bool,
    },
    PutInUse,
    AttachCovenant {
        document: u64,
    },
    /// The mandatary begins to act, or has done what was asked.
    BeginActing,
    FinishActing,
    End {
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    pub grid: Option<Grid>,
    pub unit: Option<Code>,
    pub takes_common_area: bool,
    pub is_special: bool,
    pub text: Option<Sha256>,
    pub mandatary: Option<Name>,
    pub principal: Option<u64>,
    /// The signed mandate.
    pub document: Option<Sha256>,
    /// A mandate's last day.
    pub until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// None where a resident's own token answers.
    pub entry: Option<u64>,
    pub says: Says,
    pub channel: Channel,
    /// The day on the paper; today unless given.
    pub signed_on: Option<Date>,
    /// Of the signed paper.
    pub document: Option<Sha256>,
    /// Of the text that was answered.
    pub text: Option<Sha256>,
    pub proxy: Option<Proxy>,
}

/// Somebody who signs for an owner, and the paper that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proxy {
    pub entry: u64,
    pub document: Sha256,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        title: Name,
        grid: Option<Grid>,
        unit: Option<Code>,
        takes_common_area: bool,
        is_special: bool,
        text: Option<Sha256>,
        zone: Box<str>,
    },
    /// A mandate opens so.
    Granted {
        kind: Code,
        rules: Rules,
        title: Name,
        grid: Option<Grid>,
        mandatary: Name,
        principal: Option<u64>,
        document: Option<Sha256>,
        until: Option<Day>,
        zone: Box<str>,
    },
    RollFrozen {
        roll: Roll,
        on: Day,
        until: Day,
    },
    Answered {
        entry: u64,
        given: Given,
        document: Option<Sha256>,
        proxy_document: Option<Sha256>,
    },
    Withdrawn {
        entry: u64,
        channel: Channel,
        document: Option<Sha256>,
    },
    Met {
        on: Day,
    },
    /// A withdrawal undid what had been met.
    Undone {
        until: Day,
    },
    Lapsed,
    Carried,
    Rejected,
    Publicised {
        place: Name,
        until: Day,
    },
    Approved {
        by: Name,
        document: Sha256,
    },
    WorksStarted,
    Inspected {
        by: Name,
        document: Sha256,
        has_passed: bool,
    },
    PutInUse,
    CovenantAttached {
        document: u64,
    },
    ActingBegun,
    ActingFinished,
    Revoked {
        document: Option<Sha256>,
    },
    Expired,
    Ended {
        reason: Name,
    },
}
