//! Requests about surveys, parsed. Decides nothing.

use node_domain::surveys::{Action, Choice, Form, Mark, Open, Question, Sheet, Visit};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::process::{Ask, on_process, opening};
use super::ENGINE;

pub const TOPICS: &str = "topics/";
/// Bits of a mark of several choices.
const MOST_CHOICE: u32 = 31;

impl TryFrom<pb::OpenSurveyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenSurveyRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let questions = asked.questions.iter();
            let questions: Option<Vec<_>> = questions.map(|one| question(fields, one)).collect();
            let topic = fields.optional_numbered("topic", TOPICS, &asked.topic);
            Some(Action::Open(Open {
                kind: kind?,
                title: title?,
                questions: questions?,
                topic: topic?,
            }))
        })
    }
}

fn question(fields: &mut Fields, asked: &pb::SurveyQuestion) -> Option<Question> {
    use pb::survey_question::Form as Asked;
    const FORM: &str = "questions.form";
    let text = fields.words("questions.text", &asked.text);
    let form = match &asked.form {
        Some(Asked::One(one)) => choices(fields, &one.choices).map(Form::One),
        Some(Asked::Several(several)) => {
            let most = u8::try_from(several.most).ok();
            let most = most.or_else(|| fields.choice(FORM, None, "1 … 30"));
            let choices = choices(fields, &several.choices);
            choices
                .zip(most)
                .map(|(choices, most)| Form::Several(choices, most))
        }
        Some(Asked::Greatest(greatest)) => Some(Form::Number(*greatest)),
        None => fields.choice(FORM, None, "one, several, greatest"),
    };
    Some(Question {
        text: text?,
        form: form?,
    })
}

fn choices(fields: &mut Fields, asked: &[pb::SurveyChoice]) -> Option<Vec<Choice>> {
    let choices = asked.iter().map(|one| {
        let text = fields.name("questions.choices.text", &one.text);
        let department = fields.optional_name("questions.choices.department", &one.department);
        Some(Choice {
            text: text?,
            department: department?,
        })
    });
    choices.collect()
}

impl TryFrom<pb::AnswerSurveyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AnswerSurveyRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let origin = fields.origin("origin", asked.origin);
                let sheets = asked.sheets.iter();
                let sheets: Option<Vec<_>> = sheets.map(|one| sheet(fields, one)).collect();
                Some(Action::Answer {
                    origin: origin?,
                    sheets: sheets?,
                })
            },
        )
    }
}

fn sheet(fields: &mut Fields, asked: &pb::SurveySheet) -> Option<Sheet> {
    let household = fields.entry("sheets.household", &asked.household);
    let marks: Option<Vec<_>> = asked.marks.iter().map(|one| mark(fields, one)).collect();
    Some(Sheet {
        household: household?,
        marks: marks?,
    })
}

/// From 1 on the wire, from 0 inside.
fn mark(fields: &mut Fields, asked: &pb::SurveyMark) -> Option<Mark> {
    use pb::survey_mark::Mark as Asked;
    const MARKS: &str = "sheets.marks";
    match &asked.mark {
        None => Some(Mark::Nothing),
        Some(Asked::One(choice)) => match choice {
            1..=MOST_CHOICE => Some(Mark::One((choice - 1) as u8)),
            _ => fields.choice(MARKS, None, "1 … 30"),
        },
        Some(Asked::Several(chosen)) => {
            let mut bits = 0;
            for choice in &chosen.choices {
                match choice {
                    1..=MOST_CHOICE => bits |= 1 << (choice - 1),
                    _ => return fields.choice(MARKS, None, "1 … 30"),
                }
            }
            Some(Mark::Several(bits))
        }
        Some(Asked::Number(number)) => Some(Mark::Number(*number)),
    }
}

impl TryFrom<pb::CorrectSurveyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CorrectSurveyRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let sheet = asked.sheet.unwrap_or_default();
            let sheet = self::sheet(fields, &sheet);
            let reason = fields.words("reason", &asked.reason);
            Some(Action::Correct {
                sheet: sheet?,
                reason: reason?,
            })
        })
    }
}

impl TryFrom<pb::VisitHouseholdRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::VisitHouseholdRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let household = fields.entry("household", &asked.household)?;
                let visit = match asked.declined {
                    true => Visit::Declined,
                    false => Visit::NoAnswer,
                };
                Some(Action::Visit { household, visit })
            },
        )
    }
}

impl TryFrom<pb::ConcludeSurveyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ConcludeSurveyRequest) -> Result<Ask, Problem> {
        use pb::conclude_survey_request::Act;
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            None,
            |fields| match asked.act {
                Some(Act::Close(_)) => Some(Action::Close),
                Some(Act::Summarise(summary)) => {
                    let text = fields.words("summarise.text", &summary.text)?;
                    Some(Action::Summarise { text })
                }
                Some(Act::Scheme(scheme)) => {
                    let text = fields.words("scheme.text", &scheme.text)?;
                    Some(Action::Scheme { text })
                }
                Some(Act::Withdraw(withdraw)) => {
                    let reason = fields.words("withdraw.reason", &withdraw.reason)?;
                    Some(Action::Withdraw { reason })
                }
                None => fields.choice("act", None, "close, summarise, scheme, withdraw"),
            },
        )
    }
}

impl TryFrom<pb::HandOverIssuesRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::HandOverIssuesRequest) -> Result<Ask, Problem> {
        use pb::hand_over_issues_request::Act;
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(Act::Compile(_)) => Some(Action::Compile),
                Some(Act::Send(send)) => {
                    let department = fields.name("send.department", &send.department)?;
                    Some(Action::Send { department })
                }
                Some(Act::Reply(reply)) => {
                    let department = fields.name("reply.department", &reply.department);
                    let text = fields.words("reply.text", &reply.text);
                    Some(Action::Reply {
                        department: department?,
                        text: text?,
                    })
                }
                Some(Act::Track(track)) => {
                    let department = fields.name("track.department", &track.department);
                    let note = fields.words("track.note", &track.note);
                    Some(Action::Track {
                        department: department?,
                        is_settled: track.settled,
                        note: note?,
                    })
                }
                None => fields.choice("act", None, "compile, send, reply, track"),
            },
        )
    }
}
