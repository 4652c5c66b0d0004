//! How times, days and places are spelled where letters and what came of them are
//! kept: whole microseconds, ISO days, aligned codes. For `#[serde(with = …)]`.

/// A time as microseconds since 1970.
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

/// The same, or nothing.
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

/// A civil day such as `2026-03-05`, or nothing.
pub mod day_or_none {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|day| day.to_string()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let day = text.map(|text| text.parse()).transpose();
        day.map_err(D::Error::custom)
    }
}

/// A community by its aligned code.
pub mod place {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use crate::place::Place;

    pub fn serialize<S: Serializer>(place: &Place, to: S) -> Result<S::Ok, S::Error> {
        place.aligned().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Place, D::Error> {
        let aligned = u64::deserialize(from)?;
        Place::reporting(aligned).ok_or_else(|| D::Error::custom("not a place that reports"))
    }
}

/// Communities by their aligned codes.
pub mod places {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use crate::place::Place;

    pub fn serialize<S: Serializer>(places: &[Place], to: S) -> Result<S::Ok, S::Error> {
        let aligned: Vec<u64> = places.iter().map(|place| place.aligned()).collect();
        aligned.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Place>, D::Error> {
        let aligned = Vec::<u64>::deserialize(from)?;
        let places = aligned.into_iter().map(Place::reporting);
        let places: Option<Vec<Place>> = places.collect();
        places.ok_or_else(|| D::Error::custom("not a place that reports"))
    }
}
