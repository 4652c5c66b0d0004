//! What requests on funds ask, parsed.

use node_domain::funds::{Action, Answer, Open, Split, Tier};
use node_domain::stored::Day;
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::process::{Ask, on_process, opening};
use super::ENGINE;

impl TryFrom<pb::OpenFundRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenFundRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let grid = fields.grid("grid", &asked.grid);
            let tiers = asked.tiers.iter();
            let tiers: Vec<Option<Tier>> = tiers.map(|given| tier(fields, given)).collect();
            let recipient = fields.optional_entry("recipient", &asked.recipient);
            let funding = fields.optional_code("funding", &asked.funding);
            let eligible = small(fields, "eligible", asked.eligible);
            Some(Action::Open(Box::new(Open {
                kind: kind?,
                title: title?,
                grid: grid?,
                tiers: tiers.into_iter().collect::<Option<_>>()?,
                eligible: eligible?,
                recipient: recipient?,
                funding: funding?,
                amount: asked.amount,
            })))
        })
    }
}

fn small(fields: &mut Fields, field: &'static str, number: u32) -> Option<u16> {
    u16::try_from(number)
        .ok()
        .or_else(|| fields.wrong(field, "want at most 65,535", "最多 65535"))
}

fn tier(fields: &mut Fields, given: &pb::SubsidyTier) -> Option<Tier> {
    let percent = u8::try_from(given.percent).ok();
    let percent = percent
        .filter(|percent| *percent <= 100)
        .or_else(|| fields.wrong("tiers", "want a percent up to 100", "比例应为 0 到 100"));
    let places = small(fields, "tiers", given.places);
    let agreed_by = fields.optional_day("tiers", &given.agreed_by);
    Some(Tier {
        percent: percent?,
        places: places?,
        agreed_by: agreed_by?.map(Day),
    })
}

impl TryFrom<pb::AppointFundPostsRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AppointFundPostsRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let payer = fields.entry("payer", &asked.payer);
            let auditor = fields.entry("auditor", &asked.auditor);
            Some(Action::Appoint {
                payer: payer?,
                auditor: auditor?,
            })
        })
    }
}

impl TryFrom<pb::PlanSharesRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PlanSharesRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let split = split(fields, asked.rule(), &asked.shares)?;
            let total = asked.total;
            Some(Action::Plan { total, split })
        })
    }
}

fn split(fields: &mut Fields, rule: pb::SplitRule, shares: &[pb::PlannedShare]) -> Option<Split> {
    let owners = shares.iter();
    let owners: Option<Vec<u64>> = owners
        .map(|share| fields.entry("shares.owner", &share.owner))
        .collect();
    let known = (rule != pb::SplitRule::Unspecified).then_some(rule);
    let known = fields.choice("rule", known, "EQUAL, BY_WEIGHT, GIVEN");
    let owners = owners?;
    let with = owners.iter().copied().zip(shares);
    Some(match known? {
        pb::SplitRule::ByWeight => {
            Split::ByWeight(with.map(|(owner, share)| (owner, share.weight)).collect())
        }
        pb::SplitRule::Given => {
            Split::Given(with.map(|(owner, share)| (owner, share.fen)).collect())
        }
        _ => Split::Equal(owners),
    })
}

impl TryFrom<pb::AgreeShareRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AgreeShareRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let owner = fields.entry("owner", &asked.owner)?;
            let agrees = !asked.withdraw;
            Some(Action::Agree { owner, agrees })
        })
    }
}

impl TryFrom<pb::StartWorksRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::StartWorksRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::Start)
        })
    }
}

impl TryFrom<pb::PayShareRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PayShareRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let owner = fields.entry("owner", &asked.owner)?;
            let fen = asked.fen;
            Some(Action::PayShare { owner, fen })
        })
    }
}

impl TryFrom<pb::ReceiveIncomeRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ReceiveIncomeRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let from = fields.code("from", &asked.from)?;
            let fen = asked.fen;
            Some(Action::Receive { from, fen })
        })
    }
}

impl TryFrom<pb::RequestExpenseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RequestExpenseRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let purpose = fields.name("purpose", &asked.purpose);
            let by = fields.entry("by", &asked.by);
            Some(Action::Request {
                fen: asked.fen,
                purpose: purpose?,
                by: by?,
            })
        })
    }
}

impl TryFrom<pb::AnswerExpenseRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AnswerExpenseRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.entry("by", &asked.by);
            let answer = match asked.answer() {
                pb::ExpenseAnswer::Approve => Some(Answer::Approved),
                pb::ExpenseAnswer::Countersign => Some(Answer::Countersigned),
                pb::ExpenseAnswer::Pay => Some(Answer::Paid),
                pb::ExpenseAnswer::Reject => Some(Answer::Rejected {
                    reason: fields.name("reason", &asked.reason)?,
                }),
                pb::ExpenseAnswer::Unspecified => None,
            };
            let answer = fields.choice("answer", answer, "APPROVE, COUNTERSIGN, PAY, REJECT");
            Some(Action::Answer {
                expense: asked.expense,
                by: by?,
                answer: answer?,
            })
        })
    }
}

impl TryFrom<pb::PublishExpensesRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PublishExpensesRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::Publish)
        })
    }
}

impl TryFrom<pb::ApplyForSubsidyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ApplyForSubsidyRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let building = fields.code("building", &asked.building);
            let agreed_on = fields.day("agreed_on", &asked.agreed_on);
            Some(Action::Apply {
                building: building?,
                agreed_on: Day(agreed_on?),
                total: asked.total,
            })
        })
    }
}

impl TryFrom<pb::PledgeHouseholdPartRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PledgeHouseholdPartRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let building = fields.code("building", &asked.building)?;
            let fen = asked.fen;
            Some(Action::Pledge { building, fen })
        })
    }
}

impl TryFrom<pb::ChangeBuildingRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ChangeBuildingRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let building = fields.code("building", &asked.building)?;
            let action = match asked.to() {
                pb::BuildingState::Started => Some(Action::StartBuilding { building }),
                pb::BuildingState::Done => Some(Action::FinishBuilding { building }),
                _ => None,
            };
            fields.choice("to", action, "STARTED, DONE")
        })
    }
}

impl TryFrom<pb::PaySubsidyRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PaySubsidyRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let building = fields.code("building", &asked.building)?;
            let fen = asked.fen;
            Some(Action::PaySubsidy { building, fen })
        })
    }
}

impl TryFrom<pb::ApproveGrantRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ApproveGrantRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.entry("by", &asked.by)?;
            Some(Action::ApproveGrant { by })
        })
    }
}

impl TryFrom<pb::MoveGrantRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::MoveGrantRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let to = fields.code("to", &asked.to)?;
            Some(Action::Move { to })
        })
    }
}

impl TryFrom<pb::CloseFundRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CloseFundRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::Close { reason })
        })
    }
}
