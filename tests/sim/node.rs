//! A node: the real machines over a journal that loses, at a crash, whatever
//! was not synced, or keeps some of it.

use std::time::Duration;

use proto::{
    identity::{Nonce, StoreId},
    indicator::cell::{CellKey, CellState},
    sync::{downlink::Receipt, instant::Instant, uplink::StartId},
};
use proto_child::{
    downlink::{self, Downlink},
    uplink::{
        Phase, Uplink,
        action::{Action, Config, Notice, Standing},
    },
};

use crate::{
    cells,
    disk::{Disk, Parted, change_refused},
    events::{Effect, Event, Life, NodeAt, NodeStore, ToHub, Write},
    network::Shared,
    plan::{Planted, Stream},
    reclaim,
};

pub struct Node {
    pub at: NodeAt,
    /// Whose certificate it has: another's, if it is a clone.
    pub who: NodeAt,
    /// Switched off for good: of two copies one may run.
    pub is_retired: bool,
    /// Older copies of its directory.
    pub copies: Vec<Disk>,
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
            who: at,
            is_retired: false,
            copies: Vec::new(),
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
        let name = format!("community/{}", self.who);
        let start = StartId(shared.rng.next_u64());
        self.disk.apply(Write::Started(start));
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
        let starts = disk.starts.iter().map(|start| start.id).collect();
        let seed = shared.rng.next_u64();
        self.running = Some(Running {
            uplink: Uplink::new(now, config, standing, starts, disk.head, catalogue, seed),
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

    pub fn record(&mut self, shared: &mut Shared, key: CellKey, effect: Effect) {
        if self.running.is_none() {
            return;
        }
        self.written_seq += 1;
        let state = cells::after(self.written(&key), &effect);
        let cell = cells::cell(key, self.written_lineage, self.written_seq, state);
        self.append(shared, Write::Cell(cell, effect));
    }

    /// People work with one of two copies that run; the other is noticed first.
    pub fn is_at_work(&self) -> bool {
        let is_noticed = |running: &Running| running.uplink.phase() == Phase::Quarantined;
        self.who == self.at
            || self.disk.parted_at.is_none()
            || self.running.as_ref().is_some_and(is_noticed)
    }

    /// As of the log's end.
    fn written(&self, key: &CellKey) -> Option<&CellState> {
        let logged = self.log.iter().rev().find_map(|write| match write {
            Write::Cell(cell, _) if cell.key == *key => Some(&cell.state),
            Write::Remade(_, remade) => {
                let mut cells = remade.cells.iter();
                cells.find(|(at, _)| at == key).map(|(_, state)| state)
            }
            _ => None,
        });
        logged.or_else(|| self.disk.cells.get(key).map(|cell| &cell.state))
    }

    /// The same directory as it was; what the process knew is gone.
    pub fn restore(&mut self, shared: &mut Shared, copy: Disk) {
        shared.trace.line(
            shared.now,
            format_args!("node {} is restored to {}", self.at, copy.head),
        );
        // Newer copies are of a history that is given up with this.
        self.copies
            .retain(|other| other.facts.len() <= copy.facts.len());
        self.log.clear();
        let parted = Parted {
            facts: copy.facts.len(),
            seq: copy.head,
        };
        self.disk = copy;
        self.disk.parted_at.get_or_insert(parted);
        self.written_seq = self.disk.head;
        self.written_lineage = self.disk.standing.lineage;
    }

    fn append(&mut self, shared: &mut Shared, write: Write) {
        match &write {
            Write::Standing(_, standing) => self.written_lineage = standing.lineage,
            Write::Remade(_, remade) => {
                self.written_lineage = remade.standing.lineage;
                self.written_seq = remade.base + remade.cells.len() as u64;
            }
            _ => {}
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
                    if let Write::Remade(_, remade) = &write {
                        shared.checks.remade(self.who, &self.disk, remade);
                    }
                    self.disk.apply(write.clone());
                    self.answer(shared, write);
                }
                self.sync(shared);
            }
            NodeStore::Scan(ticket, scan) => {
                let skips = shared.plan.planted == Some(Planted::CursorPastUnsent);
                let skips = skips && shared.mishap(5);
                let is_xor = shared.plan.planted == Some(Planted::XorDigest);
                let scanned = self.disk.scan(&scan, shared.node_wall(), skips, is_xor);
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
            Write::Cell(..) => running.uplink.handle_head(now, head),
            Write::Started(_) => {}
            Write::Remade(ticket, _) => running.uplink.handle_reclaimed(now, ticket, head),
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
            Action::Root(ticket, size) => {
                let root = self.disk.root(size);
                if let Some(running) = &mut self.running {
                    running.uplink.handle_root(now, ticket, root);
                }
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
            Action::Reclaim(ticket, reclaiming) => {
                let mut disk = self.disk.clone();
                for write in &self.log {
                    disk.apply(write.clone());
                }
                let remade = reclaim::remade(&disk, *reclaiming, shared.plan.planted);
                self.append(shared, Write::Remade(ticket, Box::new(remade)));
            }
            Action::Notify(mut notice) => {
                // A wrong clock is no other run.
                if let Notice::Welcomed { clock_skew_ms, .. } = &mut notice {
                    *clock_skew_ms = 0;
                }
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
                if let Receipt::Ack(taken) = &receipt {
                    let held = self.disk.cursor.map_or(0, |cursor| cursor.seq);
                    shared.checks.require(taken.seq <= held, || {
                        format!(
                            "21. nothing partial is ever active: node {at} {}",
                            taken.seq
                        )
                    });
                }
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
                if shared.plan.planted == Some(Planted::EarlyActivation)
                    && let Some(running) = &mut self.running
                {
                    let refused = change_refused(&change);
                    running.downlink.handle_applied(shared.now, ticket, refused);
                }
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
