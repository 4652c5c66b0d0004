//! Extensions at the store, and what any reader may see.

use std::sync::Arc;

use hub_domain::{
    centre::Scope,
    extension::{Refusal, State},
    rollout::past_sunset,
};
use jiff::Timestamp;
use proto::identity::{Label, Subject};

use super::{
    Store,
    command::{Answer, Command},
    crossed,
    ledger::ExtensionCommand,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    pub async fn extend(
        &self,
        command: ExtensionCommand,
    ) -> Result<Result<(), Refusal>, LedgerFault> {
        match self.call(Command::Extension(command)).await? {
            Answer::Extension(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub fn extensions(&self) -> Arc<State> {
        self.shared.extensions.load_full()
    }

    /// What this caller may see.
    pub fn scope(&self, subject: &Subject) -> Scope {
        match subject {
            Subject::Extension(code) => self.extensions().scope(code),
            _ => self.centres().scope(subject),
        }
    }

    /// Extensions whose last day is over, and whether a definition's is too.
    pub fn over(&self, now: Timestamp) -> (Vec<Label>, bool) {
        let today = self.zone().to_datetime(now).date();
        let extensions = self.extensions();
        let over = extensions.over(today).cloned().collect();
        (over, !past_sunset(&self.catalogue(), today).is_empty())
    }
}
