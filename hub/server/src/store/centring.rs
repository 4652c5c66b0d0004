//! Centres at the store: what operators set about them, how far their feeds came.

use std::sync::Arc;

use hub_domain::{
    centre::{self, Fed, Inbox, Settings},
    event::Asked,
};
use jiff::Timestamp;
use proto::identity::Label;

use super::{
    Store,
    command::{Answer, Command},
    crossed,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    pub fn centres(&self) -> Arc<centre::State> {
        self.shared.centres.load_full()
    }

    pub async fn set_centre(
        &self,
        asked: Asked,
        centre: Label,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Result<(), centre::Refusal>, LedgerFault> {
        let command = Command::SetCentre {
            asked,
            centre,
            settings,
            now,
        };
        match self.call(command).await? {
            Answer::CentreSet(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    pub async fn set_inbox(
        &self,
        asked: Asked,
        centre: Label,
        inbox: Option<Inbox>,
        now: Timestamp,
    ) -> Result<Result<(), centre::Refusal>, LedgerFault> {
        let command = Command::SetInbox {
            asked,
            centre,
            inbox,
            now,
        };
        match self.call(command).await? {
            Answer::CentreSet(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// How far the centre's feed has come.
    pub async fn fed(&self, centre: Label, fed: Fed) -> Result<(), LedgerFault> {
        self.call(Command::Fed { centre, fed }).await.map(drop)
    }
}
