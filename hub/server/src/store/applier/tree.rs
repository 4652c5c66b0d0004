//! The part of the view that is for the parent: merged cells in the order of
//! their seqs, kept like a community's under this hub's own place, and which
//! groups were not merged since they changed.

use hub_domain::tree::Event;
use jiff::Timestamp;
use prost::Message as _;
use proto::{
    indicator::cell::Cell,
    place::Place,
    sync::{
        coverage::Coverage,
        limits::BATCH_BYTES,
        uplink::{Checkpoint, cost},
    },
};
use proto_child::uplink::action::{Attach, Attached, Scan, Scanned};
use tokio::sync::oneshot;

use super::{Applier, Line, Waiting};
use crate::store::{
    fault::ViewFault,
    key::{self, group_of},
    pages::{self, Written},
    stale::Groups,
    stored::{StoredTree, cell_key},
    view::{BATCH_KEYS, Batch},
};

/// A scan of the merged cells, and who waits for it.
pub struct Ask {
    pub scan: Scan,
    pub sender: oneshot::Sender<Scanned>,
}

/// Groups that were merged as they stood, and what the result stands for.
pub struct Settled {
    pub groups: Groups,
    /// Of the roster by which they were merged.
    pub counting_version: u64,
    pub coverage: Coverage,
}

impl Applier {
    pub(super) fn apply_tree(&mut self, event: &Event, seq: u64) -> Result<(), ViewFault> {
        let before = matches!(event, Event::Taken(_)).then(|| self.tree.clone());
        match event {
            Event::Merged(cells) => self.put_merged(cells)?,
            Event::Placed(_) => self.mark(seq, |_| true)?,
            Event::Stood(_) | Event::Taken(_) => {}
            Event::Told { said, .. } => {
                self.reassign(said.iter().map(|said| said.community), seq)?;
            }
            Event::Assigned(assigned) => {
                self.reassign(assigned.iter().map(|one| one.community), seq)?;
            }
            Event::Released(released) => self.reassign([released.node], seq)?,
        }
        self.tree.apply(event);
        if let Some(before) = before {
            let changed = self.tree.asked_otherwise(&before);
            let groups: Vec<u32> = changed.into_iter().map(group_of).collect();
            self.mark(seq, |group| groups.contains(&group))?;
        }
        self.waiting.is_tree_changed = true;
        Ok(())
    }

    /// All that was merged of these nodes is to be merged anew. Before the roster
    /// that counts otherwise is shown: who has that roster finds the marks.
    pub(super) fn reassign(
        &mut self,
        nodes: impl IntoIterator<Item = Place>,
        seq: u64,
    ) -> Result<(), ViewFault> {
        let mut marked = Vec::new();
        for node in nodes {
            for group in pages::groups_of(&self.view, node)? {
                let found = self.view.first_key_from(&group.prefix())?;
                if found.is_some_and(|key| key.starts_with(&group.prefix())) {
                    marked.push((group.period, group.group));
                }
            }
        }
        self.shared.stale.mark(marked.iter().copied(), seq);
        self.waiting.stale.extend(marked);
        Ok(())
    }

    fn own(&self) -> Result<Place, ViewFault> {
        let place = self.tree.place;
        place.ok_or_else(|| ViewFault::damaged(key::TREE, "merged cells without a place"))
    }

    fn put_merged(&mut self, cells: &[Cell]) -> Result<(), ViewFault> {
        let own = self.own()?;
        for cell in cells {
            let before = self.pages.held(&self.view, own, &cell.key)?;
            let before = before.map(|before| before.order.seq);
            if let Some(before) = before.filter(|before| *before != cell.order.seq) {
                self.waiting.merged.insert(before, None);
            }
            self.waiting.merged.insert(cell.order.seq, Some(cell.key));
        }
        self.pages.put(&self.view, own, cells, None)?;
        Ok(())
    }

    /// Marks stored groups, by their number, for another merge.
    fn mark(&mut self, seq: u64, which: impl Fn(u32) -> bool) -> Result<(), ViewFault> {
        let all = pages::groups_of(&self.view, Place::COUNTRY)?.into_iter();
        let marked = all.filter(|found| which(found.group));
        let marked: Vec<(u32, u32)> = marked.map(|found| (found.period, found.group)).collect();
        self.shared.stale.mark(marked.iter().copied(), seq);
        self.waiting.stale.extend(marked);
        Ok(())
    }

    pub(super) fn settle(&mut self, settled: Settled) {
        // Somebody came or went meanwhile: what was merged holds too much or too
        // little, and the next pass puts it right.
        if settled.counting_version != self.tree.counting_version() {
            return;
        }
        let groups = self.shared.stale.settle(&settled.groups);
        self.waiting.settled.extend(groups);
        self.coverage = Some(settled.coverage);
    }

