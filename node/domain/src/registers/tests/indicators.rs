//! What the shipped definitions make of known entries.

use std::collections::BTreeMap;

use proto::fact::Fact;

use super::*;
use crate::actor::Pseudonym;

/// Code and period: a number, or numerator and denominator.
fn numbers(facts: Vec<Fact>) -> BTreeMap<String, (i128, Option<u128>)> {
    let mut all = Trial::new(BAIBUTING, START);
    all.facts = facts;
    all.numbers(include_str!(
        "../../../../../deploy/catalogue/registers.toml"
    ))
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
    let facts = vec![
        stock("knock-teams", &[&whole], "2026-03-30T00:00:00Z"),
        stock("knock-teams", &[&whole, &half], at),
        stock("councils", &[&council], at),
        stock("gardens", &[&garden], at),
        stock("households", &[], at),
    ];
    let numbers = numbers(facts);
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
        let asked = Open {
            group: Some("no-interest".parse().unwrap()),
            ..body("expert-advice")
        };
        let mut advice = started(QINGHE, asked);
        advice.act(Actor::Staff, grant("expert", 4)).unwrap();
        advice.act(Actor::Staff, move_to("given")).unwrap();
        if last != "given" {
            let because = stages::move_because(last, "预算之内");
            advice.act(Actor::Staff, because).unwrap();
        }
        facts.extend(advice.facts);
    }
    assert_eq!(numbers(facts).get("QH.X01 2026"), Some(&(1, Some(3))));
}

#[test]
fn residents_are_bound_and_volunteers_active() {
    let bound = started(
        QINGSHAN,
        Open {
            resident: Some(Pseudonym(7)),
            ..open("residents")
        },
    );
    let unbound = started(QINGSHAN, open("residents"));
    let mut active = started(BAIBUTING, open("volunteers"));
    active.act(Actor::Staff, move_to("active")).unwrap();
    let registered = started(BAIBUTING, open("volunteers"));
    let at = "2026-03-31T15:59:59Z";
    let facts = vec![
        stock("residents", &[&bound, &unbound], at),
        stock("volunteers", &[&active, &registered], at),
    ];
    let numbers = numbers(facts);
    assert_eq!(numbers["QS.R08.N 202603"], (1, None));
    assert_eq!(numbers["QS.R08.D 202603"], (2, None));
    assert_eq!(numbers["BBT.V08 202603"], (1, None));
}

#[test]
fn who_is_cared_for_is_paired_once_and_who_was_placed_stays_or_leaves() {
    let mut facts = Vec::new();
    for _ in 0..3 {
        facts.extend(started(BAIBUTING, open("care-list")).facts);
    }
    // One is paired, for the first time and then again; that counts once.
    for before in [None, Some(Day(date(2026, 2, 20)))] {
        let before = PairsBefore {
            is_paired: false,
            ended_on: before,
        };
        let mut pair = started(
            BAIBUTING,
            Open {
                group: Some("empty-nest".parse().unwrap()),
                person: Some(5),
                helpers: vec![6],
                before,
                ..open("pairs")
            },
        );
        for party in [5, 6] {
            pair.act(Actor::Staff, Action::Accept { party }).unwrap();
        }
        facts.append(&mut pair.facts);
    }
    for last in ["offered", "placed", "retained", "left"] {
        let mut seeker = started(BAIBUTING, open("job-seekers"));
        let stages = ["offered", "placed", last];
        let until = stages.iter().position(|stage| *stage == last).unwrap();
        for stage in &stages[..=until] {
            if *stage == "retained" {
                seeker.pass_to("2026-09-01T01:00:00Z");
            }
            seeker.act(Actor::Staff, move_to(stage)).unwrap();
        }
        facts.append(&mut seeker.facts);
    }
    let numbers = numbers(facts);
    assert_eq!(numbers["BBT.V01 2026"], (1, Some(3)));
    assert_eq!(numbers["BBT.J01 2026S1"], (3, None));
    // Who left did so in March, who stayed was retained in September.
    assert_eq!(numbers["BBT.J01R 2026S1"], (0, Some(1)));
    assert_eq!(numbers["BBT.J01R 2026S2"], (1, Some(1)));
}

/// A list of a year on which these stand; whoever was there twice is refused.
fn listed(playbook: &str, register: &str, role: &str, holders: &[u64]) -> Vec<Fact> {
    let mut list = started(
        playbook,
        Open {
            until: Some(date(2026, 12, 31)),
            ..body(register)
        },
    );
    for holder in holders {
        let put = || Action::Grant {
            role: role.parse().unwrap(),
            holder: Some(*holder),
            from: None,
            until: Some(date(2026, 12, 31)),
        };
        list.act(Actor::Staff, put()).unwrap();
        assert_eq!(reason(list.act(Actor::Staff, put())), "ROLE_HELD");
    }
    list.facts
}

#[test]
fn who_took_part_is_counted_once_a_year() {
    let open_end = started_refused(QINGSHAN, body("participation"));
    assert_eq!(open_end, "TERM_TOO_LONG");
    let mut organisation = started(CUIZHUYUAN, body("organisations"));
    for role in ["lead", "guide"] {
        organisation.act(Actor::Staff, grant(role, 9)).unwrap();
    }
    for stage in ["filed", "active"] {
        organisation.act(Actor::Staff, move_to(stage)).unwrap();
    }
    let at = "2026-12-30T15:59:59Z";
    let facts = [
        listed(QINGSHAN, "participation", "taking-part", &[1, 2, 3]),
        listed(
            CUIZHUYUAN,
            "deliberating-organisations",
            "deliberated",
            &[9],
        ),
        vec![stock("organisations", &[&organisation], at)],
    ];
    let numbers = numbers(facts.concat());
    assert_eq!(numbers["QS.P01 2026"], (3, None));
    assert_eq!(numbers["CZY.O04.N 2026"], (1, None));
    assert_eq!(numbers["CZY.O04.D 202612"], (1, None));
}

fn started_refused(playbook: &str, open: Open) -> &'static str {
    let mut trial = Trial::new(playbook, START);
    reason(trial.act(Actor::Staff, register(open)))
}
