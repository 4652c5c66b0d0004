//! What a node's journal has come to, as far as it is synced: cells, their index
//! by seq, the catalogue in force, what is known of the line.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use proto::{
    digest::{self, Digest},
    indicator::cell::{Cell, CellKey},
    sync::{
        downlink::{Cursor, Item, Refused},
        head::{JournalHead, JournalPoint},
        limits,
        uplink::StartId,
    },
};
use proto_child::{
    downlink::Change,
    uplink::action::{Attach, Attached, Scan, Scanned, Standing},
};

use crate::{
    cells,
    events::{Effect, Write},
};

/// Synced, and visible to scans.
#[derive(Clone)]
pub struct Disk {
    pub cells: BTreeMap<CellKey, Cell>,
    by_seq: BTreeMap<u64, CellKey>,
    pub head: u64,
    /// What was recorded, in order.
    pub facts: Vec<(CellKey, Effect)>,
    pub starts: Vec<Start>,
    /// How many facts a store that was restored or copied, and has not been
    /// welcomed since, shares with the other.
    pub parted_at: Option<Parted>,
    pub standing: Standing,
    pub digest: Digest,
    /// The root after each record.
    roots: Vec<u64>,
    pub cursor: Option<Cursor>,
    pub items: BTreeMap<String, Item>,
    pub refused: BTreeMap<String, Refused>,
}

/// Where the process started, among facts and among cells.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub id: StartId,
    pub facts: usize,
    pub seq: u64,
}

/// Known to the simulation alone.
#[derive(Clone, Copy, Debug)]
pub struct Parted {
    pub facts: usize,
    pub seq: u64,
}

/// Items whose name says so are not for nodes of this build.
pub fn change_refused(change: &Change) -> Vec<Refused> {
    let items: Vec<&Item> = match change {
        Change::Activate(item) => vec![item],
        Change::Skip(..) => vec![],
        Change::Replace { items, .. } => items.iter().collect(),
    };
    let bad = items
        .into_iter()
        .filter(|item| item.item_id.contains("bad"));
    bad.map(|item| Refused {
        seq: item.cursor.seq,
        item_id: item.item_id.clone(),
        reason: "KIND_UNSUPPORTED".into(),
        detail: String::new(),
    })
    .collect()
}

