//! The shipped definitions over facts of known topics: numerators and
//! denominators.

use jiff::tz::TimeZone;
use proto::fact::Fact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::indicators::{Evaluator, backfill};

const STAFF: Actor = Actor::Staff;

/// Definitions with their cells' accumulators, whatever the period.
fn cells(facts: &[Fact]) -> Vec<(String, String, Accumulator)> {
    let text = include_str!("../../../../../deploy/catalogue/deliberations.toml");
    let catalogue = Catalogue::from_toml(text).unwrap();
    let evaluator = Evaluator::new(&catalogue, TimeZone::get("Asia/Shanghai").unwrap());
    let tally = backfill(&evaluator, facts).unwrap();
    let code = |id| {
        let mut found = catalogue.definitions().filter(|one| one.id == id);
        found.next().unwrap().code.to_string()
    };
    let cells = tally.cells.into_iter();
    cells
        .map(|(key, accumulator)| (code(key.indicator), key.period.to_string(), accumulator))
        .collect()
}

fn of<'a>(cells: &'a [(String, String, Accumulator)], code: &str, period: &str) -> &'a Accumulator {
    let found = cells.iter().find(|cell| cell.0 == code && cell.1 == period);
    &found
        .unwrap_or_else(|| panic!("no {code} of {period}: {cells:?}"))
        .2
}

/// Two four-party topics of March: one decided in its second round, verified and
/// announced; one heard without a quorum, decided, never announced.
fn cuizhuyuan() -> Vec<Fact> {
    let mut facts = Vec::new();
    for is_good in [true, false] {
        let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
        let by = match is_good {
            true => Actor::Resident(Pseudonym(1)),
            false => STAFF,
        };
        trial.act(by, propose("four-party")).unwrap();
        trial
            .act(STAFF, triage(Grade::Urgent, Route::Agenda))
            .unwrap();
        let present: [&[u64]; 2] = match is_good {
            true => [&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]],
            false => [&[1, 2], &[1, 2, 3, 4, 5]],
        };
        for (day, present) in [date(2026, 3, 5), date(2026, 3, 12)]
            .into_iter()
            .zip(present)
        {
            let participants = four_parties();
            trial
                .act(
                    STAFF,
                    Action::Convene {
                        on: day,
                        participants,
                    },
                )
                .unwrap();
            trial.pass_to(&format!("{day}T06:00:00Z"));
            trial.act(STAFF, hold(present)).unwrap();
        }
        trial.act(STAFF, decide(4, 0)).unwrap();
        let follow_up = Action::FollowUp {
            owner: "物业公司".parse().unwrap(),
            what: words("清理"),
            due: date(2026, 3, 20),
        };
        trial.act(STAFF, follow_up).unwrap();
        if is_good {
            trial
                .act(STAFF, Action::ReportDone { follow_up: 1 })
                .unwrap();
            for by in ["社区两委", "业委会"] {
                let by = Some(by.parse().unwrap());
                let check = Action::Check {
                    follow_up: 1,
                    by,
                    passed: true,
                    note: None,
                };
                trial.act(STAFF, check).unwrap();
            }
            let announce = Action::Announce {
                channel: "notice".parse().unwrap(),
            };
            trial.act(STAFF, announce).unwrap();
        }
        trial.pass_to("2026-04-30T06:00:00Z");
        facts.extend(trial.facts);
    }
    facts
}

#[test]
fn four_party_topics_give_known_numbers() {
    let cells = cells(&cuizhuyuan());
    let ratio = |code, period| of(&cells, code, period).fraction();
    // Sixteen seats: four, four, one, four.
    assert_eq!(ratio("CZY.M02", "2026Q1"), Some((13, 16)));
    assert_eq!(of(&cells, "CZY.T01", "2026Q1").number(), Some(2));
    assert_eq!(ratio("CZY.T02", "2026S1"), Some((1, 2)));
    // Heard after three days, and after ten.
    assert_eq!(of(&cells, "CZY.T03", "2026Q1").buckets(), Some(&[1, 1][..]));
    // Two rounds, and one that counted.
    assert_eq!(of(&cells, "CZY.T04", "2026S1").fraction(), Some((3, 2)));
    assert_eq!(ratio("CZY.T05", "2026"), Some((1, 2)));
    assert_eq!(ratio("CZY.F01", "2026Q1"), Some((1, 2)));
    assert_eq!(ratio("BBT.M03", "2026Q1"), Some((1, 2)));
    assert_eq!(of(&cells, "BBT.D04", "2026S1").buckets(), Some(&[2][..]));
}

