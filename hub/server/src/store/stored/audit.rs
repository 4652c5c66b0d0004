//! Decisions about calls, as stored.

use hub_domain::{
    audit::{Decision, What},
    event::Event,
};

use super::{
    Unreadable,
    part::{StoredTime, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAudit {
    #[prost(message, repeated, tag = "1")]
    pub decisions: Vec<StoredDecision>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredDecision {
    #[prost(string, tag = "1")]
    pub subject: String,
    #[prost(string, tag = "2")]
    pub method: String,
    #[prost(string, tag = "3")]
    pub scope: String,
    #[prost(bool, tag = "4")]
    pub is_allowed: bool,
    #[prost(string, tag = "5")]
    pub result: String,
    #[prost(message, optional, tag = "6")]
    pub first_at: Option<StoredTime>,
    #[prost(message, optional, tag = "7")]
    pub last_at: Option<StoredTime>,
    #[prost(uint32, tag = "8")]
    pub count: u32,
}

impl StoredAudit {
    pub fn new(decisions: &[Decision]) -> StoredAudit {
        let decisions = decisions.iter().map(|decision| StoredDecision {
            subject: decision.what.subject.to_string(),
            method: decision.what.method.clone(),
            scope: decision.what.scope.clone(),
            is_allowed: decision.what.is_allowed,
            result: decision.what.result.clone(),
            first_at: Some(decision.first_at.into()),
            last_at: Some(decision.last_at.into()),
            count: decision.count,
        });
        StoredAudit {
            decisions: decisions.collect(),
        }
    }
}

impl TryFrom<StoredAudit> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredAudit) -> Result<Event, Unreadable> {
        let decisions = stored.decisions.into_iter().map(|stored| {
            let subject = stored.subject.parse();
            Ok(Decision {
                what: What {
                    subject: subject.map_err(|_| Unreadable::field("subject"))?,
                    method: stored.method,
                    scope: stored.scope,
                    is_allowed: stored.is_allowed,
                    result: stored.result,
                },
                first_at: time(stored.first_at)?,
                last_at: time(stored.last_at)?,
                count: stored.count,
            })
        });
        Ok(Event::Audited(
            decisions.collect::<Result<_, Unreadable>>()?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::stored::{decode, encode};
    use jiff::Timestamp;

    #[test]
    fn the_bytes_are_frozen() {
        let at = Timestamp::UNIX_EPOCH;
        let event = Event::Audited(vec![Decision {
            what: What {
                subject: "centre/care".parse().unwrap(),
                method: "/a".into(),
                scope: "b".into(),
                is_allowed: true,
                result: "OK".into(),
            },
            first_at: at,
            last_at: at,
            count: 2,
        }]);
        let record = encode(&event, None);
        let hex: String = record.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "01ca02220a200a0b63656e7472652f6361726512022f611a016220012a024f4b32003a004002"
        );
        assert_eq!(encode(&decode(&record).unwrap(), None), record);
    }
}
