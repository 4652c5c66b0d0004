//! A node: the real machines over a journal that loses, at a crash, whatever
//! was not synced, or keeps some of it.

use std::time::Duration;

use proto_child::{
    downlink::{self, Downlink},
    uplink::{
        Uplink,
        action::{Action, Config, Standing},
    },
};
use proto::{
    identity::{Nonce, StoreId},
    indicator::cell::{CellKey, CellState},
    sync::instant::Instant,
};

use crate::{
    cells,
    disk::{Disk, change_refused},
    events::{Event, Life, NodeAt, NodeStore, ToHub, Write},
    network::Shared,
    plan::{Planted, Stream},
};

pub struct Node {
    pub at: NodeAt,
    pub life: Life,
    pub disk: Disk,
    /// Appended, not synced.
    log: Vec<Write>,
    /// As of the log's end.
    written_seq: u64,
    written_lineage: u32,
    is_syncing: bool,
    pub running: Option<Running>,
}

pub struct Running {
    pub uplink: Uplink,
    pub downlink: Downlink,
}

impl Node {
    pub fn new(at: NodeAt) -> Node {
        let standing = Standing {
            store_id: StoreId([at as u8 + 1; 16]),
            epoch: 0,
            lineage: 0,
            hub_incarnation: 0,
            nonce: None,
            acked: 0,
        };
        Node {
            at,
            life: 0,
            log: Vec::new(),
            written_seq: 0,
            written_lineage: 0,
            is_syncing: false,
            disk: Disk::new(standing),
            running: None,
        }
    }

    pub fn start(&mut self, shared: &mut Shared) {
        let name = format!("community/{}", self.at);
        let plan = &shared.plan;
        let config = Config {
            name: name.clone(),
            interval: plan.interval,
            reconnect_window: plan.reconnect_window,
            stays_connected: plan.stays_connected,
            software: "sim".into(),
        };
        let down = downlink::Config {
            name,
            reconnect_window: plan.reconnect_window,
        };
        let (disk, now) = (&self.disk, shared.now);
        let catalogue = disk.cursor.map_or(0, |cursor| cursor.seq);
        let standing = disk.standing.clone();
        let seed = shared.rng.next_u64();
        self.running = Some(Running {
            uplink: Uplink::new(now, config, standing, disk.head, catalogue, seed),
            downlink: Downlink::new(now, &down, disk.cursor, seed ^ 1),
        });
        shared.checks.node_started(self.at);
        shared.trace.line(
            now,
            format_args!("node {} starts life {}", self.at, self.life),
        );
    }

    pub fn crash(&mut self, shared: &mut Shared) {
        let survivors = shared.below(self.log.len() + 1);
        shared.trace.line(
            shared.now,
            format_args!("node {} dies, {survivors} unsynced survive", self.at),
        );
        for write in self.log.drain(..).take(survivors).collect::<Vec<_>>() {
            self.disk.apply(write);
        }
        self.written_seq = self.disk.head;
        self.written_lineage = self.disk.standing.lineage;
        self.running = None;
        self.is_syncing = false;
        let life = self.life;
        self.life += 1;
        let open = shared.wires.iter();
        let own: Vec<_> = open
            .filter(|(_, wire)| wire.node == self.at && wire.node_life == life && wire.node_end)
            .map(|(link, _)| *link)
            .collect();
        for link in own {
            shared.node_leaves(link);
        }
    }

    pub fn write_cell(&mut self, shared: &mut Shared, key: CellKey, state: CellState) {
        if self.running.is_none() {
            return;
        }
        self.written_seq += 1;
        let cell = cells::cell(key, self.written_lineage, self.written_seq, state);
        self.append(shared, Write::Cell(cell));
    }

    fn append(&mut self, shared: &mut Shared, write: Write) {
        if let Write::Standing(_, standing) = &write {
            self.written_lineage = standing.lineage;
        }
        self.log.push(write);
        self.sync(shared);
    }

    fn sync(&mut self, shared: &mut Shared) {
        if !self.is_syncing && !self.log.is_empty() {
            self.is_syncing = true;
            let delay = shared.plan.sync_time / 2 + shared.rng.within(shared.plan.sync_time);
            let synced = NodeStore::Synced(self.log.len());
            shared.after(delay, Event::NodeStore(self.at, self.life, synced));
        }
    }

