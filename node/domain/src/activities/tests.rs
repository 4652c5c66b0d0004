//! Activities: cadence day by day, sign-ups, hours, money, harvests.

mod outcome;
mod places;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proto::fact::Fact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;

use super::*;
use crate::actor::{Actor, Pseudonym};
use crate::indicators::{Evaluator, backfill};
use crate::process::Refusal;
use crate::process::trial::Trial;
use crate::words::Words;

const QINGSHAN: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");
const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
const RUIQUAN: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const STAFF: Actor = Actor::Staff;

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    every_three_days_hold_a_small_activity_and_every_week_a_large_one,
    people_sign_up_once_and_the_first_have_the_places,
    hours_are_logged_by_one_and_confirmed_by_another,
];

fn words(text: &str) -> Words {
    text.parse().unwrap()
}

fn reason(result: Result<(), Refusal>) -> &'static str {
    result.unwrap_err().reason
}

fn programme(trial: &Trial) -> &Programme {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn open(kind: &str) -> Action {
    Action::Open(Open {
        kind: kind.parse().unwrap(),
        title: "合唱队".parse().unwrap(),
        team: "合唱队".parse().ok(),
        grid: "003".parse().ok(),
        from: Some(date(2026, 3, 2)),
    })
}

fn announce(size: Size, on: Date, theme: Option<&str>) -> Action {
    Action::Announce(Announce {
        title: "排练".parse().unwrap(),
        size,
        theme: theme.map(|theme| theme.parse().unwrap()),
        on,
        capacity: 2,
    })
}

fn hold(session: u32, attended: u32, came: &[u32]) -> Action {
    Action::Hold {
        session,
        attended,
        came: came.to_vec(),
    }
}

/// A session today that took place.
fn held_today(trial: &mut Trial, size: Size, theme: Option<&str>) -> u32 {
    let today = TimeZone::get("Asia/Shanghai")
        .unwrap()
        .to_datetime(trial.now)
        .date();
    trial.act(STAFF, announce(size, today, theme)).unwrap();
    let number = programme(trial).announced;
    trial.act(STAFF, hold(number, 30, &[])).unwrap();
    number
}

fn cells(facts: &[Fact]) -> Vec<(String, String, Accumulator)> {
    let text = include_str!("../../../../deploy/catalogue/activities.toml");
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

#[test]
fn every_three_days_hold_a_small_activity_and_every_week_a_large_one() {
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("culture-sport")).unwrap();
    // Small ones on the 4th, 7th and 11th; a large one in the first week only.
    for (now, size) in [
        ("2026-03-04T04:00:00Z", Size::Small),
        ("2026-03-07T04:00:00Z", Size::Small),
        ("2026-03-08T04:00:00Z", Size::Large),
        ("2026-03-11T04:00:00Z", Size::Small),
    ] {
        trial.pass_to(now);
        held_today(&mut trial, size, None);
    }
    // The first run ends on the 4th. What ends on the 10th has none: 8, 9, 10.
    trial.pass_to("2026-03-18T15:59:59Z");
    let days = trial.members("activity.day_judged");
    let kept = [
        "yes", "yes", "yes", "yes", "yes", "yes", "no", "yes", "yes", "yes", "no",
    ];
    assert_eq!(days, kept);
    assert_eq!(trial.members("activity.week_judged"), ["yes"]);
    trial.pass_to("2026-03-18T16:00:00Z");
    assert_eq!(trial.members("activity.week_judged"), ["yes", "no"]);
    let judged: Vec<Date> = trial
        .facts
        .iter()
        .filter(|fact| fact.fact_type == proto::fact::activity::DAY_JUDGED)
        .map(|fact| {
            TimeZone::get("Asia/Shanghai")
                .unwrap()
                .to_datetime(fact.occurred_at)
                .date()
        })
        .collect();
    assert_eq!((judged[0], judged.len()), (date(2026, 3, 4), 12));
    let cells = cells(&trial.facts);
    assert_eq!(of(&cells, "QS.A01", "202603").fraction(), Some((9, 12)));
    assert_eq!(of(&cells, "QS.A02", "202603").fraction(), Some((1, 2)));
}

#[test]
fn a_list_from_paper_counts_for_its_own_day_while_that_is_not_judged() {
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("culture-sport")).unwrap();
    // The 4th is judged when the 7th is over.
    trial.pass_to("2026-03-07T04:00:00Z");
    let on = date(2026, 3, 4);
    assert_eq!(
        reason(trial.act(STAFF, announce(Size::Small, on, None))),
        "IN_THE_PAST"
    );
    let then = "2026-03-04T09:00:00Z";
    trial
        .act_at(STAFF, then, announce(Size::Small, on, None))
        .unwrap();
    assert_eq!(reason(trial.act(STAFF, hold(1, 12, &[]))), "NOT_THE_DAY");
    trial.act_at(STAFF, then, hold(1, 12, &[])).unwrap();
    trial.pass_to("2026-03-07T16:00:00Z");
    assert_eq!(trial.members("activity.day_judged"), ["yes"]);
}

