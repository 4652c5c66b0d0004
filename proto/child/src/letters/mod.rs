//! A node's end of the exchange of letters: what waits goes up, what the hub has
//! comes down, one call at a time. The hub's word on what it has counts; the node's
//! own cursor is its store's. Pure, as the other machines of the line.

mod machine;

use std::time::Duration;

use proto::{
    support::{Exchange, Letter},
    sync::{downlink::Cursor, end::End},
};

pub use machine::Letters;

use super::uplink::action::Ticket;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub name: String,
    /// Between exchanges of a node that does not stay connected.
    pub interval: Duration,
    pub reconnect_window: Duration,
    pub stays_connected: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `handle_read` answers: letters after this seq, as many as one call takes.
    Read(Ticket, u64),
    /// `handle_answer` or `handle_failed` answers.
    Call(Ticket, Exchange),
    /// Nobody waits for this call any more.
    Cancel(Ticket),
    /// Make durable, together with the cursor; `handle_applied` answers.
    Apply(Ticket, Cursor, Vec<Letter>),
    Notify(Notice),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Letters of this store are on the hub's disk up to this seq.
    Received(u64),
    Ended {
        end: End,
        retry_in: Duration,
    },
    /// Nothing is sent until an operator has decided, or the hub is another.
    Blocked {
        end: End,
    },
}

#[cfg(test)]
mod tests;
