//! Waits for what another process does, within a limit. Knows no process.

use std::time::Duration;

use anyhow::Context as _;

/// Short beside what is measured to the end of such a wait.
const LOOK_EVERY: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_secs(120);

/// Until `look` finds something; fails with `what` after two minutes.
pub async fn until<T>(
    what: &'static str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let found = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.with_context(|| format!("not within {PATIENCE:?}: {what}"))?
}
