//! Objections, seats, terms, and the shipped indicators.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::indicators::{Evaluator, backfill};

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    seats_are_taken_when_the_time_for_objections_is_over,
    an_upheld_objection_annuls_and_an_open_one_holds_the_seats,
    super::one_person_votes_once_over_all_channels,
    super::twenty_three_seats_are_the_courtyards,
];

/// Announced on 1 April, the first two of four elected; objections until the 8th.
fn announced() -> Trial {
    let mut trial = voting(4, 2, 20, &["a"]);
    decided(&mut trial, 16, tally(&[9, 7, 4, 2], 14, 2));
    act(&mut trial, announce(&[])).unwrap();
    trial
}

fn seat(from: Date, serving: &[u64]) -> Action {
    Action::Seat {
        from,
        serving: serving.to_vec(),
    }
}

#[test]
fn who_was_not_elected_hears_of_it_too() {
    let told = announced().told();
    let candidates = "[Entry(101), Entry(102), Entry(103), Entry(104)]";
    assert_eq!(*told.last().unwrap(), format!("ANNOUNCED+ {candidates}"));
    assert!(told.iter().all(|one| !one.contains("Resident")), "{told:?}");
}

#[test]
fn seats_are_taken_when_the_time_for_objections_is_over() {
    let mut trial = announced();
    assert_eq!(
        refused(&mut trial, seat(date(2026, 4, 9), &[])),
        "OBJECTIONS_RUN"
    );
    trial.pass_to("2026-04-08T15:59:59Z");
    assert_eq!(
        refused(&mut trial, seat(date(2026, 4, 9), &[])),
        "OBJECTIONS_RUN"
    );
    trial.pass_to("2026-04-08T16:00:00Z");
    let late = trial.act(
        Actor::Resident(Pseudonym(1)),
        Action::Object { document: PAPER },
    );
    assert_eq!(late.unwrap_err().reason, "OBJECTIONS_CLOSED");
    assert_eq!(
        refused(&mut trial, seat(date(2026, 4, 8), &[])),
        "SEATED_TOO_EARLY"
    );
    act(&mut trial, seat(date(2026, 4, 9), &[])).unwrap();
    let serving = |trial: &Trial, day| election(trial).serving(day).collect::<Vec<_>>();
    assert_eq!(serving(&trial, date(2026, 4, 8)), [0; 0]);
    assert_eq!(serving(&trial, date(2026, 4, 9)), [101, 102]);
    act(
        &mut trial,
        Action::Vacate {
            entry: 102,
            reason: name("搬离"),
        },
    )
    .unwrap();
    assert_eq!(serving(&trial, date(2026, 5, 1)), [101]);
    let again = Action::Vacate {
        entry: 102,
        reason: name("搬离"),
    };
    assert_eq!(refused(&mut trial, again), "NOT_ELECTED");
    // Three years: the last day is 8 April 2029.
    assert_eq!(serving(&trial, date(2029, 4, 8)), [101]);
    trial.pass_to("2029-04-08T16:00:00Z");
    assert_eq!(phase(&trial), Phase::Over);
    assert_eq!(serving(&trial, date(2029, 4, 8)), [0; 0]);
}

#[test]
fn an_upheld_objection_annuls_and_an_open_one_holds_the_seats() {
    let resident = Actor::Resident(Pseudonym(1));
    let mut trial = announced();
    trial
        .act(resident.clone(), Action::Object { document: PAPER })
        .unwrap();
    trial
        .act(resident, Action::Object { document: PAPER })
        .unwrap();
    trial.pass_to("2026-04-09T01:00:00Z");
    assert_eq!(
        refused(&mut trial, seat(date(2026, 4, 9), &[])),
        "OBJECTION_OPEN"
    );
    let rule = |objection, is_upheld| Action::Rule {
        objection,
        is_upheld,
        reason: name("复核票箱"),
    };
    act(&mut trial, rule(0, false)).unwrap();
    assert_eq!(refused(&mut trial, rule(0, true)), "NO_OBJECTION");
    assert_eq!(refused(&mut trial, rule(2, true)), "NO_OBJECTION");
    act(&mut trial, rule(1, true)).unwrap();
    assert_eq!(phase(&trial), Phase::Annulled);
    assert_eq!(
        refused(&mut trial, seat(date(2026, 4, 9), &[])),
        "WRONG_PHASE"
    );
}

