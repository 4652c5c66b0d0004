//! What came of the line's letters, as a record keeps it: cursor, the hub's word on
//! this node's letters, and what a letter brought. Knows no key.

use node_domain::event::{Brought, Delivered, Lettered};
use proto::support::Card;

use super::keyspace::link::StoredCursor;
use super::stored_process::StoredEvent;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredDelivered {
    #[prost(message, optional, tag = "1")]
    cursor: Option<StoredCursor>,
    #[prost(uint64, optional, tag = "2")]
    received: Option<u64>,
    #[prost(message, optional, tag = "3")]
    process: Option<StoredEvent>,
    #[prost(message, optional, tag = "4")]
    card: Option<StoredCard>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredCard {
    #[prost(string, tag = "1")]
    centre: String,
    #[prost(string, tag = "2")]
    recipient: String,
}

impl From<&Delivered> for StoredDelivered {
    fn from(delivered: &Delivered) -> StoredDelivered {
        let (process, card) = match &delivered.brought {
            Brought::Process(event) => (Some(event.into()), None),
            Brought::Card(card) => (None, Some(card.into())),
            Brought::Nothing => (None, None),
        };
        StoredDelivered {
            cursor: delivered.lettered.cursor.as_ref().map(Into::into),
            received: delivered.lettered.received,
            process,
            card,
        }
    }
}

impl TryFrom<StoredDelivered> for Delivered {
    type Error = String;

    fn try_from(stored: StoredDelivered) -> Result<Delivered, String> {
        let cursor = stored.cursor.map(TryInto::try_into).transpose()?;
        let brought = match (stored.process, stored.card) {
            (None, None) => Brought::Nothing,
            (Some(process), None) => Brought::Process(process.try_into()?),
            (None, Some(card)) => Brought::Card(card.try_into()?),
            (Some(_), Some(_)) => return Err("a letter brought two things".to_owned()),
        };
        Ok(Delivered {
            lettered: Lettered {
                cursor,
                received: stored.received,
            },
            brought,
        })
    }
}

impl From<&Card> for StoredCard {
    fn from(card: &Card) -> StoredCard {
        StoredCard {
            centre: card.centre.to_string(),
            recipient: card.recipient.as_str().to_owned(),
        }
    }
}

impl TryFrom<StoredCard> for Card {
    type Error = String;

    fn try_from(stored: StoredCard) -> Result<Card, String> {
        let centre = stored.centre.parse();
        let recipient = stored.recipient.parse();
        Ok(Card {
            centre: centre.map_err(|wrong: proto::identity::InvalidIdentity| wrong.to_string())?,
            recipient: recipient
                .map_err(|wrong: proto::support::InvalidRecipient| wrong.to_string())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use proto::identity::LogId;
    use proto::sync::downlink::Cursor;

    use super::*;
    use crate::store::fault::hex;

    #[test]
    fn bytes_are_frozen() {
        let delivered = Delivered {
            lettered: Lettered {
                cursor: Some(Cursor {
                    log_id: LogId([7; 16]),
                    seq: 8,
                }),
                received: Some(3),
            },
            brought: Brought::Card(Card {
                centre: "care".parse().unwrap(),
                recipient: format!("age1{}", "q".repeat(58)).parse().unwrap(),
            }),
        };
        let stored = StoredDelivered::from(&delivered);
        let bytes = hex(&stored.encode_to_vec());
        let (log, key) = ("07".repeat(16), "71".repeat(58));
        assert_eq!(
            bytes,
            format!("0a140a10{log}1008100322460a0463617265123e61676531{key}")
        );
        assert_eq!(Delivered::try_from(stored), Ok(delivered));
        let nothing = Delivered {
            lettered: Lettered {
                cursor: None,
                received: Some(1),
            },
            brought: Brought::Nothing,
        };
        let stored = StoredDelivered::from(&nothing);
        assert_eq!(hex(&stored.encode_to_vec()), "1001");
        assert_eq!(Delivered::try_from(stored), Ok(nothing));
    }
}
