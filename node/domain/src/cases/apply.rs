//! The next state from a state and an event. Judges nothing: whatever the journal
//! holds has been decided.

use std::sync::Arc;

use super::{
    Case, CaseId, Clock, ClockKind, Clocks, Completion, Event, Happening, Lifecycle, Outcome,
    Pause, Positions, Reported, Review, Standing,
};
use crate::actor::Actor;

/// An event that cannot follow the state it meets: the journal is not what this
/// build wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case {}: event {happening} does not follow its state", case.0)]
pub struct OutOfOrder {
    pub case: CaseId,
    pub happening: &'static str,
}

pub fn apply(case: Option<Case>, event: &Event) -> Result<Case, OutOfOrder> {
    let mut next = case;
    follow(&mut next, event)?;
    next.ok_or(out_of_order(event))
}

/// [`apply`] in place: a case is not small, and most commands have few events.
pub(super) fn follow(state: &mut Option<Case>, event: &Event) -> Result<(), OutOfOrder> {
    let reports = matches!(event.happening, Happening::Reported(_));
    let case = match (&mut *state, &event.happening) {
        (None, Happening::Reported(reported)) => state.insert(fresh(event, reported)),
        (Some(case), _) if case.id == event.case && !reports => case,
        _ => return Err(out_of_order(event)),
    };
    advance(case, event);
    Ok(())
}

/// An event that is known to follow.
pub(super) fn advance(case: &mut Case, event: &Event) {
    let before = case.lifecycle;
    change(case, event);
    set_dues(case, event);
    if case.lifecycle != before {
        case.recent_notes.clear();
    }
    if event.by != Actor::System {
        case.acted_at = case.acted_at.max(event.happened_at);
    }
    case.revision += 1;
}

fn out_of_order(event: &Event) -> OutOfOrder {
    OutOfOrder {
        case: event.case,
        happening: event.happening.code(),
    }
}

fn fresh(event: &Event, reported: &Reported) -> Case {
    Case {
        id: event.case,
        kind: reported.kind.clone(),
        category: reported.category.clone(),
        origin: reported.origin,
        grid: reported.grid,
        rules: Arc::clone(&reported.rules),
        requester: reported.requester,
        on_behalf: reported.on_behalf,
        source_id: reported.source_id.clone(),
        chain: reported.chain.clone(),
        lifecycle: Lifecycle::Reported,
        outcome: None,
        reported_at: event.happened_at,
        completed_at: None,
        first_completed_at: None,
        returned_at: None,
        handler: None,
        bounces: 0,
        reopenings: 0,
        escalated: false,
        rating: None,
        clocks: Clocks::default(),
        pauses: Vec::new(),
        reviews: Vec::new(),
        recent_notes: Vec::new(),
        settled: false,
        acted_at: event.happened_at,
        revision: 0,
        events: Positions::default(),
    }
}

fn change(case: &mut Case, event: &Event) {
    let at = event.happened_at;
    match &event.happening {
        Happening::Reported(_) => {}
        Happening::Accepted => {
            case.lifecycle = Lifecycle::Accepted;
            case.clocks.stop(ClockKind::Accept, at, false);
        }
        Happening::Dispatched { handler } => {
            case.lifecycle = Lifecycle::Dispatched;
            case.handler = Some(handler.clone());
            case.clocks.stop(ClockKind::Dispatch, at, false);
            case.clocks.stop(ClockKind::Level, at, true);
        }
        Happening::Bounced { .. } => {
            case.lifecycle = Lifecycle::Accepted;
            case.handler = None;
            case.bounces += 1;
            case.clocks.stop(ClockKind::Level, at, true);
        }
        Happening::Started => case.lifecycle = Lifecycle::InProgress,
        Happening::Paused { cause } => case.pauses.push(Pause {
            paused_at: at,
            resumed_at: None,
            cause: cause.clone(),
        }),
        Happening::Resumed => {
            if let Some(pause) = case.pauses.last_mut() {
                pause.resumed_at = Some(at);
            }
        }
        Happening::Replied(said) => {
            case.clocks.stop(ClockKind::Reply, at, false);
            remember(case, said.fingerprint);
        }
        Happening::Noted(said) => remember(case, said.fingerprint),
        Happening::Completed { completion, .. } => {
            case.lifecycle = Lifecycle::Completed;
            case.outcome = Some(Outcome::Completed(completion.clone()));
            case.completed_at = Some(at);
            case.first_completed_at.get_or_insert(at);
            case.rating = None;
            stop_all(case, event, false);
        }
        Happening::Refused { by, refer_to, .. } => {
            let (by, refer_to) = (by.clone(), refer_to.clone());
            end(case, event, Outcome::Refused { by, refer_to });
        }
        Happening::MarkedDuplicate { of } => end(case, event, Outcome::Duplicate(*of)),
        Happening::Withdrawn { .. } => end(case, event, Outcome::Withdrawn),
        Happening::Rated { .. } => rated(case, event),
        Happening::Reopened { round, handler } => {
            come_back(case, event);
            case.reopenings = *round;
            case.handler = handler.clone();
            if handler.is_none() {
                case.lifecycle = Lifecycle::Accepted;
            }
        }
        Happening::Escalated { to, .. } => {
            come_back(case, event);
            case.escalated = true;
            case.handler = Some(to.clone());
        }
        Happening::Appealed { review, .. } => {
            if let Some(review) = case.reviews.get_mut(*review as usize) {
                review.standing = Standing::Appealed;
            }
        }
        Happening::AppealRuled { review, upheld, .. } => {
            appeal_ruled(case, event, *review as usize, *upheld);
        }
        Happening::FellDue { clock, on_time } => {
            if let Some(clock) = case.clocks.get_mut(*clock) {
                clock.met = Some(*on_time);
            }
        }
        Happening::Settled { .. } => case.settled = true,
        Happening::Closed => {
            case.lifecycle = Lifecycle::Closed;
            case.clocks.stop(ClockKind::Rate, at, true);
        }
    }
}

