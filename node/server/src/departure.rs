//! A node leaves its hub for another one: what its line has come to is of the
//! old hub, so the store forgets it, but for the lineage of its cells. The new
//! hub then asks for everything. Knows no hub.

use jiff::Timestamp;
use proto_child::uplink::action::Standing;

use crate::config::Config;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::link::{Link, LinkKey, Links};
use crate::store::ledger::command::{Answer, Command};
use crate::store::{Setup, Store, open};

#[derive(Debug, thiserror::Error)]
pub enum DepartureFault {
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("the store does not write: {0}")]
    Refused(String),
}

/// Of a node that does not run; durable when it returns.
pub async fn depart(config: Config) -> Result<(), DepartureFault> {
    let opened = blocking(move || open(&config.dir, &Setup::of(&config))).await?;
    let departed = forget(&opened.store).await;
    opened.store.stop().await;
    blocking(move || opened.running.join()).await?;
    departed
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, StoreFault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn forget(store: &Store) -> Result<(), DepartureFault> {
    let Some(Link::Uplink(standing)) = store.view().load::<Links>(&LinkKey::Uplink)? else {
        return Ok(());
    };
    let standing = Standing {
        epoch: 0,
        hub_incarnation: 0,
        nonce: None,
        acked: 0,
        ..standing
    };
    let now = Timestamp::now();
    match store.ask_in_turn(Command::Link { now, standing }).await {
        Ok(Answer::Recorded) => Ok(()),
        Ok(_) => Err(DepartureFault::Refused("the disk is full".to_owned())),
        Err(refusal) => Err(DepartureFault::Refused(refusal.to_string())),
    }
}
