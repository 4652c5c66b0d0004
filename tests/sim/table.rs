//! What a run of journal records comes to: lines, held cells, digests. The
//! durable truth and the lagging view are both folds of the same records.

use std::collections::BTreeMap;

use hub_domain::sync::{
    batch::Accepted,
    hello::Granted,
    line::{Line, Quarantine},
    reclaim::Decided,
    repair::{self, Listed},
};
use jiff::Timestamp;
use proto::{
    digest::{self, Digest},
    indicator::cell::{Cell, CellKey},
    sync::uplink::{Checkpoint, StartId},
};

use crate::events::NodeAt;

#[derive(Clone, Debug)]
pub struct Record {
    pub node: NodeAt,
    /// Of the session that it came in.
    pub epoch: u64,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Granted(Granted),
    Sighted(Quarantine),
    Accepted(Accepted, Option<Checkpoint>),
    Listed(Listed),
    RepairBegan(Timestamp),
    Decided(Decided),
    Heard(Vec<StartId>),
}

impl Record {
    /// Changes no held cell.
    pub fn is_bookmark(&self) -> bool {
        matches!(&self.kind, Kind::Accepted(accepted, _) if accepted.cells.is_empty())
    }
}

pub struct Table {
    pub lines: Vec<Line>,
    pub cells: Vec<BTreeMap<CellKey, Cell>>,
    pub digests: Vec<Digest>,
}

impl Table {
    pub fn new(nodes: usize) -> Table {
        Table {
            lines: vec![Line::default(); nodes],
            cells: vec![BTreeMap::new(); nodes],
            digests: vec![Digest::default(); nodes],
        }
    }

    /// What counts for a key: its marker, or what is held.
    fn seen(&self, node: NodeAt, key: &CellKey) -> Option<u128> {
        let marker = self.lines[node].rejected.get(key).map(|marker| marker.hash);
        marker.or_else(|| self.cells[node].get(key).map(Cell::hash))
    }

    pub fn fold(&mut self, record: &Record) {
        let node = record.node;
        match &record.kind {
            Kind::Accepted(accepted, _) => {
                for cell in &accepted.cells {
                    let before = self.seen(node, &cell.key);
                    self.digests[node].exchange(&cell.key, before, Some(cell.hash()));
                    self.cells[node].insert(cell.key, cell.clone());
                    self.lines[node].rejected.remove(&cell.key);
                }
                for (key, marker) in &accepted.rejected {
                    let before = self.seen(node, key);
                    self.digests[node].exchange(key, before, Some(marker.hash));
                }
                if let Some(lineage) = accepted.sweeps {
                    self.cells[node].retain(|_, cell| cell.order.lineage >= lineage);
                }
            }
            Kind::Listed(listed) => {
                let held = self.cells[node].values();
                let held: Vec<_> = held
                    .filter(|cell| digest::bucket_of(&cell.key) == listed.bucket)
                    .map(|cell| (cell.key, cell.order, cell.hash()))
                    .collect();
                let mended = repair::mend(held, listed);
                assert!(mended.ahead.is_empty(), "the hub is ahead of the node");
                for cell in mended.replace {
                    self.cells[node].insert(cell.key, cell);
                }
                for key in mended.remove {
                    self.cells[node].remove(&key);
                }
            }
            _ => {}
        }
        fold_line(&mut self.lines[node], record);
        let is_swept =
            matches!(&record.kind, Kind::Accepted(accepted, _) if accepted.sweeps.is_some());
        if is_swept || matches!(record.kind, Kind::Listed(_)) {
            self.count(node);
        }
    }

    /// The digest anew, from what is there.
    pub fn count(&mut self, node: NodeAt) {
        let mut digest = Digest::default();
        let held = self.cells[node].keys();
        let marked = self.lines[node].rejected.keys();
        let mut keys: Vec<CellKey> = held.chain(marked).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            digest.exchange(&key, None, self.seen(node, &key));
        }
        self.digests[node] = digest;
    }
}

/// The writer keeps lines only.
pub fn fold_line(line: &mut Line, record: &Record) {
    match &record.kind {
        Kind::Granted(granted) => line.grant(granted),
        Kind::Sighted(quarantine) => line.sight(quarantine),
        Kind::Accepted(accepted, _) => line.accept(accepted),
        Kind::Listed(listed) => line.list(listed),
        Kind::RepairBegan(at) => line.repaired_at = Some(*at),
        Kind::Decided(decided) => line.decide(decided),
        Kind::Heard(starts) => line.hear(starts),
    }
}
