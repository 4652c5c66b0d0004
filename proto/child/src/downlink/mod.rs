//! Definitions on their way down: stage, verify, activate or refuse by name, one
//! after the other; a relist replaces the whole set at once.

mod machine;
mod staged;

use std::time::Duration;

use proto::sync::{
    downlink::{Cursor, Item, Receipt, Refused},
    end::End,
};

pub use machine::{Downlink, Phase};

use super::uplink::action::{Connection, Ticket};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub name: String,
    pub reconnect_window: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `handle_connected`, or `handle_ended`, answers.
    Connect(Connection),
    Send(Connection, Receipt),
    Disconnect(Connection),
    /// Make durable, together with the cursor; `handle_applied` answers with
    /// what the store could not take, which it recorded and skipped.
    Apply(Ticket, Change),
    Notify(Notice),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its payload is what the hub issued; whether it means something is the
    /// store's to say.
    Activate(Item),
    /// Move the cursor past an item that is not what its hash says.
    Skip(Cursor, Refused),
    /// These, and nothing else, are in force from now on.
    Replace {
        cursor: Cursor,
        items: Vec<Item>,
        refused: Vec<Refused>,
    },
}

/// What a change offers a store, whichever kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offering {
    pub cursor: Cursor,
    /// What is not among the items is no longer in force.
    pub replaces_all: bool,
    pub items: Vec<Item>,
    /// Before the store saw them.
    pub refused: Vec<Refused>,
}

impl From<Change> for Offering {
    fn from(change: Change) -> Offering {
        let (cursor, replaces_all, items, refused) = match change {
            Change::Activate(item) => (item.cursor, false, vec![item], Vec::new()),
            Change::Skip(cursor, refused) => (cursor, false, Vec::new(), vec![refused]),
            Change::Replace {
                cursor,
                items,
                refused,
            } => (cursor, true, items, refused),
        };
        Offering {
            cursor,
            replaces_all,
            items,
            refused,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    CaughtUp(Cursor),
    Relisted { cursor: Cursor, items: usize },
    Refused(Refused),
    Ended { end: End, retry_in: Duration },
    Blocked { end: End },
}

#[cfg(test)]
mod tests;
