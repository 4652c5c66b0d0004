//! A store that an operator lets in again: takes its cells back from the hub, or
//! not, has them made anew in one write, and greets as the hub's terms say.
//! Which of both was decided is the hub's word; nothing here chooses.

use proto::{
    indicator::cell::Cell,
    sync::{
        end::End,
        instant::Instant,
        limits,
        uplink::{Down, Reclaim, ReclaimMode, Returned, Up},
    },
};

use super::{
    Uplink,
    action::{Action, Connection, Notice, Reclaiming, Standing, Ticket},
    state::{Phase, State},
};

#[derive(Clone, Debug)]
pub struct Returning {
    pub to: Connection,
    pub by: Instant,
    pub terms: Reclaim,
    pub cells: Vec<Cell>,
    /// Set once the store makes them its own.
    pub asked: Option<Ticket>,
}

impl Uplink {
    /// The hub's terms, in place of a welcome.
    pub(super) fn offered(&mut self, now: Instant, to: Connection, terms: Reclaim) {
        if terms.epoch <= self.standing.epoch || terms.lineage <= self.standing.lineage {
            self.ended(now, End::fault("let in again with less than is held"));
            return;
        }
        let by = now + limits::ACK_WAIT;
        let mut returning = Box::new(Returning {
            to,
            by,
            terms,
            cells: Vec::new(),
            asked: None,
        });
        match terms.mode {
            ReclaimMode::Adopt => self.memory.ask(Action::Send(to, Up::More)),
            ReclaimMode::Restate => returning.asked = Some(self.make_anew(terms, Vec::new())),
        }
        self.state = State::Reclaiming(returning);
    }

    pub(super) fn returned(&mut self, now: Instant, down: Down) {
        let State::Reclaiming(returning) = &mut self.state else {
            return;
        };
        let Down::Returned(Returned { cells, last }) = down else {
            self.ended(now, End::fault("answered before the cells were back"));
            return;
        };
        if returning.asked.is_some() {
            self.ended(now, End::fault("cells after the last"));
            return;
        }
        returning.cells.extend(cells);
        returning.by = now + limits::ACK_WAIT;
        if returning.cells.len() > limits::RECLAIM_CELLS {
            self.ended(now, End::fault("more cells than a store may take back"));
            return;
        }
        if !last {
            let to = returning.to;
            self.memory.ask(Action::Send(to, Up::More));
            return;
        }
        let (terms, cells) = (returning.terms, std::mem::take(&mut returning.cells));
        let ticket = self.make_anew(terms, cells);
        if let State::Reclaiming(returning) = &mut self.state {
            returning.asked = Some(ticket);
        }
    }

    fn make_anew(&mut self, terms: Reclaim, cells: Vec<Cell>) -> Ticket {
        let ticket = self.memory.ticket();
        let standing = self.let_in(&terms);
        let reclaiming = Reclaiming {
            mode: terms.mode,
            since: terms.since,
            standing,
            cells,
        };
        self.memory
            .ask(Action::Reclaim(ticket, Box::new(reclaiming)));
        ticket
    }

    fn let_in(&self, terms: &Reclaim) -> Standing {
        Standing {
            store_id: self.standing.store_id,
            epoch: terms.epoch,
            lineage: terms.lineage,
            hub_incarnation: terms.hub_incarnation,
            nonce: None,
            acked: terms.acked,
        }
    }

    /// Every cell is anew and durable; `head` is their last seq.
    pub fn handle_reclaimed(&mut self, now: Instant, ticket: Ticket, head: u64) {
        let State::Reclaiming(returning) = &self.state else {
            return;
        };
        if returning.asked != Some(ticket) {
            return;
        }
        let terms = returning.terms;
        let mode = terms.mode;
        self.standing = self.let_in(&terms);
        self.memory.head = head;
        self.memory.agreed = None;
        self.memory.notify(Notice::Reclaimed { mode });
        let soon = self.pace.come_back(Some(limits::BACKOFF_MIN));
        self.rest(now, Phase::Idle, soon);
    }
}
