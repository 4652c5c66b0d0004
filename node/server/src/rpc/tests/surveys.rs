//! Surveys over the wire: one sheet per household by token or on paper, what shows
//! when, and departments that reply.

use proto_edge::node::survey_service_client::SurveyServiceClient;

use super::*;
use pb::{conclude_survey_request as conclude, hand_over_issues_request as hand_over};

const NAME: &str = "surveys/1";

fn choice(text: &str, department: &str) -> pb::SurveyChoice {
    pb::SurveyChoice {
        text: text.into(),
        department: department.into(),
    }
}

fn open() -> pb::OpenSurveyRequest {
    let question = |text: &str, form| pb::SurveyQuestion {
        text: text.into(),
        form: Some(form),
    };
    pb::OpenSurveyRequest {
        kind: "full-sample".into(),
        title: "入户调研".into(),
        questions: vec![
            question(
                "有哪些问题",
                pb::survey_question::Form::Several(pb::SeveralChoices {
                    choices: vec![choice("停车难", "城管科"), choice("没有问题", "")],
                    most: 2,
                }),
            ),
            question("家中老人", pb::survey_question::Form::Greatest(9)),
        ],
        ..Default::default()
    }
}

fn sheet(household: u32, chosen: &[u32], number: Option<u32>) -> pb::SurveySheet {
    use pb::survey_mark::Mark;
    let chosen = (!chosen.is_empty()).then(|| {
        Mark::Several(pb::SurveyChosen {
            choices: chosen.to_vec(),
        })
    });
    let marks = [chosen, number.map(Mark::Number)];
    pb::SurveySheet {
        household: format!("entries/{household}"),
        marks: marks.map(|mark| pb::SurveyMark { mark }).into(),
    }
}

fn answer(origin: pb::Origin, sheets: Vec<pb::SurveySheet>) -> pb::AnswerSurveyRequest {
    pb::AnswerSurveyRequest {
        name: NAME.into(),
        origin: origin.into(),
        sheets,
        ..Default::default()
    }
}

async fn hand_over(
    surveys: &mut SurveyServiceClient<Through>,
    act: hand_over::Act,
) -> Result<pb::Survey, Status> {
    let asked = pb::HandOverIssuesRequest {
        name: NAME.into(),
        act: Some(act),
        ..Default::default()
    };
    Ok(surveys
        .hand_over_issues(asked)
        .await?
        .into_inner()
        .survey
        .unwrap())
}

