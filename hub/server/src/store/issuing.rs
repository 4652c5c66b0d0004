//! The store as the ledger of issuance.

use std::sync::Arc;

use hub_domain::issuance;

use super::{Answer, Command, Store, crossed};
use crate::pki::ledger::{IssuanceLedger, LedgerFault};

impl IssuanceLedger for Store {
    async fn submit(
        &self,
        command: issuance::Command,
    ) -> Result<Result<issuance::Event, issuance::Refusal>, LedgerFault> {
        match self.call(Command::Issue(command)).await? {
            Answer::Issued(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    fn state(&self) -> Arc<issuance::State> {
        self.shared.issuance.load_full()
    }
}
