//! The node's own tasks, by name: started together, ended by one token, joined
//! one by one.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub struct Tasks {
    stop: CancellationToken,
    started: Vec<(&'static str, JoinHandle<()>)>,
}

impl Tasks {
    pub fn new(stop: CancellationToken) -> Tasks {
        Tasks {
            stop,
            started: Vec::new(),
        }
    }

    /// A task that ends before the node does stops the node.
    pub fn start(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let watched = async move {
            let _ends_all = stop.clone().drop_guard();
            task.await;
            if !stop.is_cancelled() {
                tracing::error!(name, "task ended; the node stops");
            }
        };
        self.started.push((name, tokio::spawn(watched)));
    }

    /// Waits for all, each at most `patience`; what does not end is cut off.
    pub async fn join(self, patience: Duration) {
        for (name, mut handle) in self.started {
            match timeout(patience, &mut handle).await {
                Ok(Ok(())) => {}
                Ok(Err(panic)) => tracing::error!(name, %panic, "task failed"),
                Err(_) => {
                    tracing::warn!(name, "task does not end; it is cut off");
                    handle.abort();
                }
            }
        }
    }
}
