//! Rollouts, and how far nodes took the catalogue, through the store's writer.

use std::sync::Arc;

use hub_domain::{
    event::Asked,
    hub::Rolled,
    rollout::{Draft, Refusal, Rollouts, Taking, Tried, Uptake},
};
use jiff::Timestamp;
use proto::{indicator::cell::Revision, place::Place};

use super::{
    Store,
    command::{Answer, Command},
    crossed,
    ledger::RolloutCommand,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    pub async fn draft(
        &self,
        asked: Asked,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Result<Rolled, Refusal>, LedgerFault> {
        self.roll(RolloutCommand::Draft { asked, draft, now }).await
    }

    /// Answers with the rollout's number.
    pub async fn approve(
        &self,
        asked: Asked,
        code: String,
        now: Timestamp,
    ) -> Result<Result<u32, Refusal>, LedgerFault> {
        let answer = self
            .roll(RolloutCommand::Approve { asked, code, now })
            .await?;
        Ok(answer.map(|answer| answer.number))
    }

    /// Answers with how many revisions were withdrawn.
    pub async fn retire(
        &self,
        asked: Asked,
        code: String,
        revision: Option<Revision>,
        now: Timestamp,
    ) -> Result<Result<u32, Refusal>, LedgerFault> {
        let retire = RolloutCommand::Retire {
            asked,
            code,
            revision,
            now,
        };
        Ok(self.roll(retire).await?.map(|answer| answer.added))
    }

    /// A node answered a dry run.
    pub async fn tried(
        &self,
        number: u32,
        node: Place,
        tried: Tried,
        now: Timestamp,
    ) -> Result<(), LedgerFault> {
        let tried = RolloutCommand::Tried {
            number,
            node,
            tried,
            now,
        };
        self.roll(tried).await.map(drop)
    }

    /// A node took the catalogue further, or refused some of it.
    pub async fn took(&self, taking: Taking) -> Result<(), LedgerFault> {
        self.roll(RolloutCommand::Took(taking)).await.map(drop)
    }

    /// Whatever is due by now: the next wave, a halt.
    pub async fn advance(&self, now: Timestamp) -> Result<(), LedgerFault> {
        self.roll(RolloutCommand::Advance { now }).await.map(drop)
    }

    pub fn rollouts(&self) -> Arc<Rollouts> {
        self.shared.rollouts.load_full()
    }

    pub fn uptake(&self) -> Arc<Uptake> {
        self.shared.uptake.load_full()
    }

    async fn roll(&self, command: RolloutCommand) -> Result<Result<Rolled, Refusal>, LedgerFault> {
        match self.call(Command::Rollout(command)).await? {
            Answer::Rollout(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }
}
