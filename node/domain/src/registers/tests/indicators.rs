//! What the shipped definitions make of known entries.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proto::fact::Fact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::indicators::{Evaluator, backfill};

/// Code and period: a number, or numerator and denominator.
fn numbers(facts: &[Fact]) -> BTreeMap<String, (i128, Option<u128>)> {
    let text = include_str!("../../../../../deploy/catalogue/registers.toml");
    let catalogue = Catalogue::from_toml(text).unwrap();
    let evaluator = Evaluator::new(&catalogue, TimeZone::get("Asia/Shanghai").unwrap());
    let tally = backfill(&evaluator, facts).unwrap();
    let code = |id| {
        let mut all = catalogue.definitions();
        all.find(|definition| definition.id == id)
            .unwrap()
            .code
            .to_string()
    };
    let number = |accumulator: &Accumulator| match accumulator.fraction() {
        Some((numerator, denominator)) => (numerator, Some(denominator)),
        None => (accumulator.number().unwrap(), None),
    };
    tally
        .cells
        .iter()
        .map(|(key, cell)| {
            (
                format!("{} {}", code(key.indicator), key.period),
                number(cell),
            )
        })
        .collect()
}

/// The stock of a register with these entries, as the store writes it.
fn stock(register: &str, entries: &[&Trial], at: &str) -> Fact {
    let sum = entries.iter().fold(Stock::default(), |sum, trial| {
        sum.moved(Stock::default(), Stock::of(entry(trial)))
    });
    sum.fact(&register.parse().unwrap(), at.parse().unwrap())
}

#[test]
fn stocks_give_their_numerators_and_denominators() {
    let mut whole = started(QINGSHAN, body("knock-teams"));
    whole.act(Actor::Staff, grant("leader", 1)).unwrap();
    for member in [2, 3] {
        whole.act(Actor::Staff, grant("member", member)).unwrap();
    }
    let mut half = started(QINGSHAN, body("knock-teams"));
    half.act(Actor::Staff, grant("leader", 1)).unwrap();
    let mut council = started(RUIQUAN, body("councils"));
    council
        .act(Actor::Staff, grant("council-member", 1))
        .unwrap();
    let mut garden = started(RUIQUAN, body("gardens"));
    for action in [
        Action::AddPlots {
            count: 70,
            is_school: false,
        },
        Action::OpenPlots,
        Action::Ask {
            by: 1,
            is_school: false,
        },
        Action::Ask {
            by: 2,
            is_school: false,
        },
        Action::Allot { seed: 0 },
        Action::ChangePlot {
            plot: 2,
            change: PlotChange::Warned,
        },
    ] {
        garden.act(Actor::Staff, action).unwrap();
    }
    let at = "2026-03-31T15:59:59Z";
    let facts = [
        stock("knock-teams", &[&whole], "2026-03-30T00:00:00Z"),
        stock("knock-teams", &[&whole, &half], at),
        stock("councils", &[&council], at),
        stock("gardens", &[&garden], at),
        stock("households", &[], at),
    ];
    let numbers = numbers(&facts);
    let of = |code: &str| numbers.get(&format!("{code} 202603")).copied();
    for (code, numerator, denominator) in [
        ("QS.K03", 1, 2),
        ("WJ.C02", 1, 23),
        ("WJ.G01", 2, 70),
        ("WJ.G02", 1, 2),
    ] {
        assert_eq!(of(&format!("{code}.N")), Some((numerator, None)), "{code}");
        assert_eq!(
            of(&format!("{code}.D")),
            Some((denominator, None)),
            "{code}"
        );
    }
    assert_eq!(of("CZY.O01.D"), Some((0, None)));
    assert_eq!(of("CZY.O01.N"), None, "nobody has said anything");
}

#[test]
fn advice_counts_when_it_is_given_and_when_it_is_adopted() {
    let mut facts = Vec::new();
    for last in ["adopted", "declined", "given"] {
        let mut advice = started(QINGHE, body("expert-advice"));
        advice.act(Actor::Staff, move_to("given")).unwrap();
        if last != "given" {
            advice.act(Actor::Staff, move_to(last)).unwrap();
        }
        facts.extend(advice.facts);
    }
    assert_eq!(numbers(&facts).get("QH.X01 2026"), Some(&(1, Some(3))));
}
