//! A case as its reader may see it: the domain's state with its personal fields
//! opened, or without them.

use node_domain::cases::{
    Case, Clock, ClockKind, Completion, Level, Lifecycle, Outcome, Pause, Visibility,
};
use prost::Message as _;
use proto::pb::node as pb;

use super::super::fields::{CASES, wire_time};
use super::mask::Mask;
use super::report::from_origin;
use crate::sealing::SubjectId;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::case::CaseRow;

/// `seen` decides about personal fields alone: whether the case is shown at all
/// was asked before.
pub fn case(
    store: &Store,
    row: &CaseRow,
    seen: Visibility,
    mask: &Mask,
) -> Result<pb::Case, StoreFault> {
    let mut shown = state(&row.case);
    if let Some(sealed) = &row.personal
        && seen == Visibility::Whole
        && mask.keeps("personal")
    {
        let odd = |error| StoreFault::row("cases", &row.case.id.0.to_be_bytes(), error);
        shown.personal = personal(store, row.subject, &sealed.0, odd)?;
    }
    if mask.keeps("erased") {
        shown.erased = store.is_erased(row.subject)?;
    }
    Ok(mask.apply(shown))
}

/// `None` once the subject's key is destroyed.
pub fn personal(
    store: &Store,
    subject: Option<SubjectId>,
    sealed: &[u8],
    fault: impl FnOnce(prost::DecodeError) -> StoreFault,
) -> Result<Option<pb::Personal>, StoreFault> {
    let Some(plain) = store.unseal(subject, sealed)? else {
        return Ok(None);
    };
    let decoded = pb::Personal::decode(plain.as_slice());
    decoded.map(Some).map_err(fault)
}

fn state(case: &Case) -> pb::Case {
    let (outcome, refusal, duplicate_of, referred_to) = ending(case.outcome.as_ref());
    let rating = case.rating.map_or(pb::RatingLevel::Unspecified, level);
    pb::Case {
        name: name(case.id.0),
        kind: case.kind.to_string(),
        category: case.category.to_string(),
        origin: from_origin(case.origin).into(),
        grid: case.grid.map_or_else(String::new, |grid| grid.to_string()),
        lifecycle: from_lifecycle(case.lifecycle).into(),
        outcome: outcome.into(),
        reported_at: Some(wire_time(case.reported_at)),
        completed_at: case.completed_at.map(wire_time),
        first_completed_at: case.first_completed_at.map(wire_time),
        handler: case
            .handler
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        bounces: case.bounces,
        reopenings: case.reopenings,
        escalated: case.escalated,
        rating: rating.into(),
        clocks: case.clocks.iter().map(clock).collect(),
        pauses: case.pauses.iter().map(pause).collect(),
        duplicate_of,
        refusal,
        personal: None,
        erased: false,
        rules: case.rules.playbook.to_string(),
        revision: case.revision,
        updated_at: Some(wire_time(case.acted_at)),
        source_id: case
            .source_id
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        referred_to,
        chain: case.chain.iter().map(ToString::to_string).collect(),
    }
}

pub fn name(id: u64) -> String {
    format!("{CASES}{id}")
}

fn ending(outcome: Option<&Outcome>) -> (pb::Outcome, Option<pb::Refusal>, String, String) {
    let mut shown = (pb::Outcome::Unspecified, None, String::new(), String::new());
    shown.0 = match outcome {
        None => pb::Outcome::Unspecified,
        Some(Outcome::Completed(completion)) => {
            if let Completion::Referred(Some(to)) = completion {
                shown.3 = to.to_string();
            }
            match completion {
                Completion::Resolved => pb::Outcome::Resolved,
                Completion::Partly => pb::Outcome::Partly,
                Completion::Explained => pb::Outcome::Explained,
                Completion::Referred(_) => pb::Outcome::Referred,
            }
        }
        Some(Outcome::Refused { by, refer_to }) => {
            let (by, refer_to) = (by.to_string(), refer_to.to_string());
            shown.1 = Some(pb::Refusal { by, refer_to });
            pb::Outcome::Refused
        }
        Some(Outcome::Duplicate(of)) => {
            shown.2 = name(of.0);
            pb::Outcome::Duplicate
        }
        Some(Outcome::Withdrawn) => pb::Outcome::Withdrawn,
    };
    shown
}

fn level(level: Level) -> pb::RatingLevel {
    match level {
        Level::VeryBad => pb::RatingLevel::VeryBad,
        Level::Bad => pb::RatingLevel::Bad,
        Level::Fair => pb::RatingLevel::Fair,
        Level::Good => pb::RatingLevel::Good,
        Level::VeryGood => pb::RatingLevel::VeryGood,
    }
}

pub fn from_lifecycle(lifecycle: Lifecycle) -> pb::Lifecycle {
    match lifecycle {
        Lifecycle::Reported => pb::Lifecycle::Reported,
        Lifecycle::Accepted => pb::Lifecycle::Accepted,
        Lifecycle::Dispatched => pb::Lifecycle::Dispatched,
        Lifecycle::InProgress => pb::Lifecycle::InProgress,
        Lifecycle::Completed => pb::Lifecycle::Completed,
        Lifecycle::Closed => pb::Lifecycle::Closed,
    }
}

fn clock((kind, clock): (ClockKind, &Clock)) -> pb::Clock {
    let kind = match kind {
        ClockKind::Accept => pb::ClockKind::Accept,
        ClockKind::Dispatch => pb::ClockKind::Dispatch,
        ClockKind::Reply => pb::ClockKind::Reply,
        ClockKind::Complete => pb::ClockKind::Complete,
        ClockKind::Rework => pb::ClockKind::Rework,
        ClockKind::Rate => pb::ClockKind::Rate,
        ClockKind::Level => pb::ClockKind::Level,
    };
    pb::Clock {
        kind: kind.into(),
        started_at: Some(wire_time(clock.started_at)),
        due_at: Some(wire_time(clock.due_at)),
        stopped_at: clock.stopped_at.map(wire_time),
        breached: clock.is_breached(),
    }
}

fn pause(pause: &Pause) -> pb::Pause {
    pb::Pause {
        paused_at: Some(wire_time(pause.paused_at)),
        resumed_at: pause.resumed_at.map(wire_time),
        cause: pause.cause.to_string(),
    }
}
