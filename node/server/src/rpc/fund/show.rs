//! A fund as its clients read it.

use node_domain::funds::{Application, BuildingState, Expense, ExpenseState, Fund, Share, Tier};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::{ENTRIES, wire_time};
use super::super::process::Shown;

impl Shown for pb::Fund {
    const ENGINE: Engine = super::ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Fund> {
        let fund: &Fund = state.try_into().ok()?;
        let plan = fund.plan.as_ref();
        let shares = plan.into_iter().flat_map(|plan| &plan.shares);
        Some(pb::Fund {
            name,
            kind: fund.kind.to_string(),
            rules: fund.rules.playbook.to_string(),
            title: fund.title.to_string(),
            grid: text(&fund.grid),
            form: fund.rules.form.code().to_owned(),
            payer: fund.payer.map_or_else(String::new, named),
            auditor: fund.auditor.map_or_else(String::new, named),
            total: plan.map_or(0, |plan| plan.total),
            shares: shares.map(share).collect(),
            started: fund.started,
            income: fund
                .income
                .iter()
                .map(|(from, fen)| pb::FundIncome {
                    from: from.to_string(),
                    fen: *fen,
                })
                .collect(),
            expenses: (1..).zip(&fund.expenses).map(expense).collect(),
            balance: fund.received() - fund.spent(),
            tiers: fund.tiers.iter().map(tier).collect(),
            eligible: fund.eligible.into(),
            applications: fund.applications.iter().map(application).collect(),
            recipient: fund.recipient.map_or_else(String::new, named),
            funding: text(&fund.funding),
            amount: fund.amount,
            stage: text(&fund.stage),
            approved_by: fund.approved_by.iter().copied().map(named).collect(),
            closed: fund.closed,
            updated_at: Some(wire_time(fund.acted_at)),
        })
    }
}

fn named(entry: u64) -> String {
    format!("{ENTRIES}{entry}")
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn share(share: &Share) -> pb::CostShare {
    pb::CostShare {
        owner: named(share.owner),
        fen: share.fen,
        agreed: share.agreed,
        paid: share.paid,
    }
}

fn expense((number, expense): (u32, &Expense)) -> pb::FundExpense {
    let state = match expense.state {
        ExpenseState::Requested => pb::ExpenseState::Requested,
        ExpenseState::Paid => pb::ExpenseState::Paid,
        ExpenseState::Published => pb::ExpenseState::Published,
        ExpenseState::Rejected => pb::ExpenseState::Rejected,
    };
    let signed = expense.countersigned_by;
    pb::FundExpense {
        number,
        fen: expense.fen,
        purpose: expense.purpose.to_string(),
        requested_by: named(expense.requested_by),
        approved_by: expense.approved_by.iter().copied().map(named).collect(),
        countersigned_by: signed.map_or_else(String::new, named),
        state: state.into(),
    }
}

fn tier(tier: &Tier) -> pb::SubsidyTier {
    pb::SubsidyTier {
        percent: tier.percent.into(),
        places: tier.places.into(),
        agreed_by: text(&tier.agreed_by),
    }
}

fn application(one: &Application) -> pb::SubsidyApplication {
    let state = match one.state {
        BuildingState::Applied => pb::BuildingState::Applied,
        BuildingState::Started => pb::BuildingState::Started,
        BuildingState::Done => pb::BuildingState::Done,
    };
    pb::SubsidyApplication {
        building: one.building.to_string(),
        agreed_on: one.agreed_on.to_string(),
        applied_on: one.applied_on.to_string(),
        tier: one.tier.into(),
        percent: one.percent.into(),
        total: one.total,
        household_part: one.household_part(),
        subsidy: one.subsidy(),
        pledged: one.pledged,
        subsidy_paid: one.paid,
        state: state.into(),
    }
}