    /// The order of merged cells and what is to be merged, before the position
    /// that promises them.
    pub(super) fn write_tree(&self, waiting: &Waiting, written: &Written) -> Result<(), ViewFault> {
        let Some(own) = self.tree.place else {
            return Ok(());
        };
        let mut rows: Vec<([u8; 9], Option<Vec<u8>>)> = Vec::new();
        for (seq, cell) in &waiting.merged {
            let value = cell.as_ref().map(|cell| cell.to_bytes().to_vec());
            rows.push((key::merged(*seq), value));
        }
        let settled = waiting.settled.iter();
        rows.extend(settled.map(|(period, group)| (key::stale(*period, *group), None)));
        let others = written.groups.iter();
        let others = others.filter(|group| group.community != own.aligned());
        let touched: Vec<_> = others.map(|group| (group.period, group.group)).collect();
        self.shared
            .stale
            .mark(touched.iter().copied(), self.position.seq);
        let stale = waiting.stale.iter().chain(&touched);
        rows.extend(stale.map(|(period, group)| (key::stale(*period, *group), Some(Vec::new()))));
        for rows in rows.chunks(BATCH_KEYS) {
            let mut batch = Batch::default();
            for (key, value) in rows {
                match value {
                    Some(value) => batch.put(key, value.clone()),
                    None => batch.delete(key),
                }
            }
            self.view.write(batch)?;
        }
        Ok(())
    }

    pub(super) fn put_tree(&self, waiting: &Waiting, batch: &mut Batch) {
        if waiting.is_tree_changed && self.tree.place.is_some() {
            batch.put(key::TREE, StoredTree::from(&self.tree).encode_to_vec());
        }
    }

    pub(super) fn scan(&mut self, ask: Ask) -> Result<(), ViewFault> {
        self.write()?;
        let scanned = self.scanned(&ask.scan)?;
        // Whoever asked may have gone.
        let _ = ask.sender.send(scanned);
        Ok(())
    }

    fn scanned(&mut self, scan: &Scan) -> Result<Scanned, ViewFault> {
        let own = self.own()?;
        let head = self.tree.head;
        let mut room = BATCH_BYTES as u64;
        let mut retried = Vec::new();
        for key in &scan.retry {
            if let Some(found) = self.pages.held(&self.view, own, key)? {
                room = room.saturating_sub(cost(&found));
                retried.push(found);
            }
        }
        let mut cells: Vec<Cell> = Vec::new();
        let mut is_all = true;
        let view = self.view.clone();
        let from = key::merged(scan.after.saturating_add(1));
        view.scan_from(&from, key::MERGED, |row, value| {
            let seq = key::number(row).ok_or_else(|| ViewFault::damaged(row, "seq"))?;
            let key = cell_key(value).map_err(|cause| ViewFault::damaged(row, cause))?;
            let found = self.pages.held(&view, own, &key)?;
            // A row that a kill left behind: its cell has gone on.
            let Some(found) = found.filter(|found| found.order.seq == seq) else {
                return Ok(true);
            };
            // One cell always fits: a batch must get on.
            let fits = cost(&found) <= room || (cells.is_empty() && retried.is_empty());
            if cells.len() >= scan.cells || !fits {
                is_all = false;
                return Ok(false);
            }
            room = room.saturating_sub(cost(&found));
            cells.push(found);
            Ok(true)
        })?;
        let last = cells.last().map_or(scan.after, |cell| cell.order.seq);
        let attached = is_all
            .then(|| self.attached(own, scan.attach))
            .transpose()?;
        let coverage = self.coverage.clone().filter(|_| is_all);
        let until = coverage.as_ref().and_then(Coverage::oldest);
        Ok(Scanned {
            retried,
            cells,
            through: if is_all { head } else { last },
            head,
            complete_until: until.filter(|until| *until <= Timestamp::now()),
            coverage,
            journal_head: None,
            attached,
        })
    }

    fn attached(&mut self, own: Place, attach: Attach) -> Result<Attached, ViewFault> {
        if let Attach::Bucket(bucket) = attach {
            let mut cells = pages::bucket(&self.view, own, bucket)?;
            cells.sort_unstable_by_key(|cell| cell.key);
            return Ok(Attached::Bucket(bucket, cells));
        }
        let digest = self.pages.digest(&self.view, own, &Line::default())?;
        Ok(match attach {
            Attach::Sums => Attached::Sums(digest.buckets().to_vec()),
            _ => Attached::Digest(Checkpoint {
                count: digest.count(),
                root: digest.root(),
            }),
        })
    }
}
