//! How times are spelled where an engine's states and happenings are kept:
//! whole microseconds and whole days since 1970. For `#[serde(with = …)]`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Days are counted from here.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

pub mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        at.as_microsecond().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let us = i64::deserialize(from)?;
        Timestamp::from_microsecond(us).map_err(D::Error::custom)
    }
}

pub mod micros_or_none {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::as_microsecond).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let us = Option::<i64>::deserialize(from)?;
        let at = us.map(Timestamp::from_microsecond).transpose();
        at.map_err(D::Error::custom)
    }
}

/// A civil day, also as an element of lists and options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

impl Day {
    /// Its first moment in a zone, by the zone's IANA name.
    pub fn start(self, zone: &str) -> Timestamp {
        self.moment(zone, 0)
    }

    /// Its own middle: no zone's change of clocks moves it to another day.
    pub fn noon(self, zone: &str) -> Timestamp {
        self.moment(zone, 12)
    }

    fn moment(self, zone: &str, hour: i8) -> Timestamp {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let moment = zone.to_timestamp(self.0.at(hour, 0, 0, 0));
        moment.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Days from `earlier` to this one; negative where it is earlier itself.
    pub fn days_since(self, earlier: Day) -> i64 {
        earlier
            .0
            .until(self.0)
            .map_or(0, |span| i64::from(span.get_days()))
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let days = EPOCH.until(self.0).map_or(0, |span| span.get_days());
        days.serialize(to)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        use serde::de::Error as _;
        let days = i32::deserialize(from)?;
        let span = jiff::Span::new().try_days(days);
        let day = span.and_then(|span| EPOCH.checked_add(span));
        day.map(Day).map_err(D::Error::custom)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