fn set_dues(case: &mut Case, event: &Event) {
    for due in &event.dues {
        match case.clocks.get_mut(due.clock) {
            Some(clock) if event.happening == Happening::Resumed => clock.due_at = due.due_at,
            _ => {
                let clock = Clock::start(event.happened_at, due.due_at);
                case.clocks.set(due.clock, clock);
            }
        }
    }
}

fn stop_all(case: &mut Case, event: &Event, cancelled: bool) {
    for kind in ClockKind::ALL {
        case.clocks.stop(kind, event.happened_at, cancelled);
    }
}

fn end(case: &mut Case, event: &Event, outcome: Outcome) {
    case.lifecycle = Lifecycle::Closed;
    case.outcome = Some(outcome);
    stop_all(case, event, true);
}

fn rated(case: &mut Case, event: &Event) {
    let Happening::Rated {
        level,
        appeal_until,
        ..
    } = event.happening
    else {
        return;
    };
    case.rating = Some(level);
    case.clocks.stop(ClockKind::Rate, event.happened_at, false);
    if !level.is_bad() {
        for review in &mut case.reviews {
            if matches!(review.standing, Standing::Stands | Standing::Confirmed) {
                review.standing = Standing::Righted;
            }
        }
        return;
    }
    let completion = match &case.outcome {
        Some(Outcome::Completed(completion)) => completion.clone(),
        _ => Completion::Resolved,
    };
    case.reviews.push(Review {
        reviewed_at: event.happened_at,
        level,
        handler: case.handler.clone(),
        completed_at: case.completed_at.unwrap_or(event.happened_at),
        completion,
        appeal_until,
        standing: Standing::Stands,
    });
}

fn come_back(case: &mut Case, event: &Event) {
    case.lifecycle = Lifecycle::Dispatched;
    case.outcome = None;
    case.completed_at = None;
    case.returned_at = Some(event.happened_at);
}

/// A review that is struck out while the case is open for it gives the case its
/// completion back.
fn appeal_ruled(case: &mut Case, event: &Event, at: usize, upheld: bool) {
    let open_for_it = case.lifecycle.is_open() && at + 1 == case.reviews.len();
    let standing = match (upheld, case.is_rated_well()) {
        (true, _) => Standing::Annulled,
        (false, true) => Standing::Righted,
        (false, false) => Standing::Confirmed,
    };
    let Some(review) = case.reviews.get_mut(at) else {
        return;
    };
    review.standing = standing;
    if upheld && open_for_it {
        case.lifecycle = Lifecycle::Completed;
        case.outcome = Some(Outcome::Completed(review.completion.clone()));
        case.completed_at = Some(review.completed_at);
        case.handler = review.handler.clone();
        stop_all(case, event, true);
    }
}

fn remember(case: &mut Case, fingerprint: crate::sealed::Fingerprint) {
    if case.recent_notes.len() >= Case::MAX_RECENT_NOTES {
        case.recent_notes.remove(0);
    }
    case.recent_notes.push(fingerprint);
}
