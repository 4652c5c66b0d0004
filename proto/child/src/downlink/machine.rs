//! The downlink machine: connects, opens at its cursor, applies what comes in
//! order, acknowledges what is durable.

use std::{collections::VecDeque, time::Duration};

use proto::sync::{
    downlink::{Applied, Cursor, Issue, Receipt, Refused, Taken},
    end::{End, Reason},
    instant::Instant,
    limits,
};

use super::{Action, Change, Config, Notice, staged::Staged};
use crate::{
    pace::Pace,
    uplink::action::{Connection, Ticket},
};

#[derive(Clone, Debug)]
pub struct Downlink {
    /// What is in force.
    cursor: Option<Cursor>,
    pace: Pace,
    relisted_at: Option<Instant>,
    /// Outlives its session: the store goes on with what it was asked.
    applying: Option<Applying>,
    actions: VecDeque<Action>,
    tickets: u64,
    connections: u64,
    state: State,
}

#[derive(Clone, Debug)]
struct Applying {
    ticket: Ticket,
    cursor: Cursor,
    refused: Vec<Refused>,
    relisted: Option<usize>,
    by: Instant,
}

#[derive(Clone, Debug)]
enum State {
    Resting {
        is_blocked: bool,
        until: Instant,
    },
    Connecting {
        to: Connection,
        by: Instant,
    },
    Open {
        to: Connection,
        staged: Staged,
        heard_at: Instant,
        /// Caught up, or got something on the way there.
        has_progress: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Resting,
    Blocked,
    Connect,
    Open,
}

impl Downlink {
    /// `cursor`: what the store has in force.
    pub fn new(now: Instant, config: &Config, cursor: Option<Cursor>, seed: u64) -> Downlink {
        let window = config.reconnect_window;
        let mut pace = Pace::new(&config.name, limits::HEARTBEAT, window, seed);
        let until = now + pace.arrival();
        Downlink {
            cursor,
            pace,
            relisted_at: None,
            applying: None,
            actions: VecDeque::new(),
            tickets: 0,
            connections: 0,
            state: State::Resting {
                is_blocked: false,
                until,
            },
        }
    }

    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Resting { is_blocked, .. } if *is_blocked => Phase::Blocked,
            State::Resting { .. } => Phase::Resting,
            State::Connecting { .. } => Phase::Connect,
            State::Open { .. } => Phase::Open,
        }
    }

    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    pub fn next_deadline(&self) -> Instant {
        match &self.state {
            State::Resting { until, .. } => *until,
            State::Connecting { by, .. } => *by,
            State::Open { heard_at, .. } => {
                let silence = *heard_at + limits::SILENCE;
                let applying = self.applying.as_ref();
                applying.map_or(silence, |applying| applying.by.min(silence))
            }
        }
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if self.next_deadline() > now {
            return;
        }
        match &self.state {
            // The store still owes an answer; whatever it is, it moves the cursor.
            State::Resting { .. } if self.applying.is_some() => {
                self.rest(now, false, limits::BACKOFF_MIN);
            }
            State::Resting { .. } => self.connect(now),
            State::Connecting { .. } => self.ended(now, End::fault("no connection")),
            State::Open { heard_at, .. } if *heard_at + limits::SILENCE <= now => {
                self.ended(now, End::fault("hub is silent"));
            }
            State::Open { .. } => self.ended(now, End::fault("store does not answer")),
        }
    }

    pub fn wake(&mut self, now: Instant) {
        if let State::Resting { until, .. } = &mut self.state {
            *until = now;
        }
    }

    pub fn handle_connected(&mut self, now: Instant, connection: Connection) {
        if !matches!(self.state, State::Connecting { to, .. } if to == connection) {
            return;
        }
        let open = Receipt::Open(self.cursor);
        self.actions.push_back(Action::Send(connection, open));
        self.state = State::Open {
            to: connection,
            staged: Staged::default(),
            heard_at: now,
            has_progress: false,
        };
    }

    pub fn handle_received(&mut self, now: Instant, connection: Connection, issue: Issue) {
        let State::Open {
            to,
            staged,
            heard_at,
            has_progress,
        } = &mut self.state
        else {
            return;
        };
        if *to != connection {
            return;
        }
        *heard_at = now;
        let pending = self.applying.as_ref().map(|applying| applying.cursor);
        let result = match issue {
            Issue::Item(item) => staged.item(item, pending.or(self.cursor)),
            Issue::Relist(relist) => {
                let applying = self.applying.as_ref();
                let is_applying = applying.is_some_and(|applying| applying.relisted.is_some());
                let last = if is_applying {
                    Some(now)
                } else {
                    self.relisted_at
                };
                let next = last.map(|at| at + limits::RELIST_EVERY);
                match next.filter(|next| *next > now) {
                    Some(next) => {
                        let wait = Some(next.since(now));
                        Err(End::of(Reason::Busy, wait, "relisted twice in 10 minutes"))
                    }
                    None => staged.relist(relist),
                }
            }
            Issue::CaughtUp(cursor) => {
                *has_progress = true;
                self.pace.succeeded();
                if staged.is_empty() && self.applying.is_none() {
                    self.actions
                        .push_back(Action::Notify(Notice::CaughtUp(cursor)));
                    let seq = self.cursor.map_or(0, |cursor| cursor.seq);
                    let taken = Taken {
                        seq,
                        ..Taken::default()
                    };
                    let ack = Receipt::Ack(taken);
                    self.actions.push_back(Action::Send(connection, ack));
                }
                Ok(())
            }
        };
        match result {
            Ok(()) => self.apply(now),
            Err(end) => self.ended(now, end),
        }
    }

    /// `made_of`: what the store recorded as not for it, and what it tried out.
    pub fn handle_applied(&mut self, now: Instant, ticket: Ticket, made_of: impl Into<Applied>) {
        let Some(applied) = self.applying.take_if(|applying| applying.ticket == ticket) else {
            return;
        };
        self.cursor = Some(applied.cursor);
        self.pace.succeeded();
        if let Some(items) = applied.relisted {
            self.relisted_at = Some(now);
            let cursor = applied.cursor;
            let relisted = Notice::Relisted { cursor, items };
            self.actions.push_back(Action::Notify(relisted));
        }
        let Applied { refused, trials } = made_of.into();
        let mut all = applied.refused;
        all.extend(refused);
        for refused in &all {
            let notice = Notice::Refused(refused.clone());
            self.actions.push_back(Action::Notify(notice));
        }
        if let State::Open {
            to, has_progress, ..
        } = &mut self.state
        {
            *has_progress = true;
            let taken = Taken {
                seq: applied.cursor.seq,
                refused: all,
                trials,
            };
            self.actions
                .push_back(Action::Send(*to, Receipt::Ack(taken)));
            self.apply(now);
        }
    }

    /// The connection is over, or never came about.
    pub fn handle_ended(&mut self, now: Instant, connection: Connection, end: End) {
        let current = match &self.state {
            State::Connecting { to, .. } | State::Open { to, .. } => *to == connection,
            State::Resting { .. } => false,
        };
        if current {
            self.ended(now, end);
        }
    }

    fn connect(&mut self, now: Instant) {
        self.connections += 1;
        let to = Connection(self.connections);
        self.actions.push_back(Action::Connect(to));
        let by = now + limits::HELLO_WAIT;
        self.state = State::Connecting { to, by };
    }

    fn apply(&mut self, now: Instant) {
        let State::Open { staged, .. } = &mut self.state else {
            return;
        };
        if self.applying.is_some() {
            return;
        }
        let Some(change) = staged.next() else {
            return;
        };
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let (refused, relisted) = match &change {
            Change::Activate(_) => (Vec::new(), None),
            Change::Skip(_, refused) => (vec![refused.clone()], None),
            Change::Replace { items, refused, .. } => (refused.clone(), Some(items.len())),
        };
        self.applying = Some(Applying {
            ticket,
            cursor: change.cursor(),
            refused,
            relisted,
            by: now + limits::ACK_WAIT,
        });
        self.actions.push_back(Action::Apply(ticket, change));
    }

    fn ended(&mut self, now: Instant, end: End) {
        let had_progress = matches!(
            self.state,
            State::Open {
                has_progress: true,
                ..
            }
        );
        let mut retry_in = match end.reason {
            None if had_progress => self.pace.come_back(None),
            _ => self.pace.back_off(),
        };
        if let Some(wish) = end.retry_after {
            retry_in = retry_in.max(self.pace.respect(wish));
        }
        let is_blocked = matches!(
            end.reason,
            Some(Reason::NotEnrolled | Reason::Revoked | Reason::VersionUnsupported)
        );
        let notice = if is_blocked {
            retry_in = self.pace.probe();
            Notice::Blocked { end }
        } else {
            Notice::Ended { end, retry_in }
        };
        self.actions.push_back(Action::Notify(notice));
        self.rest(now, is_blocked, retry_in);
    }

    fn rest(&mut self, now: Instant, is_blocked: bool, delay: Duration) {
        if let State::Connecting { to, .. } | State::Open { to, .. } = &self.state {
            self.actions.push_back(Action::Disconnect(*to));
        }
        let until = now + delay;
        self.state = State::Resting { is_blocked, until };
    }
}
