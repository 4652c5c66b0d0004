//! The stored form of an event. A new kind of event takes the next tag; none is
//! reused.

use node_domain::{
    actor::{Actor, Grid, Pseudonym, Role},
    cases::{CaseId, ClockKind, Due, Event, Happening},
};
use prost::Message as _;

use super::{
    StoredFault, check_version,
    outcome::{StoredCompletion, StoredRefused},
    rules::StoredRules,
    version,
    words::{Numbered, time, word},
};

pub fn encode_event(event: &Event) -> Vec<u8> {
    let (role, number, name) = from_actor(&event.by);
    let dues = event.dues.iter().map(|due| StoredDue {
        clock: due.clock.number(),
        due_at_us: due.due_at.as_microsecond(),
    });
    StoredEvent {
        version: version(has_levels(event)),
        case: event.case.0,
        happened_at_us: event.happened_at.as_microsecond(),
        role,
        scope_number: number,
        scope_name: name,
        dues: dues.collect(),
        happening: Some((&event.happening).into()),
    }
    .encode_to_vec()
}

fn has_levels(event: &Event) -> bool {
    let sets = |due: &Due| due.clock == ClockKind::Level;
    let begins = match &event.happening {
        Happening::Reported(reported) => reported.rules.level.is_some(),
        _ => false,
    };
    begins || event.dues.iter().any(sets)
}

