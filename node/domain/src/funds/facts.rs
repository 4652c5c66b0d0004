//! What happens to a fund, for statistics: amounts, never whose.

use proto::fact::{Fact, FactTypeId, Member, fund as fact_type};

use super::fund::SHARES;
use super::{Answer, Fund, Happening};
use crate::actor::Grid;
use crate::code::Code;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Fund>, happened: &Happened<Happening>) -> Vec<Fact> {
    let fact = |kind: &Code, grid: Option<Grid>, fact_type: FactTypeId, own: &[&str], measures| {
        let grid = grid.map_or_else(|| "".into(), Grid::member);
        let own = own.iter().copied().map(Member::from);
        vec![Fact {
            fact_type,
            occurred_at: happened.at,
            members: [kind.member(), grid].into_iter().chain(own).collect(),
            measures,
        }]
    };
    if let Happening::Opened {
        kind,
        grid,
        eligible,
        tiers,
        ..
    } = &happened.what
        && !tiers.is_empty()
    {
        let buildings = Box::from([i64::from(*eligible)]);
        return fact(kind, *grid, fact_type::SCHEME_OPENED, &[], buildings);
    }
    let Some(fund) = before else {
        return Vec::new();
    };
    let fact = |fact_type, own: &[&str], measures: Box<[i64]>| {
        fact(&fund.kind, fund.grid, fact_type, own, measures)
    };
    let of_building = |building: &Code| {
        let one = fund.application(building);
        one.map(|one| (one, one.tier.to_string()))
    };
    match &happened.what {
        Happening::SharePaid { fen, .. } => fact(fact_type::RECEIVED, &[SHARES], [*fen].into()),
        Happening::Received { from, fen } => {
            fact(fact_type::RECEIVED, &[from.as_str()], [*fen].into())
        }
        Happening::Answered {
            expense,
            answer: Answer::Paid,
            ..
        } => {
            let Some(expense) = fund.expense(*expense) else {
                return Vec::new();
            };
            let signed = expense.countersigned_by.is_some();
            let signed = if signed { "yes" } else { "no" };
            fact(fact_type::SPENT, &[signed], [expense.fen].into())
        }
        Happening::Published { expenses } => {
            let paid = expenses.iter().filter_map(|number| fund.expense(*number));
            let fen = paid.map(|expense| expense.fen).sum();
            fact(fact_type::PUBLISHED, &[], [fen].into())
        }
        Happening::Started => {
            let plan = fund.plan.as_ref();
            let total = plan.map_or(0, |plan| plan.total);
            let owners = plan.map_or(0, |plan| plan.shares.len() as i64);
            fact(fact_type::STARTED, &[], [total, owners].into())
        }
        Happening::Applied { tier, percent, .. } => {
            let tier = tier.to_string();
            let percent = Box::from([i64::from(*percent)]);
            fact(fact_type::BUILDING_APPLIED, &[&tier], percent)
        }
        Happening::BuildingStarted { building } => {
            of_building(building).map_or_else(Vec::new, |(one, tier)| {
                let parts = [one.total, one.household_part(), one.subsidy()];
                fact(fact_type::BUILDING_STARTED, &[&tier], parts.into())
            })
        }
        Happening::BuildingDone { building } => of_building(building)
            .map_or_else(Vec::new, |(_, tier)| {
                fact(fact_type::BUILDING_DONE, &[&tier], [].into())
            }),
        Happening::SubsidyPaid { building, fen } => of_building(building)
            .map_or_else(Vec::new, |(_, tier)| {
                fact(fact_type::SUBSIDY_PAID, &[&tier], [*fen].into())
            }),
        Happening::Moved { to } => {
            let funding = fund.funding.as_ref().map_or("", Code::as_str);
            let is_paid = fund.rules.paid_stage.as_ref() == Some(to);
            let paid = if is_paid { "yes" } else { "no" };
            let days = (happened.at.as_second() - fund.stage_since.as_second()) / 86_400;
            let own = [funding, to.as_str(), paid];
            fact(fact_type::GRANT_MOVED, &own, [fund.amount, days].into())
        }
        _ => Vec::new(),
    }
}
