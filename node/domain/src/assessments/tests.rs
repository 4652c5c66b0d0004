//! Scores to the exact cut-off, who may not assess whom, and a publication that
//! stays.

mod rounds;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proto::fact::Fact;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::actor::{Actor, Pseudonym};
use crate::code::Code;
use crate::indicators::{Evaluator, backfill};
use crate::playbook::Playbook;
use crate::process::trial::Trial;

const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const START: &str = "2026-04-02T01:00:00Z";
const COMPANY: u64 = 40;

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    what_is_published_stays_and_a_correction_stands_beside_it,
    a_stairwell_is_suitable_or_it_is_said_why_not,
];

fn code(word: &str) -> Code {
    word.parse().unwrap()
}

fn opened(playbook: &str, kind: &str) -> Trial {
    let mut trial = Trial::new(playbook, START);
    let open = Open {
        kind: code(kind),
        subject: COMPANY,
        grid: None,
        year: 2026,
        number: 1,
    };
    trial.act(Actor::Staff, Action::Open(open)).unwrap();
    trial
}

fn one(trial: &Trial) -> &Assessment {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn act(trial: &mut Trial, action: Action) {
    trial.act(Actor::Staff, action).unwrap();
}

fn refused(trial: &mut Trial, action: Action) -> &'static str {
    let before = trial.state.clone();
    let refusal = trial.act(Actor::Staff, action).unwrap_err();
    assert_eq!(trial.state, before);
    refusal.reason
}

fn appoint(part: &str, by: u64) -> Action {
    Action::Appoint {
        part: code(part),
        by,
        has_ties: false,
    }
}

fn score(by: u64, points: u16) -> Action {
    Action::Score { by, points }
}

/// A quarter's assessment with these points.
fn quarter(points: u16) -> Trial {
    let mut trial = opened(BAIBUTING, "property-quarter");
    act(&mut trial, appoint("community", 1));
    act(&mut trial, score(1, points));
    trial
}

fn publish(trial: &mut Trial) {
    act(trial, Action::Notify);
    let text = "无异议".parse().unwrap();
    act(trial, Action::Reply { text });
    act(trial, Action::Finalise);
    act(trial, Action::Publish);
}

fn rules(kind: &str) -> Rules {
    let playbook = Playbook::parse(BAIBUTING).unwrap();
    playbook.assessments[&code(kind)].rules.clone()
}

fn given(part: &str, by: u64, points: u16) -> Score {
    Score {
        part: code(part),
        by,
        points: Some(points),
    }
}

#[test]
fn a_cut_off_is_met_exactly_or_not_at_all() {
    let rules = rules("property-year");
    // 40 × residents + 30 × community + 30 × third party, of 100.
    let year = |residents: &[u16], community, third| {
        let residents = (1..).zip(residents);
        let residents = residents.map(|(by, points)| given("residents", by, *points));
        let rest = [
            given("community", 91, community),
            given("third-party", 92, third),
        ];
        let scores: Vec<Score> = residents.chain(rest).collect();
        let average = weighted(&rules, &scores).unwrap();
        (Listing::of(average, &rules), average.centipoints())
    };
    assert_eq!(year(&[85, 85, 85], 85, 85), (Listing::Red, 8_500));
    // 40 × 254/3 + 60 × 85 = 8,486.66…: a third of a point of one resident short.
    assert_eq!(year(&[85, 85, 84], 85, 85), (Listing::Neither, 8_486));
    assert_eq!(year(&[60], 60, 60), (Listing::Neither, 6_000));
    assert_eq!(year(&[60], 60, 59), (Listing::Black, 5_970));
    let missing = weighted(&rules, &[given("residents", 1, 9)]);
    assert_eq!(missing, Err(code("community")));
}

proptest! {
    /// The weighted average lies between the least and the greatest score, and does
    /// not depend on the order in which scores came.
    #[test]
    fn an_average_lies_among_its_scores(
        mut points in prop::collection::vec((0usize..3, 0u16..=100), 3..200),
    ) {
        let parts = ["residents", "community", "third-party"];
        for (at, (part, _)) in points.iter_mut().enumerate().take(3) {
            *part = at;
        }
        let scores = |points: &[(usize, u16)]| {
            let scores = (1..).zip(points);
            let scores = scores.map(|(by, (part, points))| given(parts[*part], by, *points));
            scores.collect::<Vec<Score>>()
        };
        let rules = rules("property-year");
        let average = weighted(&rules, &scores(&points)).unwrap();
        let least = points.iter().map(|(_, points)| *points).min().unwrap();
        let most = points.iter().map(|(_, points)| *points).max().unwrap();
        prop_assert!(average.reaches(least) && !average.reaches(most + 1));
        points.reverse();
        prop_assert_eq!(weighted(&rules, &scores(&points)).unwrap(), average);
    }
}

