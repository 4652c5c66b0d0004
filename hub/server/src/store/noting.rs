//! What a session has the writer note about its line.

use jiff::Timestamp;
use proto::place::Place;

use super::{Store, command::Command};
use crate::pki::ledger::LedgerFault;

impl Store {
    pub async fn agreed(
        &self,
        node: Place,
        through: u64,
        now: Timestamp,
    ) -> Result<(), LedgerFault> {
        self.call(Command::Agreed { node, through, now })
            .await
            .map(drop)
    }

    pub async fn repair_began(&self, node: Place, now: Timestamp) -> Result<(), LedgerFault> {
        self.call(Command::RepairBegan { node, now })
            .await
            .map(drop)
    }

    pub async fn raise(&self, node: Place, alarm: String) -> Result<(), LedgerFault> {
        self.call(Command::Alarm { node, alarm }).await.map(drop)
    }
}
