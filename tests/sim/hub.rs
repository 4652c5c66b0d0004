//! A hub: the real machines and decisions, a single writer with group commit
//! over a journal that loses what was not synced, and a view that lags.

use std::collections::{BTreeMap, VecDeque};

use hub_domain::sync::{
    admission::Admission,
    downlink::Downlink,
    line::Line,
    roster::Roster,
    session::{Greeting, Session},
};
use proto::{
    identity::LogId,
    sync::{
        downlink::{Cursor, Item, ItemKind},
        end::End,
        instant::Instant,
        limits,
        uplink::{Ack, Batch, Hello, Listing, ReclaimMode, Sums},
    },
};

use crate::{
    cells::Catalogue,
    events::{HubRead, Life, Link, NodeAt, ToHub, ToNode},
    network::Shared,
    plan::Stream,
    table::{Record, Table, fold_line},
};

pub struct Hub {
    pub life: Life,
    pub journal: Vec<Record>,
    pub synced: usize,
    /// The fold of what is synced: what the hub truly holds.
    pub durable: Table,
    pub log: Vec<Item>,
    /// How long the log was when the journal was so long.
    pub published: Vec<(usize, usize)>,
    pub incarnation: u64,
    pub knows_unknown: bool,
    pub running: Option<Process>,
}

/// Everything that a crash takes.
pub struct Process {
    /// As the journal's end, synced or not.
    pub lines: Vec<Line>,
    pub sessions: BTreeMap<Link, Serving<Session>>,
    pub downlinks: BTreeMap<Link, Serving<Downlink>>,
    pub roster: Roster<NodeAt>,
    pub admission: Admission<Link>,
    pub inbox: VecDeque<Request>,
    pub awaiting: VecDeque<(usize, Link, Answer)>,
    pub is_collecting: bool,
    pub view: Table,
    pub view_at: usize,
    pub is_viewing: bool,
    pub compares: Vec<(usize, NodeAt, u64, Sums)>,
    pub relisted: Vec<Option<Instant>>,
}

pub struct Serving<M> {
    pub node: NodeAt,
    pub machine: M,
}

/// What waits for the writer.
#[derive(Clone, Debug)]
pub struct Request {
    pub link: Link,
    pub node: NodeAt,
    pub what: Asked,
    /// Said twice by a fault of ours: must change nothing, answers nobody.
    pub is_replay: bool,
}

#[derive(Clone, Debug)]
pub enum Asked {
    Hello(Hello),
    Batch(u64, Batch),
    Sums(u64, Sums),
    Listing(u64, Listing),
    /// An operator's word about the quarantined store.
    Decide(ReclaimMode),
}

impl Request {
    /// Where in whose stream.
    pub fn place(&self) -> (Link, u64) {
        match &self.what {
            Asked::Batch(_, batch) => (self.link, batch.from),
            _ => (self.link, 0),
        }
    }
}

pub enum Answer {
    Greeted(Result<Greeting, End>),
    /// With how many cells the batch had.
    Committed(Result<Ack, End>, usize),
    Listed(Result<(), End>),
}

/// Cells of one page that a store is given back.
const RETURNED: usize = 20;
const LOG: [u8; 16] = [9; 16];

impl Hub {
    pub fn new(nodes: usize) -> Hub {
        let mut hub = Hub {
            life: 0,
            journal: Vec::new(),
            synced: 0,
            durable: Table::new(nodes),
            log: Vec::new(),
            published: Vec::new(),
            incarnation: 1,
            knows_unknown: false,
            running: None,
        };
        for n in 0..3 {
            hub.publish(format!("indicator/{n}"));
        }
        hub
    }

    pub fn publish(&mut self, item_id: String) {
        let seq = self.log.len() as u64 + 1;
        // What is published twice under one name differs all the same.
        let payload = format!("{item_id} {} {seq}", self.incarnation);
        let payload = payload.into_bytes().into();
        let cursor = Cursor {
            log_id: self.log_id(),
            seq,
        };
        let item = Item::new(cursor, item_id, ItemKind::Indicator, payload);
        self.log.push(item);
        self.published.push((self.journal.len(), self.log.len()));
    }

