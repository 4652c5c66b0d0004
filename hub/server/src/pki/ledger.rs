//! What the identity layer asks of the hub's single writer. Knows no journal.

use std::{future::Future, sync::Arc};

use hub_domain::issuance::{Command, Event, Refusal, State};

/// The writer could not do its work; the caller may try again later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    #[error("the hub is stopping")]
    Stopping,
    #[error("the hub's disk is full: questions and revocations go on; make room, and try again")]
    DiskFull,
    #[error("the hub cannot write: {0}")]
    Store(String),
}

/// Decides with [`State::decide`], one command after the other.
pub trait IssuanceLedger: Send + Sync + 'static {
    /// When this returns an event, it is on disk *and* [`IssuanceLedger::state`]
    /// already shows it, so that a cut-off peer cannot come back in between. For
    /// `Decision::Repeat` the event is returned and nothing is written.
    fn submit(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Result<Event, Refusal>, LedgerFault>> + Send;

    /// The newest state.
    fn state(&self) -> Arc<State>;
}
