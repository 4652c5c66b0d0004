//! The node's line to its hub: runs the sync machines over real streams and the
//! real store. One task for what goes up, one for what comes down, one for letters;
//! none waits for another. Decides nothing: the machines do.

mod downlink;
mod errands;
mod growth;
mod letters;
mod status;
#[cfg(test)]
mod tests;
mod uplink;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use proto::{identity::Subject, place::Place};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::{
    identity::{IdentityFault, credentials::Credentials, heads::HeadKey},
    present::Present,
    store::{Store, fault::StoreFault},
};

pub use status::LinkStatus;

/// How this node takes part.
#[derive(Clone, Debug)]
pub struct Config {
    /// A round of sync in every interval.
    pub interval: Duration,
    /// Keep the stream between rounds.
    pub stays_connected: bool,
    /// Reconnects are spread over this.
    pub reconnect_window: Duration,
    pub present: Present,
}

/// Ends the link; everything else is tried again.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    #[error("the store's writer has stopped")]
    StoreStopped,
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    #[error("the system gives no random numbers")]
    NoEntropy,
    #[error("a task of the link panicked")]
    Panicked,
}

/// A channel of its own for each attempt, or why there is none.
type Dial = Arc<dyn Fn() -> Result<Channel, String> + Send + Sync>;

/// What both directions are given.
#[derive(Clone)]
struct Line {
    name: String,
    /// Whose numbers these are; `None`: of nobody who releases any.
    community: Option<Place>,
    store: Store,
    dial: Dial,
    /// Signs what the journal has come to.
    heads: Arc<HeadKey>,
    /// Changes when there is a new certificate to try.
    swaps: watch::Receiver<u64>,
    config: Config,
    stop: CancellationToken,
}

/// Keeps the line up until `stop`. A node that never was in contact calls at
/// once; the others spread over the reconnect window.
pub fn spawn(
    store: Store,
    credentials: Arc<Credentials>,
    heads: HeadKey,
    config: Config,
    status: watch::Sender<LinkStatus>,
    stop: CancellationToken,
) -> JoinHandle<Result<(), LinkFault>> {
    tokio::spawn(async move {
        let holder = credentials.holder()?;
        status.send_modify(|status| {
            status.identity = holder.identity.to_string();
            status.certificate_not_after = timestamp(holder.not_after_s);
        });
        let line = Line {
            name: holder.identity.subject.to_string(),
            community: match &holder.identity.subject {
                Subject::Community(place) => Some(*place),
                _ => None,
            },
            store,
            heads: Arc::new(heads),
            swaps: credentials.swaps(),
            dial: {
                let credentials = Arc::clone(&credentials);
                Arc::new(move || credentials.channel().map_err(|fault| fault.to_string()))
            },
            config,
            stop,
        };
        let upkeep = follow_certificate(credentials, status.clone(), line.stop.clone());
        let (outcome, ()) = tokio::join!(run(line, status), upkeep);
        outcome
    })
}

async fn run(line: Line, status: watch::Sender<LinkStatus>) -> Result<(), LinkFault> {
    // A fault of one direction ends the other.
    let stop = line.stop.child_token();
    let line = Line {
        stop: stop.clone(),
        ..line
    };
    let (catalogue, moved) = watch::channel(0);
    let end = stop.clone();
    let down = downlink::run(line.clone(), catalogue);
    let down = tokio::spawn(async move {
        let outcome = down.await;
        end.cancel();
        outcome
    });
    let end = stop.clone();
    let letters = letters::run(line.clone());
    let letters = tokio::spawn(async move {
        let outcome = letters.await;
        end.cancel();
        outcome
    });
    let up = uplink::run(line, moved, status).await;
    stop.cancel();
    let down = down.await.unwrap_or(Err(LinkFault::Panicked));
    let letters = letters.await.unwrap_or(Err(LinkFault::Panicked));
    up.and(down).and(letters)
}

async fn follow_certificate(
    credentials: Arc<Credentials>,
    status: watch::Sender<LinkStatus>,
    stop: CancellationToken,
) {
    let mut swaps = credentials.swaps();
    while let Some(Ok(())) = stop.run_until_cancelled(swaps.changed()).await {
        if let Ok(holder) = credentials.holder() {
            let until = timestamp(holder.not_after_s);
            status.send_modify(|status| status.certificate_not_after = until);
        }
    }
}

fn timestamp(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// Random bytes from the system: nonces, and seeds of the machines' jitter.
fn random<const N: usize>() -> Result<[u8; N], LinkFault> {
    use ring::rand::{SecureRandom as _, SystemRandom};
    let mut bytes = [0; N];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map(|()| bytes).map_err(|_| LinkFault::NoEntropy)
}
