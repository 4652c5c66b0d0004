//! One node's downlink session at the hub: replays the catalogue's log from the
//! node's cursor, or lists the whole set when the cursor means nothing in it.
//! Keeps to a window; reads no log itself.

use std::collections::VecDeque;

use proto::sync::{
    downlink::{Cursor, Issue, Item, Receipt, Relist, Taken},
    end::{End, Reason},
    instant::Instant,
    limits,
};

#[derive(Clone, Debug)]
pub struct Downlink {
    /// The log and its last seq.
    log: Cursor,
    relisted_at: Option<Instant>,
    state: State,
    /// Seqs sent and not yet acknowledged.
    unacked: VecDeque<u64>,
    /// The seq of a relist that the node has not acknowledged yet.
    relisting: Option<u64>,
    heard_at: Instant,
    said_at: Instant,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug)]
enum State {
    OpenPending {
        by: Instant,
    },
    Listing,
    /// Everything up to `sent` is sent; at the head, the node was told so.
    Replaying {
        sent: u64,
        is_reading: bool,
        is_said: bool,
    },
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// `handle_items` answers: at most `limit` items after this seq, ascending.
    Read {
        after: u64,
        limit: usize,
    },
    /// `handle_set` answers: everything in force, and the seq it stands for.
    List,
    Reply(Issue),
    /// What the node has, and what it refused.
    Record(Taken),
    /// The node has a whole relist: keep the time for its next session.
    Relisted,
    Close(Option<End>),
}

impl Downlink {
    /// `relisted_at`: of this node, in an earlier session.
    pub fn new(now: Instant, log: Cursor, relisted_at: Option<Instant>) -> Downlink {
        Downlink {
            log,
            relisted_at,
            state: State::OpenPending {
                by: now + limits::HELLO_WAIT,
            },
            unacked: VecDeque::new(),
            relisting: None,
            heard_at: now,
            said_at: now,
            outputs: VecDeque::new(),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// `None`: closed.
    pub fn next_deadline(&self) -> Option<Instant> {
        let silence = self.heard_at + limits::SILENCE;
        match self.state {
            State::OpenPending { by } => Some(by),
            State::Listing => Some(silence),
            State::Replaying { .. } => Some(silence.min(self.said_at + limits::HEARTBEAT)),
            State::Closed => None,
        }
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if self.next_deadline().is_none_or(|at| at > now) {
            return;
        }
        match self.state {
            State::OpenPending { .. } => self.close(End::fault("no opening")),
            _ if self.heard_at + limits::SILENCE <= now => {
                self.close(End::fault("node is silent"));
            }
            State::Replaying { sent, .. } => self.caught_up(now, sent),
            State::Listing | State::Closed => {}
        }
    }

    pub fn handle_receipt(&mut self, now: Instant, receipt: Receipt) {
        self.heard_at = now;
        match (&self.state, receipt) {
            (State::OpenPending { .. }, Receipt::Open(cursor)) => self.open(now, cursor),
            (State::Closed, _) => {}
            (State::OpenPending { .. }, Receipt::Ack(_)) => {
                self.malformed("first message: want open");
            }
            (_, Receipt::Open(_)) => self.malformed("open: said twice"),
            (_, Receipt::Ack(taken)) => {
                while self.unacked.front().is_some_and(|seq| *seq <= taken.seq) {
                    self.unacked.pop_front();
                }
                if self.relisting.take_if(|seq| *seq <= taken.seq).is_some() {
                    self.relisted_at = Some(now);
                    self.outputs.push_back(Output::Relisted);
                }
                self.outputs.push_back(Output::Record(taken));
                self.read(now);
            }
        }
    }

    /// The log has grown.
    pub fn handle_head(&mut self, now: Instant, seq: u64) {
        self.log.seq = self.log.seq.max(seq);
        self.read(now);
    }

    pub fn handle_items(&mut self, now: Instant, items: Vec<Item>) {
        let State::Replaying {
            sent,
            is_reading,
            is_said,
        } = &mut self.state
        else {
            return;
        };
        *is_reading = false;
        *is_said = false;
        match items.last() {
            Some(last) => *sent = last.cursor.seq,
            // Nothing between here and the head is for this node.
            None => *sent = self.log.seq,
        }
        for item in items {
            self.unacked.push_back(item.cursor.seq);
            self.reply(now, Issue::Item(item));
        }
        self.read(now);
    }

    pub fn handle_set(&mut self, now: Instant, seq: u64, items: Vec<Item>) {
        if !matches!(self.state, State::Listing) {
            return;
        }
        let cursor = Cursor { seq, ..self.log };
        let count = items.len() as u32;
        self.reply(
            now,
            Issue::Relist(Relist {
                cursor,
                items: count,
            }),
        );
        for item in items {
            self.reply(now, Issue::Item(item));
        }
        self.unacked.push_back(seq);
        self.relisting = Some(seq);
        self.log.seq = self.log.seq.max(seq);
        self.state = State::Replaying {
            sent: seq,
            is_reading: false,
            is_said: false,
        };
        self.read(now);
    }

    /// A revocation, a shutdown, a failed store.
    pub fn handle_end(&mut self, end: End) {
        self.close(end);
    }

    /// The node is gone.
    pub fn handle_closed(&mut self) {
        self.state = State::Closed;
        self.outputs.clear();
    }

    fn open(&mut self, now: Instant, cursor: Option<Cursor>) {
        let known =
            cursor.filter(|cursor| cursor.log_id == self.log.log_id && cursor.seq <= self.log.seq);
        if let Some(cursor) = known {
            self.state = State::Replaying {
                sent: cursor.seq,
                is_reading: false,
                is_said: false,
            };
            return self.read(now);
        }
        let next = self.relisted_at.map(|at| at + limits::RELIST_EVERY);
        if let Some(next) = next.filter(|next| *next > now) {
            let wait = Some(next.since(now));
            return self.close(End::of(Reason::Busy, wait, "relisted a moment ago"));
        }
        self.outputs.push_back(Output::List);
        self.state = State::Listing;
    }

    fn read(&mut self, now: Instant) {
        let room = limits::DOWNLINK_WINDOW.saturating_sub(self.unacked.len());
        let State::Replaying {
            sent,
            is_reading,
            is_said,
        } = &mut self.state
        else {
            return;
        };
        if *is_reading {
            return;
        }
        let after = *sent;
        if after < self.log.seq && room > 0 {
            *is_reading = true;
            self.outputs.push_back(Output::Read { after, limit: room });
        } else if after >= self.log.seq && !*is_said {
            *is_said = true;
            self.caught_up(now, after);
        }
    }

    fn caught_up(&mut self, now: Instant, seq: u64) {
        let cursor = Cursor { seq, ..self.log };
        self.reply(now, Issue::CaughtUp(cursor));
    }

    fn reply(&mut self, now: Instant, issue: Issue) {
        self.said_at = now;
        self.outputs.push_back(Output::Reply(issue));
    }

    fn malformed(&mut self, what: &str) {
        self.close(End::of(Reason::Malformed, None, what));
    }

    fn close(&mut self, end: End) {
        if !matches!(self.state, State::Closed) {
            self.outputs.push_back(Output::Close(Some(end)));
            self.state = State::Closed;
        }
    }
}

#[cfg(test)]
#[path = "downlink_tests.rs"]
mod tests;
