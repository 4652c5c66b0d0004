//! The transition table: what may be asked of a case at which stage of its
//! lifecycle, and what stands in the way otherwise. Knows nobody's permissions.

use super::{Action, Case, Lifecycle, Outcome, Refusal};

pub(super) fn fits(case: &Case, action: &Action) -> Result<(), Refusal> {
    use Lifecycle::{Closed, Completed, Dispatched, InProgress, Reported};
    let stage = case.lifecycle;
    match action {
        Action::Report(_) => Err(Refusal::AlreadyReported),
        // Time passes at every stage; reviews outlive the work.
        Action::Tick | Action::Appeal { .. } | Action::RuleAppeal { .. } => Ok(()),
        Action::Rate { .. } => match (stage, &case.outcome) {
            _ if !case.is_ratable() => Err(Refusal::NotRatable),
            (Completed, _) => Ok(()),
            (Closed, _) if case.rating.is_some() => Err(Refusal::AlreadyRated),
            (Closed, Some(Outcome::Completed(_))) => Err(Refusal::RatingOver),
            (Closed, _) => Err(Refusal::AlreadyClosed),
            _ => Err(Refusal::NotCompleted),
        },
        _ if stage == Closed => Err(Refusal::AlreadyClosed),
        Action::Note(_) => Ok(()),
        Action::Accept => match stage {
            Reported => Ok(()),
            Completed => Err(Refusal::AlreadyCompleted),
            _ => Err(Refusal::AlreadyAccepted),
        },
        // What was completed once is never turned into something better looking.
        Action::Refuse { .. } | Action::MarkDuplicate { .. } | Action::Withdraw { .. } => {
            match case.first_completed_at {
                None => Ok(()),
                Some(_) => Err(Refusal::AlreadyCompleted),
            }
        }
        _ if stage == Reported => Err(Refusal::NotAccepted),
        Action::Reply(_) => Ok(()),
        _ if stage == Completed => Err(Refusal::AlreadyCompleted),
        Action::Dispatch { handler } => match &case.handler {
            Some(current) if current == handler => Err(Refusal::AlreadyDispatched {
                handler: current.clone(),
            }),
            _ => Ok(()),
        },
        Action::Bounce { .. } | Action::Start => match stage {
            Dispatched => Ok(()),
            InProgress => Err(Refusal::AlreadyStarted),
            _ => Err(Refusal::NotDispatched),
        },
        Action::Pause { .. } => match case.paused() {
            Some(pause) => Err(Refusal::AlreadyPaused {
                cause: pause.cause.clone(),
            }),
            None => Ok(()),
        },
        Action::Resume => match case.paused() {
            Some(_) => Ok(()),
            None => Err(Refusal::NotPaused),
        },
        // Without a dispatch too: settled at the counter.
        Action::Complete { .. } => Ok(()),
    }
}
