//! What the uplink asks of its driver, and the answers it takes. Says nothing of
//! how a driver does it.

use std::time::Duration;

use jiff::Timestamp;
use proto::{
    digest::Bucket,
    identity::{Nonce, StoreId},
    indicator::cell::{Cell, CellKey},
    sync::{
        assignment::Assignment,
        coverage::Coverage,
        end::End,
        head::JournalHead,
        uplink::{Checkpoint, ReclaimMode, Since, Up},
    },
};

/// How this node takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The node's name; its hash chooses the slot within the interval.
    pub name: String,
    /// A round of sync in every interval, at this node's slot.
    pub interval: Duration,
    /// First contact and reconnects are spread over this.
    pub reconnect_window: Duration,
    /// Keep the stream between rounds, or say Bye after each.
    pub stays_connected: bool,
    pub software: String,
}

/// What the node durably knows about its line; one value, replaced as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub store_id: StoreId,
    /// Granted by the hub; 0: never.
    pub epoch: u64,
    pub lineage: u32,
    pub hub_incarnation: u64,
    /// Minted for the next greeting; gone once its Welcome is stored.
    pub nonce: Option<Nonce>,
    /// The last cursor seen acknowledged; may be older than the truth.
    pub acked: u64,
}

/// Names one request to the store, so that a late answer is known as late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names one attempt to connect, and everything that is heard on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection(pub u64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Draw a random nonce and make it durable; `handle_minted` answers.
    Mint(Ticket),
    /// The root over the journal's first so many records; `handle_root` answers.
    Root(Ticket, u64),
    /// Make epoch, lineage, incarnation and cursor durable together, forgetting
    /// the nonce; `handle_stored` answers. Cells written from then on bear the
    /// lineage.
    Store(Ticket, Standing),
    /// Keep the cursor when convenient; nothing answers.
    Remember(u64),
    /// `handle_connected`, or `handle_ended`, answers.
    Connect(Connection),
    Send(Connection, Up),
    Disconnect(Connection),
    /// `handle_scanned` answers.
    Scan(Ticket, Scan),
    /// Make every cell anew in one durable write; `handle_reclaimed` answers.
    Reclaim(Ticket, Box<Reclaiming>),
    Notify(Notice),
}

/// Read, as of one instant under the writer's lock: the cells of `retry` as they
/// are now, then the cells whose seq is past `after`, in order of seq, as many
/// as `cells` and one message hold; and `attach`, if that reaches the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    pub after: u64,
    pub cells: usize,
    pub retry: Vec<CellKey>,
    pub attach: Attach,
}

/// The terms on which an operator lets this store in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reclaiming {
    pub mode: ReclaimMode,
    /// From where on what the store holds is not in `cells`.
    pub since: Since,
    /// In force with the new cells, which bear its lineage and seqs past its
    /// `acked` and the store's head.
    pub standing: Standing,
    /// As the hub holds them, ascending by key; none unless it is to adopt them.
    pub cells: Vec<Cell>,
}

/// What of the whole store goes with a scan that reaches the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attach {
    Digest,
    Sums,
    Bucket(u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    pub retried: Vec<Cell>,
    pub cells: Vec<Cell>,
    /// The last cell's seq, or the head if nothing is left.
    pub through: u64,
    pub head: u64,
    /// Facts that happened before this are all in cells up to `through`; `None`
    /// unless that is the head.
    pub complete_until: Option<Timestamp>,
    /// Of a hub that is a child; `None` unless `through` is the head.
    pub coverage: Option<Coverage>,
    /// What the journal had come to at the time or later; `None`: of a hub.
    pub journal_head: Option<Box<JournalHead>>,
    /// Present when, and only when, `through` is the head.
    pub attached: Option<Attached>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attached {
    Digest(Checkpoint),
    Sums(Vec<Bucket>),
    /// Every cell of the bucket, in ascending order of key.
    Bucket(u8, Vec<Cell>),
}

/// For the log and for the node's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Welcomed {
        epoch: u64,
        /// The node's clock less the hub's, in milliseconds.
        clock_skew_ms: i64,
    },
    /// The hub's store went back: it grants anew and is sent anew.
    HubReplaced {
        incarnation: u64,
    },
    Ended {
        end: End,
        retry_in: Duration,
    },
    /// Another store speaks with our certificate, or ours is a copy.
    Quarantined {
        detail: String,
    },
    Blocked {
        end: End,
    },
    /// The store's cells are anew, as an operator decided.
    Reclaimed {
        mode: ReclaimMode,
    },
    /// A cell that breaks the stream is named instead of sent.
    Withheld {
        key: CellKey,
    },
    Refused {
        cells: usize,
    },
    /// To a hub: which communities it is to count, and which not. Said again and
    /// again, known or not.
    Assigned(Vec<Assignment>),
    Agreed {
        through: u64,
    },
    Differs,
}
