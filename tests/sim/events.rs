//! What can happen, in one closed enum, and the queue that decides when: ties
//! are broken by the seed.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::Duration,
};

use proto::sync::{
    downlink::{Issue, Receipt},
    end::End,
    instant::Instant,
    uplink::{Down, ReclaimMode, StartId, Up},
};
use proto_child::{
    downlink::Change,
    uplink::action::{Connection, Scan, Standing, Ticket},
};

use proto::indicator::cell::{CellKey, CellState};

use crate::{hub::Request, plan::Stream};

/// Lives of a process: what one life was asked, the next does not answer.
pub type Life = u64;
pub type NodeAt = usize;

/// A connection, by the order in which it was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link(pub u64);

#[derive(Clone, Debug)]
pub enum Event {
    /// A connection reaches the hub.
    Opened(Link),
    /// The node hears that it did.
    Connected(Link),
    ToHub(Link, ToHub),
    ToNode(Link, ToNode),
    NodeStore(NodeAt, Life, NodeStore),
    /// The hub's writer decides what waits, and syncs it.
    HubCollect(Life),
    HubHeld(Life, Box<Request>),
    HubSynced(Life, usize),
    HubFlushFails(Life),
    /// The hub's view applies the next record.
    HubView(Life),
    HubRead(Life, Link, HubRead),
    Write(NodeAt),
    Fault(Fault),
    NodeStart(NodeAt),
    HubStart,
    Heal(NodeAt),
    Readmit(NodeAt),
    /// An operator looks at what was turned away.
    Decide(NodeAt),
    FaultsEnd,
}

#[derive(Clone, Debug)]
pub enum ToHub {
    Up(Up),
    Receipt(Receipt),
    /// The node's end is gone.
    Closed,
}

#[derive(Clone, Debug)]
pub enum ToNode {
    Down(Down),
    Issue(Issue),
    End(End),
}

#[derive(Clone, Debug)]
pub enum NodeStore {
    /// Everything written before this many records is synced.
    Synced(usize),
    Scan(Ticket, Scan),
}

/// What a node writes to its journal.
#[derive(Clone, Debug)]
pub enum Write {
    Cell(proto::indicator::cell::Cell, Effect),
    Started(StartId),
    /// Every cell anew, as an operator decided.
    Remade(Ticket, Box<Remade>),
    Nonce(Ticket, proto::identity::Nonce),
    Standing(Ticket, Standing),
    Acked(u64),
    Change(Ticket, Change),
}

/// What a write means, whatever the cell held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Add(u64),
    /// Removed, or replaced by something that does not add up.
    Put(CellState),
}

/// A store that came back: the n-th cell has seq `base` + n.
#[derive(Clone, Debug)]
pub struct Remade {
    pub mode: ReclaimMode,
    pub standing: Standing,
    pub base: u64,
    pub cells: Vec<(CellKey, CellState)>,
}

#[derive(Clone, Copy, Debug)]
pub enum HubRead {
    Items { after: u64, limit: usize },
    Set,
    Cells(Option<CellKey>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Cut,
    NodeCrash,
    HubCrash,
    Partition,
    Revoke,
    DamageView,
    Publish,
    /// A node's directory is replaced by an older copy of it.
    Restore,
    /// A copy of a node's directory is started beside it.
    Clone,
    /// The hub's directory is replaced by an older copy of it.
    RestoreHub,
}

/// Who attempted a connection, and how far it came.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The process, and whose certificate it has.
    pub node: NodeAt,
    pub who: NodeAt,
    pub node_life: Life,
    pub hub_life: Option<Life>,
    pub stream: Stream,
    pub connection: Connection,
    pub node_end: bool,
    pub hub_end: bool,
    pub drops_up: bool,
    pub drops_down: bool,
    /// Hears all that the node says on another; what it answers is lost.
    pub ghost: Option<Link>,
    pub is_ghost: bool,
    pub last_up: Instant,
    pub last_down: Instant,
}

#[derive(Default)]
pub struct Queue {
    order: BinaryHeap<Reverse<(Instant, u64, u64)>>,
    events: BTreeMap<u64, Event>,
    next: u64,
}

impl Queue {
    pub fn push(&mut self, now: Instant, delay: Duration, tie: u64, event: Event) {
        self.next += 1;
        self.order
            .push(Reverse((now + delay, tie & 0xff, self.next)));
        self.events.insert(self.next, event);
    }

    pub fn next_at(&self) -> Option<Instant> {
        self.order.peek().map(|Reverse((at, ..))| *at)
    }

    pub fn pop(&mut self) -> Option<Event> {
        let Reverse((.., id)) = self.order.pop()?;
        self.events.remove(&id)
    }
}
