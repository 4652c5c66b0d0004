//! The stored form of a case's state.

use jiff::Timestamp;
use node_domain::{
    actor::Pseudonym,
    cases::{Case, CaseId, ClockKind, Clocks, Level, Lifecycle, Origin, Positions},
    sealed::Fingerprint,
};

use super::{
    StoredFault, grid,
    happening::chain,
    outcome::StoredOutcome,
    parts::{StoredClock, StoredPause, StoredReview},
    rules::StoredRules,
    version,
    words::{Numbered, time, times, word, words},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredCase {
    #[prost(uint32, tag = "1")]
    pub version: u32,
    #[prost(uint64, tag = "2")]
    pub id: u64,
    #[prost(string, tag = "3")]
    pub kind: String,
    #[prost(string, tag = "4")]
    pub category: String,
    #[prost(uint32, tag = "5")]
    pub origin: u32,
    /// 0: none.
    #[prost(uint32, tag = "6")]
    pub grid: u32,
    #[prost(message, optional, tag = "7")]
    pub rules: Option<StoredRules>,
    #[prost(fixed64, optional, tag = "8")]
    pub requester: Option<u64>,
    #[prost(bool, tag = "9")]
    pub on_behalf: bool,
    #[prost(string, optional, tag = "10")]
    pub source_id: Option<String>,
    #[prost(uint32, tag = "11")]
    pub lifecycle: u32,
    #[prost(message, optional, tag = "12")]
    pub outcome: Option<StoredOutcome>,
    #[prost(int64, tag = "13")]
    pub reported_at_us: i64,
    #[prost(int64, optional, tag = "14")]
    pub completed_at_us: Option<i64>,
    #[prost(int64, optional, tag = "15")]
    pub first_completed_at_us: Option<i64>,
    #[prost(int64, optional, tag = "16")]
    pub returned_at_us: Option<i64>,
    #[prost(string, optional, tag = "17")]
    pub handler: Option<String>,
    #[prost(uint32, tag = "18")]
    pub bounces: u32,
    #[prost(uint32, tag = "19")]
    pub reopenings: u32,
    #[prost(bool, tag = "20")]
    pub escalated: bool,
    /// 0: none.
    #[prost(uint32, tag = "21")]
    pub rating: u32,
    #[prost(message, repeated, tag = "22")]
    pub clocks: Vec<StoredClock>,
    #[prost(message, repeated, tag = "23")]
    pub pauses: Vec<StoredPause>,
    #[prost(message, repeated, tag = "24")]
    pub reviews: Vec<StoredReview>,
    #[prost(fixed64, repeated, tag = "25")]
    pub recent_notes: Vec<u64>,
    #[prost(bool, tag = "26")]
    pub settled: bool,
    #[prost(int64, tag = "27")]
    pub acted_at_us: i64,
    #[prost(uint64, tag = "28")]
    pub revision: u64,
    /// LEB128 distances between journal positions.
    #[prost(bytes = "vec", tag = "29")]
    pub events: Vec<u8>,
    #[prost(string, repeated, tag = "30")]
    pub chain: Vec<String>,
}

impl From<&Case> for StoredCase {
    fn from(case: &Case) -> StoredCase {
        let us = Timestamp::as_microsecond;
        StoredCase {
            version: version(case.rules.level.is_some()),
            id: case.id.0,
            kind: case.kind.to_string(),
            category: case.category.to_string(),
            origin: case.origin.number(),
            grid: case.grid.map_or(0, |grid| grid.number().into()),
            rules: Some((&*case.rules).into()),
            requester: case.requester.map(|requester| requester.0),
            on_behalf: case.on_behalf,
            source_id: case.source_id.as_ref().map(ToString::to_string),
            lifecycle: case.lifecycle.number(),
            outcome: case.outcome.as_ref().map(Into::into),
            reported_at_us: us(case.reported_at),
            completed_at_us: case.completed_at.map(us),
            first_completed_at_us: case.first_completed_at.map(us),
            returned_at_us: case.returned_at.map(us),
            handler: case.handler.as_ref().map(ToString::to_string),
            bounces: case.bounces,
            reopenings: case.reopenings,
            escalated: case.escalated,
            rating: case.rating.map_or(0, Numbered::number),
            clocks: case.clocks.iter().map(Into::into).collect(),
            pauses: case.pauses.iter().map(Into::into).collect(),
            reviews: case.reviews.iter().map(Into::into).collect(),
            recent_notes: case.recent_notes.iter().map(|note| note.0).collect(),
            settled: case.settled,
            acted_at_us: us(case.acted_at),
            revision: case.revision,
            events: case.events.as_bytes().to_vec(),
            chain: case.chain.iter().map(ToString::to_string).collect(),
        }
    }
}

impl TryFrom<StoredCase> for Case {
    type Error = StoredFault;

    fn try_from(stored: StoredCase) -> Result<Case, StoredFault> {
        let rules = stored
            .rules
            .ok_or(StoredFault::Missing { field: "rules" })?;
        let mut clocks = Clocks::default();
        for clock in stored.clocks {
            let kind = ClockKind::from_number(clock.kind, "clock")?;
            clocks.set(kind, clock.try_into()?);
        }
        let pauses = stored.pauses.into_iter().map(TryInto::try_into);
        let reviews = stored.reviews.into_iter().map(TryInto::try_into);
        Ok(Case {
            id: CaseId(stored.id),
            kind: word(&stored.kind, "kind")?,
            category: word(&stored.category, "category")?,
            origin: Origin::from_number(stored.origin, "origin")?,
            grid: grid(stored.grid)?,
            rules: std::sync::Arc::new(rules.try_into()?),
            requester: stored.requester.map(Pseudonym),
            on_behalf: stored.on_behalf,
            source_id: words(stored.source_id.as_deref(), "source_id")?,
            chain: chain(&stored.chain)?,
            lifecycle: Lifecycle::from_number(stored.lifecycle, "lifecycle")?,
            outcome: stored.outcome.map(TryInto::try_into).transpose()?,
            reported_at: time(stored.reported_at_us, "reported_at")?,
            completed_at: times(stored.completed_at_us, "completed_at")?,
            first_completed_at: times(stored.first_completed_at_us, "first_completed_at")?,
            returned_at: times(stored.returned_at_us, "returned_at")?,
            handler: words(stored.handler.as_deref(), "handler")?,
            bounces: stored.bounces,
            reopenings: stored.reopenings,
            escalated: stored.escalated,
            rating: match stored.rating {
                0 => None,
                rating => Some(Level::from_number(rating, "rating")?),
            },
            clocks,
            pauses: pauses.collect::<Result<_, StoredFault>>()?,
            reviews: reviews.collect::<Result<_, StoredFault>>()?,
            recent_notes: stored.recent_notes.into_iter().map(Fingerprint).collect(),
            settled: stored.settled,
            acted_at: time(stored.acted_at_us, "acted_at")?,
            revision: stored.revision,
            events: Positions::from_bytes(stored.events).map_err(|invalid| {
                StoredFault::Meaningless {
                    field: "events",
                    value: invalid.to_string(),
                }
            })?,
        })
    }
}
