//! What the shipped definitions make of known funds.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proto::fact::Fact;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::indicators::{Evaluator, backfill};

/// Code and period: the sum over breakdowns.
fn numbers(facts: &[Fact]) -> BTreeMap<String, i128> {
    let text = include_str!("../../../../../deploy/catalogue/funds.toml");
    let catalogue = Catalogue::from_toml(text).unwrap();
    let evaluator = Evaluator::new(&catalogue, TimeZone::get("Asia/Shanghai").unwrap());
    let tally = backfill(&evaluator, facts).unwrap();
    let mut numbers = BTreeMap::new();
    for (key, cell) in &tally.cells {
        let mut all = catalogue.definitions();
        let of = all
            .find(|definition| definition.id == key.indicator)
            .unwrap();
        let name = format!("{} {}", of.code, key.period);
        *numbers.entry(name).or_insert(0) += cell.number().unwrap();
    }
    numbers
}

fn received(kind: &str, from: &[(&str, i64)]) -> Trial {
    let mut trial = started(CUIZHUYUAN, open(kind));
    for (source, fen) in from {
        let from = source.parse().unwrap();
        act(&mut trial, Action::Receive { from, fen: *fen });
    }
    trial
}

#[test]
fn amounts_give_their_numerators_and_denominators() {
    let mut facts = Vec::new();
    let account = received(
        "organisation-account",
        &[
            ("aa", 100),
            ("donation", 50),
            ("crowdfunding", 25),
            ("purchase", 325),
        ],
    );
    facts.extend(account.facts);
    let tier = |percent| Tier {
        percent,
        places: 1,
        agreed_by: None,
    };
    let scheme = Open {
        tiers: vec![tier(70), tier(50)],
        eligible: 10,
        ..open("facade-subsidy")
    };
    let mut trial = started(TIANNING, scheme);
    for (building, total) in [("b-1", 1_000), ("b-2", 301)] {
        let building: crate::code::Code = building.parse().unwrap();
        let apply = Action::Apply {
            building: building.clone(),
            agreed_on: Day(date(2026, 3, 1)),
            total,
        };
        act(&mut trial, apply);
        let part = fund(&trial)
            .application(&building)
            .unwrap()
            .household_part();
        let pledge = Action::Pledge {
            building: building.clone(),
            fen: part,
        };
        act(&mut trial, pledge);
        let start = Action::StartBuilding {
            building: building.clone(),
        };
        act(&mut trial, start);
        let pay = Action::PaySubsidy {
            building: building.clone(),
            fen: 100,
        };
        act(&mut trial, pay);
    }
    let building = "b-1".parse().unwrap();
    act(&mut trial, Action::FinishBuilding { building });
    facts.extend(trial.facts);
    let mut budget = started(QINGHE, open("party-building-budget"));
    let from = "allocation".parse().unwrap();
    act(&mut budget, Action::Receive { from, fen: 90 });
    let (payer, auditor) = (1, 2);
    act(&mut budget, Action::Appoint { payer, auditor });
    for (expense, fen) in [(1, 30), (2, 40)] {
        let purpose = "学习".parse().unwrap();
        act(
            &mut budget,
            Action::Request {
                fen,
                purpose,
                by: 7,
            },
        );
        let mut answers = vec![(8, Answer::Approved), (9, Answer::Approved)];
        if expense == 1 {
            answers.push((2, Answer::Countersigned));
        }
        answers.push((1, Answer::Paid));
        for (by, answer) in answers {
            let answer = Action::Answer {
                expense,
                by,
                answer,
            };
            act(&mut budget, answer);
        }
        if expense == 1 {
            act(&mut budget, Action::Publish);
        }
    }
    facts.extend(budget.facts);
    let expected = [
        ("CZY.O03.D 2026", 500),
        ("CZY.O03.N 2026", 175),
        ("QH.F01.D 2026Q1", 70),
        ("QH.F01.N 2026Q1", 30),
        ("TN.E06.D 2026Q1", 70),
        ("TN.E06.N 2026Q1", 30),
        ("TN.F01 2026", 1),
        ("TN.F02.D 2026", 1_301),
        // 300 of 1,000; of 301 the street pays 150, rounded down.
        ("TN.F02.N 2026", 451),
        ("TN.F03 2026", 200),
        ("TN.F04.D 2026Q1", 10),
        ("TN.F04.N 2026Q1", 2),
    ];
    let expected = expected.map(|(name, number)| (name.to_owned(), number));
    assert_eq!(numbers(&facts), BTreeMap::from(expected));
}
