//! What the node knows about its line to the hub: one row for the uplink's
//! standing, one for the catalogue's cursor, one for letters. Key: one byte, 1 to 3.

use prost::Message as _;
use proto::identity::{LogId, Nonce, StoreId};
use proto::sync::downlink::Cursor;
use proto_child::uplink::action::Standing;

use super::Space;

pub struct Links;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKey {
    Uplink,
    Downlink,
    Letters,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    Uplink(Standing),
    Downlink(Cursor),
    Letters(LetterBox),
}

/// How letters stand, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterBox {
    /// The last of the hub's letters that was taken.
    pub cursor: Option<Cursor>,
    /// The last of this node's.
    pub last: u64,
    /// The hub has them up to here, as it said last.
    pub received: u64,
}

/// Also the journalled form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredStanding {
    #[prost(bytes = "vec", tag = "1")]
    pub store_id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub epoch: u64,
    #[prost(uint32, tag = "3")]
    pub lineage: u32,
    #[prost(uint64, tag = "4")]
    pub hub_incarnation: u64,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub nonce: Option<Vec<u8>>,
    #[prost(uint64, tag = "6")]
    pub acked: u64,
}

/// Also the journalled form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCursor {
    #[prost(bytes = "vec", tag = "1")]
    pub log_id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub seq: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredLink {
    #[prost(message, optional, tag = "1")]
    standing: Option<StoredStanding>,
    #[prost(message, optional, tag = "2")]
    cursor: Option<StoredCursor>,
    #[prost(message, optional, tag = "3")]
    letters: Option<StoredLetterBox>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredLetterBox {
    #[prost(message, optional, tag = "1")]
    cursor: Option<StoredCursor>,
    #[prost(uint64, tag = "2")]
    last: u64,
    #[prost(uint64, tag = "3")]
    received: u64,
}

impl From<&Standing> for StoredStanding {
    fn from(standing: &Standing) -> StoredStanding {
        StoredStanding {
            store_id: standing.store_id.0.to_vec(),
            epoch: standing.epoch,
            lineage: standing.lineage,
            hub_incarnation: standing.hub_incarnation,
            nonce: standing.nonce.map(|nonce| nonce.0.to_vec()),
            acked: standing.acked,
        }
    }
}

impl TryFrom<StoredStanding> for Standing {
    type Error = String;

    fn try_from(stored: StoredStanding) -> Result<Standing, String> {
        let nonce = stored.nonce.as_deref().map(Nonce::try_from);
        Ok(Standing {
            store_id: StoreId::try_from(stored.store_id.as_slice()).map_err(text)?,
            epoch: stored.epoch,
            lineage: stored.lineage,
            hub_incarnation: stored.hub_incarnation,
            nonce: nonce.transpose().map_err(text)?,
            acked: stored.acked,
        })
    }
}

impl From<&Cursor> for StoredCursor {
    fn from(cursor: &Cursor) -> StoredCursor {
        StoredCursor {
            log_id: cursor.log_id.0.to_vec(),
            seq: cursor.seq,
        }
    }
}

impl TryFrom<StoredCursor> for Cursor {
    type Error = String;

    fn try_from(stored: StoredCursor) -> Result<Cursor, String> {
        Ok(Cursor {
            log_id: LogId::try_from(stored.log_id.as_slice()).map_err(text)?,
            seq: stored.seq,
        })
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

impl Space for Links {
    const TAG: u8 = 0x51;
    const NAME: &'static str = "link";
    type Key = LinkKey;
    type Value = Link;

    fn key(key: &LinkKey) -> Vec<u8> {
        vec![match key {
            LinkKey::Uplink => 1,
            LinkKey::Downlink => 2,
            LinkKey::Letters => 3,
        }]
    }

    fn key_from(bytes: &[u8]) -> Option<LinkKey> {
        match bytes {
            [1] => Some(LinkKey::Uplink),
            [2] => Some(LinkKey::Downlink),
            [3] => Some(LinkKey::Letters),
            _ => None,
        }
    }

    fn encode(link: &Link) -> Vec<u8> {
        let mut stored = StoredLink::default();
        match link {
            Link::Uplink(standing) => stored.standing = Some(standing.into()),
            Link::Downlink(cursor) => stored.cursor = Some(cursor.into()),
            Link::Letters(held) => {
                stored.letters = Some(StoredLetterBox {
                    cursor: held.cursor.as_ref().map(Into::into),
                    last: held.last,
                    received: held.received,
                });
            }
        }
        stored.encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Link, String> {
        let stored = StoredLink::decode(bytes).map_err(text)?;
        match (stored.standing, stored.cursor, stored.letters) {
            (Some(standing), None, None) => standing.try_into().map(Link::Uplink),
            (None, Some(cursor), None) => cursor.try_into().map(Link::Downlink),
            (None, None, Some(held)) => Ok(Link::Letters(LetterBox {
                cursor: held.cursor.map(TryInto::try_into).transpose()?,
                last: held.last,
                received: held.received,
            })),
            _ => Err("neither standing, cursor nor letters".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let standing = Standing {
            store_id: StoreId([1; 16]),
            epoch: 2,
            lineage: 3,
            hub_incarnation: 4,
            nonce: Some(Nonce([5; 16])),
            acked: 6,
        };
        let (store, nonce) = ("01".repeat(16), "05".repeat(16));
        let hex = format!("0a2c0a10{store}1002180320042a10{nonce}3006");
        super::super::golden::row::<Links>(LinkKey::Uplink, Link::Uplink(standing), "5101", &hex);
        let cursor = Cursor {
            log_id: LogId([7; 16]),
            seq: 8,
        };
        let hex = format!("12140a10{}1008", "07".repeat(16));
        super::super::golden::row::<Links>(LinkKey::Downlink, Link::Downlink(cursor), "5102", &hex);
        let held = LetterBox {
            cursor: Some(cursor),
            last: 9,
            received: 5,
        };
        let hex = format!("1a1a0a140a10{}100810091805", "07".repeat(16));
        super::super::golden::row::<Links>(LinkKey::Letters, Link::Letters(held), "5103", &hex);
    }
}
