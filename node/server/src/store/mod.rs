//! A node's store: the journal is the truth, sled is a view of it, the keys of
//! personal fields are in neither.
//!
//! ```text
//! DIR/journal   every accepted command, in order, tamper-evident
//! DIR/view      rows made of it; removed at will, rebuilt at the next start
//! DIR/keys      what personal fields are sealed with
//! ```

pub mod adopted;
pub mod ahead;
pub mod audit;
pub mod fault;
pub mod keyspace;
pub mod ledger;
pub(crate) mod opening;
mod projection;
pub mod read;
pub mod record;
mod stored_access;
mod stored_adoption;
pub mod stored_case;
mod stored_delivery;
mod stored_item;
pub mod stored_process;
mod stored_reclaim;
pub mod verify;
pub mod view;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use node_domain::actor::Actor;
use node_domain::playbook::Playbooks;
use node_domain::playbook::adoption::Offered;
use proto::identity::StoreId;
use proto::sync::uplink::StartId;
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::sync::{oneshot, watch};

use crate::sealing::{Keys, SealingFault};
use fault::StoreFault;
use keyspace::Rows as _;
use keyspace::head::Heads;
use keyspace::playbook::AdoptedPlaybooks;
use ledger::command::{AdoptCommand, Answer, Asked, Command};
use ledger::{Ledger, Marks, Told};
pub use opening::{Opened, Rebuilt, Setup, create, open};
pub use projection::MOST_KEPT as MOST_NOTICES;
use view::View;

/// A running store, for any number of tasks.
#[derive(Clone)]
pub struct Store {
    writer: journal::Handle<Ledger>,
    view: Arc<View>,
    keys: Keys,
    source: journal::Source,
    told: Told,
    store_id: StoreId,
    residents: Option<u32>,
    zone: TimeZone,
}

impl Store {
    /// Asks the ledger; the answer means that what it says is on disk.
    pub async fn ask(&self, command: Command) -> Result<Answer, journal::SubmitRefusal> {
        let answer = self.writer.submit(command)?;
        answer.await.map_err(|_| journal::SubmitRefusal::Stopped)
    }

    /// Asks without waiting; the receiver fails when the writer stops first.
    pub fn submit(
        &self,
        command: Command,
    ) -> Result<oneshot::Receiver<Answer>, journal::SubmitRefusal> {
        self.writer.submit(command)
    }

    /// As [`Store::ask`], but waits for room instead of being refused.
    pub async fn ask_in_turn(&self, command: Command) -> Result<Answer, journal::SubmitRefusal> {
        self.writer.call(command).await
    }

    /// As [`Store::ask`], for threads outside an async runtime; waits for room.
    pub fn ask_blocking(&self, command: Command) -> Result<Answer, journal::SubmitRefusal> {
        self.writer.call_blocking(command)
    }

    /// What is recorded from now on was recorded by this process: of two copies
    /// of a store, each has starts that the other has not. For whoever opens a
    /// store to write.
    pub fn mark_start(&self, now: Timestamp) -> Result<(), StoreFault> {
        let mut id = [0; 8];
        let drawn = SystemRandom::new().fill(&mut id);
        drawn.map_err(|_| SealingFault::NoEntropy)?;
        let id = StartId(u64::from_be_bytes(id));
        let answer = self.ask_blocking(Command::Start { now, id });
        let stopped = |refusal: journal::SubmitRefusal| StoreFault::Stopped(refusal.to_string());
        match answer.map_err(stopped)? {
            Answer::DiskFull => {
                tracing::warn!("the disk is full: a copy of this store could not be told from it");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub fn view(&self) -> &Arc<View> {
        &self.view
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Minted with the store: another store is another history.
    pub fn store_id(&self) -> StoreId {
        self.store_id
    }

    pub fn source(&self) -> &journal::Source {
        &self.source
    }

    pub fn marks(&self) -> watch::Receiver<Marks> {
        self.told.marks.clone()
    }

    /// When time next brings something.
    pub fn alarms(&self) -> watch::Receiver<Option<Timestamp>> {
        self.told.alarms.clone()
    }

    /// Another number than before means that tokens must be looked up again.
    pub fn token_changes(&self) -> u64 {
        self.told.marks.borrow().token_changes
    }

    /// Those in force.
    pub fn playbooks(&self) -> Arc<Playbooks> {
        self.told.playbooks.borrow().clone()
    }

    /// Journals what the configuration names, where nothing was adopted before; from
    /// then on the journal alone says what is in force. For whoever opens a store to
    /// write.
    pub fn adopt_first(&self, now: Timestamp, offered: Vec<Offered>) -> Result<(), StoreFault> {
        let is_adopted = self.view.all::<AdoptedPlaybooks>().next().transpose()?;
        if is_adopted.is_some() || offered.is_empty() {
            return Ok(());
        }
        let asked = Asked {
            by: Actor::System,
            token: None,
            request_id: None,
            now,
        };
        let command = AdoptCommand {
            asked,
            offered,
            replaces_all: true,
        };
        let answer = self.ask_blocking(Command::Adopt(command));
        match answer.map_err(|refusal| StoreFault::Stopped(refusal.to_string()))? {
            Answer::Adopted(Err(refused)) => {
                let why = format!("the configured playbooks were refused: {refused:?}");
                Err(StoreFault::NoPlaybook(why))
            }
            Answer::DiskFull => {
                tracing::warn!("the disk is full: the configured playbooks are not journalled yet");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The latest time that any record bears.
    pub fn last_recorded(&self) -> Result<Timestamp, StoreFault> {
        let head = self.view.load::<Heads>(&())?.unwrap_or_default();
        let invalid = |error: jiff::Error| StoreFault::record(head.position, error);
        Timestamp::from_microsecond(head.recorded_at_us).map_err(invalid)
    }

    /// Commands that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    pub fn latencies(&self) -> journal::Latencies {
        self.writer.latencies()
    }

    /// Asks the writer to end after what was asked before.
    pub async fn stop(&self) {
        self.writer.stop().await;
    }

    /// Returns when the writer ends, for whatever reason.
    pub async fn stopped(&self) {
        self.writer.stopped().await;
    }
}

/// The writer's thread, to be joined.
pub struct Running(journal::Running<Ledger>);

impl Running {
    /// Blocks until the writer has ended; then writes the view out.
    pub fn join(self) -> Result<(), StoreFault> {
        let ended = self.0.join();
        match ended.outcome {
            Ok(()) => ended.ledger.close(),
            Err(cause) => Err(StoreFault::Stopped(cause.to_string())),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