    pub fn handle_store(&mut self, shared: &mut Shared, what: NodeStore) {
        match what {
            NodeStore::Synced(count) => {
                self.is_syncing = false;
                for write in self.log.drain(..count).collect::<Vec<_>>() {
                    self.disk.apply(write.clone());
                    self.answer(shared, write);
                }
                self.sync(shared);
            }
            NodeStore::Scan(ticket, scan) => {
                let skips = shared.plan.planted == Some(Planted::CursorPastUnsent);
                let skips = skips && shared.mishap(5);
                let scanned = self.disk.scan(&scan, shared.wall(), skips);
                if let Some(running) = &mut self.running {
                    running.uplink.handle_scanned(shared.now, ticket, scanned);
                }
            }
        }
    }

    fn answer(&mut self, shared: &mut Shared, write: Write) {
        let (now, head) = (shared.now, self.disk.head);
        let Some(running) = &mut self.running else {
            return;
        };
        match write {
            Write::Cell(_) => running.uplink.handle_head(head),
            Write::Nonce(ticket, nonce) => running.uplink.handle_minted(now, ticket, nonce),
            Write::Standing(ticket, _) => running.uplink.handle_stored(now, ticket),
            Write::Acked(_) => {}
            Write::Change(ticket, change) => {
                let refused = change_refused(&change);
                let seq = change.cursor().seq;
                shared.checks.downlink_progress(self.at);
                running.downlink.handle_applied(now, ticket, refused);
                running.uplink.handle_catalogue(now, seq);
            }
        }
    }

    /// Does what the machines ask for.
    pub fn pump(&mut self, shared: &mut Shared) {
        loop {
            let Some(running) = &mut self.running else {
                return;
            };
            if let Some(action) = running.uplink.poll_action() {
                self.uplink_action(shared, action);
            } else if let Some(action) = running.downlink.poll_action() {
                self.downlink_action(shared, action);
            } else {
                return;
            }
        }
    }

    fn uplink_action(&mut self, shared: &mut Shared, action: Action) {
        let (at, life) = (self.at, self.life);
        let now = shared.now;
        match action {
            Action::Mint(ticket) => {
                let mut nonce = [0; 16];
                nonce[..8].copy_from_slice(&shared.rng.next_u64().to_be_bytes());
                self.append(shared, Write::Nonce(ticket, Nonce(nonce)));
            }
            Action::Store(ticket, standing) => {
                self.append(shared, Write::Standing(ticket, standing));
            }
            Action::Remember(acked) => self.append(shared, Write::Acked(acked)),
            Action::Connect(to) => {
                shared.checks.attempted(at, Stream::Uplink, now);
                shared.connect(at, life, Stream::Uplink, to);
            }
            Action::Send(to, up) => {
                shared
                    .trace
                    .line(now, format_args!("node {at} says {}", crate::brief(&up)));
                shared.checks.sent(at, &up);
                if let Some(link) = shared.link_of(at, life, Stream::Uplink, to) {
                    shared.node_says(link, ToHub::Up(up));
                }
            }
            Action::Disconnect(to) => {
                if let Some(link) = shared.link_of(at, life, Stream::Uplink, to) {
                    shared.node_leaves(link);
                }
            }
            Action::Scan(ticket, scan) => {
                let delay = shared.rng.within(Duration::from_millis(5));
                let scan = NodeStore::Scan(ticket, scan);
                shared.after(delay, Event::NodeStore(at, life, scan));
            }
            Action::Notify(notice) => {
                shared
                    .trace
                    .line(now, format_args!("node {at} notes {notice:?}"));
                shared.checks.noticed(at, &notice);
            }
        }
    }

    fn downlink_action(&mut self, shared: &mut Shared, action: downlink::Action) {
        let (at, life) = (self.at, self.life);
        let link = |shared: &Shared, to| shared.link_of(at, life, Stream::Downlink, to);
        match action {
            downlink::Action::Connect(to) => {
                shared.checks.attempted(at, Stream::Downlink, shared.now);
                shared.connect(at, life, Stream::Downlink, to);
            }
            downlink::Action::Send(to, receipt) => {
                if let Some(link) = link(shared, to) {
                    shared.node_says(link, ToHub::Receipt(receipt));
                }
            }
            downlink::Action::Disconnect(to) => {
                if let Some(link) = link(shared, to) {
                    shared.node_leaves(link);
                }
            }
            downlink::Action::Apply(ticket, change) => {
                self.append(shared, Write::Change(ticket, change));
            }
            downlink::Action::Notify(notice) => {
                if matches!(notice, downlink::Notice::CaughtUp(_)) {
                    shared.checks.downlink_progress(at);
                }
                shared
                    .trace
                    .line(shared.now, format_args!("node {at} down {notice:?}"));
            }
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let running = self.running.as_ref()?;
        let up = running.uplink.next_deadline();
        Some(up.min(running.downlink.next_deadline()))
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if let Some(running) = &mut self.running {
            running.uplink.handle_deadline(now);
            running.downlink.handle_deadline(now);
        }
    }
}
