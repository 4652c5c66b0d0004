//! The child's end of a line with its durable store: the same for a community
//! and for a hub. What was answered is durable; a crash forgets the machine.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use proto::{
    digest::{Digest, bucket_of},
    identity::StoreId,
    indicator::cell::{Cell, CellKey, CellState, Order},
    sync::{
        coverage::Coverage,
        instant::Instant,
        limits,
        uplink::{Checkpoint, cost},
    },
};
use proto_child::uplink::{
    Uplink,
    action::{Attach, Attached, Config, Scan, Scanned, Standing},
};

pub struct Outbox {
    pub name: String,
    pub standing: Standing,
    pub cells: BTreeMap<CellKey, Cell>,
    pub order: BTreeMap<u64, CellKey>,
    pub head: u64,
    /// What a scan that reaches the head may say; lost with the process.
    pub coverage: Option<Coverage>,
}

impl Outbox {
    pub fn new(name: String, store: u8) -> Outbox {
        Outbox {
            name,
            standing: Standing {
                store_id: StoreId([store; 16]),
                epoch: 0,
                lineage: 0,
                hub_incarnation: 0,
                nonce: None,
                acked: 0,
            },
            cells: BTreeMap::new(),
            order: BTreeMap::new(),
            head: 0,
            coverage: None,
        }
    }

    pub fn machine(&self, now: Instant, seed: u64) -> Uplink {
        let config = Config {
            name: self.name.clone(),
            interval: Duration::from_secs(60),
            reconnect_window: Duration::from_secs(20),
            stays_connected: seed.is_multiple_of(2),
            software: "tree".into(),
        };
        let (standing, head) = (self.standing.clone(), self.head);
        Uplink::new(now, config, standing, Vec::new(), head, 0, seed)
    }

    /// What the line has come to is of another hub.
    pub fn depart(&mut self) {
        self.standing = Standing {
            epoch: 0,
            hub_incarnation: 0,
            nonce: None,
            acked: 0,
            ..self.standing.clone()
        };
    }

    pub fn put(&mut self, key: CellKey, state: CellState) {
        let seq = self.head + 1;
        let lineage = self.standing.lineage;
        let order = Order { lineage, seq };
        self.take(Cell { key, order, state });
    }

    pub fn take(&mut self, cell: Cell) {
        self.head = cell.order.seq;
        self.order.insert(cell.order.seq, cell.key);
        if let Some(old) = self.cells.insert(cell.key, cell) {
            self.order.remove(&old.order.seq);
        }
    }

    pub fn scan(&self, scan: &Scan, complete_until: Option<Timestamp>) -> Scanned {
        let mut room = limits::BATCH_BYTES as u64;
        let mut cells: Vec<Cell> = Vec::new();
        let mut is_all = true;
        for key in self.order.range(scan.after + 1..).map(|(_, key)| key) {
            let cell = &self.cells[key];
            if cells.len() >= scan.cells || (cost(cell) > room && !cells.is_empty()) {
                is_all = false;
                break;
            }
            room = room.saturating_sub(cost(cell));
            cells.push(cell.clone());
        }
        let last = cells.last().map_or(scan.after, |cell| cell.order.seq);
        let retried = scan.retry.iter().filter_map(|key| self.cells.get(key));
        Scanned {
            retried: retried.cloned().collect(),
            cells,
            through: if is_all { self.head } else { last },
            head: self.head,
            complete_until: complete_until.filter(|_| is_all),
            coverage: self.coverage.clone().filter(|_| is_all),
            journal_head: None,
            attached: is_all.then(|| self.attached(scan.attach)),
        }
    }

    fn attached(&self, attach: Attach) -> Attached {
        let digest = digest(self.cells.values());
        match attach {
            Attach::Digest => Attached::Digest(checkpoint(&digest)),
            Attach::Sums => Attached::Sums(digest.buckets().to_vec()),
            Attach::Bucket(bucket) => {
                let cells = self.cells.values();
                let held = cells.filter(|cell| bucket_of(&cell.key) == bucket);
                Attached::Bucket(bucket, held.cloned().collect())
            }
        }
    }
}

pub fn digest<'a>(cells: impl Iterator<Item = &'a Cell>) -> Digest {
    let mut digest = Digest::default();
    cells.for_each(|cell| digest.add(cell));
    digest
}

pub fn checkpoint(digest: &Digest) -> Checkpoint {
    Checkpoint {
        count: digest.count(),
        root: digest.root(),
    }
}
