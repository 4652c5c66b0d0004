//! Where an uplink is. Everything in here has a time by which it ends.

use proto::sync::{
    instant::Instant,
    uplink::{Down, Hello, Welcome},
};

use super::{
    action::{Connection, Standing, Ticket},
    reclaim::Returning,
    session::Session,
};

#[derive(Clone, Debug)]
pub enum State {
    Resting {
        why: Phase,
        until: Instant,
    },
    Minting {
        ticket: Ticket,
        by: Instant,
    },
    Connecting {
        to: Connection,
        by: Instant,
    },
    HelloSent {
        to: Connection,
        by: Instant,
        /// To be said again with what the hub wants to be shown.
        hello: Box<Hello>,
        /// The root over so many records is being looked for.
        asked: Option<(Ticket, u64)>,
    },
    Storing(Box<Storing>),
    Reclaiming(Box<Returning>),
    Online {
        session: Box<Session>,
        next_round: Instant,
    },
}

#[derive(Clone, Debug)]
pub struct Storing {
    pub asked: Ticket,
    pub to: Connection,
    pub by: Instant,
    pub granted: Standing,
    pub welcome: Welcome,
    /// Said by the hub meanwhile.
    pub early: Vec<Down>,
}

/// What a status page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Idle,
    Connect,
    HelloSent,
    Streaming,
    /// All is sent; the hub's word on the digest is awaited.
    Checkpoint,
    Backoff,
    Quarantined,
    /// An operator lets the store in again: its cells are being made anew.
    Reclaiming,
    Blocked,
}
