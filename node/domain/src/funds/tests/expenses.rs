//! Expenses and grants: who may say what, and in which order.

use super::*;

fn receive(from: &str, fen: i64) -> Action {
    Action::Receive {
        from: from.parse().unwrap(),
        fen,
    }
}

fn request(fen: i64, by: u64) -> Action {
    Action::Request {
        fen,
        purpose: "材料".parse().unwrap(),
        by,
    }
}

fn answer(expense: u32, by: u64, answer: Answer) -> Action {
    Action::Answer {
        expense,
        by,
        answer,
    }
}

const PAYER: u64 = 1;
const AUDITOR: u64 = 2;

#[test]
pub(super) fn an_auditor_who_is_not_the_payer_signs_before_anything_is_paid() {
    let mut trial = started(TIANNING, open("lift-cost"));
    let both = Action::Appoint {
        payer: 1,
        auditor: 1,
    };
    assert_eq!(refused(&mut trial, both), "AUDITOR_PAYS");
    let appoint = Action::Appoint {
        payer: PAYER,
        auditor: AUDITOR,
    };
    act(&mut trial, appoint);
    assert_eq!(refused(&mut trial, request(60, 3)), "WORKS_NOT_STARTED");
    act(&mut trial, plan(100, Split::Equal(vec![3])));
    act(&mut trial, agree(3));
    act(&mut trial, Action::PayShare { owner: 3, fen: 100 });
    act(&mut trial, Action::Start);
    act(&mut trial, request(60, 3));
    let paid = || answer(1, PAYER, Answer::Paid);
    assert_eq!(refused(&mut trial, paid()), "NOT_COUNTERSIGNED");
    let signed = |by| answer(1, by, Answer::Countersigned);
    assert_eq!(refused(&mut trial, signed(PAYER)), "NOT_THE_AUDITOR");
    act(&mut trial, signed(AUDITOR));
    assert_eq!(
        refused(&mut trial, signed(AUDITOR)),
        "ALREADY_COUNTERSIGNED"
    );
    let wrong = answer(1, AUDITOR, Answer::Paid);
    assert_eq!(refused(&mut trial, wrong), "NOT_THE_PAYER");
    // Whoever signed cannot become the payer of what was signed.
    let swap = Action::Appoint {
        payer: AUDITOR,
        auditor: PAYER,
    };
    act(&mut trial, swap);
    let wrong = answer(1, AUDITOR, Answer::Paid);
    assert_eq!(refused(&mut trial, wrong), "AUDITOR_PAYS");
    let back = Action::Appoint {
        payer: PAYER,
        auditor: AUDITOR,
    };
    act(&mut trial, back);
    act(&mut trial, paid());
    assert_eq!(refused(&mut trial, paid()), "EXPENSE_SETTLED");
    assert_eq!(trial.members("fund.spent"), ["003,yes"]);
    act(&mut trial, request(41, 3));
    act(&mut trial, answer(2, AUDITOR, Answer::Countersigned));
    let more = answer(2, PAYER, Answer::Paid);
    assert_eq!(refused(&mut trial, more), "NOT_ENOUGH");
    let rejected = Answer::Rejected {
        reason: "超支".parse().unwrap(),
    };
    act(&mut trial, answer(2, AUDITOR, rejected));
    act(&mut trial, request(10, AUDITOR));
    let own = answer(3, AUDITOR, Answer::Countersigned);
    assert_eq!(refused(&mut trial, own), "OWN_REQUEST");
    act(&mut trial, Action::Publish);
    assert_eq!(refused(&mut trial, Action::Publish), "NOTHING_TO_PUBLISH");
    assert_eq!(trial.facts.last().unwrap().measures[..], [60]);
    let unknown = answer(9, AUDITOR, Answer::Approved);
    assert_eq!(refused(&mut trial, unknown), "UNKNOWN_EXPENSE");
}

