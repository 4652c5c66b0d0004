//! The stored forms of a case's clocks, pauses and reviews.

use jiff::Timestamp;
use node_domain::cases::{Clock, ClockKind, Level, Pause, Review, Standing};

use super::{
    StoredFault,
    outcome::StoredCompletion,
    words::{Numbered, time, times, word, words},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredClock {
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    #[prost(int64, tag = "2")]
    pub started_at_us: i64,
    #[prost(int64, tag = "3")]
    pub due_at_us: i64,
    #[prost(int64, optional, tag = "4")]
    pub stopped_at_us: Option<i64>,
    #[prost(bool, tag = "5")]
    pub cancelled: bool,
    #[prost(bool, optional, tag = "6")]
    pub met: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredPause {
    #[prost(int64, tag = "1")]
    pub paused_at_us: i64,
    #[prost(int64, optional, tag = "2")]
    pub resumed_at_us: Option<i64>,
    #[prost(string, tag = "3")]
    pub cause: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredReview {
    #[prost(int64, tag = "1")]
    pub reviewed_at_us: i64,
    #[prost(uint32, tag = "2")]
    pub level: u32,
    #[prost(string, optional, tag = "3")]
    pub handler: Option<String>,
    #[prost(int64, tag = "4")]
    pub completed_at_us: i64,
    #[prost(message, optional, tag = "5")]
    pub completion: Option<StoredCompletion>,
    #[prost(int64, optional, tag = "6")]
    pub appeal_until_us: Option<i64>,
    #[prost(uint32, tag = "7")]
    pub standing: u32,
}

impl From<(ClockKind, &Clock)> for StoredClock {
    fn from((kind, clock): (ClockKind, &Clock)) -> StoredClock {
        StoredClock {
            kind: kind.number(),
            started_at_us: clock.started_at.as_microsecond(),
            due_at_us: clock.due_at.as_microsecond(),
            stopped_at_us: clock.stopped_at.map(Timestamp::as_microsecond),
            cancelled: clock.cancelled,
            met: clock.met,
        }
    }
}

impl TryFrom<StoredClock> for Clock {
    type Error = StoredFault;

    fn try_from(stored: StoredClock) -> Result<Clock, StoredFault> {
        Ok(Clock {
            started_at: time(stored.started_at_us, "clock.started_at")?,
            due_at: time(stored.due_at_us, "clock.due_at")?,
            stopped_at: times(stored.stopped_at_us, "clock.stopped_at")?,
            cancelled: stored.cancelled,
            met: stored.met,
        })
    }
}

impl From<&Pause> for StoredPause {
    fn from(pause: &Pause) -> StoredPause {
        StoredPause {
            paused_at_us: pause.paused_at.as_microsecond(),
            resumed_at_us: pause.resumed_at.map(Timestamp::as_microsecond),
            cause: pause.cause.to_string(),
        }
    }
}

impl TryFrom<StoredPause> for Pause {
    type Error = StoredFault;

    fn try_from(stored: StoredPause) -> Result<Pause, StoredFault> {
        Ok(Pause {
            paused_at: time(stored.paused_at_us, "pause.paused_at")?,
            resumed_at: times(stored.resumed_at_us, "pause.resumed_at")?,
            cause: word(&stored.cause, "pause.cause")?,
        })
    }
}

impl From<&Review> for StoredReview {
    fn from(review: &Review) -> StoredReview {
        StoredReview {
            reviewed_at_us: review.reviewed_at.as_microsecond(),
            level: review.level.number(),
            handler: review.handler.as_ref().map(ToString::to_string),
            completed_at_us: review.completed_at.as_microsecond(),
            completion: Some((&review.completion).into()),
            appeal_until_us: review.appeal_until.map(Timestamp::as_microsecond),
            standing: review.standing.number(),
        }
    }
}

impl TryFrom<StoredReview> for Review {
    type Error = StoredFault;

    fn try_from(stored: StoredReview) -> Result<Review, StoredFault> {
        let completion = stored.completion.ok_or(StoredFault::Missing {
            field: "review.completion",
        })?;
        Ok(Review {
            reviewed_at: time(stored.reviewed_at_us, "review.reviewed_at")?,
            level: Level::from_number(stored.level, "review.level")?,
            handler: words(stored.handler.as_deref(), "review.handler")?,
            completed_at: time(stored.completed_at_us, "review.completed_at")?,
            completion: completion.try_into()?,
            appeal_until: times(stored.appeal_until_us, "review.appeal_until")?,
            standing: Standing::from_number(stored.standing, "review.standing")?,
        })
    }
}