#[tokio::test]
async fn every_household_answers_once_and_departments_reply_to_what_is_raised() {
    let node = Node::start().await;
    // The second token that was made; the administrator's is the first.
    let own = node.token(pb::Role::Resident, "r-1").await;
    let mut resident = node.surveys(&own);
    let mut stranger = node.surveys(&node.token(pb::Role::Resident, "r-2").await);
    let mut staff = node.surveys(&node.token(pb::Role::Staff, "").await);
    let mut worker = node.surveys(&node.token(pb::Role::GridWorker, "003").await);
    let mut department = node.surveys(&node.token(pb::Role::Handler, "城管科").await);
    staff.open_survey(open()).await.unwrap();
    let get = || pb::GetSurveyRequest { name: NAME.into() };
    assert_eq!(
        reason(&resident.get_survey(get()).await.unwrap_err()),
        "UNKNOWN_PROCESS"
    );
    let line = |entry: u32, resident: &str| pb::RollLine {
        entry: format!("entries/{entry}"),
        resident: resident.into(),
        ..Default::default()
    };
    let start = |token: &str| pb::StartSurveyRequest {
        name: NAME.into(),
        lines: vec![line(1, token), line(2, ""), line(3, "")],
        until_day: "2026-03-20".into(),
        ..Default::default()
    };
    let wrong = staff.start_survey(start("tokens/1")).await.unwrap_err();
    assert_eq!(reason(&wrong), "NOT_A_RESIDENT");
    let started = staff
        .start_survey(start("tokens/2"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(started.survey.unwrap().households, 3);
    let online = answer(pb::Origin::Online, vec![sheet(1, &[1], Some(2))]);
    let foreign = stranger.answer_survey(online.clone()).await.unwrap_err();
    assert_eq!(reason(&foreign), "NOT_YOUR_HOUSEHOLD");
    let answered = resident.answer_survey(online).await.unwrap().into_inner();
    assert!(answered.survey.unwrap().totals.is_empty());
    let paper = answer(
        pb::Origin::Paper,
        vec![sheet(1, &[2], None), sheet(2, &[1, 2], Some(1))],
    );
    let twice = staff.answer_survey(paper).await.unwrap_err();
    assert_eq!(reason(&twice), "ALREADY_ANSWERED");
    let paper = answer(pb::Origin::Paper, vec![sheet(2, &[1, 2], Some(1))]);
    staff.answer_survey(paper).await.unwrap();
    for _ in 0..3 {
        let visit = pb::VisitHouseholdRequest {
            name: NAME.into(),
            household: "entries/3".into(),
            ..Default::default()
        };
        worker.visit_household(visit).await.unwrap();
    }
    let close = pb::ConcludeSurveyRequest {
        name: NAME.into(),
        act: Some(conclude::Act::Close(conclude::Close {})),
        ..Default::default()
    };
    let closed = staff
        .conclude_survey(close)
        .await
        .unwrap()
        .into_inner()
        .survey
        .unwrap();
    assert_eq!(
        (closed.stage.as_str(), closed.answered, closed.households),
        ("closed", 2, 3)
    );
    assert_eq!(closed.totals[0].chosen, [2, 1]);
    assert_eq!((closed.totals[1].answered, closed.totals[1].sum), (2, 3));
    let channels: Vec<_> = closed
        .channels
        .iter()
        .map(|one| (one.origin(), one.answered))
        .collect();
    assert_eq!(channels, [(pb::Origin::Online, 1), (pb::Origin::Paper, 1)]);
    let compiled = hand_over(&mut staff, hand_over::Act::Compile(hand_over::Compile {}));
    assert_eq!(compiled.await.unwrap().bundles[0].issues[0].households, 2);
    let name = || "城管科".to_owned();
    let send = hand_over::Act::Send(hand_over::Send { department: name() });
    let sent = hand_over(&mut staff, send).await.unwrap();
    assert_eq!(sent.bundles[0].due_day, "2026-03-17");
    let reply = hand_over::Act::Reply(hand_over::Reply {
        department: name(),
        text: "四月划线".into(),
    });
    let replied = hand_over(&mut department, reply).await.unwrap();
    assert_eq!(replied.bundles[0].reply, "四月划线");
    let history = pb::ListSurveyEventsRequest {
        name: NAME.into(),
        page_size: 100,
        ..Default::default()
    };
    let told = staff
        .list_survey_events(history.clone())
        .await
        .unwrap()
        .into_inner()
        .events;
    let told: Vec<&str> = told.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(told[..4], ["OPENED", "STARTED", "ANSWERED", "ANSWERED"]);
    assert_eq!(told[told.len() - 3..], ["COMPILED", "SENT", "REPLIED"]);
    assert_eq!(
        reason(&resident.list_survey_events(history).await.unwrap_err()),
        "ROLE_FORBIDDEN"
    );
    assert!(resident.get_survey(get()).await.is_ok());
    node.stop().await;
}

#[tokio::test]
async fn odd_questions_and_marks_are_named() {
    let node = Node::start().await;
    let mut staff = node.surveys(&node.token(pb::Role::Staff, "").await);
    let mut odd = open();
    odd.questions[0].form = None;
    odd.questions[0].text = String::new();
    let odd = staff.open_survey(odd).await.unwrap_err();
    for field in ["questions.form", "questions.text"] {
        assert!(odd.message().contains(field), "{}", odd.message());
    }
    staff.open_survey(open()).await.unwrap();
    let zero = answer(pb::Origin::Paper, vec![sheet(1, &[0], None)]);
    let zero = staff.answer_survey(zero).await.unwrap_err();
    assert!(
        zero.message().contains("sheets.marks"),
        "{}",
        zero.message()
    );
    let listed = pb::ListSurveysRequest {
        kind: "full-sample".into(),
        only_open: true,
        ..Default::default()
    };
    let listed = staff
        .list_surveys(listed)
        .await
        .unwrap()
        .into_inner()
        .surveys;
    assert_eq!(listed.len(), 1);
    node.stop().await;
}
