//! Everything that can have happened at a hub: one closed list over its parts.
//! Knows no bytes.

use jiff::Timestamp;
use proto::{
    identity::{District, LogId, RequestId, Subject},
    indicator::catalogue::Item,
    place::Place,
    sync::uplink::StartId,
};

use crate::{
    audit, centre, extension, issuance, period, register, rollout, support,
    sync::{batch::Accepted, hello::Granted, line::Quarantine, reclaim::Decided, repair::Listed},
    tree, watch,
};

#[derive(Clone, Debug)]
pub enum Event {
    /// The first event of every hub.
    Founded(Founded),
    Registered {
        asked: Asked,
        events: Vec<register::Event>,
        answer: Imported,
    },
    Published {
        asked: Asked,
        items: Vec<Item>,
        unchanged: u32,
    },
    Issued(issuance::Event),
    /// `asked`: by an operator; `None`: by a feed.
    Centre {
        asked: Option<Asked>,
        event: centre::Event,
    },
    Extension(extension::Event),
    /// Decisions about calls.
    Audited(Vec<audit::Decision>),
    /// The hub's files were put back from an older copy.
    Restored {
        incarnation: u64,
        at: Timestamp,
    },
    /// Of the node of a community, or of a child hub.
    Line(Place, LineEvent),
    /// Of this hub as the child of another.
    Tree(tree::Event),
    Watch(watch::Event),
    Period(period::Event),
    /// Of new definitions on their way to the nodes.
    Rollout(rollout::Event),
    /// A node took the catalogue further, or refused some of it.
    Took(rollout::Taking),
    /// Of requests and offers; asked for by a centre, or none for letters.
    Support {
        asked: Option<Asked>,
        event: support::Event,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Founded {
    pub district: District,
    pub incarnation: u64,
    pub catalogue_log: LogId,
    /// IANA name of the district's time zone.
    pub zone: String,
    pub at: Timestamp,
}

/// Who asked for it, under which name: the same name again gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asked {
    pub by: Subject,
    pub request: RequestId,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: u32,
    pub changed: u32,
    pub unchanged: u32,
}

#[derive(Clone, Debug)]
pub enum LineEvent {
    Granted(Granted),
    Accepted(Accepted),
    Listed(Listed),
    Sighted(Quarantine),
    /// An operator decided about the quarantined store.
    Decided(Decided),
    /// Starts of the node, told with a greeting that was answered before.
    Heard(Vec<StartId>),
    /// Both ends' digests were equal.
    Agreed {
        through: u64,
        at: Timestamp,
    },
    /// They differed; the node was asked for its sums.
    RepairBegan {
        at: Timestamp,
    },
}

impl LineEvent {
    /// How many cells it holds.
    pub fn cells(&self) -> usize {
        match self {
            LineEvent::Accepted(accepted) => accepted.cells.len(),
            LineEvent::Listed(listed) => listed.cells.len(),
            _ => 0,
        }
    }
}
