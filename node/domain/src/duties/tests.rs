//! Duties: cadences over a century, and lives of duties day by day.

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::{Action, Duty, Open, Rule};
use crate::actor::Actor;
use crate::process::trial::Trial;

const PLAYBOOK: &str = include_str!("../../../../deploy/playbooks/qingshan.toml");

const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
const CATALOGUE: &str = include_str!("../../../../deploy/catalogue/duties.toml");

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    a_lawyer_sits_every_thursday_or_somebody_says_why_not,
    doors_that_stay_shut_bring_an_alert_and_the_day_counts_as_unanswered,
    a_pair_is_greeted_every_day_and_helped_when_ill,
];

fn open(kind: &str, from: Date) -> Action {
    Action::Open(Open {
        kind: kind.parse().unwrap(),
        grid: Some("003".parse().unwrap()),
        owed_by: Some("敲门组".parse().unwrap()),
        owed_to: Some(7),
        from: Some(from),
        until: None,
        year_day: None,
    })
}

fn hold() -> Action {
    Action::Hold {
        on: None,
        present: 1,
        seats: 1,
    }
}

fn duty(trial: &Trial) -> &Duty {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

#[test]
fn the_first_thursday_of_every_month_of_a_century() {
    let rule = Rule::OnNthWeekday { nth: 1, weekday: 4 };
    let mut day = date(2000, 1, 1);
    let mut months = 0;
    while let Some(window) = rule
        .next(day, day)
        .filter(|window| window.on.0.year() <= 2100)
    {
        let on = window.on.0;
        assert_eq!(
            (on.weekday(), window.until),
            (Weekday::Thursday, window.on),
            "{on}"
        );
        assert!(on.day() <= 7, "{on}");
        assert_eq!(
            i32::from(on.year() - 2000) * 12 + i32::from(on.month()) - 1,
            months,
            "{on}"
        );
        months += 1;
        day = on.tomorrow().unwrap();
    }
    assert_eq!(months, 101 * 12);
    // The first of the month can be the day itself, also a holiday.
    for on in [date(2018, 2, 1), date(2018, 3, 1), date(2026, 10, 1)] {
        assert_eq!(rule.next(on, on).unwrap().on.0, on);
    }
}

#[test]
fn cadences_as_people_know_them() {
    let start = date(2026, 1, 1);
    let first_two = |rule: Rule, day: Date| {
        let first = rule.next(start, day).unwrap();
        let second = rule.next(start, first.on.0.tomorrow().unwrap()).unwrap();
        (first.on.0, first.until.0, second.on.0)
    };
    let day = date(2026, 2, 3);
    let cases = [
        (
            Rule::EveryDays(3),
            date(2026, 2, 3),
            date(2026, 2, 5),
            date(2026, 2, 6),
        ),
        (
            Rule::Week,
            date(2026, 2, 9),
            date(2026, 2, 15),
            date(2026, 2, 16),
        ),
        (
            Rule::Month,
            date(2026, 3, 1),
            date(2026, 3, 31),
            date(2026, 4, 1),
        ),
        (
            Rule::Quarter,
            date(2026, 4, 1),
            date(2026, 6, 30),
            date(2026, 7, 1),
        ),
        (
            Rule::HalfYear,
            date(2026, 7, 1),
            date(2026, 12, 31),
            date(2027, 1, 1),
        ),
        (
            Rule::Year,
            date(2027, 1, 1),
            date(2027, 12, 31),
            date(2028, 1, 1),
        ),
        (
            Rule::OnWeekday(4),
            date(2026, 2, 5),
            date(2026, 2, 5),
            date(2026, 2, 12),
        ),
        (
            Rule::OnMonthDay(31),
            date(2026, 2, 28),
            date(2026, 2, 28),
            date(2026, 3, 31),
        ),
        (
            Rule::OnYearDay { month: 2, day: 29 },
            date(2026, 2, 28),
            date(2026, 2, 28),
            date(2027, 2, 28),
        ),
    ];
    for (rule, on, until, then) in cases {
        assert_eq!(first_two(rule, day), (on, until, then), "{rule:?}");
    }
    let visit = Rule::AfterEvent { within_days: 2 };
    assert_eq!(visit.next(start, day), None);
    assert_eq!(visit.after_event(day).unwrap().until.0, date(2026, 2, 5));
}

proptest! {
    /// Windows follow each other without a day that belongs to two, and none is
    /// skipped.
    #[test]
    fn windows_never_overlap(days in 0i64..36_500, which in 0usize..9) {
        let rules = [
            Rule::EveryDays(1), Rule::EveryDays(7), Rule::Week, Rule::Month, Rule::Quarter,
            Rule::HalfYear, Rule::Year, Rule::OnWeekday(7),
            Rule::OnNthWeekday { nth: 4, weekday: 1 },
        ];
        let start = date(1990, 3, 1);
        let day = start.checked_add(jiff::Span::new().days(days)).unwrap();
        let first = rules[which].next(start, day).unwrap();
        prop_assert!(first.on.0 >= day && first.until >= first.on);
        let second = rules[which].next(start, first.on.0.tomorrow().unwrap()).unwrap();
        prop_assert!(second.on > first.until);
        let between = rules[which].next(start, day).unwrap();
        prop_assert_eq!(between, first);
    }
}

#[test]
fn a_duty_begins_today_in_the_community_unless_a_day_is_given() {
    let mut trial = Trial::new(PLAYBOOK, "2026-03-02T17:00:00Z");
    let today = match open("lawyer-clinic", date(2026, 3, 1)) {
        Action::Open(given) => Action::Open(Open {
            from: None,
            ..given
        }),
        _ => unreachable!(),
    };
    trial.act(Actor::Staff, today).unwrap();
    assert_eq!(duty(&trial).from.0, date(2026, 3, 3));
}

#[test]
fn a_lawyer_sits_every_thursday_or_somebody_says_why_not() {
    // A Monday, in Shanghai.
    let mut trial = Trial::new(PLAYBOOK, "2026-03-02T01:00:00Z");
    trial
        .act(Actor::Staff, open("lawyer-clinic", date(2026, 3, 1)))
        .unwrap();
    let refusal = trial.act(
        Actor::Staff,
        Action::Hold {
            on: Some(date(2026, 3, 5)),
            present: 1,
            seats: 1,
        },
    );
    assert_eq!(refusal.unwrap_err().reason, "NOT_DUE");
    trial.pass_to("2026-03-05T03:00:00Z");
    trial.act(Actor::Staff, hold()).unwrap();
    // The next one moves to Friday; on Thursday itself it cannot be held then.
    let postpone = |to| Action::Postpone {
        on: date(2026, 3, 12),
        to,
        reason: "律师出庭".parse().unwrap(),
    };
    let early = trial.act(Actor::Staff, postpone(date(2026, 3, 12)));
    assert_eq!(early.unwrap_err().reason, "NOT_LATER");
    trial
        .act(Actor::Staff, postpone(date(2026, 3, 13)))
        .unwrap();
    trial.pass_to("2026-03-13T03:00:00Z");
    trial.act(Actor::Staff, hold()).unwrap();
    // Nobody enters the third; it can be entered for some days, then it is missed.
    trial.pass_to("2026-03-24T03:00:00Z");
    assert_eq!(
        trial.members("duty.concluded"),
        ["003,held,no", "003,held,yes", "003,missed,no",]
    );
    assert_eq!((duty(&trial).held, duty(&trial).unheld), (2, 1));
    assert_eq!(trial.numbers(CATALOGUE)["QS.M03 202603"], (2, Some(3)));
}

/// A duty of a kind, held on some of its days, until the end of a quarter.
fn quarter_of(playbook: &str, kind: &str, held: &[&str]) -> Trial {
    let mut trial = Trial::new(playbook, "2026-01-01T01:00:00Z");
    trial
        .act(Actor::Staff, open(kind, date(2026, 1, 1)))
        .unwrap();
    for day in held {
        trial.pass_to(&format!("{day}T06:00:00Z"));
        trial.act(Actor::Staff, hold()).unwrap();
    }
    trial.pass_to("2026-04-10T01:00:00Z");
    trial
}

#[test]
fn meetings_of_real_duties_give_the_meeting_indicators() {
    const MEETINGS: &str = include_str!("../../../../deploy/catalogue/deliberations.toml");
    const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
    let mut council = quarter_of(QINGHE, "council-meeting", &["2026-01-20", "2026-02-03"]);
    let supervision = quarter_of(QINGHE, "supervision-meeting", &["2026-03-31"]);
    council.facts.extend(supervision.facts);
    // Two of three months, and one of three.
    assert_eq!(council.numbers(MEETINGS)["QH.C01 2026Q1"], (3, Some(6)));
    let weeks = ["2026-03-03", "2026-03-08", "2026-03-09", "2026-03-24"];
    let weekly = quarter_of(BAIBUTING, "three-party-meeting", &weeks);
    // Weeks count in the month of their Monday; of five, the first was met in twice.
    assert_eq!(weekly.numbers(MEETINGS)["BBT.M01 202603"], (3, Some(5)));
    let hearing = quarter_of(BAIBUTING, "democratic-hearing", &["2026-02-27"]);
    assert_eq!(hearing.numbers(MEETINGS)["BBT.M02 2026S1"], (1, Some(3)));
}

#[test]
fn doors_that_stay_shut_bring_an_alert_and_the_day_counts_as_unanswered() {
    let mut trial = Trial::new(PLAYBOOK, "2026-03-02T01:00:00Z");
    trial
        .act(Actor::Staff, open("door-knock", date(2026, 3, 2)))
        .unwrap();
    let knocker = Actor::Handler("敲门组".parse().unwrap());
    let stranger = Actor::Handler("物业".parse().unwrap());
    let shut = Action::NoAnswer { on: None };
    assert_eq!(
        trial.act(stranger, shut.clone()).unwrap_err().reason,
        "NOT_YOURS"
    );
    for _ in 0..2 {
        trial.act(knocker.clone(), shut.clone()).unwrap();
    }
    assert_eq!(trial.members("duty.alerted").len(), 0);
    trial.act(knocker.clone(), shut).unwrap();
    assert_eq!(trial.members("duty.alerted"), ["003"]);
    trial.pass_to("2026-03-09T01:00:00Z");
    trial.act(knocker, hold()).unwrap();
    let concluded = trial.members("duty.concluded");
    assert_eq!(concluded, ["003,no-answer,no", "003,held,no"]);
    // The first of the two weeks began on the second.
    assert_eq!(trial.numbers(CATALOGUE)["QS.K01 202603"], (1, Some(2)));
}

#[test]
fn a_year_without_anybody_is_all_missed_and_nothing_is_due_twice() {
    let mut trial = Trial::new(PLAYBOOK, "2026-03-02T01:00:00Z");
    trial
        .act(Actor::Staff, open("door-knock", date(2026, 3, 2)))
        .unwrap();
    trial.pass_to("2027-03-08T01:00:00Z");
    let missed = trial.members("duty.concluded");
    assert!(missed.iter().all(|members| members == "003,missed,no"));
    assert_eq!(missed.len(), 53);
    let mut days: Vec<_> = trial.facts.iter().map(|fact| fact.occurred_at).collect();
    days.dedup();
    assert_eq!(days.len(), missed.len());
}

#[test]
fn a_list_from_paper_comes_late_and_counts_for_its_own_day() {
    let mut trial = Trial::new(PLAYBOOK, "2026-03-12T01:00:00Z");
    trial
        .act(Actor::Staff, open("lawyer-clinic", date(2026, 3, 1)))
        .unwrap();
    let late = trial.act_at(Actor::Staff, "2026-03-05T03:00:00Z", hold());
    // The fifth could be entered until the eighth: it was missed before.
    late.unwrap();
    assert_eq!(trial.members("duty.held_extra"), ["003"]);
    trial.act(Actor::Staff, hold()).unwrap();
    trial.pass_to("2026-03-21T01:00:00Z");
    assert_eq!(trial.members("duty.concluded").len(), 2);
    assert_eq!(
        trial
            .act(Actor::Staff, open("door-knock", date(2026, 3, 1)))
            .unwrap_err()
            .reason,
        "ALREADY_OPEN"
    );
    trial
        .act(
            Actor::Staff,
            Action::End {
                reason: "不再需要".parse().unwrap(),
            },
        )
        .unwrap();
    assert_eq!(
        trial.act(Actor::Staff, hold()).unwrap_err().reason,
        "ALREADY_OVER"
    );
}

#[test]
fn a_pair_is_greeted_every_day_and_helped_when_ill() {
    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    trial
        .act(Actor::Staff, open("care-greeting", date(2026, 3, 2)))
        .unwrap();
    for day in ["2026-03-02", "2026-03-03", "2026-03-05"] {
        trial.pass_to(&format!("{day}T02:00:00Z"));
        trial.act(Actor::Staff, hold()).unwrap();
    }
    trial.pass_to("2026-03-07T02:00:00Z");
    // The fourth day is missed; the sixth can still be entered.
    assert_eq!(
        trial.numbers(CATALOGUE)["BBT.V02 202603"],
        (3, Some(4)),
        "{:?}",
        trial.members("duty.concluded")
    );

    let mut trial = Trial::new(BAIBUTING, "2026-03-02T01:00:00Z");
    trial
        .act(Actor::Staff, open("care-medical", date(2026, 3, 2)))
        .unwrap();
    let ill = Action::Trigger {
        cause: "illness".parse().unwrap(),
    };
    assert_eq!(duty(&trial).next, None);
    trial.act(Actor::Staff, ill.clone()).unwrap();
    trial.pass_to("2026-03-03T02:00:00Z");
    trial.act(Actor::Staff, hold()).unwrap();
    trial.act(Actor::Staff, ill).unwrap();
    trial.pass_to("2026-03-09T02:00:00Z");
    assert_eq!(trial.numbers(CATALOGUE)["BBT.V05 202603"], (1, Some(2)));
}

/// 侨台胞论坛、兼职委员联席会议：每季度一次。
#[test]
fn forums_and_joint_meetings_are_owed_every_quarter() {
    const RUIQUAN: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
    const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
    for (playbook, kind) in [
        (CUIZHUYUAN, "overseas-forum"),
        (RUIQUAN, "party-joint-meeting"),
    ] {
        let mut trial = Trial::new(playbook, "2026-01-05T01:00:00Z");
        trial
            .act(Actor::Staff, open(kind, date(2026, 1, 1)))
            .unwrap();
        trial.pass_to("2026-03-05T01:00:00Z");
        trial.act(Actor::Staff, hold()).unwrap();
        trial.pass_to("2026-09-01T01:00:00Z");
        let concluded = trial.members("duty.concluded");
        assert_eq!(concluded.len(), 2, "{kind}: {concluded:?}");
        assert!(concluded[0].contains("held") && concluded[1].contains("missed"));
    }
}
