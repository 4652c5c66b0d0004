//! The releases that the hub keeps of each node, in the order in which they came:
//! what is read of them. Decides nothing.

use prost::Message as _;
use proto::{digest::Digest, indicator::cell::Cell, place::Place, sync::head::LastRelease};

use super::{
    Store,
    fault::ViewFault,
    key,
    stored::{Kept, StoredKept},
    view::View,
};
use crate::pki::ledger::LedgerFault;

impl Store {
    /// At most `limit` releases of `node`, of which the hub's journal has told after
    /// its record `after`, each with its record. Reads the view: blocks.
    pub fn releases(
        &self,
        node: Place,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Kept)>, ViewFault> {
        read(&self.view, node, after, limit)
    }
}

pub fn read(
    view: &View,
    node: Place,
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, Kept)>, ViewFault> {
    let mut found = Vec::new();
    let from = key::release(node, after.saturating_add(1));
    let prefix = key::of_community(key::RELEASES, node);
    view.scan_from(&from, &prefix, |key, value| {
        if found.len() == limit {
            return Ok(false);
        }
        let damaged = |problem: String| ViewFault::damaged(key, problem);
        let seq = key::release_seq(key).ok_or_else(|| damaged("want 17 bytes".to_owned()))?;
        let stored = StoredKept::decode(value).map_err(|error| damaged(error.to_string()))?;
        let kept = Kept::try_from(stored).map_err(|error| damaged(error.to_string()))?;
        found.push((seq, kept));
        Ok(true)
    })?;
    Ok(found)
}

/// All that is held of a node, as of one moment.
#[derive(Clone, Debug)]
pub struct Exported {
    pub lineage: u32,
    pub acked: u64,
    pub released: LastRelease,
    /// Ascending by key.
    pub cells: Vec<Cell>,
    pub digest: Digest,
    pub refused_cells: u32,
}

impl Store {
    /// The node's cells and what the line says of them, with everything before
    /// applied.
    pub async fn export(&self, node: Place) -> Result<Exported, LedgerFault> {
        let mut line = self.line(node).unwrap_or_default();
        loop {
            let cells = self.cells_of(node).await?;
            let digest = self.digest(node).await?;
            let after = self.line(node).unwrap_or_default();
            // Something came while it was read: the two are not of one moment.
            if (line.acked, line.lineage, line.repaired_at)
                == (after.acked, after.lineage, after.repaired_at)
            {
                return Ok(Exported {
                    lineage: after.lineage,
                    acked: after.acked,
                    released: after.released,
                    cells,
                    digest,
                    refused_cells: after.rejected.len() as u32,
                });
            }
            line = after;
        }
    }
}
