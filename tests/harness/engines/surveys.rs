//! Surveys: what a story asks of questions, sheets and departments. Knows no story.

use proto::pb::node as pb;
use proto::pb::node::{
    Origin, RollLine, SurveyChoice, SurveyMark, SurveyQuestion, SurveySheet,
    conclude_survey_request as conclude, hand_over_issues_request as hand_over, survey_mark::Mark,
    survey_question::Form,
};
use proto_edge::node::survey_service_client::SurveyServiceClient;

use crate::harness::calls::calls;

calls! { SurveyServiceClient => survey: Survey;
    open_survey(kind: &str, title: &str, questions: Vec<SurveyQuestion>, topic: &str) = open_survey OpenSurveyRequest {
        kind: kind.to_owned(), title: title.to_owned(), questions: questions, topic: topic.to_owned()
    };
    start_survey(name: &str, lines: Vec<RollLine>, until_day: &str) = start_survey StartSurveyRequest {
        name: name.to_owned(), lines: lines, until_day: until_day.to_owned()
    };
    answer_survey(name: &str, origin: Origin, sheets: Vec<SurveySheet>) = answer_survey AnswerSurveyRequest {
        name: name.to_owned(), origin: origin.into(), sheets: sheets
    };
    visit_household(name: &str, household: &str) = visit_household VisitHouseholdRequest {
        name: name.to_owned(), household: household.to_owned()
    };
    conclude(name: &str, act: conclude::Act) = conclude_survey ConcludeSurveyRequest { name: name.to_owned(), act: Some(act) };
    hand_over(name: &str, act: hand_over::Act) = hand_over_issues HandOverIssuesRequest { name: name.to_owned(), act: Some(act) };
}

/// A question with one answer; each choice with the department whose business it
/// is, or nobody's.
pub fn one_of<const N: usize>(text: &str, choices: [(&str, &str); N]) -> SurveyQuestion {
    let choices = choices.map(|(text, department)| SurveyChoice {
        text: text.to_owned(),
        department: department.to_owned(),
    });
    SurveyQuestion {
        text: text.to_owned(),
        form: Some(Form::One(pb::OneChoice {
            choices: choices.into(),
        })),
    }
}

/// A household's sheet with one question.
pub fn sheet(household: &str, choice: u32) -> SurveySheet {
    let mark = Some(Mark::One(choice));
    SurveySheet {
        household: household.to_owned(),
        marks: vec![SurveyMark { mark }],
    }
}

pub fn close() -> conclude::Act {
    conclude::Act::Close(conclude::Close {})
}

pub fn summarise(text: &str) -> conclude::Act {
    conclude::Act::Summarise(conclude::Summarise {
        text: text.to_owned(),
    })
}
