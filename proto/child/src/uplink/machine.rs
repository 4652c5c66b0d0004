//! The uplink machine: what it is told, what it asks for, and by when.

use jiff::Timestamp;
use proto::{
    identity::Nonce,
    sync::{
        end::End,
        head::{JournalHead, JournalPoint},
        instant::Instant,
        limits,
        uplink::{Down, Hello, StartId, Up},
    },
};

use super::{
    action::{Action, Config, Connection, Scanned, Standing, Ticket},
    memory::Memory,
    session::{Over, Session},
    state::{Phase, State},
};
use crate::pace::Pace;

#[derive(Clone, Debug)]
pub struct Uplink {
    pub(super) config: Config,
    pub(super) standing: Standing,
    starts: Vec<StartId>,
    pub(super) pace: Pace,
    pub(super) memory: Memory,
    pub(super) connections: u64,
    pub(super) state: State,
}

/// Messages that may arrive while the grant is made durable.
const EARLY: usize = 16;

impl Uplink {
    /// `head`, `catalogue`: the store's last seqs. `starts`: its last starts,
    /// this one too. First contact comes somewhere in the reconnect window.
    pub fn new(
        now: Instant,
        config: Config,
        standing: Standing,
        starts: Vec<StartId>,
        head: u64,
        catalogue: u64,
        seed: u64,
    ) -> Uplink {
        let mut pace = Pace::new(&config.name, config.interval, config.reconnect_window, seed);
        let until = now + pace.arrival();
        Uplink {
            memory: Memory::new(head, catalogue),
            state: State::Resting {
                why: Phase::Idle,
                until,
            },
            connections: 0,
            config,
            standing,
            starts,
            pace,
        }
    }

    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Resting { why, .. } => *why,
            State::Minting { .. } | State::Connecting { .. } => Phase::Connect,
            State::HelloSent { .. } | State::Storing(_) => Phase::HelloSent,
            State::Reclaiming(_) => Phase::Reclaiming,
            State::Online { session, .. } if session.is_streaming() => Phase::Streaming,
            State::Online { session, .. } if session.awaits_verdict() => Phase::Checkpoint,
            State::Online { .. } => Phase::Idle,
        }
    }

    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Cells that the hub refused, as far as this process was told.
    pub fn refused_cells(&self) -> usize {
        self.memory.refused.len()
    }

    /// Both ends were found equal up to here.
    pub fn agreed(&self) -> Option<u64> {
        self.memory.agreed
    }

    pub fn poll_action(&mut self) -> Option<Action> {
        self.memory.poll()
    }

    pub fn next_deadline(&self) -> Instant {
        match &self.state {
            State::Resting { until, .. } => *until,
            State::Minting { by, .. }
            | State::Connecting { by, .. }
            | State::HelloSent { by, .. } => *by,
            State::Storing(storing) => storing.by,
            State::Reclaiming(returning) => returning.by,
            State::Online {
                session,
                next_round,
            } => session.next_deadline(&self.memory).min(*next_round),
        }
    }

    pub fn handle_deadline(&mut self, now: Instant) {
        if self.next_deadline() > now {
            return;
        }
        match &mut self.state {
            State::Resting { .. } => self.begin(now),
            State::Minting { .. } | State::Storing(_) => {
                self.ended(now, End::fault("store does not answer"));
            }
            State::Reclaiming(_) => self.ended(now, End::fault("not reclaimed in time")),
            State::Connecting { .. } => self.ended(now, End::fault("no connection")),
            State::HelloSent { .. } => self.ended(now, End::fault("no welcome")),
            State::Online {
                session,
                next_round,
            } => {
                if *next_round <= now {
                    *next_round = self.pace.next_slot(now);
                    session.start_round();
                }
                let over = session.handle_deadline(now, &mut self.memory);
                self.go_on(now, over);
            }
        }
    }

    /// An operator wants an attempt at once, or a round if the line is up.
    pub fn wake(&mut self, now: Instant) {
        match &mut self.state {
            State::Resting { until, .. } => *until = now,
            State::Online { next_round, .. } => *next_round = now,
            _ => {}
        }
    }

    /// The store has grown; the next round sends it, which comes early after
    /// a time of quiet.
    pub fn handle_head(&mut self, now: Instant, head: u64) {
        if head <= self.memory.head {
            return;
        }
        self.memory.head = head;
        if let State::Online { next_round, .. } = &mut self.state
            && let Some(early) = self.pace.early(now)
        {
            *next_round = early.min(*next_round);
        }
    }

    /// The node's catalogue has moved, which may help refused cells.
    pub fn handle_catalogue(&mut self, now: Instant, seq: u64) {
        self.memory.catalogue = seq;
        if let State::Online { session, .. } = &mut self.state
            && self.memory.refused.is_due(now, seq)
        {
            session.start_round();
            self.go_on(now, None);
        }
    }

    pub fn handle_minted(&mut self, now: Instant, ticket: Ticket, nonce: Nonce) {
        if matches!(self.state, State::Minting { ticket: asked, .. } if asked == ticket) {
            self.standing.nonce = Some(nonce);
            self.connect(now);
        }
    }

    /// What the journal has come to, for the greeting that comes next.
    pub fn handle_journal_head(&mut self, head: JournalHead) {
        self.memory.journal_head = Some(Box::new(head));
    }

    /// `wall`: the node's clock, for the hub to see how wrong it is.
    pub fn handle_connected(&mut self, now: Instant, connection: Connection, wall: Timestamp) {
        let State::Connecting { to, .. } = self.state else {
            return;
        };
        let Some(nonce) = self.standing.nonce.filter(|_| to == connection) else {
            return;
        };
        let hello = Hello {
            protocol_min: limits::PROTOCOL_MIN,
            protocol_max: limits::PROTOCOL_MAX,
            store_id: self.standing.store_id,
            lineage: self.standing.lineage,
            epoch: self.standing.epoch,
            nonce,
            head_seq: self.memory.head,
            acked_hint: self.standing.acked,
            seen_hub_incarnation: self.standing.hub_incarnation,
            catalogue_seq: self.memory.catalogue,
            node_time: wall,
            software: self.config.software.clone(),
            starts: self.starts.clone(),
            journal_head: self.memory.journal_head.take(),
            shown: None,
        };
        self.greet(now, to, Box::new(hello));
    }

    fn greet(&mut self, now: Instant, to: Connection, hello: Box<Hello>) {
        let said = Up::Hello((*hello).clone());
        self.memory.ask(Action::Send(to, said));
        self.state = State::HelloSent {
            to,
            by: now + limits::HELLO_WAIT,
            hello,
            asked: None,
        };
    }

    /// `None`: the journal has not so many records.
    pub fn handle_root(&mut self, now: Instant, ticket: Ticket, root: Option<[u8; 32]>) {
        let State::HelloSent {
            to, hello, asked, ..
        } = &mut self.state
        else {
            return;
        };
        let Some((_, size)) = asked.take_if(|(waiting, _)| *waiting == ticket) else {
            return;
        };
        let Some(root) = root else {
            return self.ended(now, End::fault("asked for records that are not there"));
        };
        hello.shown = Some(JournalPoint { size, root });
        let (to, hello) = (*to, hello.clone());
        self.greet(now, to, hello);
    }

    pub fn handle_received(
        &mut self,
        now: Instant,
        connection: Connection,
        down: Down,
        wall: Timestamp,
    ) {
        match &mut self.state {
            State::HelloSent { to, asked, .. } if *to == connection => match down {
                Down::Show { size } if asked.is_none() => {
                    let ticket = self.memory.ticket();
                    *asked = Some((ticket, size));
                    self.memory.ask(Action::Root(ticket, size));
                }
                Down::Welcome(welcome) => self.welcomed(now, connection, welcome, wall),
                Down::Reclaim(terms) => self.offered(now, connection, terms),
                Down::Drain(drain) => {
                    let delay = self.pace.come_back(Some(drain.reconnect_window));
                    self.rest(now, Phase::Idle, delay);
                }
                _ => self.ended(now, End::fault("answered before the welcome")),
            },
            State::Storing(storing) if storing.to == connection => {
                storing.early.push(down);
                if storing.early.len() > EARLY {
                    self.ended(now, End::fault("too much before the first batch"));
                }
            }
            State::Reclaiming(returning) if returning.to == connection => self.returned(now, down),
            State::Online { session, .. } if session.connection == connection => {
                let over = session.handle_down(now, down, &mut self.memory);
                self.go_on(now, over.err().map(Over::Fault));
            }
            _ => {}
        }
    }

    pub fn handle_stored(&mut self, now: Instant, ticket: Ticket) {
        let resting = State::Resting {
            why: Phase::Idle,
            until: now,
        };
        match std::mem::replace(&mut self.state, resting) {
            State::Storing(storing) if storing.asked == ticket => {
                let storing = *storing;
                self.standing = storing.granted;
                if storing.welcome.acked > self.memory.head {
                    // The next greeting, of this epoch, proves it to the hub.
                    self.state = State::Connecting {
                        to: storing.to,
                        by: now,
                    };
                    self.ended(now, End::fault("the hub holds more than this store"));
                    return;
                }
                let session = Session::new(storing.to, &storing.welcome, now);
                self.memory.refused.replace(&storing.welcome.rejected, now);
                self.state = State::Online {
                    session: Box::new(session),
                    next_round: self.pace.next_slot(now),
                };
                for down in storing.early {
                    let State::Online { session, .. } = &mut self.state else {
                        return;
                    };
                    let over = session.handle_down(now, down, &mut self.memory);
                    self.go_on(now, over.err().map(Over::Fault));
                }
                self.go_on(now, None);
            }
            other => self.state = other,
        }
    }

    pub fn handle_scanned(&mut self, now: Instant, ticket: Ticket, scanned: Scanned) {
        if let State::Online { session, .. } = &mut self.state {
            session.handle_scanned(now, ticket, scanned, &mut self.memory);
            self.go_on(now, None);
        }
    }

    /// The store could not do what was asked.
    pub fn handle_store_failed(&mut self, now: Instant, detail: &str) {
        self.ended(now, End::fault(format!("store: {detail}")));
    }

    /// The connection is over, or never came about.
    pub fn handle_ended(&mut self, now: Instant, connection: Connection, end: End) {
        if self.connection() == Some(connection) {
            self.ended(now, end);
        }
    }
}
