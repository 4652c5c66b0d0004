//! What an operator decides about a quarantined store, and what it is given back.

use hub_domain::{
    event::Asked,
    sync::reclaim::{self, Decided},
};
use jiff::Timestamp;
use proto::{indicator::cell::Cell, place::Place, sync::uplink::ReclaimMode};
use tokio::sync::oneshot;

use super::{
    Store,
    command::{Answer, Command},
    crossed,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    /// An operator's decision about the node's quarantined store.
    pub async fn reclaim(
        &self,
        node: Place,
        asked: Asked,
        mode: ReclaimMode,
        now: Timestamp,
    ) -> Result<Result<Decided, reclaim::Refusal>, LedgerFault> {
        let command = Command::Reclaim {
            node,
            asked,
            mode,
            now,
        };
        match self.call(command).await? {
            Answer::Decided(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// All cells of `node`, ascending by key, with everything before applied.
    pub async fn cells_of(&self, node: Place) -> Result<Vec<Cell>, LedgerFault> {
        let (sender, cells) = oneshot::channel();
        self.call(Command::Cells { node, sender }).await?;
        cells.await.map_err(|_| LedgerFault::Stopping)
    }
}
