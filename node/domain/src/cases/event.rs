//! What happened to a case. Complete in itself: the next state follows from the
//! state and the event alone, without playbook or calendar.

use std::sync::Arc;

use jiff::Timestamp;

use super::{CaseId, ClockKind, Completion, Due, Level, Origin};
use crate::{
    actor::{Actor, Grid, Pseudonym},
    code::{Code, Name},
    playbook::Rules,
    sealed::{Said, Sealed},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub case: CaseId,
    pub happened_at: Timestamp,
    pub by: Actor,
    pub happening: Happening,
    /// Clocks that it starts, or moves to a later due time.
    pub dues: Vec<Due>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Reported(Box<Reported>),
    Accepted,
    Dispatched {
        handler: Name,
    },
    Bounced {
        reason: Option<Sealed>,
    },
    Started,
    Paused {
        cause: Code,
    },
    Resumed,
    Replied(Said),
    Noted(Said),
    Completed {
        completion: Completion,
        text: Option<Sealed>,
    },
    Refused {
        by: Name,
        refer_to: Name,
        text: Option<Sealed>,
    },
    MarkedDuplicate {
        of: CaseId,
    },
    Rated {
        level: Level,
        text: Option<Sealed>,
        /// Of a bad review, where its handler may appeal.
        appeal_until: Option<Timestamp>,
    },
    /// Follows a bad review. The handler whose work it was goes on; without one
    /// the case waits to be dispatched.
    Reopened {
        round: u32,
        handler: Option<Name>,
    },
    /// Follows a bad review when the rounds are used up.
    Escalated {
        to: Name,
        handler: Option<Name>,
    },
    /// `review` counts the case's bad reviews from 0.
    Appealed {
        review: u32,
        reason: Option<Sealed>,
    },
    AppealRuled {
        review: u32,
        upheld: bool,
        reason: Option<Sealed>,
    },
    Withdrawn {
        reason: Option<Sealed>,
    },
    /// The due time has passed, which is when this happened; `on_time`: the clock
    /// had been stopped by then.
    FellDue {
        clock: ClockKind,
        on_time: bool,
    },
    /// The settling time after the first completion has passed.
    Settled {
        reopened: bool,
    },
    Closed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    pub kind: Code,
    pub category: Code,
    pub origin: Origin,
    pub grid: Option<Grid>,
    pub rules: Arc<Rules>,
    pub requester: Option<Pseudonym>,
    pub on_behalf: bool,
    pub source_id: Option<Name>,
    pub chain: Box<[Name]>,
    pub personal: Option<Sealed>,
}

impl Happening {
    /// UPPER_SNAKE, as clients see it.
    pub const fn code(&self) -> &'static str {
        match self {
            Happening::Reported(_) => "REPORTED",
            Happening::Accepted => "ACCEPTED",
            Happening::Dispatched { .. } => "DISPATCHED",
            Happening::Bounced { .. } => "BOUNCED",
            Happening::Started => "STARTED",
            Happening::Paused { .. } => "PAUSED",
            Happening::Resumed => "RESUMED",
            Happening::Replied(_) => "REPLIED",
            Happening::Noted(_) => "NOTED",
            Happening::Completed { .. } => "COMPLETED",
            Happening::Refused { .. } => "REFUSED",
            Happening::MarkedDuplicate { .. } => "MARKED_DUPLICATE",
            Happening::Rated { .. } => "RATED",
            Happening::Reopened { .. } => "REOPENED",
            Happening::Escalated { .. } => "ESCALATED",
            Happening::Appealed { .. } => "APPEALED",
            Happening::AppealRuled { .. } => "APPEAL_RULED",
            Happening::Withdrawn { .. } => "WITHDRAWN",
            Happening::FellDue { .. } => "FELL_DUE",
            Happening::Settled { .. } => "SETTLED",
            Happening::Closed => "CLOSED",
        }
    }

    /// What was said in it.
    pub fn text(&self) -> Option<&Sealed> {
        match self {
            Happening::Reported(reported) => reported.personal.as_ref(),
            Happening::Replied(said) | Happening::Noted(said) => Some(&said.text),
            Happening::Bounced { reason: text }
            | Happening::Completed { text, .. }
            | Happening::Refused { text, .. }
            | Happening::Rated { text, .. }
            | Happening::Appealed { reason: text, .. }
            | Happening::AppealRuled { reason: text, .. }
            | Happening::Withdrawn { reason: text } => text.as_ref(),
            _ => None,
        }
    }
}
