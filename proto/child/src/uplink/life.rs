//! From one state of the uplink to the next: attempts, grants, and what each way
//! of ending means for the next attempt (`reference/sync-protocol.md` 5.6).

use std::time::Duration;

use jiff::Timestamp;
use proto::sync::{
    end::{End, Reason},
    instant::Instant,
    limits,
    uplink::Welcome,
};

use super::{
    Uplink,
    action::{Action, Connection, Notice, Standing},
    session::Over,
    state::{Phase, State, Storing},
};

impl Uplink {
    pub(super) fn begin(&mut self, now: Instant) {
        if self.standing.nonce.is_some() {
            self.connect(now);
            return;
        }
        let ticket = self.memory.ticket();
        self.memory.ask(Action::Mint(ticket));
        let by = now + limits::ACK_WAIT;
        self.state = State::Minting { ticket, by };
    }

    pub(super) fn connect(&mut self, now: Instant) {
        self.connections += 1;
        let to = Connection(self.connections);
        self.memory.ask(Action::Connect(to));
        let by = now + limits::HELLO_WAIT;
        self.state = State::Connecting { to, by };
    }

    pub(super) fn welcomed(
        &mut self,
        now: Instant,
        to: Connection,
        welcome: Welcome,
        wall: Timestamp,
    ) {
        let is_granted =
            welcome.epoch > self.standing.epoch && welcome.lineage >= self.standing.lineage;
        if !is_granted {
            self.ended(now, End::fault("welcomed with less than is held"));
            return;
        }
        let skew = wall.duration_since(welcome.hub_time);
        self.memory.notify(Notice::Welcomed {
            epoch: welcome.epoch,
            clock_skew_ms: i64::try_from(skew.as_millis()).unwrap_or(i64::MAX),
        });
        let seen = self.standing.hub_incarnation;
        if seen != 0 && seen != welcome.hub_incarnation {
            let incarnation = welcome.hub_incarnation;
            self.memory.agreed = None;
            self.memory.notify(Notice::HubReplaced { incarnation });
        }
        let granted = Standing {
            store_id: self.standing.store_id,
            epoch: welcome.epoch,
            lineage: welcome.lineage,
            hub_incarnation: welcome.hub_incarnation,
            nonce: None,
            acked: welcome.acked,
        };
        let ticket = self.memory.ticket();
        self.memory.ask(Action::Store(ticket, granted.clone()));
        self.state = State::Storing(Box::new(Storing {
            asked: ticket,
            to,
            by: now + limits::ACK_WAIT,
            granted,
            welcome,
            early: Vec::new(),
        }));
    }

    /// After anything that happened to a session: what it can do now, and
    /// whether it is over.
    pub(super) fn go_on(&mut self, now: Instant, over: Option<Over>) {
        let State::Online { session, .. } = &mut self.state else {
            return;
        };
        let stays = self.config.stays_connected;
        let over = over.or_else(|| session.pump(now, stays, &mut self.memory));
        if session.has_progress {
            self.pace.succeeded();
        }
        if !session.is_streaming() && session.acked != self.standing.acked {
            self.standing.acked = session.acked;
            self.memory.ask(Action::Remember(session.acked));
        }
        match over {
            None => {}
            Some(Over::Fault(end)) => self.ended(now, end),
            Some(Over::Done) => {
                let until = self.pace.next_slot(now);
                self.rest(now, Phase::Idle, until.since(now));
            }
            Some(Over::Drained(window)) => {
                let delay = self.pace.come_back(Some(window));
                self.rest(now, Phase::Idle, delay);
            }
        }
    }

    /// The session is over, by the hub's word or ours.
    pub(super) fn ended(&mut self, now: Instant, end: End) {
        let mut had_progress = false;
        if let State::Online { session, .. } = &self.state {
            had_progress = session.has_progress;
            let is_malformed = end.reason == Some(Reason::Malformed);
            let is_suspect = end.reason.is_none() || is_malformed;
            if is_suspect {
                let flights: Vec<_> = session
                    .in_flight
                    .iter()
                    .map(|flight| (flight.from, flight.cells.as_slice()))
                    .collect();
                self.memory.broke(now, &flights, is_malformed);
            }
        }
        let mut retry_in = match end.reason {
            None if had_progress => self.pace.come_back(None),
            _ => self.pace.back_off(),
        };
        if let Some(wish) = end.retry_after {
            retry_in = retry_in.max(self.pace.respect(wish));
        }
        let phase = match end.reason {
            Some(Reason::EpochStale) => Phase::Quarantined,
            Some(Reason::NotEnrolled | Reason::Revoked | Reason::VersionUnsupported) => {
                Phase::Blocked
            }
            _ => Phase::Backoff,
        };
        match phase {
            Phase::Quarantined => {
                retry_in = self.pace.probe();
                let detail = end.detail;
                self.memory.notify(Notice::Quarantined { detail });
            }
            Phase::Blocked => {
                retry_in = self.pace.probe();
                self.memory.notify(Notice::Blocked { end });
            }
            _ => self.memory.notify(Notice::Ended { end, retry_in }),
        }
        self.rest(now, phase, retry_in);
    }

    pub(super) fn rest(&mut self, now: Instant, why: Phase, delay: Duration) {
        if let Some(connection) = self.connection() {
            self.memory.ask(Action::Disconnect(connection));
        }
        self.memory.refused.forget_asked();
        let until = now + delay;
        self.state = State::Resting { why, until };
    }

    /// The attempt that is under way, or the session's.
    pub(super) fn connection(&self) -> Option<Connection> {
        match &self.state {
            State::Resting { .. } | State::Minting { .. } => None,
            State::Connecting { to, .. } | State::HelloSent { to, .. } => Some(*to),
            State::Storing(storing) => Some(storing.to),
            State::Reclaiming(returning) => Some(returning.to),
            State::Online { session, .. } => Some(session.connection),
        }
    }
}
