//! When a node's months were whole, as stored.

use hub_domain::network::Reached;
use proto::period::Period;

use super::{
    Unreadable,
    part::{StoredTime, time},
};

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredReached {
    /// [`Period::number`] of a month.
    #[prost(uint32, tag = "1")]
    pub month: u32,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

impl From<Reached> for StoredReached {
    fn from(reached: Reached) -> StoredReached {
        StoredReached {
            month: reached.month.number(),
            at: Some(reached.at.into()),
        }
    }
}

impl TryFrom<StoredReached> for Reached {
    type Error = Unreadable;

    fn try_from(stored: StoredReached) -> Result<Reached, Unreadable> {
        let month = Period::from_number(stored.month);
        Ok(Reached {
            month: month.map_err(|_| Unreadable::field("month"))?,
            at: time(stored.at)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn a_month_and_its_time_are_frozen_and_no_other_number_is_one() {
        let reached = Reached {
            month: "202603".parse().unwrap(),
            at: "2026-04-01T00:00:09Z".parse().unwrap(),
        };
        let stored = StoredReached::from(reached);
        let hex: String = stored
            .encode_to_vec()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, "08d35e1206089280e39c0d");
        let read = StoredReached::decode(stored.encode_to_vec().as_slice()).unwrap();
        assert_eq!(Reached::try_from(read).unwrap(), reached);
        let torn = StoredReached {
            month: u32::MAX,
            ..stored
        };
        assert!(Reached::try_from(torn).is_err());
    }
}
