//! Expected refusals: what stands in the way, as values with a stable reason code,
//! Chinese and English texts and details. Knows no transport; the server maps
//! [`Class`] to its status codes.

use jiff::Timestamp;

use super::CaseId;
use crate::{
    actor::Role,
    code::{Code, Name},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownCase,
    AlreadyReported,
    UnknownKind {
        kind: Code,
    },
    /// `happened_at` lies after the node's present.
    Future {
        now: Timestamp,
    },
    /// Before 1970: nothing is older than the calendars.
    TooOld,
    /// Somebody acted on the case later than that.
    BeforeLastAct {
        acted_at: Timestamp,
    },
    /// A promised time before the report, or a century after it.
    InvalidDue,
    /// Only imported history carries another system's promises.
    PromiseNotAllowed,
    /// No entry of a tree of areas.
    UnknownArea {
        area: u64,
    },
    /// Cases of this kind have no levels.
    NoLevels {
        kind: Code,
    },
    NotYours {
        needs: Needs,
    },
    MayNotReport {
        role: Role,
        kind: Code,
    },
    OnBehalfByResident,
    NotAccepted,
    AlreadyAccepted,
    NotDispatched,
    AlreadyDispatched {
        handler: Name,
    },
    AlreadyStarted,
    /// The rules' bounces are used up, or the case was escalated: where it is now
    /// is a ruling.
    NoMoreBounces,
    AlreadyPaused {
        cause: Code,
    },
    NotPaused,
    UnknownCause {
        cause: Code,
        allowed: Box<[Code]>,
    },
    /// It was completed once: it cannot end in another way any more.
    AlreadyCompleted,
    NotCompleted,
    AlreadyClosed,
    RepeatedNote,
    HistoryFull,
    NotRatable,
    AlreadyRated,
    RatingOver,
    NoBadReview,
    AppealOver {
        until: Option<Timestamp>,
    },
    AlreadyAppealed,
    NoAppeal,
    DuplicateOfItself,
    UnknownTarget {
        of: CaseId,
    },
    /// The target is, in the end, a duplicate of this very case.
    DuplicateCycle {
        of: CaseId,
    },
    DuplicateTooDeep {
        of: CaseId,
    },
}

/// Who may, when somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Requester,
    Handler,
    Office,
    Grid,
    Involvement,
    PassingTime,
}

/// What kind of "no": the server's status codes follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    NotFound,
    Exists,
    /// A field of the request is wrong.
    Input {
        field: &'static str,
    },
    Denied,
    /// The case is not in a state for it.
    State,
    Exhausted,
}

impl Refusal {
    pub fn class(&self) -> Class {
        match self {
            Refusal::UnknownCase => Class::NotFound,
            Refusal::AlreadyReported | Refusal::RepeatedNote => Class::Exists,
            Refusal::UnknownKind { .. } => Class::Input { field: "kind" },
            Refusal::Future { .. } | Refusal::TooOld => Class::Input {
                field: "happened_at",
            },
            Refusal::InvalidDue | Refusal::PromiseNotAllowed => Class::Input { field: "due_at" },
            Refusal::UnknownArea { .. } | Refusal::NoLevels { .. } => {
                Class::Input { field: "area" }
            }
            Refusal::UnknownCause { .. } => Class::Input { field: "cause" },
            Refusal::OnBehalfByResident => Class::Input { field: "on_behalf" },
            Refusal::DuplicateOfItself
            | Refusal::UnknownTarget { .. }
            | Refusal::DuplicateCycle { .. }
            | Refusal::DuplicateTooDeep { .. } => Class::Input {
                field: "duplicate_of",
            },
            Refusal::NotYours { .. } | Refusal::MayNotReport { .. } => Class::Denied,
            Refusal::HistoryFull => Class::Exhausted,
            _ => Class::State,
        }
    }

