//! Requests about topics, parsed. Decides nothing; hashes texts, so that what is
//! compared later is what was sent.

mod meet;
mod vote;

use node_domain::deliberations::{Action, Grade, Propose, Route, Source};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::{CASES, Fields};
use super::super::process::{Ask, on_process, opening};
use super::super::public::sha256;
use super::ENGINE;

pub const SURVEYS: &str = "surveys/";

impl TryFrom<pb::ProposeTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ProposeTopicRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let source = source(fields, asked.source());
            let grid = fields.grid("grid", &asked.grid);
            let case = fields.optional_numbered("case", CASES, &asked.case);
            Some(Action::Propose(Propose {
                kind: kind?,
                title: title?,
                source: source?,
                grid: grid?,
                case: case?,
                supporters: asked.supporters,
                order: None,
            }))
        })
    }
}

/// The office's, unless it says otherwise.
fn source(fields: &mut Fields, source: pb::TopicSource) -> Option<Source> {
    let source = match source {
        pb::TopicSource::Unspecified | pb::TopicSource::Office => Some(Source::Office),
        pb::TopicSource::Resident => Some(Source::Resident),
        pb::TopicSource::Grid => Some(Source::Grid),
        pb::TopicSource::Party => Some(Source::Party),
        pb::TopicSource::Organisation => Some(Source::Organisation),
        pb::TopicSource::Council => Some(Source::Council),
        pb::TopicSource::Expert => Some(Source::Expert),
        pb::TopicSource::Calendar => None,
    };
    let choices = "RESIDENT, GRID, OFFICE, PARTY, ORGANISATION, COUNCIL, EXPERT";
    fields.choice("source", source, choices)
}

impl TryFrom<pb::TriageTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::TriageTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let grade = match asked.grade() {
                    pb::TopicGrade::Unspecified => None,
                    pb::TopicGrade::Urgent => Some(Grade::Urgent),
                    pb::TopicGrade::Important => Some(Grade::Important),
                    pb::TopicGrade::Minor => Some(Grade::Minor),
                    pb::TopicGrade::Deferrable => Some(Grade::Deferrable),
                };
                let grade = fields.choice("grade", grade, "URGENT, IMPORTANT, MINOR, DEFERRABLE");
                let route = match asked.route() {
                    pb::TopicRoute::Agenda => Some(Route::Agenda),
                    pb::TopicRoute::Deferred => Some(Route::Deferred),
                    pb::TopicRoute::Elsewhere => fields.name("to", &asked.to).map(Route::Elsewhere),
                    pb::TopicRoute::Unspecified => {
                        fields.choice("route", None, "AGENDA, DEFERRED, ELSEWHERE")
                    }
                };
                let reason = fields.words("reason", &asked.reason);
                Some(Action::Triage {
                    grade: grade?,
                    route: route?,
                    reason: reason?,
                })
            },
        )
    }
}

impl TryFrom<pb::CommentTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CommentTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let origin = fields.origin("origin", asked.origin);
                let case = fields.optional_numbered("case", CASES, &asked.case);
                Some(Action::Comment {
                    origin: origin?,
                    case: case?,
                })
            },
        )
    }
}

impl TryFrom<pb::AdvanceTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AdvanceTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(act) => step(fields, act),
                None => fields.choice(
                    "act",
                    None,
                    "talk, draft, post, advise, answer_advice, fix, send_back, survey",
                ),
            },
        )
    }
}

fn step(fields: &mut Fields, act: pb::advance_topic_request::Act) -> Option<Action> {
    use pb::advance_topic_request::Act;
    match act {
        Act::Talk(talk) => {
            let parties = talk.parties.iter();
            let parties: Option<Vec<_>> = parties
                .map(|name| fields.name("talk.parties", name))
                .collect();
            let ideas = u16::try_from(talk.ideas).ok();
            let ideas = ideas.or_else(|| fields.choice("talk.ideas", None, "0 … 65535"));
            Some(Action::Talk {
                parties: parties?,
                ideas: ideas?,
            })
        }
        Act::Draft(draft) => {
            let by = fields.name("draft.by", &draft.by);
            let text = fields.words("draft.text", &draft.text)?;
            Some(Action::Draft {
                by: by?,
                hash: sha256(text.as_str()),
                text,
            })
        }
        Act::Post(_) => Some(Action::Post),
        Act::Advise(advise) => {
            let expert = fields.entry("advise.expert", &advise.expert);
            let discipline = fields.code("advise.discipline", &advise.discipline);
            let text = fields.words("advise.text", &advise.text);
            Some(Action::Advise {
                expert: expert?,
                discipline: discipline?,
                has_interest: advise.has_interest,
                text: text?,
            })
        }
        Act::AnswerAdvice(answer) => {
            let reason = fields.words("answer_advice.reason", &answer.reason)?;
            Some(Action::AnswerAdvice {
                advice: answer.advice,
                adopted: answer.adopted,
                reason,
            })
        }
        Act::Fix(fix) => {
            let text = fields.words("fix.text", &fix.text)?;
            Some(Action::Fix {
                hash: sha256(text.as_str()),
                text,
            })
        }
        Act::SendBack(back) => {
            let reason = fields.words("send_back.reason", &back.reason)?;
            Some(Action::SendBack { reason })
        }
        Act::Survey(survey) => {
            let survey = fields.numbered("survey.survey", SURVEYS, &survey.survey)?;
            Some(Action::Survey { survey })
        }
    }
}

impl TryFrom<pb::FollowTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::FollowTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(act) => follow(fields, act),
                None => fields.choice(
                    "act",
                    None,
                    "set_follow_up, report_done, check, announce, withdraw, close",
                ),
            },
        )
    }
}

fn follow(fields: &mut Fields, act: pb::follow_topic_request::Act) -> Option<Action> {
    use pb::follow_topic_request::Act;
    match act {
        Act::SetFollowUp(set) => {
            let owner = fields.name("set_follow_up.owner", &set.owner);
            let what = fields.words("set_follow_up.what", &set.what);
            let due = fields.day("set_follow_up.due_day", &set.due_day);
            Some(Action::FollowUp {
                owner: owner?,
                what: what?,
                due: due?,
            })
        }
        Act::ReportDone(done) => Some(Action::ReportDone {
            follow_up: done.follow_up,
        }),
        Act::Check(check) => {
            let by = fields.optional_name("check.by", &check.by);
            let note = fields.optional_words("check.note", &check.note);
            Some(Action::Check {
                follow_up: check.follow_up,
                by: by?,
                passed: check.passed,
                note: note?,
            })
        }
        Act::Announce(announce) => {
            let channel = fields.code("announce.channel", &announce.channel)?;
            Some(Action::Announce { channel })
        }
        Act::Withdraw(withdraw) => {
            let reason = fields.words("withdraw.reason", &withdraw.reason)?;
            Some(Action::Withdraw { reason })
        }
        Act::Close(_) => Some(Action::Close),
    }
}