#[test]
fn who_is_scored_or_tied_does_not_score_and_nobody_scores_two_parts() {
    let mut trial = opened(BAIBUTING, "property-year");
    assert_eq!(
        refused(&mut trial, appoint("community", COMPANY)),
        "SCORER_IS_SCORED"
    );
    let tied = Action::Appoint {
        part: code("community"),
        by: 7,
        has_ties: true,
    };
    assert_eq!(refused(&mut trial, tied), "SCORER_IS_SCORED");
    act(&mut trial, appoint("community", 7));
    assert_eq!(
        refused(&mut trial, appoint("residents", 7)),
        "ALREADY_APPOINTED"
    );
    assert_eq!(refused(&mut trial, appoint("press", 8)), "UNKNOWN_PART");
    assert_eq!(refused(&mut trial, score(8, 50)), "NOT_APPOINTED");
    assert_eq!(refused(&mut trial, score(7, 101)), "POINTS_OUT_OF_RANGE");
    act(&mut trial, score(7, 100));
    assert_eq!(refused(&mut trial, Action::Notify), "PART_MISSING");
}

#[test]
fn what_is_published_stays_and_a_correction_stands_beside_it() {
    let mut trial = quarter(59);
    let resident = Actor::Resident(Pseudonym(3));
    let sees = |trial: &Trial| trial.state.as_ref().unwrap().is_visible_to(&resident);
    assert!(!sees(&trial));
    assert_eq!(refused(&mut trial, Action::Finalise), "ASSESSMENT_STAGE");
    act(&mut trial, Action::Notify);
    assert_eq!(refused(&mut trial, score(1, 60)), "ASSESSMENT_STAGE");
    assert_eq!(refused(&mut trial, Action::Finalise), "REPLY_AWAITED");
    trial.pass_to("2026-04-08T15:59:59Z");
    assert_eq!(refused(&mut trial, Action::Finalise), "REPLY_AWAITED");
    trial.pass_to("2026-04-08T16:00:00Z");
    act(&mut trial, Action::Finalise);
    act(&mut trial, Action::Publish);
    assert!(sees(&trial));
    let first = one(&trial).versions.clone();
    for action in [
        score(1, 60),
        Action::Publish,
        Action::Notify,
        appoint("community", 2),
    ] {
        assert_eq!(refused(&mut trial, action), "ASSESSMENT_STAGE");
    }
    let reason = "漏计一票".parse().unwrap();
    act(&mut trial, Action::Correct { reason });
    act(&mut trial, score(1, 60));
    publish(&mut trial);
    let versions = &one(&trial).versions;
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].outcome, first[0].outcome);
    assert_eq!(versions[0].corrected.as_ref().unwrap().as_str(), "漏计一票");
    let listing = |version: &Version| match &version.outcome {
        Outcome::Scored { listing, .. } => *listing,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        [&versions[0], &versions[1]].map(listing),
        [Listing::Black, Listing::Neither]
    );
    assert_eq!(
        trial.members("assessment.scored"),
        [",yes,black", ",no,neither"]
    );
}

#[test]
fn a_stairwell_is_suitable_or_it_is_said_why_not() {
    let judge = |unsuitable: Option<&str>| Action::Judge {
        by: 9,
        unsuitable: unsuitable.map(code),
        has_ties: false,
    };
    let mut trial = opened(TIANNING, "lift-suitability");
    assert_eq!(refused(&mut trial, Action::Finalise), "NOT_ASSESSED");
    act(&mut trial, judge(Some("no-room")));
    act(&mut trial, judge(None));
    act(&mut trial, judge(Some("no-room")));
    act(&mut trial, Action::Finalise);
    assert_eq!(trial.members("assessment.checked"), [",yes,no,no-room"]);
    assert_eq!(refused(&mut trial, judge(None)), "ASSESSMENT_STAGE");
    let mut other = opened(TIANNING, "lift-suitability");
    let points = score(9, 1);
    assert_eq!(refused(&mut other, points), "OTHER_FORM");
    act(&mut other, judge(None));
    act(&mut other, Action::Finalise);
    assert_eq!(trial.facts.len() + other.facts.len(), 2);
}

#[test]
fn a_year_has_four_quarters_and_a_third_party_has_its_rounds() {
    for (playbook, kind, number, year, wanted) in [
        (BAIBUTING, "property-quarter", 5, 2026, "NO_SUCH_PERIOD"),
        (BAIBUTING, "property-quarter", 0, 2026, "NO_SUCH_PERIOD"),
        (BAIBUTING, "property-survey", 3, 2026, "NO_SUCH_PERIOD"),
        (BAIBUTING, "property-year", 1, 2028, "NO_SUCH_YEAR"),
        (QINGHE, "property-year", 1, 2026, "UNKNOWN_KIND"),
    ] {
        let mut trial = Trial::new(playbook, START);
        let open = Open {
            kind: code(kind),
            subject: COMPANY,
            grid: None,
            year,
            number,
        };
        let refusal = trial.act(Actor::Staff, Action::Open(open)).unwrap_err();
        assert_eq!(refusal.reason, wanted, "{kind}");
    }
    let mut trial = opened(QINGHE, "third-party-evaluation");
    act(&mut trial, appoint("third-party", 3));
    act(&mut trial, score(3, 88));
    publish(&mut trial);
    assert_eq!(trial.members("assessment.published"), [",yes,yes"]);
}

