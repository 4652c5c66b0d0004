//! A fund, what is asked of it, and what happens to it. What happened is complete
//! in itself: no playbook is asked again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Application, BuildingState, Form, Rules, Split, Tier};
use crate::actor::{Actor, Grid};
use crate::code::{Code, Name};
use crate::process::{Context, Happened, Process, Refusal};
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
        rules: Rules,
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

/// The kind of income that payments of shares are.
pub(super) const SHARES: &str = "shares";

impl Fund {
    pub fn received(&self) -> i64 {
        self.income.values().sum()
    }

    pub fn spent(&self) -> i64 {
        let paid = self.expenses.iter().filter(|expense| expense.is_paid());
        paid.map(|expense| expense.fen).sum()
    }

    pub fn application(&self, building: &Code) -> Option<&Application> {
        self.applications
            .iter()
            .find(|one| one.building == *building)
    }

    pub fn expense(&self, number: u32) -> Option<&Expense> {
        self.expenses.get((number as usize).checked_sub(1)?)
    }

    /// Everybody whose cost it is has agreed.
    pub fn is_agreed(&self) -> bool {
        let plan = self.plan.as_ref();
        plan.is_some_and(|plan| plan.shares.iter().all(|share| share.agreed))
    }

    fn building(&mut self, building: &Code) -> Option<&mut Application> {
        self.applications
            .iter_mut()
            .find(|one| one.building == *building)
    }

    fn share(&mut self, owner: u64) -> Option<&mut Share> {
        let shares = &mut self.plan.as_mut()?.shares;
        let at = shares
            .binary_search_by_key(&owner, |share| share.owner)
            .ok()?;
        shares.get_mut(at)
    }

    fn receive(&mut self, from: Code, fen: i64) {
        *self.income.entry(from).or_default() += fen;
    }

    fn happen(&mut self, happened: &Happened<Happening>) -> Option<()> {
        match &happened.what {
            Happening::Opened { .. } => return None,
            Happening::Appointed { payer, auditor } => {
                (self.payer, self.auditor) = (Some(*payer), Some(*auditor));
            }
            Happening::Planned { total, shares } => {
                let shares = shares.iter().map(|(owner, fen)| Share {
                    owner: *owner,
                    fen: *fen,
                    agreed: false,
                    paid: 0,
                });
                self.plan = Some(Plan {
                    total: *total,
                    shares: shares.collect(),
                });
            }
            Happening::Agreed { owner, agrees } => self.share(*owner)?.agreed = *agrees,
            Happening::Started => self.started = true,
            Happening::SharePaid { owner, fen } => {
                self.share(*owner)?.paid += fen;
                self.receive(SHARES.parse().ok()?, *fen);
            }
            Happening::Received { from, fen } => self.receive(from.clone(), *fen),
            Happening::Requested { fen, purpose, by } => self.expenses.push(Expense {
                fen: *fen,
                purpose: purpose.clone(),
                requested_by: *by,
                approved_by: Vec::new(),
                countersigned_by: None,
                state: ExpenseState::Requested,
            }),
            Happening::Answered {
                expense,
                by,
                answer,
            } => {
                let at = (*expense as usize).checked_sub(1)?;
                let expense = self.expenses.get_mut(at)?;
                match answer {
                    Answer::Approved => expense.approved_by.push(*by),
                    Answer::Countersigned => expense.countersigned_by = Some(*by),
                    Answer::Paid => expense.state = ExpenseState::Paid,
                    Answer::Rejected { .. } => expense.state = ExpenseState::Rejected,
                }
            }
            Happening::Published { expenses } => {
                for number in expenses {
                    let at = (*number as usize).checked_sub(1)?;
                    self.expenses.get_mut(at)?.state = ExpenseState::Published;
                }
            }
            Happening::Applied {
                building,
                agreed_on,
                applied_on,
                tier,
                percent,
                total,
            } => self.applications.push(Application {
                building: building.clone(),
                agreed_on: *agreed_on,
                applied_on: *applied_on,
                tier: *tier,
                percent: *percent,
                total: *total,
                pledged: 0,
                paid: 0,
                state: BuildingState::Applied,
            }),
            Happening::Pledged { building, fen } => self.building(building)?.pledged += fen,
            Happening::BuildingStarted { building } => {
                self.building(building)?.state = BuildingState::Started;
            }
            Happening::BuildingDone { building } => {
                self.building(building)?.state = BuildingState::Done;
            }
            Happening::SubsidyPaid { building, fen } => self.building(building)?.paid += fen,
            Happening::GrantApproved { by } => self.approved_by.push(*by),
            Happening::Moved { to } => {
                self.closed = self.rules.stages.last() == Some(to);
                self.stage = Some(to.clone());
                self.stage_since = happened.at;
            }
            Happening::Closed { .. } => self.closed = true,
        }
        Some(())
    }
}

impl Expense {
    pub fn is_paid(&self) -> bool {
        matches!(self.state, ExpenseState::Paid | ExpenseState::Published)
    }
}

impl Process for Fund {
    type Action = Action;
    type Happening = Happening;

    fn decide(
        before: Option<&Fund>,
        action: &Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Fund>, happened: &Happened<Happening>) -> Option<Fund> {
        let Some(mut fund) = before else {
            return opened(happened);
        };
        fund.happen(happened)?;
        fund.acted_at = happened.at;
        Some(fund)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::told::told(what)
    }

    fn facts(before: Option<&Fund>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        None
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !self.closed
    }

    /// Money is public in the community; who is helped with it is not.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Resident(_) | Actor::Handler(_) => self.rules.form != Form::Grant,
            _ => true,
        }
    }
}

fn opened(happened: &Happened<Happening>) -> Option<Fund> {
    let Happening::Opened {
        kind,
        rules,
        title,
        grid,
        tiers,
        eligible,
        recipient,
        funding,
        amount,
    } = happened.what.clone()
    else {
        return None;
    };
    Some(Fund {
        kind,
        stage: rules.stages.first().cloned(),
        rules,
        title,
        grid,
        payer: None,
        auditor: None,
        plan: None,
        started: false,
        income: BTreeMap::new(),
        expenses: Vec::new(),
        tiers,
        eligible,
        applications: Vec::new(),
        recipient,
        funding,
        amount,
        stage_since: happened.at,
        approved_by: Vec::new(),
        closed: false,
        acted_at: happened.at,
    })
}
