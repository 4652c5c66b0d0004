//! A kind of fund as a playbook lists it, and the rules that a fund takes with it
//! when it is opened. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::playbook::{PlaybookId, Title};

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    pub form: Form,
    /// Where money may come from: `aa`, `donation`.
    pub incomes: Vec<Code>,
    /// Different people who approve an expense or a grant before it is paid.
    pub approvals: u8,
    /// An auditor who is not the payer signs before an expense is paid.
    pub is_countersigned: bool,
    /// Of a scheme: the percentage that the first building gets; no later one gets
    /// more.
    pub first_percent: u8,
    /// Of a grant: what follows what, the last ends it.
    pub stages: Vec<Code>,
    /// Of a grant: the stage that wants the approvals.
    pub approved_stage: Option<Code>,
    /// Of a grant: the stage in which its money has gone out.
    pub paid_stage: Option<Code>,
    /// Of a grant: in which forms it is given.
    pub fundings: Vec<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Its cost is split among owners; works start when all have agreed.
    Project,
    /// Buildings apply for a declining share of their cost.
    Scheme,
    /// Income by kind, expenses.
    Budget,
    /// One sum for one recipient, by stages.
    Grant,
}

impl Form {
    pub const fn code(self) -> &'static str {
        match self {
            Form::Project => "project",
            Form::Scheme => "scheme",
            Form::Budget => "budget",
            Form::Grant => "grant",
        }
    }
}
