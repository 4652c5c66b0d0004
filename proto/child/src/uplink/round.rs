//! What a session sends: scan after scan until the head, each a batch within
//! the hub's credit; at the head a checkpoint, or what the hub wants to see.

use proto::{
    indicator::cell::Cell,
    sync::{
        instant::Instant,
        limits,
        uplink::{Batch, Demand, Sums, Up, Withheld},
    },
};

use super::{
    action::{Action, Attach, Attached, Scan, Scanned, Ticket},
    listing,
    memory::Memory,
    session::{Checkpointed, Flight, Over, Scanning, Session},
};

impl Session {
    /// A late answer to an earlier session's scan changes nothing.
    pub fn handle_scanned(
        &mut self,
        now: Instant,
        ticket: Ticket,
        scanned: Scanned,
        memory: &mut Memory,
    ) {
        memory.head = memory.head.max(scanned.head);
        let Some(scan) = self.scan.take_if(|scan| scan.asked == ticket) else {
            return;
        };
        if self.drain.is_some() {
            return;
        }
        let is_head = scanned.attached.is_some();
        let through = scanned.through;
        let mut batch = self.batch(scanned.retried, scanned.cells, through, memory);
        batch.complete_until = scanned.complete_until;
        batch.coverage = scanned.coverage;
        batch.journal_head = scanned.journal_head;
        // A hub's coverage is news in every round, and so is what it is answered.
        let has_coverage = batch.coverage.is_some();
        let mut says = !batch.is_empty() || batch.through > batch.from || has_coverage;
        if is_head && !scan.is_alone {
            self.is_round = false;
        }
        let mut then = Vec::new();
        match scanned.attached {
            None => {}
            Some(Attached::Digest(digest)) => {
                batch.checkpoint = Some(digest);
                says |= self.is_checkpoint_due(now, through);
            }
            Some(Attached::Sums(buckets)) => {
                then.push(Up::Sums(Sums { through, buckets }));
                self.wanted.pop_front();
                self.awaits(now, through);
            }
            Some(Attached::Bucket(bucket, cells)) => {
                let parts = listing::parts(bucket, through, cells, &memory.refused);
                then.extend(parts.into_iter().map(Up::Listing));
                self.wanted.pop_front();
                // Whether it is mended, the next checkpoint says.
                self.checkpoint = None;
                self.is_round = true;
            }
        }
        self.is_round |= !self.wanted.is_empty();
        self.ready.extend(says.then_some(Up::Batch(batch)));
        self.ready.extend(then);
    }

    /// Sends, scans, gives credit back: all that can be done now. `stays`: the
    /// stream is kept between rounds.
    pub fn pump(&mut self, now: Instant, stays: bool, memory: &mut Memory) -> Option<Over> {
        self.flush(now, memory);
        if let Some(drain) = self.drain {
            if !self.in_flight.is_empty() {
                return None;
            }
            self.say(now, Up::Bye, memory);
            return Some(Over::Drained(drain.window));
        }
        let may_scan = self.scan.is_none()
            && self.ready.is_empty()
            && self.in_flight.len() < memory.suspect.in_flight();
        if may_scan && self.is_round {
            self.scan(now, memory);
        } else if may_scan && self.in_flight.is_empty() {
            if let Some(key) = memory.refused.due_alone(now, memory.catalogue) {
                self.ask(now, 0, vec![key], memory);
            } else if !stays && !self.awaits_verdict() {
                self.say(now, Up::Bye, memory);
                return Some(Over::Done);
            } else if self.credit > 0 {
                self.demand(now, memory);
            }
        }
        if self.speak_by() <= now {
            self.demand(now, memory);
        }
        None
    }