#[test]
fn people_sign_up_once_and_the_first_have_the_places() {
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("culture-sport")).unwrap();
    trial
        .act(STAFF, announce(Size::Small, date(2026, 3, 5), None))
        .unwrap();
    let own = |session| Action::SignUp {
        session,
        entry: None,
    };
    let cancel = |session| Action::CancelSignUp {
        session,
        entry: None,
    };
    let resident = |number| Actor::Resident(Pseudonym(number));
    trial.act(resident(1), own(1)).unwrap();
    assert_eq!(reason(trial.act(resident(1), own(1))), "ALREADY_SIGNED_UP");
    assert_eq!(reason(trial.act(resident(2), cancel(1))), "NOT_SIGNED_UP");
    assert_eq!(reason(trial.act(STAFF, own(1))), "ENTRY_MISSING");
    let other = Action::SignUp {
        session: 1,
        entry: Some(7),
    };
    assert_eq!(reason(trial.act(resident(2), other.clone())), "NOT_YOURS");
    let team = Actor::Handler("合唱队".parse().unwrap());
    trial.act(team.clone(), other).unwrap();
    trial.act(resident(3), own(1)).unwrap();
    assert_eq!(
        (programme(&trial).sessions[0].places(), 3),
        (2, programme(&trial).sessions[0].sign_ups.len())
    );
    trial.act(resident(1), cancel(1)).unwrap();
    assert_eq!(
        programme(&trial).sessions[0].sign_ups[1].who,
        Who::Resident(Pseudonym(3))
    );
    assert_eq!(reason(trial.act(resident(3), own(2))), "NO_SUCH_SESSION");
    trial.pass_to("2026-03-05T04:00:00Z");
    assert_eq!(reason(trial.act(resident(3), hold(1, 5, &[]))), "NOT_YOURS");
    assert_eq!(
        reason(trial.act(team.clone(), hold(1, 1, &[1, 2]))),
        "FEWER_THAN_CAME"
    );
    assert_eq!(
        reason(trial.act(team.clone(), hold(1, 9, &[3]))),
        "NO_SUCH_SIGN_UP"
    );
    assert_eq!(
        reason(trial.act(team.clone(), hold(1, 9, &[2, 2]))),
        "NO_SUCH_SIGN_UP"
    );
    trial.act(team.clone(), hold(1, 9, &[2])).unwrap();
    assert_eq!(reason(trial.act(resident(4), own(1))), "NOT_NOW");
    assert_eq!(trial.facts.last().unwrap().measures[..], [9, 2]);
    let came: Vec<bool> = programme(&trial).sessions[0]
        .sign_ups
        .iter()
        .map(|one| one.came)
        .collect();
    assert_eq!(came, [false, true]);
}

#[test]
fn a_day_that_moves_says_why_and_one_that_nobody_enters_lapses() {
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("volunteering")).unwrap();
    for day in [3, 4, 5] {
        trial
            .act(STAFF, announce(Size::Small, date(2026, 3, day), None))
            .unwrap();
    }
    let postpone = |to| Action::Postpone {
        session: 1,
        to,
        reason: words("下雨"),
    };
    assert_eq!(
        reason(trial.act(STAFF, postpone(date(2026, 3, 3)))),
        "NOT_ANOTHER_DAY"
    );
    trial.act(STAFF, postpone(date(2026, 3, 6))).unwrap();
    trial
        .act(
            STAFF,
            Action::CallOff {
                session: 2,
                reason: words("下雨"),
            },
        )
        .unwrap();
    let end = || Action::End {
        reason: words("不再办"),
    };
    assert_eq!(reason(trial.act(STAFF, end())), "SESSIONS_ANNOUNCED");
    // Seven days after the 5th and the 6th.
    trial.pass_to("2026-03-13T16:00:00Z");
    assert_eq!(
        trial.members("activity.fell_through"),
        ["small,called-off", "small,lapsed", "small,lapsed"]
    );
    trial.act(STAFF, end()).unwrap();
    let more = announce(Size::Small, date(2026, 3, 20), None);
    assert_eq!(reason(trial.act(STAFF, more)), "ALREADY_OVER");
}

#[test]
fn hours_are_logged_by_one_and_confirmed_by_another() {
    let mut trial = Trial::new(QINGSHAN, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open("volunteering")).unwrap();
    let log = |volunteer, minutes| Action::LogHours {
        session: 1,
        volunteer,
        minutes,
        logged_by: 50,
    };
    let confirm = |hours, confirmed_by, is_right| Action::ConfirmHours {
        session: 1,
        hours,
        confirmed_by,
        is_right,
    };
    trial
        .act(STAFF, announce(Size::Small, date(2026, 3, 2), None))
        .unwrap();
    assert_eq!(reason(trial.act(STAFF, log(7, 90))), "NOT_NOW");
    trial.act(STAFF, hold(1, 3, &[])).unwrap();
    assert_eq!(reason(trial.act(STAFF, log(7, 0))), "MINUTES");
    trial.act(STAFF, log(7, 90)).unwrap();
    assert_eq!(reason(trial.act(STAFF, log(7, 60))), "ALREADY_LOGGED");
    trial.act(STAFF, log(8, 600)).unwrap();
    for own in [50, 7] {
        assert_eq!(
            reason(trial.act(STAFF, confirm(1, own, true))),
            "CONFIRMS_OWN"
        );
    }
    assert_eq!(
        reason(trial.act(STAFF, confirm(3, 51, true))),
        "NO_SUCH_NUMBER"
    );
    trial.act(STAFF, confirm(1, 51, true)).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, confirm(1, 52, true))),
        "ALREADY_CONFIRMED"
    );
    // Found wrong, they count for nothing and can be logged again.
    trial.act(STAFF, confirm(2, 51, false)).unwrap();
    trial.act(STAFF, log(8, 60)).unwrap();
    trial.act(STAFF, confirm(3, 51, true)).unwrap();
    let cells = cells(&trial.facts);
    assert_eq!(of(&cells, "QS.V01", "202603").number(), Some(150));
}
