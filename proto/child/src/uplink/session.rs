//! One welcomed session: what the hub says in it, what waits for an answer, and
//! by when. What it sends, and when, is `round`'s.

use std::{collections::VecDeque, time::Duration};

use proto::{
    indicator::cell::{CellKey, Order},
    sync::{
        end::End,
        instant::Instant,
        limits,
        uplink::{Ack, DigestWant, Down, Up, Welcome},
    },
};

use super::{
    action::{Attach, Connection, Notice, Ticket},
    memory::Memory,
};

#[derive(Clone, Debug)]
pub struct Session {
    pub(super) connection: Connection,
    /// The hub's cursor, and how far scans have come.
    pub(super) acked: u64,
    pub(super) sent: u64,
    pub(super) in_flight: VecDeque<Flight>,
    /// Waiting for credit, in order; nothing is scanned meanwhile.
    pub(super) ready: VecDeque<Up>,
    pub(super) credit: u64,
    /// The hub was told that cells wait.
    pub(super) is_waiting: bool,
    /// Until when the hub owes the oldest Demand its Credit, of zero if need be.
    pub(super) credit_by: Option<Instant>,
    pub(super) scan: Option<Scanning>,
    /// A round goes on until a scan has reached the head.
    pub(super) is_round: bool,
    /// What the hub wants to see of the store, in order.
    pub(super) wanted: VecDeque<Attach>,
    pub(super) checkpoint: Option<Checkpointed>,
    pub(super) drain: Option<Draining>,
    pub(super) heard_at: Instant,
    pub(super) said_at: Instant,
    pub(super) has_progress: bool,
}

/// A batch sent and not yet acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub from: u64,
    pub through: u64,
    /// The cells carried, and how many more were named.
    pub cells: Vec<(CellKey, Order)>,
    pub named: usize,
    pub sent_at: Instant,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Scanning {
    pub asked: Ticket,
    pub by: Instant,
    /// For one cell that once broke the stream, apart from any round.
    pub is_alone: bool,
}

/// The last checkpoint sent, and whether the hub still owes its verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpointed {
    pub through: u64,
    pub sent_at: Instant,
    pub is_open: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Draining {
    pub window: Duration,
    pub by: Instant,
}

/// Why a session is over without a status from the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    Fault(End),
    /// Said Bye after a round; the next one at its slot.
    Done,
    /// Said Bye at the hub's wish; back within its window.
    Drained(Duration),
}

impl Session {
    pub fn new(connection: Connection, welcome: &Welcome, now: Instant) -> Session {
        Session {
            connection,
            acked: welcome.acked,
            sent: welcome.acked,
            in_flight: VecDeque::new(),
            ready: VecDeque::new(),
            credit: 0,
            is_waiting: false,
            credit_by: None,
            scan: None,
            is_round: true,
            wanted: VecDeque::new(),
            checkpoint: None,
            drain: None,
            heard_at: now,
            said_at: now,
            has_progress: false,
        }
    }

    pub fn is_streaming(&self) -> bool {
        self.is_round || !self.in_flight.is_empty() || !self.ready.is_empty()
    }

    pub fn awaits_verdict(&self) -> bool {
        self.checkpoint.is_some_and(|checkpoint| checkpoint.is_open)
    }

    pub fn start_round(&mut self) {
        self.is_round = true;
    }

    /// `Err`: the hub does not keep to the protocol.
    pub fn handle_down(
        &mut self,
        now: Instant,
        down: Down,
        memory: &mut Memory,
    ) -> Result<(), End> {
        self.heard_at = now;
        match down {
            Down::Welcome(_) | Down::Reclaim(_) | Down::Returned(_) | Down::Show { .. } => {
                return Err(End::fault("welcomed twice"));
            }
            Down::Ack(ack) => return self.acknowledged(now, &ack, memory),
            Down::Credit { bytes } => {
                self.credit = self.credit.saturating_add(bytes);
                self.is_waiting &= bytes == 0;
                self.credit_by = None;
            }
            Down::Want(want) => {
                self.close_checkpoint();
                memory.agreed = None;
                memory.notify(Notice::Differs);
                self.wanted = match want {
                    DigestWant::Sums => [Attach::Sums].into(),
                    DigestWant::Buckets(buckets) => {
                        buckets.into_iter().map(Attach::Bucket).collect()
                    }
                };
                self.is_round |= !self.wanted.is_empty();
            }
            Down::Agreed { through } => {
                self.close_checkpoint();
                if memory.agreed.replace(through) != Some(through) {
                    memory.notify(Notice::Agreed { through });
                }
            }
            Down::Drain(drain) => {
                let by = now + limits::DRAIN_WAIT;
                let window = drain.reconnect_window;
                self.drain.get_or_insert(Draining { window, by });
                self.ready.clear();
            }
        }
        Ok(())
    }

