//! Letters and desks: commands in, snapshots out.

use std::sync::Arc;

use hub_domain::{
    event::Asked,
    support::{self, DeskAnswer, Refusal, decide_exchange},
};
use jiff::Timestamp;
use proto::{
    identity::Label,
    place::Place,
    support::{Answer as Letters, Exchange},
    sync::end::End,
};
use tokio::sync::watch;

use super::{
    Store,
    command::{Answer, Command},
    crossed,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    /// Takes the letters of an exchange; durable when it returns.
    pub async fn letters(
        &self,
        node: Place,
        exchange: Exchange,
    ) -> Result<Result<(), End>, LedgerFault> {
        if exchange.letters.is_empty() {
            // Nothing to keep: the state as it is on disk says as much.
            let line = self.shared.line(node);
            let decided = decide_exchange(&self.support(), line.as_ref(), node, &exchange);
            return Ok(decided.map(drop));
        }
        match self.call(Command::Letters { node, exchange }).await? {
            Answer::Letters(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// What a node is to hear, as far as it is on disk.
    pub fn post(&self, node: Place, exchange: &Exchange) -> Letters {
        let log_id = self.catalogue().log_id();
        let (lineage, cursor) = (exchange.lineage, exchange.cursor);
        self.support().answer(node, lineage, log_id, cursor)
    }

    pub async fn desk(
        &self,
        asked: Asked,
        by: Label,
        command: support::Command,
        now: Timestamp,
    ) -> Result<Result<DeskAnswer, Refusal>, LedgerFault> {
        let command = Command::Desk {
            asked,
            by,
            command,
            now,
        };
        match self.call(command).await? {
            Answer::Desk(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub fn support(&self) -> Arc<support::State> {
        self.shared.support.load_full()
    }

    /// Word of new letters.
    pub fn support_head(&self) -> watch::Receiver<u64> {
        self.shared.support_head.subscribe()
    }
}