#[test]
fn nobody_sits_on_the_council_and_the_supervision_committee_at_once() {
    let mut trial = announced();
    trial.pass_to("2026-04-09T01:00:00Z");
    let refusal = act(&mut trial, seat(date(2026, 4, 9), &[55, 102])).unwrap_err();
    assert_eq!(refusal.reason, "SITS_ELSEWHERE");
    assert!(
        refusal
            .details
            .contains(&("entry", "entries/102".to_owned()))
    );
    // Either seat can be given up.
    act(&mut trial, Action::Decline { entry: 102 }).unwrap();
    act(&mut trial, seat(date(2026, 4, 9), &[55, 102])).unwrap();
    assert_eq!(election(&trial).seated.len(), 1);
    let excludes = |trial: &Trial| election(trial).rules.excludes.to_vec();
    assert_eq!(excludes(&trial), [code("supervision-committee")]);
    let supervision = open(QINGHE, "supervision-committee", Some(5));
    assert_eq!(excludes(&supervision), [code("deliberation-council")]);
}

#[test]
fn what_is_announced_does_not_change() {
    let mut trial = announced();
    let before = election(&trial).outcome.clone();
    for action in [
        announce(&[]),
        count("a", tally(&[0, 0, 9, 9], 14, 2)),
        Action::Void {
            ballot_box: code("a"),
            reason: name("改"),
        },
        Action::Cancel {
            reason: name("改")
        },
        mark(20, "a"),
    ] {
        assert_eq!(refused(&mut trial, action), "WRONG_PHASE");
    }
    assert_eq!(election(&trial).outcome, before);
}

#[test]
fn an_election_that_is_called_off_says_why() {
    let mut trial = open(QINGHE, "deliberation-council", Some(2));
    act(
        &mut trial,
        Action::Cancel {
            reason: name("提名不足"),
        },
    )
    .unwrap();
    assert!(!trial.state.as_ref().unwrap().is_open());
}

#[test]
fn elections_give_known_numerators_and_denominators() {
    let first = include_str!("../../../../../deploy/catalogue/first.toml");
    let own = include_str!("../../../../../deploy/catalogue/elections.toml");
    let catalogue = Catalogue::from_toml(&[first, own].join("\n"));
    let catalogue = catalogue.unwrap_or_else(|invalid| panic!("{invalid}"));
    let mut facts = announced().facts;
    // The courtyard council: 24 for 23 seats, 22 of them with votes.
    let mut trial = open(RUIQUAN, "courtyard-council", None);
    nominate(&mut trial, 24);
    act(
        &mut trial,
        Action::GatherViews {
            people: 40,
            document: PAPER,
        },
    )
    .unwrap();
    act(&mut trial, publish()).unwrap();
    act(&mut trial, roll(20)).unwrap();
    trial.pass_to("2026-03-20T01:00:00Z");
    act(&mut trial, open_voting(&["a"])).unwrap();
    let votes: Vec<u32> = (0..24).map(|at| if at < 22 { 8 } else { 0 }).collect();
    decided(&mut trial, 16, tally(&votes, 15, 0));
    act(&mut trial, announce(&[])).unwrap();
    trial.pass_to("2026-04-20T01:00:00Z");
    act(&mut trial, seat(date(2026, 4, 20), &[])).unwrap();
    trial.pass_to("2026-04-21T01:00:00Z");
    act(
        &mut trial,
        Action::Vacate {
            entry: 101,
            reason: name("搬离"),
        },
    )
    .unwrap();
    // 22 took their seats, one was given up.
    assert_eq!(*trial.facts.last().unwrap().measures, [21, 23]);
    facts.extend(trial.facts);
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let tally = backfill(&Evaluator::new(&catalogue, zone), &facts).unwrap();
    let cell = |code: &str, period: &str| {
        let id = catalogue.by_code(code, None).unwrap().id;
        let cells = tally.cells.iter();
        let mut cells =
            cells.filter(|(key, _)| key.indicator == id && key.period.to_string() == period);
        let (_, first) = cells.next().unwrap_or_else(|| panic!("{code} {period}"));
        let mut all = first.clone();
        for (_, cell) in cells {
            all.merge_places(cell).unwrap();
        }
        all
    };
    let fraction = |code, period| cell(code, period).fraction();
    assert_eq!(fraction("QH.E01", "202603"), Some((4 + 24, 2 + 23)));
    assert_eq!(fraction("QH.E02", "202604"), Some((16 + 15, 40)));
    // Every third of them put itself forward.
    assert_eq!(fraction("QH.E03", "202603"), Some((2 + 8, 4 + 24)));
    assert_eq!(fraction("QH.E04", "202604"), Some((2, 16 + 15)));
    assert_eq!(fraction("WJ.C03", "202604"), Some((16, 20)));
}
