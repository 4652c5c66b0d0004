//! The machine: learns what the hub has, sends what it has not, applies what comes,
//! and else waits with a call that the hub holds.

use std::{collections::VecDeque, time::Duration};

use proto::{
    support::{Answer, Exchange, HOLD, Up},
    sync::{
        downlink::Cursor,
        end::{End, Reason},
        instant::Instant,
        limits,
    },
};

use super::{Action, Config, Notice};
use crate::{pace::Pace, uplink::action::Ticket};

/// A held call that is answered sooner, and empty, was not held.
const HELD: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct Letters {
    /// What the store has of the hub's letters.
    cursor: Option<Cursor>,
    /// As the uplink was granted them; 0: never.
    lineage: u32,
    epoch: u64,
    /// The last letter that the store has to send.
    head: u64,
    /// What the hub has; `None`: it was not asked in this lineage.
    received: Option<u64>,
    stays_connected: bool,
    pace: Pace,
    actions: VecDeque<Action>,
    tickets: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Resting {
        until: Instant,
        /// A letter ends it.
        is_idle: bool,
    },
    Reading(Ticket),
    Calling {
        ticket: Ticket,
        since: Instant,
        /// The last letter that it sends; 0: none.
        sends: u64,
        waits: bool,
    },
    Applying {
        ticket: Ticket,
        cursor: Cursor,
    },
}

impl Letters {
    /// `cursor`: what the store has. Comes at its arrival within the window, like
    /// the other directions.
    pub fn new(now: Instant, config: &Config, cursor: Option<Cursor>, seed: u64) -> Letters {
        let window = config.reconnect_window;
        let mut pace = Pace::new(&config.name, config.interval, window, seed);
        let until = now + pace.arrival();
        Letters {
            cursor,
            lineage: 0,
            epoch: 0,
            head: 0,
            received: None,
            stays_connected: config.stays_connected,
            pace,
            actions: VecDeque::new(),
            tickets: 0,
            state: State::Resting {
                until,
                is_idle: false,
            },
        }
    }

    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// `None`: only an answer goes on.
    pub fn next_deadline(&self) -> Option<Instant> {
        match self.state {
            State::Resting { until, .. } => Some(until),
            State::Calling { since, .. } => Some(since + HOLD + limits::ACK_WAIT),
            State::Reading(_) | State::Applying { .. } => None,
        }
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if self.next_deadline().is_none_or(|at| at > now) {
            return;
        }
        match self.state {
            // Its turn to fetch.
            State::Resting { is_idle: true, .. } if self.received.is_some() => {
                self.call(now, 0, Vec::new(), 0);
            }
            State::Resting { .. } => self.go_on(now),
            State::Calling { ticket, .. } => {
                self.actions.push_back(Action::Cancel(ticket));
                self.failed(now, End::fault("the hub does not answer"));
            }
            State::Reading(_) | State::Applying { .. } => {}
        }
    }

    /// What the store has to send, and under which grant of the uplink.
    pub fn handle_standing(&mut self, now: Instant, lineage: u32, epoch: u64, head: u64) {
        let is_other = (lineage, epoch) != (self.lineage, self.epoch);
        (self.lineage, self.epoch, self.head) = (lineage, epoch, head);
        if is_other {
            self.received = None;
        }
        let has_more = self.received.is_none_or(|received| head > received);
        match self.state {
            State::Resting { is_idle, .. } if is_other || is_idle && has_more => self.go_on(now),
            State::Calling { ticket, waits, .. } if is_other || waits && has_more => {
                self.actions.push_back(Action::Cancel(ticket));
                self.go_on(now);
            }
            State::Reading(_) if is_other => self.go_on(now),
            _ => {}
        }
    }

    /// The node has a new certificate, or is told to hurry.
    pub fn wake(&mut self, now: Instant) {
        if matches!(self.state, State::Resting { .. }) {
            self.go_on(now);
        }
    }

    pub fn handle_read(&mut self, now: Instant, ticket: Ticket, letters: Vec<Up>) {
        if self.state != State::Reading(ticket) {
            return;
        }
        match self.received {
            Some(received) if !letters.is_empty() => {
                let sends = received + letters.len() as u64;
                self.call(now, received + 1, letters, sends);
            }
            _ => self.failed(now, End::fault("the store has no such letters")),
        }
    }

