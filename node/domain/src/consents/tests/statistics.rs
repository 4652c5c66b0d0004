//! The shipped indicators over consents, on known happenings.

use jiff::tz::TimeZone;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::indicators::{Evaluator, backfill};

fn catalogue() -> Catalogue {
    let first = include_str!("../../../../../deploy/catalogue/first.toml");
    let own = include_str!("../../../../../deploy/catalogue/consents.toml");
    let text = [first, own].join("\n");
    Catalogue::from_toml(&text).unwrap_or_else(|invalid| panic!("{invalid}"))
}

/// The one cell of an indicator and a period, over all its breakdowns.
fn cell(facts: &[proto::fact::Fact], code: &str, period: &str) -> Option<Accumulator> {
    let catalogue = catalogue();
    let id = catalogue.by_code(code, None).unwrap().id;
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let tally = backfill(&Evaluator::new(&catalogue, zone), facts).unwrap();
    let cells = tally.cells.into_iter();
    let mut cells =
        cells.filter(|(key, _)| key.indicator == id && key.period.to_string() == period);
    let (_, mut all) = cells.next()?;
    for (_, cell) in cells {
        all.merge_places(&cell).unwrap();
    }
    Some(all)
}

#[test]
fn lift_drives_and_votes_give_known_numerators_and_denominators() {
    let mut facts = Vec::new();
    // Met after 30 and after 31 days, in use with and without a covenant; one lapsed.
    for (signed_at, covenant) in [
        ("2026-04-01T01:00:00Z", true),
        ("2026-04-02T01:00:00Z", false),
    ] {
        let mut trial = collecting(open("lift"), roll(1, 1));
        trial.pass_to(signed_at);
        sign(&mut trial, [1]);
        act(
            &mut trial,
            Action::Publicise {
                place: name("门口"),
            },
        )
        .unwrap();
        trial.pass_to("2026-05-01T01:00:00Z");
        act(
            &mut trial,
            Action::Approve {
                by: name("住建局"),
                document: PAPER,
            },
        )
        .unwrap();
        act(&mut trial, Action::StartWorks).unwrap();
        let passed = Action::Inspect {
            by: name("特检院"),
            document: PAPER,
            has_passed: true,
        };
        act(&mut trial, passed).unwrap();
        if covenant {
            act(&mut trial, Action::AttachCovenant { document: 1 }).unwrap();
        }
        trial.pass_to("2026-12-31T01:00:00Z");
        act(&mut trial, Action::PutInUse).unwrap();
        facts.extend(trial.facts);
    }
    let mut trial = collecting(open("lift"), roll(2, 2));
    sign(&mut trial, [1]);
    // The deadline is 2 March 2027.
    trial.pass_to("2027-04-01T00:00:00Z");
    facts.extend(trial.facts);
    let fraction = |code, period| cell(&facts, code, period).unwrap().fraction();
    assert_eq!(fraction("TN.E01", "2026"), Some((2, 2)));
    assert_eq!(fraction("TN.E01", "2027"), Some((0, 1)));
    let days = cell(&facts, "TN.E02", "2026").unwrap();
    assert_eq!(days.buckets(), Some(&[1, 1][..]), "bounds are inclusive");
    assert_eq!(cell(&facts, "TN.E03", "202612").unwrap().number(), Some(2));
    assert_eq!(fraction("TN.E04", "202612"), Some((1, 2)));
}

#[test]
fn turnout_sums_people_not_votes() {
    let mut facts = Vec::new();
    for (all, votes) in [(10, 7), (3, 1)] {
        let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
        let kind = Open {
            unit: None,
            text: Some(TEXT),
            ..open("residents-vote")
        };
        act(&mut trial, Action::Open(kind)).unwrap();
        act(&mut trial, roll(0, all)).unwrap();
        for entry in 1..=votes {
            act(
                &mut trial,
                Action::Answer(Answer {
                    text: Some(TEXT),
                    ..yes(entry)
                }),
            )
            .unwrap();
        }
        trial.pass_to("2026-04-30T00:00:00Z");
        facts.extend(trial.facts);
    }
    let turnout = cell(&facts, "BBT.D02", "202604").unwrap();
    assert_eq!(turnout.fraction(), Some((8, 13)));
}