/// Code and period: a number, or numerator and denominator.
fn numbers(facts: &[Fact]) -> BTreeMap<String, (i128, Option<u128>)> {
    let text = include_str!("../../../../deploy/catalogue/assessments.toml");
    let catalogue = Catalogue::from_toml(text).unwrap();
    let evaluator = Evaluator::new(&catalogue, TimeZone::get("Asia/Shanghai").unwrap());
    let tally = backfill(&evaluator, facts).unwrap();
    let mut numbers = BTreeMap::new();
    for (key, cell) in &tally.cells {
        let mut all = catalogue.definitions();
        let of = all
            .find(|definition| definition.id == key.indicator)
            .unwrap();
        let number = match cell.fraction() {
            Some((above, below)) => (above, Some(below)),
            None => (cell.number().unwrap(), None),
        };
        numbers.insert(format!("{} {}", of.code, key.period), number);
    }
    numbers
}

#[test]
fn assessments_give_their_numerators_and_denominators() {
    let mut facts = Vec::new();
    for points in [90, 85, 59] {
        let mut trial = quarter(points);
        publish(&mut trial);
        facts.extend(trial.facts);
    }
    let mut late = quarter(70);
    act(&mut late, Action::Notify);
    let text = "已知".parse().unwrap();
    act(&mut late, Action::Reply { text });
    act(&mut late, Action::Finalise);
    late.pass_to("2026-04-18T01:00:00Z");
    act(&mut late, Action::Publish);
    let reason = "错".parse().unwrap();
    act(&mut late, Action::Correct { reason });
    act(&mut late, score(1, 0));
    publish(&mut late);
    facts.extend(late.facts);
    let mut survey = opened(BAIBUTING, "property-survey");
    let count = |satisfied, valid| Action::Count { satisfied, valid };
    assert_eq!(refused(&mut survey, count(3, 2)), "MORE_THAN_VALID");
    assert_eq!(refused(&mut survey, count(0, 0)), "MORE_THAN_VALID");
    act(&mut survey, count(800, 1_000));
    publish(&mut survey);
    facts.extend(survey.facts);
    let mut year = opened(BAIBUTING, "property-year");
    for (by, part) in [(1, "residents"), (2, "community"), (3, "third-party")] {
        act(&mut year, appoint(part, by));
        act(&mut year, score(by, 85));
    }
    publish(&mut year);
    facts.extend(year.facts);
    for (kind, outcome) in [
        ("property-quarter", "held"),
        ("property-year", "missed"),
        ("lawyer-clinic", "held"),
    ] {
        let members = [kind, "", outcome, "no"].map(Into::into);
        facts.push(Fact {
            fact_type: proto::fact::duty::CONCLUDED,
            occurred_at: START.parse().unwrap(),
            members: members.into(),
            measures: [1, 1].into(),
        });
    }
    let expected = [
        ("BBT.P01 2026Q2", (30_400, Some(4))),
        ("BBT.P02.D 2026S1", (1_000, None)),
        ("BBT.P02.N 2026S1", (800, None)),
        ("BBT.P03.R 2026", (1, None)),
        ("BBT.P04 2026", (5, Some(6))),
        ("BBT.P05 2026", (1, Some(2))),
    ];
    let expected = expected.map(|(name, number)| (name.to_owned(), number));
    assert_eq!(numbers(&facts), BTreeMap::from(expected));
}

/// 每月民主听证会：三方评议，缺一方不成。
#[test]
fn the_three_parties_score_at_the_hearing() {
    let mut trial = opened(BAIBUTING, "hearing-review");
    let parties = ["residents-committee", "owners-committee", "property"];
    for (part, by) in parties.into_iter().zip(1..) {
        act(&mut trial, appoint(part, by));
    }
    act(&mut trial, score(1, 90));
    act(&mut trial, score(2, 60));
    assert_eq!(refused(&mut trial, Action::Finalise), "PART_MISSING");
    act(&mut trial, score(3, 75));
    act(&mut trial, Action::Finalise);
    act(&mut trial, Action::Publish);
    let Some(Outcome::Scored { average, .. }) = &one(&trial).outcome else {
        panic!("no score");
    };
    assert_eq!(average.centipoints(), 7_500);
}
