//! One node's uplink session at the hub: greeting, then batches and listings
//! within credit, handed to the writer in order; replies only for what the
//! writer has answered.
//!
//! ```text
//! HelloPending → Admitted (credit 0) ⇄ Active → Draining → Closed
//!              → Returning → Closed
//! ```
//! Superseded, or closed by the node, from any. Commits nothing itself.

mod greeting;
mod returning;

use std::{collections::VecDeque, time::Duration};

use proto::{
    indicator::cell::CellKey,
    sync::{
        end::{End, Reason},
        instant::Instant,
        jitter::Jitter,
        limits,
        uplink::{Ack, Batch, DigestWant, Down, Drain, Hello, Listing, Reclaim, Sums, Up, Welcome},
    },
};

#[derive(Clone, Debug)]
pub struct Session {
    state: State,
    /// Granted to the node, neither spent nor given back.
    credit: u64,
    /// Handed to the writer and not answered, in order: what each cost.
    committing: VecDeque<u64>,
    wanted: Option<DigestWant>,
    /// A listing whose last message is not here yet.
    listing: Option<Listing>,
    heard_at: Instant,
    /// How often the node was asked to show what its journal was.
    shows: u32,
    outputs: VecDeque<Output>,
    jitter: Jitter,
}

#[derive(Clone, Debug)]
enum State {
    HelloPending {
        by: Instant,
    },
    Deciding {
        by: Instant,
    },
    Welcomed {
        epoch: u64,
        until: Instant,
    },
    Draining {
        epoch: u64,
        by: Instant,
    },
    /// Gives a store its cells back, page by page as it asks.
    Returning {
        by: Instant,
        after: Option<CellKey>,
        is_reading: bool,
    },
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    HelloPending,
    Admitted,
    Active,
    Draining,
    Returning,
    Closed,
}

/// The answer to a greeting, once it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    Welcome(Welcome),
    Reclaim(Reclaim),
    /// Not decided: the node is to show this first.
    Show {
        size: u64,
    },
}

/// What the driver is to do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// `handle_greeted` answers.
    Greet(Hello),
    /// `handle_committed` answers, once durable or refused, in order.
    Commit(u64, Batch),
    /// `handle_verdict` answers.
    Compare(u64, Sums),
    /// A whole listing; `handle_listed` answers.
    List(u64, Listing),
    /// The node's cells past this key, with everything before applied, as many
    /// as one message holds; `handle_returned` answers.
    Return(Option<CellKey>),
    Reply(Down),
    /// To the admission.
    Demand {
        waiting: bool,
        returned_bytes: u64,
    },
    Settle {
        bytes: u64,
    },
    /// Nothing follows. `None`: in order.
    Close(Option<End>),
}

/// What comparing digests came to, at the cursor of the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Agreed { through: u64 },
    Want(DigestWant),
}

/// A drain for age alone brings the node back almost at once: ages differ.
const AGED_WINDOW: Duration = Duration::from_secs(5);

impl Session {
    pub fn new(now: Instant, seed: u64) -> Session {
        Session {
            state: State::HelloPending {
                by: now + limits::HELLO_WAIT,
            },
            credit: 0,
            committing: VecDeque::new(),
            wanted: None,
            listing: None,
            heard_at: now,
            shows: 0,
            outputs: VecDeque::new(),
            jitter: Jitter::new(seed),
        }
    }

