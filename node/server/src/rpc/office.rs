//! What every call of this node needs: the store to ask and to read, the present,
//! and whether the node is stopping. Knows no message.

use std::sync::Arc;

use jiff::Timestamp;
use proto::identity::RequestId;
use proto_edge::problem::Problem;
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use super::status;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::ledger::command::{Answer, Asked, Command};

/// Where calls take the present from; tests bring their own.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

#[derive(Clone)]
pub struct Office {
    pub store: Store,
    pub now: Now,
    /// The node stops: streams end.
    pub stop: CancellationToken,
}

impl Office {
    pub fn asked(&self, caller: &Caller, request_id: Option<RequestId>) -> Asked {
        Asked {
            by: caller.actor.clone(),
            token: Some(caller.token),
            request_id: request_id.map(|id| id.as_str().to_owned()),
            now: (self.now)(),
        }
    }

    pub async fn ask(&self, command: Command) -> Result<Answer, Problem> {
        match self.store.ask(command).await {
            Ok(Answer::DiskFull) => Err(status::disk_full()),
            answer => answer.map_err(status::not_submitted),
        }
    }

    /// Reads what a command has just touched: it lies in memory, and a hop to
    /// another thread would cost more than the reading.
    pub fn read_here<T>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreFault>,
    ) -> Result<T, Problem> {
        read(&self.store).map_err(|fault| status::fault(&fault))
    }

    /// Reads on a thread that may block: rows and records can lie on disk.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || read(&store)).await;
        done.map_err(|panic| status::fault(&panic))?
            .map_err(|fault| status::fault(&fault))
    }
}
