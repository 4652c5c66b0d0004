//! Who may do what to a case, and who may see it. The two are decided apart: to
//! see a case is not to write to it.

use super::{Action, Case, Needs, Refusal, Report, Review, Standing};
use crate::{
    actor::{Actor, Role},
    playbook::Kind,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Hidden,
    /// Everything but personal fields.
    Redacted,
    Whole,
}

pub fn visible_to(case: &Case, actor: &Actor) -> Visibility {
    let sees = match actor {
        Actor::Auditor => return Visibility::Redacted,
        Actor::Staff | Actor::Admin | Actor::Import | Actor::System => true,
        Actor::Resident(pseudonym) => case.requester == Some(*pseudonym),
        Actor::GridWorker(grid) => case.grid == Some(*grid) || is_handler(case, actor),
        Actor::Handler(_) => is_handler(case, actor) || is_under_review(case, actor),
    };
    if sees {
        Visibility::Whole
    } else {
        Visibility::Hidden
    }
}

/// Whether the actor may ask this of the case at all; the case's lifecycle is
/// asked afterwards.
pub(super) fn may(case: &Case, by: &Actor, action: &Action) -> Result<(), Refusal> {
    let office = by.is_office();
    let own_grid = matches!(by, Actor::GridWorker(grid) if case.grid == Some(*grid));
    let handler = is_handler(case, by);
    let requester = matches!(by, Actor::Resident(own) if case.requester == Some(*own));
    let (allowed, needs) = match action {
        Action::Report(_) => (true, Needs::Office),
        Action::Accept
        | Action::Dispatch { .. }
        | Action::Refuse { .. }
        | Action::MarkDuplicate { .. } => (office || own_grid, Needs::Office),
        Action::Bounce { .. }
        | Action::Start
        | Action::Pause { .. }
        | Action::Resume
        | Action::Complete { .. } => {
            let unhandled = own_grid && case.handler.is_none();
            (office || handler || unhandled, Needs::Handler)
        }
        Action::Reply(_) => (office || handler || own_grid, Needs::Handler),
        Action::Note(_) => (
            office || handler || own_grid || requester,
            Needs::Involvement,
        ),
        Action::Rate { .. } => (requester, Needs::Requester),
        Action::Withdraw { .. } => {
            // Whoever took the report also takes its withdrawal.
            let proxy = office && (case.on_behalf || *by == Actor::Import);
            (requester || proxy, Needs::Requester)
        }
        Action::Appeal { .. } => {
            let reviewed = case.reviews.iter().any(|review| is_work_of(review, by));
            (handler || reviewed, Needs::Handler)
        }
        Action::RuleAppeal { .. } => (office, Needs::Office),
        Action::Tick => (
            matches!(by, Actor::System | Actor::Import),
            Needs::PassingTime,
        ),
    };
    allowed.then_some(()).ok_or(Refusal::NotYours { needs })
}

pub(super) fn may_report(kind: &Kind, by: &Actor, report: &Report) -> Result<(), Refusal> {
    let role = match by.role() {
        Role::Admin => Role::Staff,
        role => role,
    };
    if role != Role::Import && !kind.reporters.contains(&role) {
        return Err(Refusal::MayNotReport {
            role,
            kind: kind.code.clone(),
        });
    }
    match by {
        Actor::Resident(_) if report.on_behalf => Err(Refusal::OnBehalfByResident),
        Actor::Resident(own) if report.requester.is_some_and(|other| other != *own) => {
            Err(Refusal::OnBehalfByResident)
        }
        Actor::GridWorker(own) if report.grid.is_some_and(|grid| grid != *own) => {
            Err(Refusal::NotYours { needs: Needs::Grid })
        }
        _ if report.due_at.is_some() && !kind.is_appointment && *by != Actor::Import => {
            Err(Refusal::PromiseNotAllowed)
        }
        _ => Ok(()),
    }
}

fn is_handler(case: &Case, actor: &Actor) -> bool {
    case.handler
        .as_ref()
        .is_some_and(|handler| actor.handles_as(handler))
}

/// Whether a bad review of the actor's own work may still be appealed or is being
/// ruled on.
fn is_under_review(case: &Case, actor: &Actor) -> bool {
    let open = |review: &&Review| matches!(review.standing, Standing::Stands | Standing::Appealed);
    let mut reviews = case.reviews.iter().filter(open);
    reviews.any(|review| is_work_of(review, actor))
}

/// Whether the review is of what the actor did; the office answers for what it
/// completed without a handler.
pub(super) fn is_work_of(review: &Review, actor: &Actor) -> bool {
    match &review.handler {
        Some(handler) => actor.handles_as(handler),
        None => actor.is_office(),
    }
}
