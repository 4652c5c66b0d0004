//! Cells for the line to the hub, read in the writer's own thread: nothing
//! changes between the first cell and the digest.

use jiff::Timestamp;
use journal::{Hash, ProveFault};
use proto::digest::bucket_of;
use proto::indicator::cell::{Cell, CellKey};
use proto::sync::limits::BATCH_BYTES;
use proto::sync::uplink::{Checkpoint, cost};
use proto_child::uplink::action::{Attach, Attached, Scan, Scanned};

use super::Ledger;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::cell::{Cells, Stored};

fn cell((key, stored): (CellKey, Stored)) -> Cell {
    Cell {
        key,
        order: stored.order,
        state: stored.state,
    }
}

impl Ledger {
    pub(super) fn scan(&mut self, now: Timestamp, scan: &Scan) -> Result<Scanned, StoreFault> {
        self.projection.write_cells();
        let head = self.projection.cell_seq();
        let mut room = BATCH_BYTES as u64;
        let mut retried = Vec::new();
        for key in &scan.retry {
            if let Some(found) = self.load(key)? {
                room = room.saturating_sub(cost(&found));
                retried.push(found);
            }
        }
        let mut cells = Vec::new();
        let mut through = head;
        for found in self.projection.changes_after(scan.after) {
            let (seq, key) = found?;
            let Some(found) = self.load(&key)? else {
                return Err(StoreFault::row(
                    "cell changes",
                    &seq.to_be_bytes(),
                    "no such cell",
                ));
            };
            // One cell always fits: a batch must get on.
            let fits = cost(&found) <= room || (cells.is_empty() && retried.is_empty());
            if cells.len() >= scan.cells || !fits {
                through = cells
                    .last()
                    .map_or(scan.after, |cell: &Cell| cell.order.seq);
                break;
            }
            room = room.saturating_sub(cost(&found));
            cells.push(found);
        }
        let reached = through == head;
        let attached = reached.then(|| self.attached(scan.attach)).transpose()?;
        let waiting = self.projection.next_alarm().filter(|alarm| *alarm <= now);
        Ok(Scanned {
            retried,
            cells,
            through,
            head,
            complete_until: reached.then(|| waiting.unwrap_or(now)),
            coverage: None,
            journal_head: None,
            attached,
        })
    }

    /// Reads one segment at most.
    pub(super) fn root(&self, size: u64) -> Result<Option<Hash>, StoreFault> {
        match self.projection.source().root(size) {
            Ok(root) => Ok(Some(root)),
            Err(ProveFault::Refused(_)) => Ok(None),
            Err(ProveFault::Unreadable(fault)) => Err(fault.into()),
        }
    }

    fn load(&self, key: &CellKey) -> Result<Option<Cell>, StoreFault> {
        let stored = self.projection.load::<Cells>(key)?;
        Ok(stored.map(|stored| cell((*key, stored))))
    }

    fn attached(&self, attach: Attach) -> Result<Attached, StoreFault> {
        let digest = self.projection.digest();
        Ok(match attach {
            Attach::Digest => Attached::Digest(Checkpoint {
                count: digest.count(),
                root: digest.root(),
            }),
            Attach::Sums => Attached::Sums(digest.buckets().to_vec()),
            Attach::Bucket(bucket) => {
                let all = self.projection.cells(None).map(|found| found.map(cell));
                let held = all.filter(|found| {
                    found
                        .as_ref()
                        .map_or(true, |cell| bucket_of(&cell.key) == bucket)
                });
                Attached::Bucket(bucket, held.collect::<Result<_, _>>()?)
            }
        })
    }
}