    pub fn phase(&self) -> Phase {
        match self.state {
            State::HelloPending { .. } | State::Deciding { .. } => Phase::HelloPending,
            State::Welcomed { .. } if self.credit == 0 => Phase::Admitted,
            State::Welcomed { .. } => Phase::Active,
            State::Draining { .. } => Phase::Draining,
            State::Returning { .. } => Phase::Returning,
            State::Closed => Phase::Closed,
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// `None`: closed.
    pub fn next_deadline(&self) -> Option<Instant> {
        let silence = self.heard_at + limits::SILENCE;
        match self.state {
            State::HelloPending { by } | State::Deciding { by } => Some(by),
            State::Welcomed { until, .. } => Some(until.min(silence)),
            State::Draining { by, .. } => Some(by.min(silence)),
            State::Returning { by, .. } => Some(by),
            State::Closed => None,
        }
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if self.next_deadline().is_none_or(|at| at > now) {
            return;
        }
        match self.state {
            State::HelloPending { .. } => self.close(End::fault("no greeting")),
            State::Deciding { .. } => self.close(busy("writer is behind")),
            State::Welcomed { until, .. } if until <= now => self.handle_drain(now, AGED_WINDOW),
            State::Welcomed { .. } => self.close(End::fault("node is silent")),
            State::Draining { .. } => self.close(End::fault("drained too long")),
            State::Returning { .. } => self.close(End::fault("takes its cells back too slowly")),
            State::Closed => {}
        }
    }

    pub fn handle_up(&mut self, now: Instant, up: Up) {
        self.heard_at = now;
        let epoch = match self.state {
            State::HelloPending { .. } => {
                let Up::Hello(hello) = up else {
                    return self.malformed("first message: want hello");
                };
                self.outputs.push_back(Output::Greet(hello));
                let by = now + limits::ACK_WAIT;
                self.state = State::Deciding { by };
                return;
            }
            State::Deciding { .. } => return self.malformed("spoke before the welcome"),
            State::Welcomed { epoch, .. } | State::Draining { epoch, .. } => epoch,
            State::Returning { .. } => return self.wants_more(now, &up),
            State::Closed => return,
        };
        match up {
            Up::Hello(_) => self.malformed("hello: said twice"),
            Up::More => self.malformed("more: nothing is given back"),
            Up::Batch(batch) => self.batch(epoch, batch),
            Up::Demand(demand) => {
                if demand.returned_bytes > self.credit {
                    return self.malformed("demand: returns more than its credit");
                }
                self.credit -= demand.returned_bytes;
                self.outputs.push_back(Output::Demand {
                    waiting: demand.waiting,
                    returned_bytes: demand.returned_bytes,
                });
                // Whatever the admission decides: the hub is there.
                self.reply(Down::Credit { bytes: 0 });
            }
            Up::Sums(sums) => {
                if self
                    .wanted
                    .take_if(|want| *want == DigestWant::Sums)
                    .is_none()
                {
                    return self.malformed("sums: not asked for");
                }
                self.outputs.push_back(Output::Compare(epoch, sums));
            }
            Up::Listing(listing) => self.listing(epoch, listing),
            Up::Bye => {
                self.outputs.push_back(Output::Close(None));
                self.state = State::Closed;
            }
        }
    }

    /// The oldest batch at the writer is durable, or refused.
    pub fn handle_committed(&mut self, committed: Result<Ack, End>) {
        let Some(bytes) = self.committing.pop_front() else {
            return;
        };
        self.outputs.push_back(Output::Settle { bytes });
        match committed {
            Ok(ack) => self.reply(Down::Ack(ack)),
            Err(end) => self.close(end),
        }
    }

    pub fn handle_listed(&mut self, listed: Result<(), End>) {
        if let Err(end) = listed {
            self.close(end);
        }
    }

    pub fn handle_verdict(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Agreed { through } => self.reply(Down::Agreed { through }),
            Verdict::Want(want) => {
                self.wanted = Some(want.clone());
                self.reply(Down::Want(want));
            }
        }
    }

    pub fn handle_credit(&mut self, bytes: u64) {
        self.credit = self.credit.saturating_add(bytes);
        self.reply(Down::Credit { bytes });
    }

    /// Ask the node to finish and come back within the window.
    pub fn handle_drain(&mut self, now: Instant, reconnect_window: Duration) {
        match self.state {
            State::Welcomed { epoch, .. } => {
                self.reply(Down::Drain(Drain { reconnect_window }));
                let by = now + limits::DRAIN_WAIT;
                self.state = State::Draining { epoch, by };
            }
            State::HelloPending { .. } | State::Deciding { .. } | State::Returning { .. } => {
                let wait = Some(reconnect_window);
                self.close(End::of(Reason::Busy, wait, "hub is draining"));
            }
            State::Draining { .. } | State::Closed => {}
        }
    }

    /// A newer session, a revocation, a failed store: from any state.
    pub fn handle_end(&mut self, end: End) {
        self.close(end);
    }

    /// The node is gone.
    pub fn handle_closed(&mut self) {
        self.state = State::Closed;
        self.outputs.clear();
    }

    fn batch(&mut self, epoch: u64, batch: Batch) {
        let cost = batch.cost();
        if self.committing.len() == limits::IN_FLIGHT {
            return self.malformed("batch: more in flight than 4");
        }
        if cost > self.credit {
            return self.malformed("batch: more than its credit");
        }
        self.credit -= cost;
        self.committing.push_back(cost);
        self.outputs.push_back(Output::Commit(epoch, batch));
    }

    fn listing(&mut self, epoch: u64, part: Listing) {
        let cost = part.cost();
        let is_wanted = match &self.wanted {
            Some(DigestWant::Buckets(buckets)) => buckets.contains(&part.bucket),
            _ => false,
        };
        if !is_wanted {
            return self.malformed("listing: not asked for");
        }
        if cost > self.credit {
            return self.malformed("listing: more than its credit");
        }
        self.credit -= cost;
        // Its own limit holds a listing; credit is for what many may send.
        self.outputs.push_back(Output::Settle { bytes: cost });
        let last = part.last;
        let whole = match self.listing.take() {
            None => part,
            Some(mut whole) => {
                if (whole.bucket, whole.through) != (part.bucket, part.through) {
                    return self.malformed("listing: begun before the last was whole");
                }
                whole.cells.extend(part.cells);
                whole.withheld.extend(part.withheld);
                whole
            }
        };
        if whole.cells.len() + whole.withheld.len() > limits::LISTING_CELLS {
            return self.malformed("listing: more than 100000 cells");
        }
        if !last {
            self.listing = Some(whole);
            return;
        }
        if let Some(DigestWant::Buckets(buckets)) = &mut self.wanted {
            buckets.retain(|bucket| *bucket != whole.bucket);
        }
        let whole = Listing { last, ..whole };
        self.outputs.push_back(Output::List(epoch, whole));
    }

    fn reply(&mut self, down: Down) {
        if !matches!(self.state, State::Closed) {
            self.outputs.push_back(Output::Reply(down));
        }
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

fn busy(detail: &str) -> End {
    End::of(Reason::Busy, Some(limits::BACKOFF_MIN), detail)
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
