//! What a request asks of one case, parsed; texts stay plain until the ledger
//! seals them. Decides nothing.

use jiff::Timestamp;
use node_domain::cases::{Action, CaseId, Completion, Level};
use proto::identity::RequestId;
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use crate::store::ledger::command::Plain;

/// One command, whoever sends it.
#[derive(Debug)]
pub struct Ask {
    pub request_id: Option<RequestId>,
    /// `None`: a report.
    pub case: Option<CaseId>,
    /// `None`: now.
    pub happened_at: Option<Timestamp>,
    pub action: Plain,
}

/// An action on a case that is there.
fn on_case(
    request_id: &str,
    name: &str,
    action: impl FnOnce(&mut Fields) -> Option<Action>,
) -> Result<Ask, Problem> {
    let mut fields = Fields::default();
    let request_id = fields.request_id(request_id);
    let case = fields.case("name", name);
    let action = action(&mut fields);
    let built = request_id.zip(case).zip(action);
    fields.done(built.map(|((request_id, case), action)| Ask {
        request_id,
        case: Some(case),
        happened_at: None,
        action: Plain(action),
    }))
}

impl TryFrom<pb::AcceptCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AcceptCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |_| Some(Action::Accept))
    }
}

impl TryFrom<pb::DispatchCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::DispatchCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let handler = fields.name("handler", &asked.handler)?;
            Some(Action::Dispatch { handler })
        })
    }
}

impl TryFrom<pb::BounceCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::BounceCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let reason = fields.text("reason", &asked.reason)?;
            Some(Action::Bounce { reason })
        })
    }
}

impl TryFrom<pb::StartCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::StartCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |_| Some(Action::Start))
    }
}

impl TryFrom<pb::PauseCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PauseCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let cause = fields.code("cause", &asked.cause)?;
            Some(Action::Pause { cause })
        })
    }
}

impl TryFrom<pb::ResumeCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ResumeCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |_| Some(Action::Resume))
    }
}

impl TryFrom<pb::ReplyCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ReplyCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            fields.said("text", &asked.text).map(Action::Reply)
        })
    }
}

impl TryFrom<pb::CompleteCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CompleteCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let refer_to = fields.optional_name("refer_to", &asked.refer_to);
            let completion = match pb::Outcome::try_from(asked.outcome) {
                Ok(pb::Outcome::Resolved) => Some(Completion::Resolved),
                Ok(pb::Outcome::Partly) => Some(Completion::Partly),
                Ok(pb::Outcome::Explained) => Some(Completion::Explained),
                Ok(pb::Outcome::Referred) => refer_to.clone().map(Completion::Referred),
                _ => fields.choice("outcome", None, "RESOLVED, PARTLY, EXPLAINED, REFERRED"),
            };
            let text = fields.text("text", &asked.text);
            let referred = matches!(completion, Some(Completion::Referred(_)));
            if !referred && refer_to?.is_some() {
                let (en, zh) = (
                    "want nothing unless outcome is REFERRED",
                    "仅当结果为 REFERRED 时填写",
                );
                return fields.wrong("refer_to", en, zh);
            }
            let (completion, text) = completion.zip(text)?;
            Some(Action::Complete { completion, text })
        })
    }
}

impl TryFrom<pb::RefuseCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RefuseCaseRequest) -> Result<Ask, Problem> {
        let refusal = asked.refusal.unwrap_or_default();
        on_case(&asked.request_id, &asked.name, |fields| {
            let by = fields.name("refusal.by", &refusal.by);
            let refer_to = fields.name("refusal.refer_to", &refusal.refer_to);
            let text = fields.text("text", &asked.text)?;
            let (by, refer_to) = by.zip(refer_to)?;
            Some(Action::Refuse { by, refer_to, text })
        })
    }
}

impl TryFrom<pb::MarkDuplicateCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::MarkDuplicateCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let of = fields.case("duplicate_of", &asked.duplicate_of)?;
            Some(Action::MarkDuplicate { of })
        })
    }
}

impl TryFrom<pb::RateCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RateCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let level = match pb::RatingLevel::try_from(asked.level) {
                Ok(pb::RatingLevel::VeryBad) => Some(Level::VeryBad),
                Ok(pb::RatingLevel::Bad) => Some(Level::Bad),
                Ok(pb::RatingLevel::Fair) => Some(Level::Fair),
                Ok(pb::RatingLevel::Good) => Some(Level::Good),
                Ok(pb::RatingLevel::VeryGood) => Some(Level::VeryGood),
                _ => None,
            };
            let level = fields.choice("level", level, "VERY_BAD, BAD, FAIR, GOOD, VERY_GOOD");
            let text = fields.text("text", &asked.text)?;
            level.map(|level| Action::Rate { level, text })
        })
    }
}

impl TryFrom<pb::AppealCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AppealCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let reason = fields.text("reason", &asked.reason)?;
            Some(Action::Appeal { reason })
        })
    }
}

impl TryFrom<pb::RuleAppealCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RuleAppealCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let (upheld, reason) = (asked.upheld, fields.text("reason", &asked.reason)?);
            Some(Action::RuleAppeal { upheld, reason })
        })
    }
}

impl TryFrom<pb::WithdrawCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::WithdrawCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            let reason = fields.text("reason", &asked.reason)?;
            Some(Action::Withdraw { reason })
        })
    }
}

impl TryFrom<pb::NoteCaseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::NoteCaseRequest) -> Result<Ask, Problem> {
        on_case(&asked.request_id, &asked.name, |fields| {
            fields.said("text", &asked.text).map(Action::Note)
        })
    }
}
