//! Surveys: one answer per household over all channels, totals, hand-overs.

mod hand_over;

use jiff::civil::date;

use super::*;
use crate::actor::{Actor, Grid, Pseudonym};
use crate::cases::Origin;
use crate::code::Name;
use crate::process::trial::Trial;
use crate::process::{Refusal, State};
use crate::roll::{Line, Roll};
use crate::sha256::Sha256;
use crate::words::Words;

const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");
const TIANNING: &str = include_str!("../../../../deploy/playbooks/tianning.toml");
const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
const STAFF: Actor = Actor::Staff;

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    a_household_answers_once_over_all_channels,
    needs_lead_to_a_summary_and_a_scheme,
    the_association_runs_a_questionnaire_that_a_topic_asked_for,
];

fn words(text: &str) -> Words {
    text.parse().unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn reason(result: Result<(), Refusal>) -> &'static str {
    result.unwrap_err().reason
}

fn survey(trial: &Trial) -> &Survey {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

fn choice(text: &str, department: Option<&str>) -> Choice {
    Choice {
        text: name(text),
        department: department.map(name),
    }
}

/// Parking: one of two; wishes: two of three, each some department's business;
/// how many elders.
fn questions() -> Vec<Question> {
    let question = |text, form| Question {
        text: words(text),
        form,
    };
    vec![
        question(
            "是否赞成",
            Form::One(vec![choice("赞成", None), choice("不赞成", None)]),
        ),
        question(
            "有哪些问题",
            Form::Several(
                vec![
                    choice("停车难", Some("城管科")),
                    choice("缺绿化", Some("园林科")),
                    choice("没有问题", None),
                ],
                2,
            ),
        ),
        question("家中老人", Form::Number(9)),
    ]
}

fn open(kind: &str) -> Action {
    Action::Open(Open {
        kind: kind.parse().unwrap(),
        title: name("入户调研"),
        questions: questions(),
        topic: None,
    })
}

/// Households 1 to `last`; resident 100 speaks for the first.
fn start(last: u64) -> Action {
    let line = |entry| Line {
        entry,
        unit: None,
        area_cm2: 0,
        resident: (entry == 1).then_some(Pseudonym(100)),
    };
    let roll = Roll::freeze((1..=last).map(line).collect(), |_| Sha256([1; 32]));
    Action::Start {
        roll: roll.unwrap(),
        until: date(2026, 3, 20),
    }
}

fn sheet(household: u64, marks: [Mark; 3]) -> Sheet {
    Sheet {
        household,
        marks: marks.to_vec(),
    }
}

const YES: [Mark; 3] = [Mark::One(0), Mark::Several(0b011), Mark::Number(2)];
const NO: [Mark; 3] = [Mark::One(1), Mark::Several(0b001), Mark::Nothing];

fn answer(origin: Origin, sheets: Vec<Sheet>) -> Action {
    Action::Answer { origin, sheets }
}

fn begun(playbook: &str, kind: &str, households: u64) -> Trial {
    let mut trial = Trial::new(playbook, "2026-03-02T01:00:00Z");
    trial.act(STAFF, open(kind)).unwrap();
    trial.act(STAFF, start(households)).unwrap();
    trial
}

#[test]
fn a_household_answers_once_over_all_channels() {
    let mut trial = begun(QINGHE, "full-sample", 5);
    let resident = Actor::Resident(Pseudonym(100));
    let stranger = Actor::Resident(Pseudonym(101));
    let own = || answer(Origin::Online, vec![sheet(1, YES)]);
    assert_eq!(reason(trial.act(stranger, own())), "NOT_YOUR_HOUSEHOLD");
    let neighbour = answer(Origin::Online, vec![sheet(2, YES)]);
    assert_eq!(
        reason(trial.act(resident.clone(), neighbour)),
        "NOT_YOUR_HOUSEHOLD"
    );
    let paper = answer(Origin::Paper, vec![sheet(1, YES)]);
    assert_eq!(
        reason(trial.act(resident.clone(), paper.clone())),
        "NOT_YOUR_HOUSEHOLD"
    );
    trial.act(resident, own()).unwrap();
    let again = trial.act(STAFF, paper).unwrap_err();
    assert_eq!(again.reason, "ALREADY_ANSWERED");
    assert!(again.details.contains(&("origin", "online".to_owned())));
    let twice = answer(Origin::Paper, vec![sheet(2, YES), sheet(2, NO)]);
    assert_eq!(reason(trial.act(STAFF, twice)), "ALREADY_ANSWERED");
    let unknown = answer(Origin::Paper, vec![sheet(6, YES)]);
    assert_eq!(reason(trial.act(STAFF, unknown)), "NOT_ON_ROLL");
    let worker = Actor::GridWorker("003".parse::<Grid>().unwrap());
    trial
        .act(worker, answer(Origin::DoorKnock, vec![sheet(2, NO)]))
        .unwrap();
    trial
        .act(
            STAFF,
            answer(Origin::Paper, vec![sheet(3, NO), sheet(4, YES)]),
        )
        .unwrap();
    assert_eq!(survey(&trial).answered(), 4);
    assert_eq!(
        trial.members("survey.household_answered"),
        ["online", "door-knock", "paper", "paper"]
    );
    assert_eq!(trial.members("survey.household_asked").len(), 5);
}

#[test]
fn answers_fit_their_questions_and_are_shown_when_it_is_over() {
    let mut trial = begun(QINGHE, "full-sample", 3);
    for marks in [
        [Mark::One(2), Mark::Nothing, Mark::Nothing],
        [Mark::Number(1), Mark::Nothing, Mark::Nothing],
        [Mark::Nothing, Mark::Several(0b111), Mark::Nothing],
        [Mark::Nothing, Mark::Several(0b1000), Mark::Nothing],
        [Mark::Nothing, Mark::Several(0), Mark::Nothing],
        [Mark::Nothing, Mark::Nothing, Mark::Number(10)],
    ] {
        let odd = answer(Origin::Paper, vec![sheet(1, marks)]);
        assert_eq!(
            reason(trial.act(STAFF, odd)),
            "MARK_DOES_NOT_FIT",
            "{marks:?}"
        );
    }
    let short = Sheet {
        household: 1,
        marks: vec![Mark::One(0)],
    };
    assert_eq!(
        reason(trial.act(STAFF, answer(Origin::Paper, vec![short]))),
        "MARK_DOES_NOT_FIT"
    );
    let correct = |sheet| Action::Correct {
        sheet,
        reason: words("录入有误"),
    };
    assert_eq!(
        reason(trial.act(STAFF, correct(sheet(1, NO)))),
        "NOT_ANSWERED"
    );
    trial
        .act(
            STAFF,
            answer(Origin::Paper, vec![sheet(1, YES), sheet(2, YES)]),
        )
        .unwrap();
    trial.act(STAFF, correct(sheet(2, NO))).unwrap();
    assert!(survey(&trial).totals.is_empty());
    assert_eq!(reason(trial.act(STAFF, Action::Close)), "STILL_ANSWERING");
    // A sheet of the last day is entered on the 25th at the latest.
    trial.pass_to("2026-03-25T15:59:59Z");
    let late = || answer(Origin::Paper, vec![sheet(3, NO)]);
    assert_eq!(reason(trial.act(STAFF, late())), "SURVEY_OVER");
    trial.act_at(STAFF, "2026-03-20T15:00:00Z", late()).unwrap();
    trial.pass_to("2026-03-25T16:00:00Z");
    assert_eq!(survey(&trial).stage, Stage::Closed);
    let total = |answered, chosen: &[u32], sum| Total {
        answered,
        chosen: chosen.to_vec(),
        sum,
    };
    assert_eq!(
        survey(&trial).totals,
        [
            total(3, &[1, 2], 0),
            total(3, &[3, 1, 0], 0),
            total(1, &[], 2)
        ]
    );
    // What each household said is no longer in the state.
    assert!(
        survey(&trial)
            .households
            .iter()
            .all(|one| one.marks.is_empty())
    );
    assert_eq!(trial.facts.last().unwrap().measures[..], [3, 3]);
}

#[test]
fn everybody_is_called_on_and_the_denominator_is_all_households() {
    let mut trial = begun(QINGHE, "full-sample", 3);
    let visit = |household, visit| Action::Visit { household, visit };
    trial
        .act(STAFF, answer(Origin::DoorKnock, vec![sheet(1, YES)]))
        .unwrap();
    assert_eq!(
        reason(trial.act(STAFF, visit(1, Visit::NoAnswer))),
        "ALREADY_ANSWERED"
    );
    trial.act(STAFF, visit(2, Visit::Declined)).unwrap();
    for _ in 0..2 {
        trial.act(STAFF, visit(3, Visit::NoAnswer)).unwrap();
    }
    assert_eq!(reason(trial.act(STAFF, Action::Close)), "STILL_ANSWERING");
    trial.act(STAFF, visit(3, Visit::NoAnswer)).unwrap();
    trial.act(STAFF, Action::Close).unwrap();
    let closed = trial.facts.last().unwrap();
    assert_eq!(closed.measures[..], [1, 3]);
    assert_eq!(trial.members("survey.visited").len(), 4);
    let mut other = begun(TIANNING, "needs", 3);
    assert_eq!(
        reason(other.act(STAFF, visit(1, Visit::NoAnswer))),
        "NO_VISITS"
    );
}

#[test]
fn needs_lead_to_a_summary_and_a_scheme() {
    let mut trial = Trial::new(TIANNING, "2026-03-02T01:00:00Z");
    let mut odd = open("needs");
    if let Action::Open(open) = &mut odd {
        open.questions[0].form = Form::One(vec![choice("赞成", None)]);
    }
    assert_eq!(reason(trial.act(STAFF, odd)), "ODD_QUESTIONS");
    trial.act(STAFF, open("needs")).unwrap();
    let resident = Actor::Resident(Pseudonym(100));
    assert!(!trial.state.as_ref().unwrap().is_visible_to(&resident));
    let early = answer(Origin::Paper, vec![sheet(1, YES)]);
    assert_eq!(reason(trial.act(STAFF, early)), "NOT_NOW");
    trial.act(STAFF, start(2)).unwrap();
    assert!(trial.state.as_ref().unwrap().is_visible_to(&resident));
    trial
        .act(
            STAFF,
            answer(Origin::Paper, vec![sheet(1, YES), sheet(2, NO)]),
        )
        .unwrap();
    let scheme = || Action::Scheme {
        text: words("先修外墙"),
    };
    trial.act(STAFF, Action::Close).unwrap();
    assert_eq!(reason(trial.act(STAFF, scheme())), "NOT_NOW");
    trial
        .act(
            STAFF,
            Action::Summarise {
                text: words("过半赞成"),
            },
        )
        .unwrap();
    trial.act(STAFF, scheme()).unwrap();
    let text = include_str!("../../../../deploy/catalogue/surveys.toml");
    assert_eq!(trial.numbers(text)["TN.D01 2026Q1"], (2, Some(2)));
    assert_eq!(survey(&trial).scheme, Some(words("先修外墙")));
    assert_eq!(reason(trial.act(STAFF, Action::Compile)), "NO_HAND_OVER");
}

#[test]
fn the_association_runs_a_questionnaire_that_a_topic_asked_for() {
    let mut trial = Trial::new(CUIZHUYUAN, "2026-03-02T01:00:00Z");
    let association = Actor::Handler(name("翠竹园社区互助会"));
    let property = Actor::Handler(name("物业公司"));
    let mut asked = open("questionnaire");
    if let Action::Open(open) = &mut asked {
        open.topic = Some(7);
    }
    assert_eq!(
        reason(trial.act(property.clone(), asked.clone())),
        "NOT_YOURS"
    );
    trial.act(association.clone(), asked).unwrap();
    trial.act(association.clone(), start(3)).unwrap();
    let sheets = || {
        answer(
            Origin::Paper,
            vec![sheet(1, NO), sheet(2, NO), sheet(3, YES)],
        )
    };
    assert_eq!(reason(trial.act(property, sheets())), "NOT_YOURS");
    trial.act(association.clone(), sheets()).unwrap();
    trial.act(association.clone(), Action::Close).unwrap();
    trial
        .act(
            association,
            Action::Summarise {
                text: words("三分之二反对"),
            },
        )
        .unwrap();
    assert_eq!(
        (survey(&trial).topic, &survey(&trial).totals[0].chosen[..]),
        (Some(7), &[1, 2][..])
    );
}
