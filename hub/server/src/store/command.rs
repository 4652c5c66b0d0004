//! What the hub's writer is asked, and what it answers. Knows no journal.

use hub_domain::{
    audit::Decision as Audited,
    centre::{self, Fed, Inbox, Settings},
    event::{Asked, Imported},
    extension, hub, issuance,
    period::{self, LockNumber},
    register::{self, Row},
    rollout,
    support::{self, DeskAnswer},
    sync::{
        batch,
        hello::Decision,
        reclaim::{self, Decided},
        repair::Listed,
    },
    watch,
};
use jiff::{Timestamp, civil::Date};
use proto::{
    digest::Digest,
    identity::Label,
    indicator::{catalogue::Item, cell::Cell, mistake::InvalidItem},
    pb::sync::Cells,
    place::Place,
    support::Exchange,
    sync::end::End,
    sync::uplink::{Ack, Batch, Hello, Listing, ReclaimMode, Welcome},
};
use tokio::sync::oneshot;

use super::ledger::{
    ExtensionCommand, PeriodCommand, RolloutCommand, TreeAnswer, TreeCommand, WatchCommand,
};
use crate::pki::ledger::LedgerFault;

#[allow(clippy::large_enum_variant, reason = "almost all are batches")]
pub enum Command {
    Import {
        asked: Asked,
        rows: Vec<Row>,
        today: Date,
    },
    Publish {
        asked: Asked,
        items: Vec<Item>,
    },
    Issue(issuance::Command),
    SetCentre {
        asked: Asked,
        centre: Label,
        settings: Settings,
        now: Timestamp,
    },
    SetInbox {
        asked: Asked,
        centre: Label,
        inbox: Option<Inbox>,
        now: Timestamp,
    },
    /// How far a centre's feed has come.
    Fed {
        centre: Label,
        fed: Fed,
    },
    /// Decisions about calls.
    Audit(Vec<Audited>),
    Hello {
        node: Place,
        hello: Hello,
        now: Timestamp,
    },
    Batch {
        node: Place,
        epoch: u64,
        batch: Batch,
        /// The batch's cells as they came, to be kept so when all are taken.
        packed: Option<Cells>,
        /// Told the node's digest with this batch applied.
        digest: Option<oneshot::Sender<Digest>>,
        now: Timestamp,
    },
    Listing {
        node: Place,
        epoch: u64,
        listing: Listing,
        now: Timestamp,
    },
    Agreed {
        node: Place,
        through: u64,
        now: Timestamp,
    },
    RepairBegan {
        node: Place,
        now: Timestamp,
    },
    /// The node's digest with everything before applied.
    Digest {
        node: Place,
        sender: oneshot::Sender<Digest>,
    },
    /// An operator's decision about a quarantined store.
    Reclaim {
        node: Place,
        asked: Asked,
        mode: ReclaimMode,
        now: Timestamp,
    },
    /// All the node's cells with everything before applied, ascending by key.
    Cells {
        node: Place,
        sender: oneshot::Sender<Vec<Cell>>,
    },
    Alarm {
        node: Place,
        alarm: String,
    },
    Watch(WatchCommand),
    Period(PeriodCommand),
    /// The journal's size and root.
    Head,
    /// Of this hub as a child.
    Tree(TreeCommand),
    Rollout(RolloutCommand),
    Extension(ExtensionCommand),
    /// A node's letters.
    Letters {
        node: Place,
        exchange: Exchange,
    },
    /// What a centre does at its desk.
    Desk {
        asked: Asked,
        by: Label,
        command: support::Command,
        now: Timestamp,
    },
}

/// One for each command that answers; durable when it is sent.
pub enum Answer {
    Imported(Result<Imported, register::Refusal>),
    Published(Result<hub::Answer, Vec<InvalidItem>>),
    Issued(Result<issuance::Event, issuance::Refusal>),
    CentreSet(Result<(), centre::Refusal>),
    Greeted(Greeted),
    Batch(Result<Ack, batch::Refusal>),
    Listed(Result<Listed, batch::Refusal>),
    Decided(Result<Decided, reclaim::Refusal>),
    Tree(TreeAnswer),
    Watched(Result<(), watch::Refusal>),
    Period(Result<LockNumber, period::Refusal>),
    Rollout(Result<hub::Rolled, rollout::Refusal>),
    Extension(Result<(), extension::Refusal>),
    /// Durable, or left to the node.
    Letters(Result<(), End>),
    Desk(Result<DeskAnswer, support::Refusal>),
    Head(journal::Head),
    Done,
    /// Nothing was done: the disk is nearly full, and the command can wait.
    DiskFull,
}

/// What became of a greeting.
pub struct Greeted {
    pub decision: Decision,
    /// For a grant and a repeated one.
    pub welcome: Option<Welcome>,
}

/// A batch at the writer.
pub struct PendingAck(pub(super) oneshot::Receiver<Answer>);

impl PendingAck {
    /// Once it is durable, or refused.
    pub async fn ack(self) -> Result<Result<Ack, batch::Refusal>, LedgerFault> {
        match self.0.await {
            Ok(Answer::Batch(answer)) => Ok(answer),
            Ok(Answer::DiskFull) => Err(LedgerFault::DiskFull),
            Ok(_) => Err(super::crossed()),
            Err(_) => Err(LedgerFault::Stopping),
        }
    }
}