pub fn decode_event(bytes: &[u8]) -> Result<Event, StoredFault> {
    let stored = StoredEvent::decode(bytes)?;
    check_version(stored.version)?;
    let happening = stored
        .happening
        .ok_or(StoredFault::Missing { field: "happening" })?;
    let due = |due: StoredDue| {
        Ok::<Due, StoredFault>(Due {
            clock: ClockKind::from_number(due.clock, "due.clock")?,
            due_at: time(due.due_at_us, "due.due_at")?,
        })
    };
    Ok(Event {
        case: CaseId(stored.case),
        happened_at: time(stored.happened_at_us, "happened_at")?,
        by: actor(stored.role, stored.scope_number, &stored.scope_name)?,
        happening: happening.try_into()?,
        dues: stored.dues.into_iter().map(due).collect::<Result<_, _>>()?,
    })
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredEvent {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(uint64, tag = "2")]
    case: u64,
    #[prost(int64, tag = "3")]
    happened_at_us: i64,
    #[prost(uint32, tag = "4")]
    role: u32,
    /// A resident's pseudonym, a grid worker's grid.
    #[prost(uint64, tag = "5")]
    scope_number: u64,
    /// A handler's name.
    #[prost(string, tag = "6")]
    scope_name: String,
    #[prost(message, repeated, tag = "7")]
    dues: Vec<StoredDue>,
    #[prost(
        oneof = "StoredHappening",
        tags = "10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30"
    )]
    happening: Option<StoredHappening>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredDue {
    #[prost(uint32, tag = "1")]
    clock: u32,
    #[prost(int64, tag = "2")]
    due_at_us: i64,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum StoredHappening {
    #[prost(message, tag = "10")]
    Reported(Box<StoredReported>),
    #[prost(message, tag = "11")]
    Accepted(()),
    #[prost(string, tag = "12")]
    Dispatched(String),
    #[prost(message, tag = "13")]
    Bounced(StoredWords),
    #[prost(message, tag = "14")]
    Started(()),
    #[prost(string, tag = "15")]
    Paused(String),
    #[prost(message, tag = "16")]
    Resumed(()),
    #[prost(message, tag = "17")]
    Replied(StoredSaid),
    #[prost(message, tag = "18")]
    Noted(StoredSaid),
    #[prost(message, tag = "19")]
    Completed(StoredCompleted),
    #[prost(message, tag = "20")]
    Refused(StoredRefusing),
    #[prost(uint64, tag = "21")]
    MarkedDuplicate(u64),
    #[prost(message, tag = "22")]
    Rated(StoredRated),
    #[prost(message, tag = "23")]
    Reopened(StoredReopened),
    #[prost(message, tag = "24")]
    Escalated(StoredEscalated),
    #[prost(message, tag = "25")]
    Appealed(StoredAppeal),
    #[prost(message, tag = "26")]
    AppealRuled(StoredAppeal),
    #[prost(message, tag = "27")]
    Withdrawn(StoredWords),
    #[prost(message, tag = "28")]
    FellDue(StoredFellDue),
    /// Whether it was reopened.
    #[prost(bool, tag = "29")]
    Settled(bool),
    #[prost(message, tag = "30")]
    Closed(()),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredReported {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub category: String,
    #[prost(uint32, tag = "3")]
    pub origin: u32,
    #[prost(uint32, tag = "4")]
    pub grid: u32,
    #[prost(message, optional, tag = "5")]
    pub rules: Option<StoredRules>,
    #[prost(fixed64, optional, tag = "6")]
    pub requester: Option<u64>,
    #[prost(bool, tag = "7")]
    pub on_behalf: bool,
    #[prost(string, optional, tag = "8")]
    pub source_id: Option<String>,
    #[prost(bytes = "vec", optional, tag = "9")]
    pub personal: Option<Vec<u8>>,
    #[prost(string, repeated, tag = "10")]
    pub chain: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredWords {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub text: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredSaid {
    #[prost(bytes = "vec", tag = "1")]
    pub text: Vec<u8>,
    #[prost(fixed64, tag = "2")]
    pub fingerprint: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredCompleted {
    #[prost(message, optional, tag = "1")]
    pub completion: Option<StoredCompletion>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub text: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredRefusing {
    #[prost(message, optional, tag = "1")]
    pub refused: Option<StoredRefused>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub text: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredRated {
    #[prost(uint32, tag = "1")]
    pub level: u32,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub text: Option<Vec<u8>>,
    #[prost(int64, optional, tag = "3")]
    pub appeal_until_us: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredReopened {
    #[prost(uint32, tag = "1")]
    pub round: u32,
    #[prost(string, optional, tag = "2")]
    pub handler: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredEscalated {
    #[prost(string, tag = "1")]
    pub to: String,
    #[prost(string, optional, tag = "2")]
    pub handler: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredAppeal {
    #[prost(uint32, tag = "1")]
    pub review: u32,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub reason: Option<Vec<u8>>,
    /// Of a ruling.
    #[prost(bool, tag = "3")]
    pub upheld: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredFellDue {
    #[prost(uint32, tag = "1")]
    pub clock: u32,
    #[prost(bool, tag = "2")]
    pub on_time: bool,
}

fn from_actor(by: &Actor) -> (u32, u64, String) {
    let (number, name) = match by {
        Actor::Resident(pseudonym) => (pseudonym.0, String::new()),
        Actor::GridWorker(grid) => (grid.number().into(), String::new()),
        Actor::Handler(name) => (0, name.to_string()),
        _ => (0, String::new()),
    };
    (by.role().number(), number, name)
}

fn actor(role: u32, number: u64, name: &str) -> Result<Actor, StoredFault> {
    Ok(match Role::from_number(role, "role")? {
        Role::Resident => Actor::Resident(Pseudonym(number)),
        Role::GridWorker => {
            let grid = u16::try_from(number).ok().and_then(Grid::new);
            let meaningless = || StoredFault::Meaningless {
                field: "scope",
                value: number.to_string(),
            };
            Actor::GridWorker(grid.ok_or_else(meaningless)?)
        }
        Role::Handler => Actor::Handler(word(name, "scope")?),
        Role::Staff => Actor::Staff,
        Role::Admin => Actor::Admin,
        Role::Auditor => Actor::Auditor,
        Role::Import => Actor::Import,
        Role::System => Actor::System,
    })
}
