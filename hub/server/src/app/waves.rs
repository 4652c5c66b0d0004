//! Moves rollouts on while the hub serves, and ends what is over by its date:
//! wakes the writer when time alone may have something to say. Decides nothing.

use std::{sync::Arc, time::Duration};

use proto::identity::Subject;
use proto_edge::{clock::Clock, live::Live};
use tokio_util::sync::CancellationToken;

use crate::{rpc::field::now, store::Store};

const ROUND: Duration = Duration::from_secs(1);

pub struct Waves {
    pub store: Store,
    pub clock: Clock,
    /// Of whoever is cut off when its last day is over.
    pub live: Arc<Live>,
}

impl Waves {
    pub async fn run(self, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            self.round().await;
        }
    }

    async fn round(&self) {
        let (store, now) = (&self.store, now(&self.clock));
        let (ended, is_sunset) = store.over(now);
        if !store.rollouts().is_underway() && ended.is_empty() && !is_sunset {
            return;
        }
        if let Err(fault) = store.advance(now).await {
            tracing::warn!(%fault, "rollouts wait");
            return;
        }
        for code in ended {
            let subject = Subject::Extension(code);
            let cut = self.live.cut(&subject);
            tracing::info!(%subject, cut, "its last day is over");
        }
    }
}
