//! Definitions on their way down: a log with an identity, replayed from a
//! cursor, or listed anew when the cursor means nothing in it.

use sha2::{Digest as _, Sha256};

use crate::{identity::LogId, sync::trial::Trial};

/// What a hub says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issue {
    Item(Item),
    Relist(Relist),
    /// Nothing after `cursor`; also said while there is nothing to say.
    CaughtUp(Cursor),
}

/// What a node answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// `None`: first contact.
    Open(Option<Cursor>),
    Ack(Taken),
}

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub log_id: LogId,
    pub seq: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    Indicator,
    Dimension,
    /// Of hubs alone; a node is not sent one.
    Derived,
    /// To be counted once, answered and forgotten.
    DryRun,
    /// Withdrawn; no payload.
    Retired,
    /// Of a later version: refused by name, skipped.
    Unknown(i32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub cursor: Cursor,
    /// For example `indicator/QS.R02@1`.
    pub item_id: String,
    pub kind: ItemKind,
    pub payload: Box<[u8]>,
    pub payload_hash: [u8; 32],
}

/// The `items` that follow replace everything held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relist {
    /// `seq`: the log's place that the whole set stands for.
    pub cursor: Cursor,
    pub items: u32,
}

/// Activated, or refused by name and skipped, up to `seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    pub seq: u64,
    pub refused: Vec<Refused>,
    pub trials: Vec<Trial>,
}

/// What a store made of a change beyond taking it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub refused: Vec<Refused>,
    pub trials: Vec<Trial>,
}

impl From<Vec<Refused>> for Applied {
    fn from(refused: Vec<Refused>) -> Applied {
        Applied {
            refused,
            trials: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub seq: u64,
    pub item_id: String,
    /// UPPER_SNAKE, for example `HASH_MISMATCH`.
    pub reason: String,
    pub detail: String,
}

impl Item {
    pub fn new(cursor: Cursor, item_id: String, kind: ItemKind, payload: Box<[u8]>) -> Item {
        Item {
            payload_hash: Sha256::digest(&payload).into(),
            cursor,
            item_id,
            kind,
            payload,
        }
    }

    /// Whether the payload is the one that the hub issued.
    pub fn is_intact(&self) -> bool {
        self.payload_hash == <[u8; 32]>::from(Sha256::digest(&self.payload))
    }
}
