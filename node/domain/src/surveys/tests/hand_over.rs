//! Issues on their way to departments, and a survey as large as they get.

use super::*;

#[test]
fn issues_go_to_departments_with_a_clock() {
    let mut trial = begun(QINGHE, "full-sample", 2);
    trial
        .act(
            STAFF,
            answer(Origin::Paper, vec![sheet(1, YES), sheet(2, NO)]),
        )
        .unwrap();
    assert_eq!(reason(trial.act(STAFF, Action::Compile)), "NOT_NOW");
    trial.act(STAFF, Action::Close).unwrap();
    trial.act(STAFF, Action::Compile).unwrap();
    assert_eq!(
        reason(trial.act(STAFF, Action::Compile)),
        "ALREADY_COMPILED"
    );
    let issues = |department: &str| {
        survey(&trial)
            .bundle(&name(department))
            .unwrap()
            .issues
            .clone()
    };
    let issue = |choice, households| Issue {
        question: 2,
        choice,
        households,
    };
    assert_eq!(issues("城管科"), [issue(1, 2)]);
    assert_eq!(issues("园林科"), [issue(2, 1)]);
    let send = |department: &str| Action::Send {
        department: name(department),
    };
    let reply = |department: &str| Action::Reply {
        department: name(department),
        text: words("已列入计划"),
    };
    assert_eq!(reason(trial.act(STAFF, send("教育科"))), "NO_BUNDLE");
    assert_eq!(reason(trial.act(STAFF, reply("城管科"))), "NOT_SENT");
    trial.act(STAFF, send("城管科")).unwrap();
    assert_eq!(reason(trial.act(STAFF, send("城管科"))), "ALREADY_SENT");
    trial.act(STAFF, send("园林科")).unwrap();
    // Fifteen days: until the end of the 17th.
    trial.pass_to("2026-03-17T15:59:59Z");
    let other = Actor::Handler(name("园林科"));
    assert_eq!(
        reason(trial.act(other.clone(), reply("城管科"))),
        "NOT_YOURS"
    );
    trial
        .act(Actor::Handler(name("城管科")), reply("城管科"))
        .unwrap();
    trial.pass_to("2026-03-18T01:00:00Z");
    trial.act(other, reply("园林科")).unwrap();
    let track = |department: &str| Action::Track {
        department: name(department),
        is_settled: true,
        note: words("已划线"),
    };
    trial.act(STAFF, track("城管科")).unwrap();
    assert!(survey(&trial).bundle(&name("城管科")).unwrap().is_settled);
    assert_eq!(trial.members("survey.bundle_answered"), ["yes", "no"]);
    let text = include_str!("../../../../../deploy/catalogue/surveys.toml");
    let numbers = trial.numbers(text);
    assert_eq!(numbers["QH.D01 2026Q1"], (1, Some(2)));
    assert_eq!(numbers["QH.S02 2026Q1"], (2, Some(2)));
}

#[test]
fn twenty_thousand_households_fit_and_totals_agree() {
    let mut trial = begun(QINGHE, "full-sample", 20_000);
    let mut entered = 0;
    while entered < 20_000 {
        let sheets = (entered + 1..=entered + 500)
            .map(|household| sheet(household, if household % 4 == 0 { NO } else { YES }));
        trial
            .act(STAFF, answer(Origin::Paper, sheets.collect()))
            .unwrap();
        entered += 500;
    }
    trial.act(STAFF, Action::Close).unwrap();
    let State::Surveys(survey) = trial.state.as_ref().unwrap() else {
        panic!("a survey");
    };
    assert_eq!(survey.totals[0].chosen, [15_000, 5_000]);
    assert_eq!(
        survey.totals[2],
        Total {
            answered: 15_000,
            chosen: vec![],
            sum: 30_000
        }
    );
    let too_many = (1..=501).map(|household| sheet(household, YES)).collect();
    let mut other = begun(QINGHE, "full-sample", 600);
    assert_eq!(
        reason(other.act(STAFF, answer(Origin::Paper, too_many))),
        "SHEETS"
    );
}
