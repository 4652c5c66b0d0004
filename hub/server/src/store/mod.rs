//! The hub's store: a journal that is the truth, a view that answers. One writer
//! thread decides and makes durable, one applier thread follows into the view.
//! Everybody else holds a [`Store`]: commands in, snapshots out.

mod applier;
mod auditing;
mod backlog;
mod centring;
mod columns;
mod command;
mod digest;
mod extending;
mod fault;
mod feeding;
mod group;
mod issuing;
mod key;
mod ledger;
mod network;
mod noting;
pub(crate) mod opening;
mod pages;
mod parent;
mod reclaiming;
mod releases;
mod revisions;
mod rolling;
mod shared;
mod stale;
pub mod stored;
mod support;
mod threads;
mod varint;
mod view;
mod watching;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread,
};

use hub_domain::{
    catalogue::Log,
    event::{Asked, Imported},
    hub,
    query::Roster,
    register::{self, Register, Row},
    sync::{batch, line::Line, repair::Listed},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use journal::{Handle, Limits, SubmitRefusal};
use proto::{
    digest::Digest,
    indicator::{catalogue::Item, mistake::InvalidItem},
    pb::sync::Cells,
    place::Place,
    sync::uplink::{Ack, Batch, Hello, Listing},
};
use tokio::sync::{oneshot, watch};

pub use auditing::Audited;
pub use command::{Greeted, PendingAck};
pub use fault::{StoreFault, ViewFault};
pub use ledger::{ExtensionCommand, PeriodCommand, WatchCommand};
pub use opening::{Memory, create, journal_dir};
pub use parent::MergeFault;
pub use releases::Exported;
pub use revisions::Wanted;
pub use stale::Stale;
pub use threads::Threads;

use applier::Entry;
use backlog::Backlog;
use columns::Cache;
use command::{Answer, Command};
use ledger::HubLedger;
use shared::Shared;
use view::View;

use crate::pki::{countersign::CountersignKey, ledger::LedgerFault};

const QUEUE: Limits = Limits {
    queue: 4096,
    group_commands: 1024,
    group_bytes: 4 << 20,
};

/// Cheap to clone.
#[derive(Clone)]
pub struct Store {
    handle: Handle<HubLedger>,
    shared: Arc<Shared>,
    view: Arc<View>,
    cache: Arc<Cache>,
    journal: journal::Source,
    feeding: Arc<feeding::Feeding>,
}

/// What a publication was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    pub catalogue_seq: u64,
    pub added: u32,
    pub unchanged: u32,
}

impl Store {
    /// Opens what [`create`] made and starts the threads.
    pub fn open(dir: &Path, memory: Memory) -> Result<(Store, Threads), StoreFault> {
        let opening::Opened {
            journal,
            hub,
            mut applier,
            ..
        } = opening::open(dir, memory)?;
        let (shared, view, cache) = (
            applier.shared.clone(),
            applier.view.clone(),
            applier.cache.clone(),
        );
        let backlog: Arc<Backlog<Entry>> = Arc::default();
        let source = journal.source();
        let key = CountersignKey::open_or_make(dir)?;
        let ledger = HubLedger::new(hub, key, shared.clone(), backlog.clone());
        let (handle, writer) = journal::start("hub-writer", journal, ledger, QUEUE)
            .map_err(|error| StoreFault::Thread("hub-writer", error))?;
        let following = backlog.clone();
        let applier = thread::Builder::new()
            .name("hub-applier".to_owned())
            .spawn(move || applier.run(&following))
            .map_err(|error| StoreFault::Thread("hub-applier", error))?;
        let threads = Threads {
            handle: handle.clone(),
            writer,
            applier,
            backlog,
            view: view.clone(),
        };
        Ok((
            Store {
                handle,
                shared,
                view,
                cache,
                feeding: Arc::new(feeding::Feeding::new(source.clone())),
                journal: source,
            },
            threads,
        ))
    }