    fn flush(&mut self, now: Instant, memory: &mut Memory) {
        while let Some(up) = self.ready.front() {
            let (cost, is_batch) = match up {
                Up::Batch(batch) => (batch.cost(), true),
                Up::Listing(listing) => (listing.cost(), false),
                _ => (0, false),
            };
            if is_batch && self.in_flight.len() >= memory.suspect.in_flight() {
                return;
            }
            if cost > self.credit {
                if !self.is_waiting {
                    self.demand(now, memory);
                }
                return;
            }
            self.credit -= cost;
            if let Some(up) = self.ready.pop_front() {
                self.send(now, up, memory);
            }
        }
    }

    fn scan(&mut self, now: Instant, memory: &mut Memory) {
        let limit = memory.suspect.limit();
        let retry = memory.refused.due(now, memory.catalogue, limit);
        self.ask(now, limit - retry.len(), retry, memory);
    }

    fn ask(
        &mut self,
        now: Instant,
        cells: usize,
        retry: Vec<proto::indicator::cell::CellKey>,
        memory: &mut Memory,
    ) {
        let ticket = memory.ticket();
        self.scan = Some(Scanning {
            asked: ticket,
            by: now + limits::ACK_WAIT,
            is_alone: !self.is_round,
        });
        let attach = self.wanted.front().copied().unwrap_or(Attach::Digest);
        let scan = Scan {
            after: self.sent,
            cells,
            retry,
            attach,
        };
        memory.ask(Action::Scan(ticket, scan));
    }

    fn batch(
        &mut self,
        retried: Vec<Cell>,
        cells: Vec<Cell>,
        through: u64,
        memory: &mut Memory,
    ) -> Batch {
        let from = std::mem::replace(&mut self.sent, through);
        // A cell that has changed since comes, or came, with the others.
        let mut carried: Vec<Cell> = retried
            .into_iter()
            .filter(|cell| cell.order.seq <= from)
            .filter(|cell| memory.refused.holds(&cell.key, cell.order.seq))
            .collect();
        carried.sort_by_key(|cell| cell.order.seq);
        carried.extend(cells);
        let condemned = |cell: &Cell| memory.suspect.is_condemned(cell.key, cell.order);
        let withheld: Vec<Withheld> = carried
            .iter()
            .filter(|cell| condemned(cell))
            .map(Withheld::from)
            .collect();
        if !withheld.is_empty() {
            carried.retain(|cell| !condemned(cell));
        }
        Batch {
            from,
            through,
            cells: carried,
            withheld,
            ..Batch::default()
        }
    }

    /// Every head is proposed once, and again every minute, so that the hub
    /// knows how fresh the node's numbers are.
    fn is_checkpoint_due(&self, now: Instant, through: u64) -> bool {
        self.checkpoint
            .is_none_or(|last| last.through != through || last.sent_at + limits::HEARTBEAT <= now)
    }

    fn send(&mut self, now: Instant, up: Up, memory: &mut Memory) {
        if let Up::Batch(batch) = &up {
            let cells = batch.cells.iter();
            self.in_flight.push_back(Flight {
                from: batch.from,
                through: batch.through,
                cells: cells.map(|cell| (cell.key, cell.order)).collect(),
                named: batch.withheld.len(),
                sent_at: now,
            });
            if batch.checkpoint.is_some() {
                self.awaits(now, batch.through);
            }
        }
        self.say(now, up, memory);
    }

    fn awaits(&mut self, sent_at: Instant, through: u64) {
        self.checkpoint = Some(Checkpointed {
            through,
            sent_at,
            is_open: true,
        });
    }

    /// Gives back what credit is left, which is too little or not needed.
    fn demand(&mut self, now: Instant, memory: &mut Memory) {
        self.is_waiting = !self.ready.is_empty();
        self.credit_by.get_or_insert(now + limits::CREDIT_WAIT);
        let demand = Demand {
            waiting: self.is_waiting,
            returned_bytes: std::mem::take(&mut self.credit),
        };
        self.say(now, Up::Demand(demand), memory);
    }

    fn say(&mut self, now: Instant, up: Up, memory: &mut Memory) {
        self.said_at = now;
        memory.ask(Action::Send(self.connection, up));
    }
}
