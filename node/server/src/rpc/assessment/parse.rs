//! What requests on assessments ask, parsed.

use node_domain::assessments::{Action, Open};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::process::{Ask, on_process, opening};
use super::ENGINE;

impl TryFrom<pb::OpenAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenAssessmentRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let subject = fields.entry("subject", &asked.subject);
            let grid = fields.grid("grid", &asked.grid);
            // What is out of range is refused as no such year or period.
            let year = i16::try_from(asked.year).unwrap_or(i16::MAX);
            let number = u8::try_from(asked.number).unwrap_or(0);
            Some(Action::Open(Open {
                kind: kind?,
                subject: subject?,
                grid: grid?,
                year,
                number,
            }))
        })
    }
}

impl TryFrom<pb::AppointAssessorRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AppointAssessorRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let part = fields.code("part", &asked.part);
            let by = fields.entry("by", &asked.by);
            Some(Action::Appoint {
                part: part?,
                by: by?,
                has_ties: false,
            })
        })
    }
}

impl TryFrom<pb::ScoreAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ScoreAssessmentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.entry("by", &asked.by)?;
            // More than there can be is refused as such.
            let points = u16::try_from(asked.points).unwrap_or(u16::MAX);
            Some(Action::Score { by, points })
        })
    }
}

impl TryFrom<pb::CountAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CountAssessmentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            let (satisfied, valid) = (asked.satisfied, asked.valid);
            Some(Action::Count { satisfied, valid })
        })
    }
}

impl TryFrom<pb::JudgeAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::JudgeAssessmentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.entry("by", &asked.by);
            let unsuitable = fields.optional_code("unsuitable", &asked.unsuitable);
            Some(Action::Judge {
                by: by?,
                unsuitable: unsuitable?,
                has_ties: false,
            })
        })
    }
}

impl TryFrom<pb::NotifyAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::NotifyAssessmentRequest) -> Result<Ask, Problem> {
        without_fields(&asked.request_id, &asked.name, Action::Notify)
    }
}

impl TryFrom<pb::FinaliseAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::FinaliseAssessmentRequest) -> Result<Ask, Problem> {
        without_fields(&asked.request_id, &asked.name, Action::Finalise)
    }
}

impl TryFrom<pb::PublishAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PublishAssessmentRequest) -> Result<Ask, Problem> {
        without_fields(&asked.request_id, &asked.name, Action::Publish)
    }
}

fn without_fields(request_id: &str, name: &str, action: Action) -> Result<Ask, Problem> {
    on_process(ENGINE, request_id, name, None, |_: &mut Fields| {
        Some(action)
    })
}

impl TryFrom<pb::ReplyToAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ReplyToAssessmentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let text = fields.name("text", &asked.text)?;
            Some(Action::Reply { text })
        })
    }
}

impl TryFrom<pb::CorrectAssessmentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CorrectAssessmentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::Correct { reason })
        })
    }
}
