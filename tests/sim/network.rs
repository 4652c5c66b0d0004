//! The network, and what all parts of a run share: one clock, one source of
//! chance, one queue. Streams keep their order, and nothing else is kept: they
//! stall, break at one end or both, swallow, and are heard by ghosts.

use std::{collections::BTreeMap, time::Duration};

use proto::sync::{end::End, instant::Instant, jitter::Jitter, uplink::Up};
use proto_child::uplink::action::Connection;

use crate::{
    cells,
    checks::Checks,
    disk::Parted,
    events::{Event, Life, Link, NodeAt, Queue, ToHub, ToNode, Wire},
    plan::{Plan, Stream},
    trace::Trace,
};

pub struct Shared {
    pub now: Instant,
    pub rng: Jitter,
    pub queue: Queue,
    pub trace: Trace,
    pub plan: Plan,
    pub wires: BTreeMap<Link, Wire>,
    pub checks: Checks,
    /// The living hub's life.
    pub hub_life: Option<Life>,
    pub partitioned: Vec<bool>,
    pub revoked: Vec<bool>,
    /// Whose certificate each process has.
    pub who: Vec<NodeAt>,
    /// Where a clone was taken, until one of both is welcomed.
    pub cloned_at: Option<Parted>,
    pub is_faulty: bool,
    links: u64,
}

impl Shared {
    pub fn new(plan: Plan, seed: u64, is_printed: bool) -> Shared {
        Shared {
            now: Instant::START,
            rng: Jitter::new(seed),
            queue: Queue::default(),
            trace: Trace::new(is_printed),
            wires: BTreeMap::new(),
            checks: Checks::new(plan.nodes),
            hub_life: None,
            // A clone is one process more.
            partitioned: vec![false; plan.nodes + 1],
            revoked: vec![false; plan.nodes],
            who: (0..plan.nodes).collect(),
            cloned_at: None,
            is_faulty: true,
            links: 0,
            plan,
        }
    }

    pub fn after(&mut self, delay: Duration, event: Event) {
        let tie = self.rng.next_u64();
        self.queue.push(self.now, delay, tie, event);
    }

    /// One in `odds`, while there are faults at all.
    pub fn mishap(&mut self, odds: u64) -> bool {
        self.rng.next_u64().is_multiple_of(odds) && self.is_faulty
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.rng.next_u64() as usize % bound.max(1)
    }

    /// The node's and the hub's clocks agree here, and are not asked for more.
    pub fn wall(&self) -> jiff::Timestamp {
        let passed = i64::try_from(self.now.0.as_millis()).expect("a short run");
        jiff::Timestamp::from_millisecond(1_790_000_000_000 + passed).expect("a time")
    }

    pub fn node_wall(&self) -> jiff::Timestamp {
        self.wall()
            .saturating_add(self.plan.skew)
            .expect("a span of time")
    }

    pub fn connect(&mut self, node: NodeAt, node_life: Life, stream: Stream, to: Connection) {
        self.links += 1;
        let link = Link(self.links);
        let wire = Wire {
            node,
            who: self.who[node],
            node_life,
            hub_life: None,
            stream,
            connection: to,
            node_end: true,
            hub_end: false,
            drops_up: false,
            drops_down: false,
            ghost: None,
            is_ghost: false,
            last_up: self.now,
            last_down: self.now,
        };
        self.wires.insert(link, wire);
        if self.partitioned[node] && self.mishap(2) {
            return; // Nobody answers; the node gives up by itself.
        }
        let delay = self.latency();
        if self.partitioned[node] || self.hub_life.is_none() {
            let refused = ToNode::End(End::fault("refused"));
            self.after(delay, Event::ToNode(link, refused));
        } else {
            self.after(delay, Event::Opened(link));
        }
    }

    /// The hub accepts; it may hear everything twice.
    pub fn accept(&mut self, link: Link) -> Option<Option<Link>> {
        let hub_life = self.hub_life?;
        let is_ghostly = self.plan.has_ghosts && self.mishap(3);
        let stalls = self.plan.stalled;
        let delay = self.latency();
        let wire = self.wires.get_mut(&link)?;
        wire.hub_end = true;
        wire.hub_life = Some(hub_life);
        let stalled = stalls == Some(wire.stream);
        wire.drops_up = stalled;
        wire.drops_down = stalled;
        let copy = Wire {
            is_ghost: true,
            drops_down: true,
            ..wire.clone()
        };
        let ghost = is_ghostly.then_some(Link(self.links + 1));
        wire.ghost = ghost;
        if let Some(ghost) = ghost {
            self.links += 1;
            self.wires.insert(ghost, copy);
        }
        self.after(delay, Event::Connected(link));
        Some(ghost)
    }

