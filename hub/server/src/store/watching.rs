//! Watch rules and warnings, as callers of the store have them.

use std::sync::Arc;

use hub_domain::watch::{Book, Refusal};
use tokio::sync::watch;

use super::{
    Store,
    command::{Answer, Command},
    crossed,
    ledger::WatchCommand,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    pub async fn watch(&self, command: WatchCommand) -> Result<Result<(), Refusal>, LedgerFault> {
        match self.call(Command::Watch(command)).await? {
            Answer::Watched(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub fn watch_book(&self) -> Arc<Book> {
        self.shared.watch.load_full()
    }

    /// The last change of any warning, and word of the next.
    pub fn watch_change(&self) -> watch::Receiver<u64> {
        self.shared.watch_change.subscribe()
    }
}
