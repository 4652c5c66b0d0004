//! Callers at work side by side: each calls again as soon as it was answered.
//! Knows no call.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::figures::Load;

/// Calls that are made before the clock starts: a share of the time.
pub const WARM_UP: u32 = 8;

/// `clients` tasks for `span`; `call` is given the client's number and which of
/// its calls it is. The first failure ends all.
pub async fn drive<F, C, E>(clients: usize, span: Duration, call: F) -> anyhow::Result<Load>
where
    F: Fn(usize, u64) -> C + Clone + Send + 'static,
    C: Future<Output = Result<(), E>> + Send,
    E: Into<anyhow::Error> + Send + 'static,
{
    let mut workers = JoinSet::new();
    let begins = Instant::now() + span / WARM_UP;
    let ends = begins + span;
    for client in 0..clients {
        let call = call.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            for n in 0.. {
                let begun = Instant::now();
                if begun >= ends {
                    break;
                }
                call(client, n).await.map_err(Into::into)?;
                if begun >= begins {
                    latencies.push(begun.elapsed());
                }
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.extend(worker??);
    }
    anyhow::ensure!(!latencies.is_empty(), "not one call was answered in time");
    Ok(Load::new(latencies, begins.elapsed()))
}
