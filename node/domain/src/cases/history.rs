//! Another system's record of a case as commands with their real times, decided
//! like any other. Knows no file format; the importer parses rows into
//! [`Record`]s.

use jiff::Timestamp;

use super::{
    Action, Case, CaseId, Command, Completion, Context, Origin, Outcome, Recorded, Refusal, Report,
    execute,
};
use crate::{
    actor::{Actor, Grid, Pseudonym},
    code::{Code, Name},
    sealed::Sealed,
};

/// What another system kept of a case: rarely more than when it came in, when it
/// was promised, when and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub source_id: Option<Name>,
    pub kind: Code,
    pub origin: Origin,
    pub grid: Option<Grid>,
    pub reported_at: Timestamp,
    /// Overrides the complete clock of the kind's rules.
    pub due_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// Of a closed record; resolved when the source does not say.
    pub outcome: Option<Outcome>,
    /// Who had it; without one the case is not dispatched.
    pub handler: Option<Name>,
    pub requester: Option<Pseudonym>,
    pub personal: Option<Sealed>,
}

/// Why a record cannot become a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    ClosedBeforeReported,
    OutcomeWithoutClosing,
    Refused(Refusal),
}

/// Enters a record: report, accept, dispatch, end, and what time has done to it
/// since. Acceptance and dispatch are entered at the time of the report, as far as
/// the source knows. On rejection `journal` is as before.
pub fn history(
    record: Record,
    id: CaseId,
    context: &Context<'_>,
    journal: &mut Vec<Recorded>,
) -> Result<Case, Rejected> {
    if record.closed_at.is_some_and(|at| at < record.reported_at) {
        return Err(Rejected::ClosedBeforeReported);
    }
    if record.closed_at.is_none() && record.outcome.is_some() {
        return Err(Rejected::OutcomeWithoutClosing);
    }
    let before = journal.len();
    enter(record, id, context, journal).map_err(|refusal| {
        journal.truncate(before);
        Rejected::Refused(refusal)
    })
}

fn enter(
    record: Record,
    id: CaseId,
    context: &Context<'_>,
    journal: &mut Vec<Recorded>,
) -> Result<Case, Refusal> {
    let mut case = None;
    let mut enter = |happened_at, action| {
        let command = Command {
            case: id,
            by: Actor::Import,
            happened_at,
            action,
        };
        case = execute(case.take(), &command, context, journal)?;
        let needs_accepting = |case: &Case| case.rules.needs_accepting;
        Ok(case.as_ref().is_some_and(needs_accepting))
    };
    let report = Action::Report(Report {
        kind: record.kind,
        origin: record.origin,
        grid: record.grid,
        personal: record.personal,
        requester: record.requester,
        on_behalf: false,
        due_at: record.due_at,
        source_id: record.source_id,
        chain: None,
    });
    if enter(record.reported_at, report)? {
        enter(record.reported_at, Action::Accept)?;
    }
    if let Some(handler) = record.handler {
        enter(record.reported_at, Action::Dispatch { handler })?;
    }
    if let Some(closed_at) = record.closed_at {
        enter(closed_at, ending(record.outcome))?;
    }
    enter(context.now, Action::Tick)?;
    case.ok_or(Refusal::UnknownCase)
}

fn ending(outcome: Option<Outcome>) -> Action {
    match outcome.unwrap_or(Outcome::Completed(Completion::Resolved)) {
        Outcome::Completed(completion) => Action::Complete {
            completion,
            text: None,
        },
        Outcome::Refused { by, refer_to } => Action::Refuse {
            by,
            refer_to,
            text: None,
        },
        Outcome::Duplicate(of) => Action::MarkDuplicate { of },
        Outcome::Withdrawn => Action::Withdraw { reason: None },
    }
}

impl Rejected {
    pub fn reason(&self) -> &'static str {
        match self {
            Rejected::ClosedBeforeReported => "CLOSED_BEFORE_REPORTED",
            Rejected::OutcomeWithoutClosing => "OUTCOME_WITHOUT_CLOSING",
            Rejected::Refused(refusal) => refusal.reason(),
        }
    }

    pub fn zh(&self) -> String {
        match self {
            Rejected::ClosedBeforeReported => "办结时间早于报事时间".into(),
            Rejected::OutcomeWithoutClosing => "有办理结果,却没有办结时间".into(),
            Rejected::Refused(refusal) => refusal.zh(),
        }
    }

    pub fn en(&self) -> String {
        match self {
            Rejected::ClosedBeforeReported => "closed before it was reported".into(),
            Rejected::OutcomeWithoutClosing => "has an outcome but no closing time".into(),
            Rejected::Refused(refusal) => refusal.en(),
        }
    }
}
