//! Letters and how they are exchanged: a call takes a node's letters up and brings
//! the hub's down. What goes down says how something stands, not what changed:
//! taken twice, or in place of those before it, it means the same.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Offer, Recipient, RequestKey, Text, stored};
use crate::{identity::Label, sync::downlink::Cursor};

/// From a node: in the order of its journal, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Up {
    Asked(Asked),
    Withdrawn {
        request: RequestKey,
        #[serde(with = "stored::micros")]
        at: Timestamp,
    },
    Rated(Rated),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub request: RequestKey,
    /// `None`: whoever can.
    pub centre: Option<Label>,
    pub text: Text,
    pub attachment: Option<Attachment>,
    #[serde(with = "stored::micros")]
    pub asked_at: Timestamp,
    /// Until when the community expects an answer.
    #[serde(with = "stored::micros")]
    pub accept_by: Timestamp,
    #[serde(with = "stored::day_or_none")]
    pub wanted_by: Option<Date>,
}

/// Personal data that a community gives away on purpose, for one centre to read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Whose key opens it.
    pub centre: Label,
    /// An `age` file.
    pub ciphertext: Box<[u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    pub request: RequestKey,
    /// 1 to 5.
    pub stars: u8,
    /// Where the community lets it go along.
    pub comment: Option<Text>,
    #[serde(with = "stored::micros")]
    pub at: Timestamp,
}

/// From a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Down {
    Progress(Progress),
    Offer(Offer),
    Card(Card),
}

/// How a request stands with the centres, with all that happened to it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub request: RequestKey,
    /// Whose it is.
    pub centre: Label,
    #[serde(with = "stored::micros_or_none")]
    pub routed_at: Option<Timestamp>,
    #[serde(with = "stored::micros_or_none")]
    pub accepted_at: Option<Timestamp>,
    #[serde(with = "stored::micros_or_none")]
    pub declined_at: Option<Timestamp>,
    #[serde(with = "stored::micros_or_none")]
    pub begun_at: Option<Timestamp>,
    #[serde(with = "stored::micros_or_none")]
    pub done_at: Option<Timestamp>,
    /// As agreed when it was accepted.
    #[serde(with = "stored::day_or_none")]
    pub deliver_by: Option<Date>,
    /// Why it was declined, or what was done.
    pub words: Option<Text>,
}

/// A centre as communities know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub centre: Label,
    pub recipient: Recipient,
}

/// A letter down, and its place in the hub's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub seq: u64,
    pub down: Down,
}

/// What a node says in one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Of its store, as the uplink was granted it; its letters count anew in each.
    pub lineage: u32,
    /// As the uplink was granted it last: a copy of the store has another.
    pub epoch: u64,
    /// Which of the hub's letters it has; `None`: none.
    pub cursor: Option<Cursor>,
    /// Seq of the first of `letters`, the others follow without a gap.
    pub first: u64,
    pub letters: Vec<Up>,
    /// Hold the answer until there is a letter, for a while.
    pub waits: bool,
}

/// What the hub answers: by then the node's letters are on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The hub has this lineage's letters up to here: the receiver's word counts.
    pub received: u64,
    /// The hub's log, and how far `letters` go in it.
    pub cursor: Cursor,
    pub letters: Vec<Letter>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Attachment({}, {} bytes)",
            self.centre,
            self.ciphertext.len()
        )
    }
}