    /// Another one with each incarnation.
    pub fn log_id(&self) -> LogId {
        let mut id = LOG;
        id[8..].copy_from_slice(&self.incarnation.to_be_bytes());
        LogId(id)
    }

    pub fn catalogue(&self) -> Catalogue {
        Catalogue {
            seq: self.log.len() as u64,
            knows_unknown: self.knows_unknown,
        }
    }

    pub fn start(&mut self, shared: &mut Shared) {
        let nodes = self.durable.lines.len();
        let mut lines = vec![Line::default(); nodes];
        for record in &self.journal {
            fold_line(&mut lines[record.node], record);
        }
        shared.hub_life = Some(self.life);
        shared
            .trace
            .line(shared.now, format_args!("hub starts life {}", self.life));
        self.running = Some(Process {
            lines,
            sessions: BTreeMap::new(),
            downlinks: BTreeMap::new(),
            roster: Roster::default(),
            admission: Admission::default(),
            inbox: VecDeque::new(),
            awaiting: VecDeque::new(),
            is_collecting: false,
            view: Table::new(nodes),
            view_at: 0,
            is_viewing: false,
            compares: Vec::new(),
            relisted: vec![None; nodes],
        });
        self.look(shared);
    }

    /// Loses what was not synced, or keeps a part that made it by chance.
    pub fn crash(&mut self, shared: &mut Shared) {
        let survivors = shared.below(self.journal.len() - self.synced + 1);
        shared.trace.line(
            shared.now,
            format_args!("hub dies, {survivors} unsynced survive"),
        );
        self.journal.truncate(self.synced + survivors);
        self.settle(shared, self.journal.len());
        self.running = None;
        self.life += 1;
        shared.hub_life = None;
        let wires: Vec<Link> = shared.wires.keys().copied().collect();
        for link in wires {
            let hears = !shared.mishap(4);
            let Some(wire) = shared.wires.get_mut(&link).filter(|wire| wire.hub_end) else {
                continue;
            };
            wire.hub_end = false;
            wire.drops_down = true;
            if hears {
                shared.hub_says(link, ToNode::End(End::fault("hub died")));
            }
        }
    }

    /// The journal is durable up to here.
    pub fn settle(&mut self, shared: &mut Shared, length: usize) {
        for record in &self.journal[self.synced..length] {
            shared.checks.becomes_durable(record, &self.durable);
            self.durable.fold(record);
        }
        self.synced = length;
    }

    pub fn handle_opened(&mut self, shared: &mut Shared, link: Link) {
        let Some(ghost) = shared.accept(link) else {
            return;
        };
        for link in [Some(link), ghost].into_iter().flatten() {
            let (node, stream) = {
                let wire = &shared.wires[&link];
                (wire.who, wire.stream)
            };
            let log_id = self.log_id();
            let Some(running) = &mut self.running else {
                return;
            };
            match stream {
                Stream::Uplink => {
                    let machine = Session::new(shared.now, shared.rng.next_u64());
                    running.sessions.insert(link, Serving { node, machine });
                }
                Stream::Downlink => {
                    let seq = self.log.len() as u64;
                    let log = Cursor { log_id, seq };
                    let relisted = running.relisted[node];
                    let machine = Downlink::new(shared.now, log, relisted);
                    running.downlinks.insert(link, Serving { node, machine });
                }
            }
        }
    }

    pub fn handle_message(&mut self, shared: &mut Shared, link: Link, what: ToHub) {
        let now = shared.now;
        let Some(running) = &mut self.running else {
            return;
        };
        match what {
            ToHub::Up(up) => {
                if let Some(serving) = running.sessions.get_mut(&link) {
                    serving.machine.handle_up(now, up);
                }
            }
            ToHub::Receipt(receipt) => {
                if let Some(serving) = running.downlinks.get_mut(&link) {
                    serving.machine.handle_receipt(now, receipt);
                }
            }
            ToHub::Closed => {
                shared.hub_leaves(link);
                running.leave(link);
            }
        }
        self.drain(shared, link);
    }

