//! Cells on their way up: greeting, batches, acknowledgements, credit and
//! digests (`docs/protocol.md`, Sync).

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    digest::Bucket,
    identity::{Nonce, StoreId},
    indicator::cell::{Cell, CellKey, Order},
    sync::{
        assignment::Assignment,
        coverage::Coverage,
        head::{JournalHead, JournalPoint, LastRelease},
    },
};

/// What a node says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Up {
    Hello(Hello),
    Batch(Batch),
    Demand(Demand),
    Sums(Sums),
    Listing(Listing),
    /// The next of its own cells, which the hub gives back.
    More,
    Bye,
}

/// What a hub answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Down {
    Welcome(Welcome),
    Ack(Ack),
    Credit {
        bytes: u64,
    },
    Want(DigestWant),
    Agreed {
        through: u64,
    },
    Drain(Drain),
    /// In place of a welcome.
    Reclaim(Reclaim),
    Returned(Returned),
    /// Before the greeting is decided: greet again and show the root over the
    /// first so many records.
    Show {
        size: u64,
    },
}

/// Random name of one start of a store's process, durable before anything else
/// that the process records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StartId(pub u64);

/// Who a node is comes from its certificate; this is what its store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    pub protocol_min: u32,
    pub protocol_max: u32,
    pub store_id: StoreId,
    /// 0: none granted yet.
    pub lineage: u32,
    /// 0: none granted yet.
    pub epoch: u64,
    /// Durable before it is sent, kept until a Welcome is durable.
    pub nonce: Nonce,
    pub head_seq: u64,
    /// The last cursor that the hub acknowledged, as far as the node remembers.
    pub acked_hint: u64,
    pub seen_hub_incarnation: u64,
    pub catalogue_seq: u64,
    pub node_time: Timestamp,
    pub software: String,
    /// The store's last starts, oldest first, this process's being the last.
    pub starts: Vec<StartId>,
    /// What the store's journal has come to; `None`: of a child hub, or older.
    pub journal_head: Option<Box<JournalHead>>,
    /// What the journal was when it had as many records as the hub asked for.
    pub shown: Option<JournalPoint>,
}

/// What becomes of a store that is not the one the hub knew last. An operator
/// chooses; both together would count twice what is entered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReclaimMode {
    /// The hub's newer cells come back, and what was recorded since is added.
    Adopt = 1,
    /// What the store holds counts; what it lost will be entered again.
    Restate = 2,
}

/// From where on a store's history is its own alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Beginning,
    Start(StartId),
    /// Shared as far as anybody can tell.
    Now,
}

/// The hub's terms for a store that an operator lets in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reclaim {
    pub mode: ReclaimMode,
    /// To greet with once it is done.
    pub epoch: u64,
    /// Of every cell from then on.
    pub lineage: u32,
    /// The hub's cursor: new seqs lie past it.
    pub acked: u64,
    pub hub_incarnation: u64,
    pub since: Since,
}

/// Cells as the hub holds them, ascending by key over all messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    pub cells: Vec<Cell>,
    pub last: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    pub protocol: u32,
    pub hub_incarnation: u64,
    pub epoch: u64,
    pub lineage: u32,
    /// The hub holds, or has refused by name, every cell up to here.
    pub acked: u64,
    pub hub_time: Timestamp,
    /// Cells refused earlier and not changed since.
    pub rejected: Vec<Rejected>,
    /// `None`: of a hub that keeps no releases.
    pub released: Option<LastRelease>,
}

/// Cells in ascending order of seq. Those up to `from` are refused ones sent
/// again; the others are every cell whose seq lies in `(from, through]`, but
/// for the withheld.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub from: u64,
    pub through: u64,
    pub cells: Vec<Cell>,
    /// Cells that broke the stream whenever they were sent: named, not carried.
    pub withheld: Vec<Withheld>,
    /// The node's digest, taken under its writer's lock with `through` its head.
    pub checkpoint: Option<Checkpoint>,
    /// Facts that happened before this are all in cells up to `through`.
    pub complete_until: Option<Timestamp>,
    /// Of a child hub: how far the communities below it are complete, with all
    /// that they reported by then in cells up to `through`.
    pub coverage: Option<Coverage>,
    /// What the journal has come to: the cells are of records up to there.
    pub journal_head: Option<Box<JournalHead>>,
}

/// A cell without its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    pub key: CellKey,
    pub order: Order,
    pub hash: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub count: u64,
    pub root: [u8; 32],
}

/// Durable at the hub. `applied + stale + rejected` is what the batch held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ack {
    pub through: u64,
    pub applied: u32,
    /// Sent again though the hub held it, or a newer one.
    pub stale: u32,
    pub rejected: Vec<Rejected>,
    /// To a child hub: which communities it is to count, and which not.
    pub assignments: Vec<Assignment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub key: CellKey,
    pub seq: u64,
    pub rejection: Rejection,
}

/// Why a cell was refused, and what makes another attempt worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub reason: RejectReason,
    pub retry: Retry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectReason {
    UnknownIndicator = 1,
    MalformedState = 2,
    FuturePeriod = 3,
    Shape = 4,
    Conflict = 5,
    /// The node could not get it across.
    Withheld = 6,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Only when the cell changes.
    OnChange,
    /// When the node's catalogue is past this seq.
    PastCatalogue(u64),
    /// When this long has passed.
    After(Duration),
}

/// Credit that a node gives back unspent, and whether it has cells to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub waiting: bool,
    pub returned_bytes: u64,
}

/// The hub's digest differs at a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestWant {
    Sums,
    /// Ascending, without repeats.
    Buckets(Vec<u8>),
}

/// Every bucket's count and sum, taken with `through` the node's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    pub through: u64,
    pub buckets: Vec<Bucket>,
}

/// All cells of a bucket, taken with `through` the node's head; complete with
/// the message that is `last`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub bucket: u8,
    pub through: u64,
    /// In ascending order of key, over all messages of the listing.
    pub cells: Vec<Cell>,
    /// Cells of the bucket that break the stream.
    pub withheld: Vec<Withheld>,
    pub last: bool,
}

/// Finish, say Bye, come back at a random moment of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    pub reconnect_window: Duration,
}

/// What a cell takes out of credit: never below its share of the encoding.
pub fn cost(cell: &Cell) -> u64 {
    const COLUMNS: u64 = 64;
    COLUMNS + cell.state.bytes.len() as u64
}

/// What a cell takes that is named and not carried.
const NAMED: u64 = 72;

impl Batch {
    /// What hub and node both count against credit; a bookmark is free.
    pub fn cost(&self) -> u64 {
        self.cells.iter().map(cost).sum::<u64>() + self.withheld.len() as u64 * NAMED
    }

    /// Cells carried or named.
    pub fn len(&self) -> usize {
        self.cells.len() + self.withheld.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Listing {
    pub fn cost(&self) -> u64 {
        self.cells.iter().map(cost).sum::<u64>() + self.withheld.len() as u64 * NAMED
    }
}

impl From<&Cell> for Withheld {
    fn from(cell: &Cell) -> Withheld {
        Withheld {
            key: cell.key,
            order: cell.order,
            hash: cell.hash(),
        }
    }
}

impl RejectReason {
    pub const ALL: [RejectReason; 6] = [
        RejectReason::UnknownIndicator,
        RejectReason::MalformedState,
        RejectReason::FuturePeriod,
        RejectReason::Shape,
        RejectReason::Conflict,
        RejectReason::Withheld,
    ];
}
