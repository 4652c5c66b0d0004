//! Everything that one record of a node's journal can say happened: a closed
//! enum over the engines and the node's own affairs. Knows no bytes.

use jiff::Timestamp;
use proto::{
    fact::Fact,
    support::Card,
    sync::{
        downlink::{Cursor, ItemKind},
        uplink::{ReclaimMode, StartId},
    },
};

use proto_child::uplink::action::Standing;

use crate::{
    actor::Pseudonym, cases, indicators::Adopted, notices, playbook::adoption::Adoption, process,
    subject, token,
};

/// One accepted command, with what it means for statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub recorded_at: Timestamp,
    pub event: Event,
    /// In the order of what happened.
    pub facts: Vec<Fact>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// All of one case, in their order.
    Cases(Vec<cases::Event>),
    /// All that one command made happen in one process of another engine.
    Process(process::Event),
    Token(token::Event),
    /// About who is told of what happens.
    Notices(notices::Event),
    /// The community runs by other playbooks from here on.
    Adopted(Adoption),
    Activated(Activation),
    /// What the node durably knows about its line to the hub.
    Linked(Standing),
    /// What came of the line's letters.
    Delivered(Delivered),
    /// The process started: recorded before anything else that it does.
    Started(StartId),
    /// The store came back as an operator decided.
    Reclaimed(Reclaimed),
    /// A person's key was destroyed, which began this epoch of keys.
    Erased {
        subject: Pseudonym,
        epoch: u64,
    },
    /// A copy or a correction of one person's data was asked for.
    Accessed(subject::Access),
}

/// Every cell of the node as it is from then on; the n-th has seq `base` + n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reclaimed {
    pub mode: ReclaimMode,
    pub standing: Standing,
    pub base: u64,
    /// Ascending by key.
    pub cells: Vec<Adopted>,
}

/// A letter of the hub was taken, or the hub's word on this node's letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lettered {
    /// The last letter taken.
    pub cursor: Option<Cursor>,
    /// The hub has this node's letters up to here.
    pub received: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    pub lettered: Lettered,
    pub brought: Brought,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Brought {
    Process(process::Event),
    Card(Card),
    /// It was known, or is of nothing that is here.
    Nothing,
}

/// Catalogue items that came down together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The downlink's place after them.
    pub cursor: Cursor,
    /// They are the whole catalogue: what is not among them is withdrawn.
    pub replaces_all: bool,
    pub items: Vec<ActiveItem>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveItem {
    /// For example `indicator/QS.R02@1`.
    pub item_id: String,
    pub kind: ItemKind,
    pub payload: Box<[u8]>,
}