impl Disk {
    pub fn new(standing: Standing) -> Disk {
        Disk {
            cells: BTreeMap::new(),
            by_seq: BTreeMap::new(),
            head: 0,
            facts: Vec::new(),
            starts: Vec::new(),
            parted_at: None,
            standing,
            digest: Digest::default(),
            roots: Vec::new(),
            cursor: None,
            items: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Whatever else a store forgets: of two histories the roots differ.
    fn grow(&mut self, write: &Write) {
        let mut hasher = DefaultHasher::new();
        self.roots.last().hash(&mut hasher);
        std::mem::discriminant(write).hash(&mut hasher);
        match write {
            Write::Cell(cell, _) => cell.hash().hash(&mut hasher),
            Write::Started(start) => start.0.hash(&mut hasher),
            Write::Remade(_, remade) => (remade.base, remade.cells.len()).hash(&mut hasher),
            Write::Nonce(_, nonce) => nonce.0.hash(&mut hasher),
            Write::Standing(_, standing) => standing.epoch.hash(&mut hasher),
            Write::Acked(acked) => acked.hash(&mut hasher),
            Write::Change(_, change) => change.cursor().seq.hash(&mut hasher),
        }
        self.roots.push(hasher.finish());
    }

    /// Over the first so many records.
    pub fn root(&self, size: u64) -> Option<[u8; 32]> {
        let at = usize::try_from(size.checked_sub(1)?).ok()?;
        let root = self.roots.get(at)?;
        let mut wide = [0; 32];
        wide[..8].copy_from_slice(&root.to_be_bytes());
        Some(wide)
    }

    /// Nobody verifies signatures here.
    pub fn journal_head(&self) -> JournalHead {
        let size = self.roots.len() as u64;
        JournalHead {
            log: self.standing.store_id,
            point: JournalPoint {
                size,
                root: self.root(size).unwrap_or_default(),
            },
            chain: [0; 32],
            time_ms: 0,
            public_key: [0; 32],
            signature: [0; 64],
            release: None,
        }
    }

    pub fn apply(&mut self, write: Write) {
        self.grow(&write);
        match write {
            Write::Cell(cell, effect) => {
                self.facts.push((cell.key, effect));
                self.put(cell);
            }
            Write::Started(id) => {
                self.starts.push(Start {
                    id,
                    facts: self.facts.len(),
                    seq: self.head,
                });
                let forgotten = self.starts.len().saturating_sub(limits::STARTS);
                self.starts.drain(..forgotten);
            }
            Write::Remade(_, remade) => {
                let lineage = remade.standing.lineage;
                for (before, (key, state)) in (remade.base..).zip(remade.cells) {
                    self.put(cells::cell(key, lineage, before + 1, state));
                }
                self.standing = remade.standing;
                self.parted_at = None;
            }
            Write::Nonce(_, nonce) => self.standing.nonce = Some(nonce),
            Write::Standing(_, standing) => {
                self.standing = standing;
                self.parted_at = None;
            }
            Write::Acked(acked) => self.standing.acked = acked,
            Write::Change(_, change) => {
                let cursor = change.cursor();
                let refused = change_refused(&change);
                match change {
                    Change::Activate(item) => {
                        self.items.insert(item.item_id.clone(), item);
                    }
                    Change::Skip(_, refused) => {
                        self.refused.insert(refused.item_id.clone(), refused);
                    }
                    Change::Replace { items, .. } => {
                        let items = items.into_iter();
                        self.items = items.map(|item| (item.item_id.clone(), item)).collect();
                        self.refused.clear();
                    }
                }
                for refused in refused {
                    self.items.remove(&refused.item_id);
                    self.refused.insert(refused.item_id.clone(), refused);
                }
                self.cursor = Some(cursor);
            }
        }
    }

    fn put(&mut self, cell: Cell) {
        let key = cell.key;
        self.head = cell.order.seq;
        self.digest.add(&cell);
        self.by_seq.insert(cell.order.seq, key);
        if let Some(before) = self.cells.insert(key, cell) {
            self.digest.remove(&before);
            self.by_seq.remove(&before.order.seq);
        }
    }

    /// `skips`, `is_xor`: planted bugs.
    pub fn scan(&self, scan: &Scan, wall: jiff::Timestamp, skips: bool, is_xor: bool) -> Scanned {
        let retried = scan.retry.iter().filter_map(|key| self.cells.get(key));
        let after = self.by_seq.range(scan.after + 1..);
        let mut found: Vec<Cell> = after
            .take(scan.cells)
            .map(|(_, key)| self.cells[key].clone())
            .collect();
        let last = found.last().map_or(scan.after, |cell| cell.order.seq);
        let is_all = self.by_seq.range(last + 1..).next().is_none();
        if skips {
            found.pop();
        }
        // The head may be the seq of a cell that was overwritten since: none left
        // means all is seen.
        let through = if is_all { self.head } else { last };
        let attached = is_all.then(|| match scan.attach {
            Attach::Digest if is_xor => Attached::Digest(cells::xor(self.cells.values())),
            Attach::Digest => Attached::Digest(cells::checkpoint(&self.digest)),
            Attach::Sums => Attached::Sums(self.digest.buckets().to_vec()),
            Attach::Bucket(bucket) => {
                let cells = self.cells.values();
                let own = cells.filter(|cell| digest::bucket_of(&cell.key) == bucket);
                Attached::Bucket(bucket, own.cloned().collect())
            }
        });
        Scanned {
            retried: retried.cloned().collect(),
            cells: found,
            through,
            head: self.head,
            complete_until: is_all.then_some(wall),
            coverage: None,
            journal_head: Some(Box::new(self.journal_head())),
            attached,
        }
    }

    /// Cells whose seq is past the one and up to the other.
    pub fn between(&self, after: u64, through: u64) -> impl Iterator<Item = &Cell> {
        let range = self.by_seq.range(after + 1..through.max(after) + 1);
        range.map(|(_, key)| &self.cells[key])
    }
}
