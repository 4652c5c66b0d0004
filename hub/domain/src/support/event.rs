//! What can have happened to requests and offers at a hub. Kept as these types are:
//! variants and fields are places, and only appended.

use jiff::{Timestamp, civil::Date};
use proto::{
    identity::Label,
    place::Place,
    support::{Attachment, Offer, OfferKey, Recipient, RequestKey, Text, Up, stored},
};
use serde::{Deserialize, Serialize};

use super::DeskAnswer;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Letters of a node, the first of which has this seq.
    Received {
        #[serde(with = "stored::place")]
        community: Place,
        lineage: u32,
        first: u64,
        letters: Vec<Up>,
    },
    /// What a centre did about a request.
    Moved {
        #[serde(with = "stored::place")]
        community: Place,
        request: RequestKey,
        by: Label,
        #[serde(with = "stored::micros")]
        at: Timestamp,
        to: Move,
    },
    /// A centre's key.
    Carded { centre: Label, recipient: Recipient },
    Offered {
        offer: Box<Offer>,
        #[serde(with = "stored::places")]
        communities: Vec<Place>,
    },
    OfferClosed {
        offer: OfferKey,
        #[serde(with = "stored::micros")]
        at: Timestamp,
    },
}

impl Event {
    /// What its command was answered with; `None`: letters.
    pub fn answer(&self) -> Option<DeskAnswer> {
        Some(match self {
            Event::Received { .. } => return None,
            Event::Moved {
                community, request, ..
            } => DeskAnswer::Request(*community, *request),
            Event::Carded { .. } => DeskAnswer::Card,
            Event::Offered { offer, .. } => DeskAnswer::Offer(offer.key),
            Event::OfferClosed { offer, .. } => DeskAnswer::Offer(*offer),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    Routed {
        to: Label,
        /// In place of what was attached for whoever routed it.
        attachment: Option<Attachment>,
    },
    Accepted {
        #[serde(with = "stored::day_or_none")]
        deliver_by: Option<Date>,
    },
    Declined {
        reason: Text,
    },
    Begun,
    Done {
        result: Option<Text>,
    },
}