    pub fn handle_read(&mut self, shared: &mut Shared, link: Link, what: HubRead) {
        let now = shared.now;
        let Some(running) = &mut self.running else {
            return;
        };
        if let Some(serving) = running.downlinks.get_mut(&link) {
            match what {
                HubRead::Items { after, limit } => {
                    let items = self.log.iter().skip(after as usize).take(limit);
                    serving.machine.handle_items(now, items.cloned().collect());
                }
                HubRead::Set => {
                    let items = in_force(&self.log);
                    let seq = self.log.len() as u64;
                    serving.machine.handle_set(now, seq, items);
                }
                HubRead::Cells(_) => {}
            }
        }
        if let (HubRead::Cells(after), Some(serving)) = (what, running.sessions.get_mut(&link)) {
            let held = self.durable.cells[serving.node].values();
            let mut rest = held.filter(|cell| Some(cell.key) > after);
            let page: Vec<_> = rest.by_ref().take(RETURNED).cloned().collect();
            let is_last = rest.next().is_none();
            serving.machine.handle_returned(now, page, is_last);
        }
        self.drain(shared, link);
    }

    pub fn handle_deadlines(&mut self, shared: &mut Shared) {
        let now = shared.now;
        let Some(running) = &mut self.running else {
            return;
        };
        let mut due = Vec::new();
        for (link, serving) in &mut running.sessions {
            if serving.machine.next_deadline().is_some_and(|at| at <= now) {
                serving.machine.handle_deadline(now);
                due.push(*link);
            }
        }
        for (link, serving) in &mut running.downlinks {
            if serving.machine.next_deadline().is_some_and(|at| at <= now) {
                serving.machine.handle_deadline(now);
                due.push(*link);
            }
        }
        for link in due {
            self.drain(shared, link);
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let running = self.running.as_ref()?;
        let up = running.sessions.values().map(|s| s.machine.next_deadline());
        let down = running
            .downlinks
            .values()
            .map(|s| s.machine.next_deadline());
        up.chain(down).flatten().min()
    }

    /// New items for everybody who listens.
    pub fn announce(&mut self, shared: &mut Shared) {
        let seq = self.log.len() as u64;
        let Some(running) = &mut self.running else {
            return;
        };
        let links: Vec<Link> = running.downlinks.keys().copied().collect();
        for serving in running.downlinks.values_mut() {
            serving.machine.handle_head(shared.now, seq);
        }
        for link in links {
            self.drain(shared, link);
        }
    }

    /// Ends, or asks to end, the sessions of a node, or all.
    pub fn end_sessions(&mut self, shared: &mut Shared, node: Option<NodeAt>, end: Option<End>) {
        let now = shared.now;
        let Some(running) = &mut self.running else {
            return;
        };
        let mut links = Vec::new();
        let sessions = running.sessions.iter_mut();
        for (link, serving) in sessions.filter(|(_, s)| node.is_none_or(|node| node == s.node)) {
            links.push(*link);
            match &end {
                Some(end) => serving.machine.handle_end(end.clone()),
                None => serving.machine.handle_drain(now, limits::BACKOFF_MIN),
            }
        }
        let downlinks = running.downlinks.iter_mut();
        for (link, serving) in downlinks.filter(|(_, s)| node.is_none_or(|node| node == s.node)) {
            if let Some(end) = &end {
                links.push(*link);
                serving.machine.handle_end(end.clone());
            }
        }
        for link in links {
            self.drain(shared, link);
        }
    }
}

impl Process {
    pub fn leave(&mut self, link: Link) {
        if let Some(mut serving) = self.sessions.remove(&link) {
            serving.machine.handle_closed();
            self.roster.leave(&serving.node, link.0);
        }
        self.admission.leave(link);
        self.downlinks.remove(&link);
    }
}

/// The latest of every item.
pub fn in_force(log: &[Item]) -> Vec<Item> {
    let latest: BTreeMap<&str, &Item> = log.iter().map(|i| (i.item_id.as_str(), i)).collect();
    let mut items: Vec<Item> = latest.into_values().cloned().collect();
    items.sort_by_key(|item| item.cursor.seq);
    items
}
