//! Funds over the wire: a cost split to the fen, an expense that is signed, a
//! subsidy, a grant that residents do not see.

use super::*;

const TIANNING: &str = include_str!("../../../../../deploy/playbooks/tianning.toml");

type Funds = FundServiceClient<Through>;

async fn opened(funds: &mut Funds, kind: &str) -> String {
    let asked = pb::OpenFundRequest {
        kind: kind.into(),
        title: "青山里 3 幢".into(),
        grid: "003".into(),
        ..Default::default()
    };
    let fund = funds.open_fund(asked).await.unwrap().into_inner().fund;
    fund.unwrap().name
}

/// entries/1 and so on.
async fn owners(node: &Node, count: usize) {
    let mut staff = node.registers(&node.token(pb::Role::Staff, "").await);
    for _ in 0..count {
        let asked = pb::RegisterEntryRequest {
            register: "owners".into(),
            ..Default::default()
        };
        staff.register_entry(asked).await.unwrap();
    }
}

fn answer(name: &str, by: u64, answer: pb::ExpenseAnswer) -> pb::AnswerExpenseRequest {
    pb::AnswerExpenseRequest {
        name: name.into(),
        expense: 1,
        by: format!("entries/{by}"),
        answer: answer.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_lift_is_split_agreed_paid_and_its_expense_signed() {
    let node = Node::start_with(&[TIANNING]).await;
    let mut staff = node.funds(&node.token(pb::Role::Staff, "").await);
    owners(&node, 9).await;
    let name = opened(&mut staff, "lift-cost").await;
    let named = || name.clone();
    let share = |owner: u64| pb::PlannedShare {
        owner: format!("entries/{owner}"),
        ..Default::default()
    };
    let plan = pb::PlanSharesRequest {
        name: named(),
        total: 100,
        rule: pb::SplitRule::Equal.into(),
        shares: [9, 3, 5].map(share).into(),
        ..Default::default()
    };
    let planned = staff.plan_shares(plan.clone()).await.unwrap().into_inner();
    let shares: Vec<(String, i64)> = planned
        .fund
        .unwrap()
        .shares
        .into_iter()
        .map(|share| (share.owner, share.fen))
        .collect();
    let wanted = [("entries/3", 34), ("entries/5", 33), ("entries/9", 33)];
    assert_eq!(shares, wanted.map(|(owner, fen)| (owner.to_owned(), fen)));
    let odd = pb::PlanSharesRequest { rule: 0, ..plan };
    let odd = staff.plan_shares(odd).await.unwrap_err();
    assert!(odd.message().contains("rule: want"), "{}", odd.message());
    let start = || pb::StartWorksRequest {
        name: named(),
        ..Default::default()
    };
    let early = staff.start_works(start()).await.unwrap_err();
    assert_eq!(reason(&early), "SHARES_NOT_AGREED");
    for (owner, _) in wanted {
        let agree = pb::AgreeShareRequest {
            name: named(),
            owner: owner.into(),
            ..Default::default()
        };
        staff.agree_share(agree).await.unwrap();
    }
    staff.start_works(start()).await.unwrap();
    let pay = pb::PayShareRequest {
        name: named(),
        owner: "entries/3".into(),
        fen: 34,
        ..Default::default()
    };
    staff.pay_share(pay).await.unwrap();
    let posts = pb::AppointFundPostsRequest {
        name: named(),
        payer: "entries/3".into(),
        auditor: "entries/5".into(),
        ..Default::default()
    };
    staff.appoint_fund_posts(posts).await.unwrap();
    let request = pb::RequestExpenseRequest {
        name: named(),
        fen: 30,
        purpose: "材料".into(),
        by: "entries/9".into(),
        ..Default::default()
    };
    staff.request_expense(request).await.unwrap();
    let pay = answer(&name, 3, pb::ExpenseAnswer::Pay);
    let unsigned = staff.answer_expense(pay.clone()).await.unwrap_err();
    assert_eq!(reason(&unsigned), "NOT_COUNTERSIGNED");
    let own = answer(&name, 3, pb::ExpenseAnswer::Countersign);
    let own = staff.answer_expense(own).await.unwrap_err();
    assert_eq!(reason(&own), "NOT_THE_AUDITOR");
    let sign = answer(&name, 5, pb::ExpenseAnswer::Countersign);
    staff.answer_expense(sign).await.unwrap();
    let paid = staff.answer_expense(pay).await.unwrap().into_inner();
    let paid = paid.fund.unwrap();
    assert_eq!((paid.balance, paid.income[0].fen), (4, 34));
    assert_eq!(paid.expenses[0].state, i32::from(pb::ExpenseState::Paid));
    let history = pb::ListFundEventsRequest {
        name: named(),
        ..Default::default()
    };
    let told = staff.list_fund_events(history).await.unwrap().into_inner();
    assert_eq!(told.events.last().unwrap().r#type, "PAID");
    let mut resident = node.funds(&node.token(pb::Role::Resident, "wx-1").await);
    let name = named();
    let seen = resident
        .get_fund(pb::GetFundRequest { name })
        .await
        .unwrap();
    assert_eq!(seen.into_inner().fund.unwrap().title, "青山里 3 幢");
    let refused = resident.start_works(start()).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_FORBIDDEN");
    node.stop().await;
}

#[tokio::test]
async fn a_facade_is_seventy_and_thirty_and_a_grant_is_nobodys_business() {
    let node = Node::start_with(&[TIANNING, PLAYBOOK]).await;
    let mut staff = node.funds(&node.token(pb::Role::Staff, "").await);
    let tier = |percent| pb::SubsidyTier {
        percent,
        places: 1,
        ..Default::default()
    };
    let open = pb::OpenFundRequest {
        kind: "facade-subsidy".into(),
        title: "外立面改造".into(),
        tiers: vec![tier(70), tier(71)],
        eligible: 2,
        ..Default::default()
    };
    let rising = staff.open_fund(open.clone()).await.unwrap_err();
    assert_eq!(reason(&rising), "TIERS_RISE");
    let open = pb::OpenFundRequest {
        tiers: vec![tier(70), tier(60)],
        ..open
    };
    let scheme = staff.open_fund(open).await.unwrap().into_inner().fund;
    let apply = pb::ApplyForSubsidyRequest {
        name: scheme.unwrap().name,
        building: "b-1".into(),
        agreed_on: "2026-03-01".into(),
        total: 1_000_001,
        ..Default::default()
    };
    let applied = staff.apply_for_subsidy(apply).await.unwrap().into_inner();
    let one = applied.fund.unwrap().applications.remove(0);
    assert_eq!((one.subsidy, one.household_part), (700_000, 300_001));
    owners(&node, 5).await;
    let grant = pb::OpenFundRequest {
        kind: "red-fund".into(),
        title: "暖心微行动".into(),
        recipient: "entries/6".into(),
        amount: 50_000,
        ..Default::default()
    };
    let grant = staff.open_fund(grant).await.unwrap().into_inner().fund;
    let name = grant.unwrap().name;
    let mut resident = node.funds(&node.token(pb::Role::Resident, "wx-1").await);
    let hidden = resident.get_fund(pb::GetFundRequest { name }).await;
    assert_eq!(reason(&hidden.unwrap_err()), "UNKNOWN_PROCESS");
    let listed = resident.list_funds(pb::ListFundsRequest::default()).await;
    let listed = listed.unwrap().into_inner().funds;
    let kinds: Vec<_> = listed.iter().map(|fund| fund.kind.as_str()).collect();
    assert_eq!(kinds, ["facade-subsidy"]);
    node.stop().await;
}
