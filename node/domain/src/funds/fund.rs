//! What a fund is at a time: how happenings change it, what it has and owes, who may
//! see it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Action, Answer, Application, BuildingState, Expense, ExpenseState, Form, Fund, Happening, Plan,
    Share,
};
use crate::actor::Actor;
use crate::code::Code;
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};

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
    const SENTENCES: &[&Sentence] = super::notices::ALL;

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

    fn notice(_: Option<&Fund>, after: &Fund, happened: &Happened<Happening>) -> Option<Notice> {
        super::notices::notice(after, happened)
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
        rules: *rules,
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
