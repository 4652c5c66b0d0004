//! A survey as its clients read it: who answered by channel, totals when it is
//! over, never a sheet.

use node_domain::cases::Origin;
use node_domain::process::{Engine, State};
use node_domain::surveys::{Bundle, Choice, Form, Issue, Question, Survey, Total};
use proto::pb::node as pb;

use super::super::case::from_origin;
use super::super::fields::wire_time;
use super::super::process::Shown;
use super::super::public::named;
use super::ENGINE;
use super::parse::TOPICS;

impl Shown for pb::Survey {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Survey> {
        let survey: &Survey = state.try_into().ok()?;
        let roll = survey.roll.as_ref();
        let declined = survey.households.iter();
        let declined = declined.filter(|one| one.has_declined && one.answered.is_none());
        Some(pb::Survey {
            name,
            kind: survey.kind.to_string(),
            rules: survey.rules.playbook.to_string(),
            title: survey.title.to_string(),
            questions: survey.questions.iter().map(question).collect(),
            topic: named(TOPICS, survey.topic),
            stage: survey.stage.code().to_owned(),
            households: survey.households.len() as u32,
            roll_sha256: roll.map_or_else(String::new, |roll| roll.sha256.to_string()),
            until_day: text(&survey.until),
            answered: survey.answered() as u32,
            declined: declined.count() as u32,
            channels: channels(survey),
            totals: survey.totals.iter().map(total).collect(),
            corrections: survey.corrections,
            summary: text(&survey.summary),
            scheme: text(&survey.scheme),
            bundles: survey.bundles.iter().map(bundle).collect(),
            updated_at: Some(wire_time(survey.acted_at)),
        })
    }
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn question(question: &Question) -> pb::SurveyQuestion {
    use pb::survey_question::Form as Shown;
    let choices = |choices: &[Choice]| choices.iter().map(choice).collect();
    pb::SurveyQuestion {
        text: question.text.to_string(),
        form: Some(match &question.form {
            Form::One(all) => Shown::One(pb::OneChoice {
                choices: choices(all),
            }),
            Form::Several(all, most) => Shown::Several(pb::SeveralChoices {
                choices: choices(all),
                most: (*most).into(),
            }),
            Form::Number(greatest) => Shown::Greatest(*greatest),
        }),
    }
}

fn choice(choice: &Choice) -> pb::SurveyChoice {
    pb::SurveyChoice {
        text: choice.text.to_string(),
        department: text(&choice.department),
    }
}

fn channels(survey: &Survey) -> Vec<pb::SurveyChannel> {
    let answered = |origin: Origin| {
        let by = survey.households.iter();
        by.filter(|one| one.answered == Some(origin)).count() as u32
    };
    let all = Origin::ALL.into_iter().map(|origin| pb::SurveyChannel {
        origin: from_origin(origin).into(),
        answered: answered(origin),
    });
    all.filter(|channel| channel.answered > 0).collect()
}

fn total(total: &Total) -> pb::SurveyTotal {
    pb::SurveyTotal {
        answered: total.answered,
        chosen: total.chosen.clone(),
        sum: total.sum,
    }
}

fn bundle(bundle: &Bundle) -> pb::SurveyBundle {
    let issue = |issue: &Issue| pb::SurveyIssue {
        question: issue.question.into(),
        choice: issue.choice.into(),
        households: issue.households,
    };
    pb::SurveyBundle {
        department: bundle.department.to_string(),
        issues: bundle.issues.iter().map(issue).collect(),
        sent_at: bundle.sent_at.map(wire_time),
        due_day: text(&bundle.due),
        reply: text(&bundle.reply),
        settled: bundle.is_settled,
    }
}
