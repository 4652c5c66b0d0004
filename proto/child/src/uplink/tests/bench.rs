//! An uplink on a bench: a store of a few cells, answers given by hand.

use std::time::Duration;

use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    sync::{
        end::{End, Reason},
        instant::Instant,
        uplink::{Ack, Batch, Checkpoint, Down, StartId, Up, Welcome},
    },
};

use super::super::{Uplink, action::*};

pub struct Bench {
    pub uplink: Uplink,
    pub now: Instant,
    pub cells: Vec<Cell>,
    pub actions: Vec<Action>,
}

pub fn cell(n: u32, seq: u64) -> Cell {
    Cell {
        key: CellKey {
            indicator: IndicatorId(n),
            revision: Revision(1),
            period: "202609".parse().unwrap(),
            breakdown: Breakdown(0),
        },
        order: Order { lineage: 1, seq },
        state: CellState {
            kind: 1,
            bytes: Box::new([1]),
        },
    }
}

pub fn wall() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

impl Bench {
    pub fn new(cells: u64) -> Bench {
        Bench::with(cells, |_| {})
    }

    pub fn with(cells: u64, change: impl Fn(&mut Config)) -> Bench {
        let mut config = Config {
            name: "community/510115001001".into(),
            interval: Duration::from_secs(3600),
            reconnect_window: Duration::ZERO,
            stays_connected: true,
            software: "test".into(),
        };
        change(&mut config);
        let standing = Standing {
            store_id: StoreId([1; 16]),
            epoch: 0,
            lineage: 0,
            hub_incarnation: 0,
            nonce: None,
            acked: 0,
        };
        let now = Instant::START;
        Bench {
            uplink: Uplink::new(now, config, standing, vec![StartId(1)], cells, 0, 7),
            now,
            cells: (1..=cells).map(|seq| cell(seq as u32, seq)).collect(),
            actions: Vec::new(),
        }
    }

    /// Takes out everything that the machine asks for.
    pub fn drain(&mut self) -> Vec<Action> {
        let mut drained = std::mem::take(&mut self.actions);
        drained.extend(std::iter::from_fn(|| self.uplink.poll_action()));
        drained
    }

    /// Lets the next deadline come.
    pub fn expire(&mut self) {
        self.now = self.now.max(self.uplink.next_deadline());
        self.uplink.handle_deadline(self.now);
    }

    pub fn take<T>(&mut self, pick: impl Fn(&Action) -> Option<T>) -> T {
        let mut drained = self.drain();
        let found = drained.iter().position(|action| pick(action).is_some());
        let at = found.unwrap_or_else(|| panic!("not among {drained:#?}"));
        let action = drained.remove(at);
        self.actions = drained;
        pick(&action).unwrap()
    }

    pub fn sent(&mut self) -> Vec<Up> {
        let drained = self.drain().into_iter();
        drained
            .filter_map(|action| match action {
                Action::Send(_, up) => Some(up),
                _ => None,
            })
            .collect()
    }

    pub fn mint(&mut self) -> Ticket {
        self.expire();
        self.take(|action| match action {
            Action::Mint(ticket) => Some(*ticket),
            _ => None,
        })
    }

    pub fn connection(&mut self) -> Connection {
        self.take(|action| match action {
            Action::Connect(to) => Some(*to),
            _ => None,
        })
    }

    /// Up to the connection.
    pub fn connecting(&mut self) -> Connection {
        if self.uplink.standing().nonce.is_some() {
            self.expire();
        } else {
            let ticket = self.mint();
            let nonce = Nonce([9; 16]);
            self.uplink.handle_minted(self.now, ticket, nonce);
        }
        self.connection()
    }

    pub fn greeted(&mut self) -> Connection {
        let to = self.connecting();
        self.uplink.handle_connected(self.now, to, wall());
        to
    }

    pub fn hear(&mut self, to: Connection, down: Down) {
        self.uplink.handle_received(self.now, to, down, wall());
    }

    pub fn end(&mut self, to: Connection, reason: Option<Reason>, retry: Option<Duration>) {
        let end = End {
            reason,
            retry_after: retry,
            detail: "test".into(),
        };
        self.uplink.handle_ended(self.now, to, end);
    }

    pub fn welcome(&self, acked: u64) -> Welcome {
        Welcome {
            protocol: 1,
            hub_incarnation: 1,
            epoch: self.uplink.standing().epoch + 1,
            lineage: 1,
            acked,
            hub_time: wall(),
            rejected: Vec::new(),
            released: None,
        }
    }

    pub fn store(&mut self) -> Ticket {
        self.take(|action| match action {
            Action::Store(ticket, _) => Some(*ticket),
            _ => None,
        })
    }

    /// Up to the first scan of a session.
    pub fn online(&mut self, acked: u64) -> Connection {
        let to = self.greeted();
        let welcome = self.welcome(acked);
        self.hear(to, Down::Welcome(welcome));
        let ticket = self.store();
        self.uplink.handle_stored(self.now, ticket);
        to
    }

    pub fn asked(&mut self) -> (Ticket, Scan) {
        self.take(|action| match action {
            Action::Scan(ticket, scan) => Some((*ticket, scan.clone())),
            _ => None,
        })
    }

    /// Answers the scan that the machine asked for, from the bench's cells.
    pub fn scan(&mut self) -> Scan {
        let (ticket, scan) = self.asked();
        let scanned = self.answer(&scan);
        self.uplink.handle_scanned(self.now, ticket, scanned);
        scan
    }

    pub fn answer(&self, scan: &Scan) -> Scanned {
        let head = self.cells.last().map_or(0, |cell| cell.order.seq);
        let after = self.cells.iter().filter(|c| c.order.seq > scan.after);
        let cells: Vec<Cell> = after.take(scan.cells).cloned().collect();
        let last = cells.last().map_or(scan.after, |cell| cell.order.seq);
        let is_head = last >= head;
        let retried = self.cells.iter().filter(|c| scan.retry.contains(&c.key));
        Scanned {
            retried: retried.cloned().collect(),
            cells,
            through: last,
            head,
            complete_until: is_head.then(wall),
            coverage: None,
            journal_head: None,
            attached: is_head.then(|| match scan.attach {
                Attach::Digest => Attached::Digest(Checkpoint {
                    count: head,
                    root: [0; 32],
                }),
                Attach::Sums => Attached::Sums(vec![Default::default(); 256]),
                Attach::Bucket(bucket) => Attached::Bucket(bucket, Vec::new()),
            }),
        }
    }

    /// A session whose first batch is on its way, credit given.
    pub fn streaming(&mut self) -> (Connection, Batch) {
        let to = self.online(0);
        self.scan();
        self.hear(to, Down::Credit { bytes: 512 * 1024 });
        let batch = self.batch();
        (to, batch)
    }

    pub fn batch(&mut self) -> Batch {
        self.take(|action| match action {
            Action::Send(_, Up::Batch(batch)) => Some(batch.clone()),
            _ => None,
        })
    }

    pub fn ack(&mut self, to: Connection, batch: &Batch) {
        let ack = Ack {
            through: batch.through,
            applied: batch.len() as u32,
            ..Ack::default()
        };
        self.hear(to, Down::Ack(ack));
    }
}
