//! Rules of order: a text of the community's own, in the version that was in force.

use super::*;

const STAFF: Actor = Actor::Staff;

fn ten_rules(version: u32) -> Order {
    let seven = (4..=10).map(|at| format!("rule-{at}"));
    let named = ["neutral-chair", "to-the-point", "majority"].map(str::to_owned);
    let rules = named.into_iter().chain(seven);
    Order {
        document: 7,
        version,
        sha256: hash(&format!("{version}")),
        rules: rules.map(|rule| rule.parse().unwrap()).collect(),
    }
}

fn rule(code: &str) -> Action {
    Action::NoteBreach {
        rule: code.parse().unwrap(),
    }
}

/// 10 条议事规则：文章写出三条，其余是社区自己的文本；主持人不表决，少数服从多数。
#[test]
pub(super) fn a_topic_goes_by_the_ten_rules_in_force_when_it_was_proposed() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    let Action::Propose(proposed) = propose("four-party") else {
        panic!("proposed");
    };
    let proposed = Propose {
        order: Some(ten_rules(2)),
        ..proposed
    };
    trial.act(STAFF, Action::Propose(proposed)).unwrap();
    trial
        .act(STAFF, triage(Grade::Urgent, Route::Agenda))
        .unwrap();
    let order = topic(&trial).order.as_deref().unwrap();
    assert_eq!((order.document, order.version), (7, 2));
    let participants = four_parties();
    let on = date(2026, 3, 2);
    trial
        .act(STAFF, Action::Convene { on, participants })
        .unwrap();
    trial.act(STAFF, hold(&[1, 2, 3, 4, 5])).unwrap();
    // One of the community's own seven, and two of the article's three.
    for code in ["rule-7", "neutral-chair", "to-the-point"] {
        trial.act(STAFF, rule(code)).unwrap();
    }
    assert_eq!(topic(&trial).rounds[0].breaches, 3);
    assert_eq!(reason(trial.act(STAFF, rule("rule-11"))), "UNKNOWN_RULE");
    // Five are there; the chair has no vote.
    let all = trial.act(STAFF, decide(5, 0));
    assert_eq!(reason(all), "MORE_VOTES_THAN_VOTERS");
    trial.act(STAFF, decide(2, 2)).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Deliberating);
    trial.act(STAFF, decide(3, 1)).unwrap();
    assert_eq!(topic(&trial).stage, Stage::Decided);
}