#[test]
fn six_steps_councils_upgrades_and_yearly_topics_give_known_numbers() {
    let mut facts = Vec::new();
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    for act in [
        propose("six-step"),
        talk(&["居民", "居委会", "物业"]),
        draft("公约"),
        Action::Post,
    ] {
        trial.act(STAFF, act).unwrap();
    }
    let comment = Action::Comment {
        origin: Origin::Paper,
        case: None,
    };
    trial.act(STAFF, comment).unwrap();
    trial.pass_to("2026-03-10T01:00:00Z");
    let until = date(2026, 3, 20);
    for act in [
        advise(90),
        answer(1, false),
        fix("公约"),
        open_vote("公约", until),
    ] {
        trial.act(STAFF, act).unwrap();
    }
    trial.pass_to("2026-03-21T01:00:00Z");
    trial.act(STAFF, Action::CloseVote).unwrap();
    facts.append(&mut trial.facts);
    let mut trial = Trial::new(RUIQUAN, "2026-03-02T01:00:00Z");
    let participants = vec![party(1, "courtyard-council"), party(2, "courtyard-council")];
    for act in [
        propose("council"),
        Action::Survey { survey: 1 },
        Action::Convene {
            on: date(2026, 3, 2),
            participants,
        },
        hold(&[1, 2]),
        decide(1, 0),
    ] {
        trial.act(STAFF, act).unwrap();
    }
    facts.append(&mut trial.facts);
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, propose("guizhou-aid")).unwrap();
    trial.pass_to("2027-01-02T01:00:00Z");
    facts.append(&mut trial.facts);
    let cells = cells(&facts);
    let ratio = |code, period| of(&cells, code, period).fraction();
    assert_eq!(ratio("BBT.D01", "2026Q1"), Some((1, 1)));
    assert_eq!(of(&cells, "BBT.D03", "2026Q1").number(), Some(1));
    assert_eq!(ratio("WJ.C04", "2026S1"), Some((0, 1)));
    assert_eq!(ratio("QH.X01T", "2026"), Some((0, 1)));
    assert_eq!(ratio("CZY.Y01", "2026"), Some((0, 1)));
}

#[test]
fn meetings_held_are_counted_from_duties() {
    use proto::fact::duty;
    let fact = |kind: &str, outcome: &str, moved: &str| Fact {
        fact_type: duty::CONCLUDED,
        occurred_at: "2026-03-05T04:00:00Z".parse().unwrap(),
        members: [kind, "", outcome, moved].map(Into::into).into(),
        measures: [4, 4].into(),
    };
    let facts = [
        fact("four-party-meeting", "held", "no"),
        fact("four-party-meeting", "held", "yes"),
        fact("three-party-meeting", "held", "no"),
        fact("three-party-meeting", "missed", "no"),
        fact("democratic-hearing", "held", "yes"),
        fact("council-meeting", "held", "no"),
        fact("supervision-meeting", "missed", "no"),
        fact("lawyer-clinic", "held", "no"),
    ];
    let cells = cells(&facts);
    let ratio = |code, period| of(&cells, code, period).fraction();
    assert_eq!(ratio("CZY.M01", "2026"), Some((1, 2)));
    assert_eq!(ratio("BBT.M01", "202603"), Some((1, 2)));
    assert_eq!(ratio("BBT.M02", "2026S1"), Some((1, 1)));
    assert_eq!(ratio("QH.C01", "2026Q1"), Some((1, 2)));
    assert_eq!(cells.len(), 4);
}

#[test]
fn an_upgrade_that_was_built_and_checked_counts_as_carried_out() {
    let mut trial = Trial::new(QINGHE, "2026-03-02T01:00:00Z");
    let draft = Action::Draft {
        by: "议事委员会".parse().unwrap(),
        text: words("停车"),
        hash: hash("停车"),
    };
    let committee = vec![
        party(1, "deliberation-committee"),
        party(2, "deliberation-committee"),
    ];
    let check = Action::Check {
        follow_up: 1,
        by: Some("监督委员会".parse().unwrap()),
        passed: true,
        note: None,
    };
    for act in [
        propose("upgrade"),
        talk(&["居民"]),
        draft,
        advise(90),
        answer(1, true),
        fix("停车和绿化"),
        Action::Convene {
            on: date(2026, 3, 2),
            participants: committee,
        },
        hold(&[1, 2]),
        decide(1, 0),
        Action::FollowUp {
            owner: "施工方".parse().unwrap(),
            what: words("施工"),
            due: date(2026, 6, 1),
        },
        Action::ReportDone { follow_up: 1 },
        check,
    ] {
        trial.act(STAFF, act).unwrap();
    }
    assert_eq!(topic(&trial).stage, Stage::Verified);
    let cells = cells(&trial.facts);
    assert_eq!(of(&cells, "QH.P01", "2026").fraction(), Some((1, 1)));
    assert_eq!(of(&cells, "QH.X01T", "2026").fraction(), Some((1, 1)));
}