#[test]
fn party_building_funds_want_two_people() {
    let mut trial = started(QINGHE, open("party-building-budget"));
    let appoint = Action::Appoint {
        payer: PAYER,
        auditor: AUDITOR,
    };
    act(&mut trial, appoint);
    act(&mut trial, receive("allocation", 500));
    assert_eq!(refused(&mut trial, receive("lottery", 5)), "UNKNOWN_INCOME");
    assert_eq!(refused(&mut trial, receive("shares", 5)), "UNKNOWN_INCOME");
    act(&mut trial, request(500, 7));
    let approved = |by| answer(1, by, Answer::Approved);
    assert_eq!(refused(&mut trial, approved(7)), "OWN_REQUEST");
    act(&mut trial, approved(8));
    assert_eq!(refused(&mut trial, approved(8)), "ALREADY_APPROVED");
    let paid = || answer(1, PAYER, Answer::Paid);
    assert_eq!(refused(&mut trial, paid()), "NOT_APPROVED");
    act(&mut trial, approved(9));
    act(&mut trial, paid());
    let close = Action::Close {
        reason: "年度结束".parse().unwrap(),
    };
    act(&mut trial, close);
    assert_eq!(refused(&mut trial, request(1, 7)), "ALREADY_OVER");
    act(&mut trial, Action::Publish);
    assert_eq!(trial.members("fund.published"), ["003"]);
    let none = plan(1, Split::Equal(vec![1]));
    assert_eq!(refused(&mut trial, none), "ALREADY_OVER");
}

#[test]
pub(super) fn a_red_fund_grant_is_visited_first_and_approved_by_two() {
    let grant = Open {
        recipient: Some(5),
        amount: 50_000,
        ..open("red-fund")
    };
    let mut trial = started(QINGSHAN, grant);
    let to = |stage: &str| Action::Move {
        to: stage.parse().unwrap(),
    };
    assert_eq!(refused(&mut trial, to("granted")), "STAGE_ORDER");
    act(&mut trial, to("visited"));
    assert_eq!(refused(&mut trial, to("granted")), "NOT_APPROVED");
    let approve = |by| Action::ApproveGrant { by };
    assert_eq!(refused(&mut trial, approve(5)), "OWN_GRANT");
    act(&mut trial, approve(8));
    assert_eq!(refused(&mut trial, approve(8)), "ALREADY_APPROVED");
    assert_eq!(refused(&mut trial, to("granted")), "NOT_APPROVED");
    act(&mut trial, approve(9));
    act(&mut trial, to("granted"));
    act(&mut trial, to("closed"));
    assert!(fund(&trial).closed);
    assert_eq!(
        trial.members("grant.moved"),
        ["003,,visited,no", "003,,granted,yes", "003,,closed,no"]
    );
    let resident = Actor::Resident(crate::actor::Pseudonym(5));
    assert!(!trial.state.as_ref().unwrap().is_visible_to(&resident));
}

#[test]
fn four_forms_of_funding_and_no_fifth() {
    for funding in ["direct", "award", "purchase", "venture"] {
        let grant = Open {
            funding: Some(funding.parse().unwrap()),
            amount: 1,
            ..open("organisation-grant")
        };
        let mut trial = started(CUIZHUYUAN, grant);
        let last = ["applied", "reviewed"].map(|stage| Action::Move {
            to: stage.parse().unwrap(),
        });
        for action in last {
            act(&mut trial, action);
        }
        assert_eq!(
            trial.members("grant.moved")[0],
            format!("003,{funding},applied,no")
        );
    }
    let wrong = Open {
        funding: Some("loan".parse().unwrap()),
        amount: 1,
        ..open("organisation-grant")
    };
    let mut trial = Trial::new(CUIZHUYUAN, START);
    let refusal = trial.act(Actor::Staff, Action::Open(Box::new(wrong)));
    assert_eq!(refusal.unwrap_err().reason, "UNKNOWN_FUNDING");
}

/// 年终考评结果公布在先，两人审批，才给激励。
#[test]
fn an_award_follows_the_years_result() {
    const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");
    for funding in ["party-building", "award", "talent"] {
        let grant = Open {
            recipient: Some(40),
            funding: Some(funding.parse().unwrap()),
            amount: 100_000,
            ..open("company-award")
        };
        let mut trial = started(BAIBUTING, grant);
        let to = |stage: &str| Action::Move {
            to: stage.parse().unwrap(),
        };
        let approve = |by| Action::ApproveGrant { by };
        assert_eq!(fund(&trial).stage, "assessed".parse().ok());
        assert_eq!(refused(&mut trial, to("granted")), "STAGE_ORDER");
        act(&mut trial, to("proposed"));
        act(&mut trial, approve(8));
        assert_eq!(refused(&mut trial, to("granted")), "NOT_APPROVED");
        act(&mut trial, approve(9));
        act(&mut trial, to("granted"));
        let moved = trial.members("grant.moved");
        assert_eq!(moved[1], format!("003,{funding},granted,yes"));
    }
}