    /// Stable, for clients to branch on.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::UnknownCase => "UNKNOWN_CASE",
            Refusal::AlreadyReported => "ALREADY_REPORTED",
            Refusal::UnknownKind { .. } => "UNKNOWN_KIND",
            Refusal::Future { .. } => "IN_THE_FUTURE",
            Refusal::TooOld => "TOO_OLD",
            Refusal::BeforeLastAct { .. } => "BEFORE_LAST_ACT",
            Refusal::InvalidDue => "INVALID_DUE",
            Refusal::PromiseNotAllowed => "PROMISE_NOT_ALLOWED",
            Refusal::UnknownArea { .. } => "UNKNOWN_AREA",
            Refusal::NoLevels { .. } => "NO_LEVELS",
            Refusal::NotYours { .. } => "NOT_YOURS",
            Refusal::MayNotReport { .. } => "MAY_NOT_REPORT",
            Refusal::OnBehalfByResident => "ON_BEHALF_BY_RESIDENT",
            Refusal::NotAccepted => "NOT_ACCEPTED",
            Refusal::AlreadyAccepted => "ALREADY_ACCEPTED",
            Refusal::NotDispatched => "NOT_DISPATCHED",
            Refusal::AlreadyDispatched { .. } => "ALREADY_DISPATCHED",
            Refusal::AlreadyStarted => "ALREADY_STARTED",
            Refusal::NoMoreBounces => "NO_MORE_BOUNCES",
            Refusal::AlreadyPaused { .. } => "ALREADY_PAUSED",
            Refusal::NotPaused => "NOT_PAUSED",
            Refusal::UnknownCause { .. } => "UNKNOWN_CAUSE",
            Refusal::AlreadyCompleted => "ALREADY_COMPLETED",
            Refusal::NotCompleted => "NOT_COMPLETED",
            Refusal::AlreadyClosed => "ALREADY_CLOSED",
            Refusal::RepeatedNote => "REPEATED_NOTE",
            Refusal::HistoryFull => "HISTORY_FULL",
            Refusal::NotRatable => "NOT_RATABLE",
            Refusal::AlreadyRated => "ALREADY_RATED",
            Refusal::RatingOver => "RATING_OVER",
            Refusal::NoBadReview => "NO_BAD_REVIEW",
            Refusal::AppealOver { .. } => "APPEAL_OVER",
            Refusal::AlreadyAppealed => "ALREADY_APPEALED",
            Refusal::NoAppeal => "NO_APPEAL",
            Refusal::DuplicateOfItself => "DUPLICATE_OF_ITSELF",
            Refusal::UnknownTarget { .. } => "UNKNOWN_TARGET",
            Refusal::DuplicateCycle { .. } => "DUPLICATE_CYCLE",
            Refusal::DuplicateTooDeep { .. } => "DUPLICATE_TOO_DEEP",
        }
    }

    /// Details by name, for programs.
    pub fn metadata(&self) -> Vec<(&'static str, String)> {
        let codes = |codes: &[Code]| {
            let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
            codes.join(",")
        };
        match self {
            Refusal::UnknownKind { kind } | Refusal::NoLevels { kind } => {
                vec![("kind", kind.to_string())]
            }
            Refusal::UnknownArea { area } => vec![("area", format!("entries/{area}"))],
            Refusal::Future { now } => vec![("now", now.to_string())],
            Refusal::BeforeLastAct { acted_at } => vec![("acted_at", acted_at.to_string())],
            Refusal::NotYours { needs } => vec![("needs", needs.code().to_owned())],
            Refusal::MayNotReport { role, kind } => {
                vec![("role", role.code().to_owned()), ("kind", kind.to_string())]
            }
            Refusal::AlreadyDispatched { handler } => vec![("handler", handler.to_string())],
            Refusal::AlreadyPaused { cause } => vec![("cause", cause.to_string())],
            Refusal::UnknownCause { cause, allowed } => {
                vec![("cause", cause.to_string()), ("allowed", codes(allowed))]
            }
            Refusal::AppealOver { until: Some(until) } => vec![("until", until.to_string())],
            Refusal::UnknownTarget { of }
            | Refusal::DuplicateCycle { of }
            | Refusal::DuplicateTooDeep { of } => vec![("duplicate_of", of.0.to_string())],
            _ => Vec::new(),
        }
    }
}

impl Needs {
    pub const fn code(self) -> &'static str {
        match self {
            Needs::Requester => "requester",
            Needs::Handler => "handler",
            Needs::Office => "office",
            Needs::Grid => "grid",
            Needs::Involvement => "involvement",
            Needs::PassingTime => "passing-time",
        }
    }

    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Needs::Requester => ("报事人本人", "its requester"),
            Needs::Handler => ("该事项的经办人", "its handler"),
            Needs::Office => (
                "社区工作人员或本网格的网格员",
                "the office, or the grid worker of its grid",
            ),
            Needs::Grid => ("该网格的网格员", "that grid's worker"),
            Needs::Involvement => ("与该事项有关的人", "those involved in it"),
            Needs::PassingTime => ("系统", "the node itself"),
        }
    }
}