    pub fn handle_answer(&mut self, now: Instant, ticket: Ticket, answer: Answer) {
        let State::Calling {
            ticket: called,
            since,
            sends,
            waits,
        } = self.state
        else {
            return;
        };
        if called != ticket {
            return;
        }
        let before = self.received.replace(answer.received);
        if before != self.received {
            let received = Notice::Received(answer.received);
            self.actions.push_back(Action::Notify(received));
        }
        if sends > 0 && before >= self.received {
            return self.failed(now, End::fault("the hub took none of the letters"));
        }
        if !answer.letters.is_empty() {
            self.pace.succeeded();
            let (ticket, cursor) = (self.ticket(), answer.cursor);
            let apply = Action::Apply(ticket, cursor, answer.letters);
            self.actions.push_back(apply);
            self.state = State::Applying { ticket, cursor };
            return;
        }
        if waits && now.since(since) < HELD {
            return self.failed(now, End::fault("the hub does not hold calls"));
        }
        self.pace.succeeded();
        self.go_on(now);
    }

    pub fn handle_failed(&mut self, now: Instant, ticket: Ticket, end: End) {
        if matches!(self.state, State::Calling { ticket: called, .. } if called == ticket) {
            self.failed(now, end);
        }
    }

    pub fn handle_applied(&mut self, now: Instant, ticket: Ticket) {
        match self.state {
            State::Applying {
                ticket: applied,
                cursor,
            } if applied == ticket => {
                self.cursor = Some(cursor);
                self.go_on(now);
            }
            _ => {}
        }
    }

    /// The store could not take them now.
    pub fn handle_unapplied(&mut self, now: Instant, ticket: Ticket) {
        if matches!(self.state, State::Applying { ticket: asked, .. } if asked == ticket) {
            self.failed(now, End::fault("the store takes no letters now"));
        }
    }

    fn go_on(&mut self, now: Instant) {
        let idle = |until| State::Resting {
            until,
            is_idle: true,
        };
        match self.received {
            // The uplink has not been granted a lineage: it goes first.
            _ if self.lineage == 0 => self.state = idle(now + limits::HEARTBEAT),
            None => self.call(now, 0, Vec::new(), 0),
            Some(received) if received > self.head => {
                let end = End::of(
                    Reason::EpochStale,
                    None,
                    "the hub has letters of this store that it does not have itself",
                );
                self.failed(now, end);
            }
            Some(received) if received < self.head => {
                let ticket = self.ticket();
                self.actions.push_back(Action::Read(ticket, received));
                self.state = State::Reading(ticket);
            }
            Some(_) if self.stays_connected => self.call(now, 0, Vec::new(), 0),
            Some(_) => self.state = idle(self.pace.next_slot(now)),
        }
    }

    fn call(&mut self, now: Instant, first: u64, letters: Vec<Up>, sends: u64) {
        let ticket = self.ticket();
        let waits = self.stays_connected && self.received.is_some() && letters.is_empty();
        let exchange = Exchange {
            lineage: self.lineage,
            epoch: self.epoch,
            cursor: self.cursor,
            first,
            letters,
            waits,
        };
        self.actions.push_back(Action::Call(ticket, exchange));
        self.state = State::Calling {
            ticket,
            since: now,
            sends,
            waits,
        };
    }

    /// What the hub has is asked anew after every failure.
    fn failed(&mut self, now: Instant, end: End) {
        self.received = None;
        let mut retry_in = self.pace.back_off();
        if let Some(wish) = end.retry_after {
            retry_in = retry_in.max(self.pace.respect(wish));
        }
        let is_blocked = matches!(
            end.reason,
            Some(Reason::NotEnrolled | Reason::Revoked | Reason::VersionUnsupported)
        );
        let notice = match is_blocked {
            true => {
                retry_in = self.pace.probe();
                Notice::Blocked { end }
            }
            false => Notice::Ended { end, retry_in },
        };
        self.actions.push_back(Action::Notify(notice));
        self.state = State::Resting {
            until: now + retry_in,
            is_idle: false,
        };
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }
}
