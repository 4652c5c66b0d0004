//! A fund, what is asked of it, and what happens to it. What happened is complete
//! in itself: no playbook is asked again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Application, Rules, Split, Tier};
use crate::actor::Grid;
use crate::code::{Code, Name};
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fund {
    pub kind: Code,
    pub rules: Rules,
    /// What it is for; never a resident's name.
    pub title: Name,
    pub grid: Option<Grid>,
    /// Who pays out, and who countersigns: never the same.
    pub payer: Option<u64>,
    pub auditor: Option<u64>,
    pub plan: Option<Plan>,
    pub started: bool,
    /// In fen, by kind; payments of shares are of the kind `shares`.
    pub income: BTreeMap<Code, i64>,
    pub expenses: Vec<Expense>,
    pub tiers: Vec<Tier>,
    /// Buildings that may apply.
    pub eligible: u16,
    pub applications: Vec<Application>,
    /// Of a grant.
    pub recipient: Option<u64>,
    pub funding: Option<Code>,
    pub amount: i64,
    pub stage: Option<Code>,
    #[serde(with = "crate::stored::micros")]
    pub stage_since: Timestamp,
    pub approved_by: Vec<u64>,
    pub closed: bool,
    #[serde(with = "crate::stored::micros")]
    pub acted_at: Timestamp,
}

/// A cost and its split, ascending by owner; the sum of the shares is the total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub total: i64,
    pub shares: Vec<Share>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub owner: u64,
    pub fen: i64,
    pub agreed: bool,
    pub paid: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expense {
    pub fen: i64,
    pub purpose: Name,
    pub requested_by: u64,
    pub approved_by: Vec<u64>,
    pub countersigned_by: Option<u64>,
    pub state: ExpenseState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpenseState {
    Requested,
    Paid,
    Published,
    Rejected,
}

/// What somebody says to an expense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Approved,
    Countersigned,
    Paid,
    Rejected { reason: Name },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Box<Open>),
    Appoint {
        payer: u64,
        auditor: u64,
    },
    Plan {
        total: i64,
        split: Split,
    },
    /// An owner agrees to the share, or takes that back before works start.
    Agree {
        owner: u64,
        agrees: bool,
    },
    Start,
    PayShare {
        owner: u64,
        fen: i64,
    },
    Receive {
        from: Code,
        fen: i64,
    },
    Request {
        fen: i64,
        purpose: Name,
        by: u64,
    },
    /// `expense`: from 1.
    Answer {
        expense: u32,
        by: u64,
        answer: Answer,
    },
    /// All that was paid and not published yet.
    Publish,
    Apply {
        building: Code,
        agreed_on: Day,
        total: i64,
    },
    Pledge {
        building: Code,
        fen: i64,
    },
    StartBuilding {
        building: Code,
    },
    FinishBuilding {
        building: Code,
    },
    PaySubsidy {
        building: Code,
        fen: i64,
    },
    ApproveGrant {
        by: u64,
    },
    Move {
        to: Code,
    },
    Close {
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    pub grid: Option<Grid>,
    pub tiers: Vec<Tier>,
    pub eligible: u16,
    pub recipient: Option<u64>,
    pub funding: Option<Code>,
    pub amount: i64,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Box<Rules>,
        title: Name,
        grid: Option<Grid>,
        tiers: Vec<Tier>,
        eligible: u16,
        recipient: Option<u64>,
        funding: Option<Code>,
        amount: i64,
    },
    Appointed {
        payer: u64,
        auditor: u64,
    },
    /// Agreement to an earlier plan is void.
    Planned {
        total: i64,
        shares: Vec<(u64, i64)>,
    },
    Agreed {
        owner: u64,
        agrees: bool,
    },
    Started,
    SharePaid {
        owner: u64,
        fen: i64,
    },
    Received {
        from: Code,
        fen: i64,
    },
    Requested {
        fen: i64,
        purpose: Name,
        by: u64,
    },
    Answered {
        expense: u32,
        by: u64,
        answer: Answer,
    },
    Published {
        expenses: Vec<u32>,
    },
    Applied {
        building: Code,
        agreed_on: Day,
        applied_on: Day,
        tier: u8,
        percent: u8,
        total: i64,
    },
    Pledged {
        building: Code,
        fen: i64,
    },
    BuildingStarted {
        building: Code,
    },
    BuildingDone {
        building: Code,
    },
    SubsidyPaid {
        building: Code,
        fen: i64,
    },
    GrantApproved {
        by: u64,
    },
    Moved {
        to: Code,
    },
    Closed {
        reason: Name,
    },
}
