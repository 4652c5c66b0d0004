//! Moves rollouts on while the hub serves: wakes the writer when time alone may
//! have something to say. Decides nothing.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

const ROUND: Duration = Duration::from_secs(1);

pub struct Waves(pub Store);

impl Waves {
    pub async fn run(self, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            let Waves(store) = &self;
            if store.rollouts().is_underway()
                && let Err(fault) = store.advance(Timestamp::now()).await
            {
                tracing::warn!(%fault, "rollouts wait");
            }
        }
    }
}