    pub async fn import(
        &self,
        asked: Asked,
        rows: Vec<Row>,
        today: Date,
    ) -> Result<Result<Imported, register::Refusal>, LedgerFault> {
        match self.call(Command::Import { asked, rows, today }).await? {
            Answer::Imported(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub async fn publish(
        &self,
        asked: Asked,
        items: Vec<Item>,
    ) -> Result<Result<Published, Vec<InvalidItem>>, LedgerFault> {
        match self.call(Command::Publish { asked, items }).await? {
            Answer::Published(Ok(hub::Answer::Published {
                catalogue_seq,
                added,
                unchanged,
            })) => Ok(Ok(Published {
                catalogue_seq,
                added,
                unchanged,
            })),
            Answer::Published(Err(invalid)) => Ok(Err(invalid)),
            _ => Err(crossed()),
        }
    }

    pub async fn hello(
        &self,
        node: Place,
        hello: Hello,
        now: Timestamp,
    ) -> Result<Greeted, LedgerFault> {
        match self.call(Command::Hello { node, hello, now }).await? {
            Answer::Greeted(greeted) => Ok(greeted),
            _ => Err(crossed()),
        }
    }

    /// `packed`: the batch's cells as they came over the wire. `digest`: told
    /// the node's digest once the view holds this batch.
    pub async fn batch(
        &self,
        node: Place,
        epoch: u64,
        batch: Batch,
        packed: Option<Cells>,
        digest: Option<oneshot::Sender<Digest>>,
        now: Timestamp,
    ) -> Result<Result<Ack, batch::Refusal>, LedgerFault> {
        let command = Command::Batch {
            node,
            epoch,
            batch,
            packed,
            digest,
            now,
        };
        match self.call(command).await? {
            Answer::Batch(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// As [`Store::batch`], for several in flight: commands reach the writer in
    /// the order of these calls. Never waits; refused when too many do.
    pub fn begin_batch(
        &self,
        node: Place,
        epoch: u64,
        batch: Batch,
        packed: Option<Cells>,
        digest: Option<oneshot::Sender<Digest>>,
        now: Timestamp,
    ) -> Result<PendingAck, LedgerFault> {
        let command = Command::Batch {
            node,
            epoch,
            batch,
            packed,
            digest,
            now,
        };
        let answer = self.handle.submit(command).map_err(refused)?;
        Ok(PendingAck(answer))
    }

    /// A bucket's whole listing.
    pub async fn listing(
        &self,
        node: Place,
        epoch: u64,
        listing: Listing,
        now: Timestamp,
    ) -> Result<Result<Listed, batch::Refusal>, LedgerFault> {
        let command = Command::Listing {
            node,
            epoch,
            listing,
            now,
        };
        match self.call(command).await? {
            Answer::Listed(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// The digest of what is held of `node`, with everything before applied.
    pub async fn digest(&self, node: Place) -> Result<Digest, LedgerFault> {
        let (sender, digest) = oneshot::channel();
        self.call(Command::Digest { node, sender }).await?;
        digest.await.map_err(|_| LedgerFault::Stopping)
    }

    async fn call(&self, command: Command) -> Result<Answer, LedgerFault> {
        match self.handle.call(command).await {
            Ok(Answer::DiskFull) => Err(LedgerFault::DiskFull),
            answer => answer.map_err(refused),
        }
    }

    pub fn zone(&self) -> &TimeZone {
        &self.shared.zone
    }

    pub fn district(&self) -> &proto::identity::District {
        &self.shared.founded.district
    }

    pub fn register(&self) -> Arc<Register> {
        self.shared.register.load_full()
    }

    pub fn catalogue(&self) -> Arc<Log> {
        self.shared.catalogue.load_full()
    }

    /// The catalogue log's head, and word of its growth.
    pub fn catalogue_head(&self) -> watch::Receiver<u64> {
        self.shared.catalogue_head.subscribe()
    }

    /// Watermarks as far as the view holds the cells they stand for.
    pub fn roster(&self) -> Arc<Roster> {
        self.shared.roster.load_full()
    }

    pub fn line(&self, node: Place) -> Option<Line> {
        self.shared.line(node)
    }

    pub fn with_lines<T>(&self, look: impl FnOnce(&BTreeMap<Place, Line>) -> T) -> T {
        self.shared.with_lines(look)
    }

    pub fn alarm(&self, node: Place) -> Option<String> {
        self.shared.alarm(node)
    }

    pub fn incarnation(&self) -> u64 {
        self.shared.incarnation.load(Ordering::Acquire)
    }

    pub fn cells(&self) -> u64 {
        self.shared.cells.load(Ordering::Relaxed)
    }

    /// Journal records that the view holds.
    pub fn applied(&self) -> watch::Receiver<u64> {
        self.shared.applied.subscribe()
    }

    /// The journal's size and root.
    pub async fn journal_head(&self) -> Result<journal::Head, LedgerFault> {
        match self.call(Command::Head).await? {
            Answer::Head(head) => Ok(head),
            _ => Err(crossed()),
        }
    }

    pub fn journal(&self) -> &journal::Source {
        &self.journal
    }

    /// Commands that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.handle.waiting()
    }

    pub fn latencies(&self) -> journal::Latencies {
        self.handle.latencies()
    }

    /// Returns when the writer has ended, whoever ended it.
    pub async fn stopped(&self) {
        self.handle.stopped().await;
    }
}

fn refused(refusal: SubmitRefusal) -> LedgerFault {
    match refusal {
        SubmitRefusal::Stopped => LedgerFault::Stopping,
        SubmitRefusal::Busy => LedgerFault::Store(refusal.to_string()),
    }
}

/// An answer of another command: a fault of this module.
fn crossed() -> LedgerFault {
    LedgerFault::Store("the writer answered another command".to_owned())
}

#[cfg(test)]
mod tests;
