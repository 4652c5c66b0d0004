//! Merges for the parent what has changed: reads the roster first, then the
//! cells, so that no watermark promises cells that were not merged.

use std::{collections::BTreeSet, sync::Arc};

use hub_domain::{query::Roster, tree::report};
use jiff::Timestamp;
use proto::indicator::cell::{CellKey, CellState};
use tokio::{task::spawn_blocking, time::timeout};

use super::{Line, ParentFault};
use crate::store::{MergeFault, Store};

/// Merged cells of one journal record, at most.
const RECORD_CELLS: usize = 4_000;
/// Passes are this much of an interval apart, at least, so that a group that
/// changes all the time is merged about once per round.
const PASSES_PER_INTERVAL: u32 = 4;

pub async fn run(line: Line) -> Result<(), ParentFault> {
    let pause = line.settings.interval() / PASSES_PER_INTERVAL;
    while !line.stop.is_cancelled() {
        pass(&line.store).await?;
        let paused = line.stop.run_until_cancelled(tokio::time::sleep(pause));
        if paused.await.is_none() {
            break;
        }
        // Watermarks move although no cell changes.
        let idle = line.settings.interval().saturating_sub(pause);
        let wait = timeout(idle, line.store.stale().grown());
        if line.stop.run_until_cancelled(wait).await.is_none() {
            break;
        }
    }
    Ok(())
}

/// Merges everything that is stale now.
async fn pass(store: &Store) -> Result<(), ParentFault> {
    let roster = store.roster();
    let stale = store.stale().groups();
    let mut groups: BTreeSet<(u32, u32)> = BTreeSet::new();
    for (period, group) in stale.keys() {
        groups.insert((*period, *group));
        let (later, period, group) = (store.clone(), *period, *group);
        let after = blocking(move || {
            Ok(later
                .periods_after(period, group)
                .map_err(MergeFault::from)?)
        })
        .await?;
        groups.extend(after.into_iter().map(|period| (period, group)));
    }
    let mut last = 0;
    for (period, group) in groups {
        let changed = changed(store, period, group, &roster).await?;
        for part in changed.chunks(RECORD_CELLS) {
            last = store.merge(part.to_vec()).await?;
        }
    }
    // The next pass compares with what this one has written.
    let mut applied = store.applied();
    let caught_up = applied.wait_for(|applied| *applied >= last).await;
    caught_up.map_err(|_| ParentFault::Reader)?;
    let coverage = report::coverage(&roster, store.zone(), Timestamp::now());
    let version = roster.counting_version();
    Ok(store.settle(stale, version, coverage).await?)
}

async fn changed(
    store: &Store,
    period: u32,
    group: u32,
    roster: &Arc<Roster>,
) -> Result<Vec<(CellKey, CellState)>, ParentFault> {
    let (reader, roster) = (store.clone(), roster.clone());
    let (changed, unmerged) = blocking(move || Ok(reader.changed(period, group, &roster)?)).await?;
    if unmerged > 0 {
        tracing::error!(
            unmerged,
            period,
            group,
            "cells of a kind newer than this hub are not passed on: update this hub"
        );
    }
    Ok(changed)
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, ParentFault> + Send + 'static,
) -> Result<T, ParentFault> {
    spawn_blocking(read)
        .await
        .map_err(|_| ParentFault::Reader)?
}
