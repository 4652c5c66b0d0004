//! Small parts that several stored events have in common.

use hub_domain::event::Asked;
use jiff::{Timestamp, civil::Date};
use proto::place::Place;

use super::Unreadable;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAsked {
    #[prost(string, tag = "1")]
    pub by: String,
    #[prost(string, tag = "2")]
    pub request: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredTime {
    #[prost(sint64, tag = "1")]
    pub second: i64,
    #[prost(sint32, tag = "2")]
    pub nanosecond: i32,
}

impl From<&Asked> for StoredAsked {
    fn from(asked: &Asked) -> StoredAsked {
        StoredAsked {
            by: asked.by.to_string(),
            request: asked.request.as_str().to_owned(),
        }
    }
}

pub fn asked(stored: Option<StoredAsked>) -> Result<Asked, Unreadable> {
    let stored = stored.ok_or_else(|| Unreadable::field("asked"))?;
    Ok(Asked {
        by: stored.by.parse().map_err(|_| Unreadable::field("by"))?,
        request: stored
            .request
            .parse()
            .map_err(|_| Unreadable::field("request"))?,
    })
}

impl From<Timestamp> for StoredTime {
    fn from(at: Timestamp) -> StoredTime {
        StoredTime {
            second: at.as_second(),
            nanosecond: at.subsec_nanosecond(),
        }
    }
}

impl TryFrom<StoredTime> for Timestamp {
    type Error = Unreadable;

    fn try_from(stored: StoredTime) -> Result<Timestamp, Unreadable> {
        Timestamp::new(stored.second, stored.nanosecond).map_err(|_| Unreadable::field("time"))
    }
}

pub fn time(stored: Option<StoredTime>) -> Result<Timestamp, Unreadable> {
    stored.ok_or_else(|| Unreadable::field("time"))?.try_into()
}

pub fn optional_time(stored: Option<StoredTime>) -> Result<Option<Timestamp>, Unreadable> {
    stored.map(Timestamp::try_from).transpose()
}

/// A community, or a child hub's place, from [`Place::aligned`].
pub fn place(aligned: u64) -> Result<Place, Unreadable> {
    Place::reporting(aligned).ok_or_else(|| Unreadable::field("community"))
}

pub fn day(text: &str) -> Result<Option<Date>, Unreadable> {
    match text {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Unreadable::field("date")),
    }
}

pub fn day_text(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

pub fn fixed<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], Unreadable> {
    bytes.try_into().map_err(|_| Unreadable::field(field))
}