    pub fn handle_deadline(&mut self, now: Instant, memory: &mut Memory) -> Option<Over> {
        let late = |by: Option<Instant>, what: &str| {
            by.filter(|by| *by <= now)
                .map(|_| Over::Fault(End::fault(what)))
        };
        let over = late(self.ack_by(), "no acknowledgement")
            .or_else(|| late(self.credit_by, "asked for credit and was not answered"))
            .or_else(|| late(Some(self.heard_at + limits::SILENCE), "hub is silent"))
            .or_else(|| late(self.scan.map(|scan| scan.by), "store does not answer"))
            .or_else(|| late(self.drain.map(|drain| drain.by), "drained too long"));
        if over.is_some() {
            return over;
        }
        if self.verdict_by().is_some_and(|by| by <= now) {
            self.close_checkpoint();
        }
        if memory.refused.is_due(now, memory.catalogue) {
            self.start_round();
        }
        None
    }

    pub fn next_deadline(&self, memory: &Memory) -> Instant {
        let retry = memory.refused.next_due();
        let times = [
            self.ack_by(),
            self.credit_by,
            self.scan.map(|scan| scan.by),
            self.drain.map(|drain| drain.by),
            self.verdict_by(),
            retry.filter(|_| !self.is_streaming()),
            Some(self.speak_by()),
        ];
        let silence = self.heard_at + limits::SILENCE;
        times.into_iter().flatten().fold(silence, Instant::min)
    }

    fn acknowledged(&mut self, now: Instant, ack: &Ack, memory: &mut Memory) -> Result<(), End> {
        let Some(flight) = self.in_flight.pop_front() else {
            return Err(End::fault("acknowledged nothing that was sent"));
        };
        let counted = ack.applied as usize + ack.stale as usize + ack.rejected.len();
        if flight.through != ack.through || flight.cells.len() + flight.named != counted {
            return Err(End::fault("acknowledged something else than was sent"));
        }
        self.acked = ack.through;
        self.has_progress = true;
        let is_bookmark = flight.cells.is_empty() && flight.named == 0;
        memory.suspect.passed(flight.through, is_bookmark);
        if !memory.refused.is_empty() {
            for (key, _) in &flight.cells {
                memory.refused.remove(key);
            }
        }
        for refused in &ack.rejected {
            memory.refused.insert(refused, now);
        }
        if !ack.rejected.is_empty() {
            let cells = ack.rejected.len();
            memory.notify(Notice::Refused { cells });
        }
        if !ack.assignments.is_empty() {
            memory.notify(Notice::Assigned(ack.assignments.clone()));
        }
        Ok(())
    }

    /// Whoever waits for its turn asks more often whether the hub is there.
    pub(super) fn speak_by(&self) -> Instant {
        let silence = if self.is_waiting {
            limits::CREDIT_WAIT
        } else {
            limits::HEARTBEAT
        };
        self.said_at + silence
    }

    fn close_checkpoint(&mut self) {
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.is_open = false;
        }
    }

    fn ack_by(&self) -> Option<Instant> {
        let oldest = self.in_flight.front()?;
        Some(oldest.sent_at + limits::ACK_WAIT)
    }

    fn verdict_by(&self) -> Option<Instant> {
        let open = self.checkpoint.filter(|checkpoint| checkpoint.is_open)?;
        Some(open.sent_at + limits::ACK_WAIT)
    }
}