    pub fn node_says(&mut self, link: Link, what: ToHub) {
        let ghost = self.wires.get(&link).and_then(|wire| wire.ghost);
        for link in [Some(link), ghost].into_iter().flatten() {
            let delay = self.stalled_latency();
            let now = self.now;
            let Some(wire) = self.wires.get_mut(&link) else {
                continue;
            };
            let at = (now + delay).max(wire.last_up + Duration::from_nanos(1));
            wire.last_up = at;
            self.after(at.since(now), Event::ToHub(link, what.clone()));
        }
    }

    pub fn hub_says(&mut self, link: Link, what: ToNode) {
        let delay = self.stalled_latency();
        let now = self.now;
        let Some(wire) = self.wires.get_mut(&link) else {
            return;
        };
        let at = (now + delay).max(wire.last_down + Duration::from_nanos(1));
        wire.last_down = at;
        self.after(at.since(now), Event::ToNode(link, what));
    }

    /// The node's end closes; what it said may still arrive, and the hub may
    /// never hear that it is gone.
    pub fn node_leaves(&mut self, link: Link) {
        let drops = self.mishap(3);
        if let Some(wire) = self.wires.get_mut(&link) {
            wire.node_end = false;
            wire.drops_up |= drops;
        }
        if !self.mishap(3) {
            self.node_says(link, ToHub::Closed);
        }
    }

    pub fn hub_leaves(&mut self, link: Link) {
        if let Some(wire) = self.wires.get_mut(&link) {
            wire.hub_end = false;
        }
    }

    /// In the middle of whatever was under way; each end may or may not hear.
    pub fn cut(&mut self, link: Link) {
        let (node_hears, hub_hears) = (!self.mishap(4), !self.mishap(4));
        let drops_up = self.mishap(2);
        let Some(wire) = self.wires.get_mut(&link) else {
            return;
        };
        self.trace
            .line(self.now, format_args!("cut {link:?} of node {}", wire.node));
        wire.drops_down = true;
        let was_ghost = wire.is_ghost;
        if node_hears && !was_ghost {
            // Past the drop: the node's own stack says it.
            let delay = self.latency();
            let end = ToNode::End(End::fault("cut"));
            self.after(delay, Event::ToNode(link, end));
        }
        if hub_hears {
            self.node_says(link, ToHub::Closed);
        } else if let Some(wire) = self.wires.get_mut(&link) {
            wire.drops_up |= drops_up;
        }
    }

    /// Whether a message for the hub arrives; killers take the stream with them.
    pub fn reaches_hub(&mut self, link: Link, what: &ToHub) -> bool {
        let Some(wire) = self.wires.get(&link) else {
            return false;
        };
        if !wire.hub_end || wire.hub_life != self.hub_life {
            return false;
        }
        if matches!(what, ToHub::Closed) {
            return true;
        }
        if wire.drops_up {
            return false;
        }
        let carried = match what {
            ToHub::Up(Up::Batch(batch)) => &batch.cells,
            ToHub::Up(Up::Listing(listing)) => &listing.cells,
            _ => return true,
        };
        if !carried.iter().any(cells::kills) {
            return true;
        }
        let node = wire.node;
        self.trace
            .line(self.now, format_args!("killer of node {node} on {link:?}"));
        if let Some(wire) = self.wires.get_mut(&link) {
            wire.drops_up = true;
            wire.drops_down = true;
        }
        self.after(
            Duration::from_millis(1),
            Event::ToNode(link, ToNode::End(End::fault("reset"))),
        );
        self.after(Duration::from_millis(1), Event::ToHub(link, ToHub::Closed));
        false
    }

    /// Whether a message for a node arrives at this life of it.
    pub fn reaches_node(&self, link: Link, life: Life, what: &ToNode) -> bool {
        let Some(wire) = self.wires.get(&link) else {
            return false;
        };
        let is_end = matches!(what, ToNode::End(_));
        let is_lost = wire.drops_down && !is_end;
        wire.node_end && wire.node_life == life && !wire.is_ghost && !is_lost
    }

    pub fn link_of(
        &self,
        node: NodeAt,
        life: Life,
        stream: Stream,
        to: Connection,
    ) -> Option<Link> {
        let mut wires = self.wires.iter().rev();
        wires
            .find(|(_, wire)| {
                (wire.node, wire.node_life, wire.stream, wire.connection)
                    == (node, life, stream, to)
                    && !wire.is_ghost
            })
            .map(|(link, _)| *link)
    }

    /// Nobody will ever look at these again.
    pub fn forget_wires(&mut self) {
        let now = self.now;
        let old = Duration::from_secs(600);
        self.wires.retain(|_, wire| {
            wire.node_end || wire.hub_end || now.since(wire.last_up.max(wire.last_down)) < old
        });
    }

    pub fn latency(&mut self) -> Duration {
        self.rng.within(self.plan.latency)
    }

    fn stalled_latency(&mut self) -> Duration {
        let delay = self.latency();
        if self.mishap(300) {
            return delay + self.rng.within(Duration::from_secs(40));
        }
        delay
    }
}
