//! This hub as the child of another: merges what its places report, and keeps
//! the line to its parent up. Three tasks, none waiting for another: one merges,
//! one drives what goes up, one what comes down. Decides nothing: `hub_domain::
//! tree` and the child's machines do.

mod downlink;
mod merger;
mod uplink;

use std::{sync::Arc, time::Duration};

use proto::{identity::Subject, place::Place};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::{
    pki::ledger::LedgerFault,
    store::{MergeFault, Store},
};

/// `[parent]` of `hub.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A round of sync in every interval.
    pub interval_s: u64,
    /// Reconnects are spread over this.
    pub reconnect_window_s: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            interval_s: 60,
            reconnect_window_s: 120,
        }
    }
}

/// A channel of its own for each attempt, or why there is none.
pub type Dial = Arc<dyn Fn() -> Result<Channel, String> + Send + Sync>;

/// The way to the parent.
#[derive(Clone)]
pub struct Parent {
    /// What the parent certified this hub as.
    pub place: Place,
    pub dial: Dial,
    /// Changes when there is a new certificate to try.
    pub swaps: watch::Receiver<u64>,
}

#[derive(Debug, thiserror::Error)]
pub enum ParentFault {
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    #[error("merging: {0}")]
    Merge(#[from] MergeFault),
    #[error("a reader of the view ended without an answer")]
    Reader,
    #[error(
        "this hub speaks for {known} to its parent, and was now certified for {certified}: \
         attach it as child/{known} again"
    )]
    Elsewhere { known: Place, certified: Place },
    #[error("the system gives no random numbers")]
    NoEntropy,
}

/// What the tasks are given.
#[derive(Clone)]
struct Line {
    name: String,
    store: Store,
    parent: Parent,
    settings: Settings,
    stop: CancellationToken,
}

/// Until `stop`. A broken line is tried again and again; a fault is the
/// store's.
pub async fn run(
    store: Store,
    parent: Parent,
    settings: Settings,
    stop: CancellationToken,
) -> Result<(), ParentFault> {
    let certified = parent.place;
    if let Err(known) = store.speak_for(certified).await? {
        return Err(ParentFault::Elsewhere { known, certified });
    }
    let stop = stop.child_token();
    let line = Line {
        name: Subject::Child(certified).to_string(),
        store,
        parent,
        settings,
        stop: stop.clone(),
    };
    let (catalogue, moved) = watch::channel(0);
    // A fault of one ends the others.
    let until =
        async |task: std::pin::Pin<Box<dyn Future<Output = Result<(), ParentFault>> + Send>>| {
            let outcome = task.await;
            stop.cancel();
            outcome
        };
    let (merged, up, down) = tokio::join!(
        until(Box::pin(merger::run(line.clone()))),
        until(Box::pin(uplink::run(line.clone(), moved))),
        until(Box::pin(downlink::run(line, catalogue))),
    );
    merged.and(up).and(down)
}

/// Random bytes from the system: nonces, and seeds of the machines' jitter.
fn random<const N: usize>() -> Result<[u8; N], ParentFault> {
    let mut bytes = [0; N];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map(|()| bytes).map_err(|_| ParentFault::NoEntropy)
}

impl Settings {
    fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_s.max(1))
    }

    fn reconnect_window(&self) -> Duration {
        Duration::from_secs(self.reconnect_window_s)
    }
}
