//! Funds: cost splits and subsidies. Amounts are fen.

use proto::pb::node::{BuildingState, ExpenseAnswer, PlannedShare, SplitRule, SubsidyTier};
use proto_edge::node::fund_service_client::FundServiceClient;

use crate::harness::calls::calls;

calls! { FundServiceClient => fund: Fund;
    open_fund(kind: &str, title: &str) = open_fund OpenFundRequest { kind: kind.to_owned(), title: title.to_owned() };
    /// One building for each tier.
    open_scheme(kind: &str, title: &str, tiers: Vec<SubsidyTier>, eligible: u32) = open_fund OpenFundRequest {
        kind: kind.to_owned(), title: title.to_owned(), tiers: tiers, eligible: eligible
    };
    appoint_posts(name: &str, payer: &str, auditor: &str) = appoint_fund_posts AppointFundPostsRequest {
        name: name.to_owned(), payer: payer.to_owned(), auditor: auditor.to_owned()
    };
    plan_equal_shares(name: &str, total: i64, owners: &[String]) = plan_shares PlanSharesRequest {
        name: name.to_owned(), total: total, rule: SplitRule::Equal.into(),
        shares: owners.iter().map(|owner| PlannedShare { owner: owner.clone(), ..Default::default() }).collect()
    };
    agree_share(name: &str, owner: &str) = agree_share AgreeShareRequest { name: name.to_owned(), owner: owner.to_owned() };
    pay_share(name: &str, owner: &str, fen: i64) = pay_share PayShareRequest { name: name.to_owned(), owner: owner.to_owned(), fen: fen };
    start_works(name: &str) = start_works StartWorksRequest { name: name.to_owned() };
    request_expense(name: &str, fen: i64, purpose: &str, by: &str) = request_expense RequestExpenseRequest {
        name: name.to_owned(), fen: fen, purpose: purpose.to_owned(), by: by.to_owned()
    };
    answer_expense(name: &str, expense: u32, by: &str, answer: ExpenseAnswer) = answer_expense AnswerExpenseRequest {
        name: name.to_owned(), expense: expense, by: by.to_owned(), answer: answer.into()
    };
    apply_for_subsidy(name: &str, building: &str, agreed_on: &str, total: i64) = apply_for_subsidy ApplyForSubsidyRequest {
        name: name.to_owned(), building: building.to_owned(), agreed_on: agreed_on.to_owned(), total: total
    };
    pledge(name: &str, building: &str, fen: i64) = pledge_household_part PledgeHouseholdPartRequest {
        name: name.to_owned(), building: building.to_owned(), fen: fen
    };
    change_building(name: &str, building: &str, to: BuildingState) = change_building ChangeBuildingRequest {
        name: name.to_owned(), building: building.to_owned(), to: to.into()
    };
    pay_subsidy(name: &str, building: &str, fen: i64) = pay_subsidy PaySubsidyRequest {
        name: name.to_owned(), building: building.to_owned(), fen: fen
    };
}

pub fn tier(percent: u32, places: u32) -> SubsidyTier {
    SubsidyTier {
        percent,
        places,
        agreed_by: String::new(),
    }
}
