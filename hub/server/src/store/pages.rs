//! Groups of cells on their way into the view: read once, changed in memory,
//! written together with the digest that they make. At every moment the stored
//! digest is that of the stored cells, whatever was written last. Knows no
//! journal and no line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hub_domain::{
    period::{CellRevision, Lateness},
    query::ColumnId,
    sync::{
        line::Line,
        repair::{Listed, Mended, mend},
    },
};
use prost::Message as _;
use proto::{
    digest::{Bucket, Digest, bucket_of},
    indicator::cell::{Cell, CellKey},
    place::Place,
};

use super::{
    digest::{add, encode_digest, stored_digest},
    fault::ViewFault,
    group::{Group, Put},
    key::{self, GroupKey},
    stored::StoredRevision,
    varint::put,
    view::{BATCH_KEYS, Batch, View},
};

/// Digests that are kept although nothing of theirs waits.
const DIGESTS: usize = 256;

mod held;

pub use held::{bucket, cells_of, groups_of, load, split_first};

#[derive(Default)]
pub struct Pages {
    nodes: HashMap<Place, Node>,
    bytes: usize,
    held: i64,
}

#[derive(Default)]
struct Node {
    pages: HashMap<(u32, u32), Page>,
    /// Of what is stored.
    digest: Option<Digest>,
}

#[derive(Default)]
struct Page {
    group: Group,
    /// As stored.
    chunks: u64,
    /// What the changes add to the stored digest.
    added: Vec<(u8, Bucket)>,
    changed: BTreeSet<(u32, u32)>,
    /// Of its cells, by their keys; written with them.
    revisions: BTreeMap<[u8; 37], CellRevision>,
}

/// What a write changed.
#[derive(Default)]
pub struct Written {
    pub columns: BTreeSet<ColumnId>,
    pub groups: BTreeSet<GroupKey>,
}

impl Pages {
    /// What waits to be written, in bytes.
    pub const fn size_bytes(&self) -> usize {
        self.bytes
    }

    /// Cells that came less those that went, since it was last asked.
    pub fn take_held(&mut self) -> i64 {
        std::mem::take(&mut self.held)
    }

    /// Newest order wins; changes that are late by `lateness` leave a revision.
    /// Returns the keys of conflicting cells: equal order, other content.
    pub fn put(
        &mut self,
        view: &View,
        community: Place,
        cells: &[Cell],
        lateness: Option<&Lateness<'_>>,
    ) -> Result<Vec<CellKey>, ViewFault> {
        let mut conflicts = Vec::new();
        let node = self.nodes.entry(community).or_default();
        for cell in cells {
            let page = node.page(view, GroupKey::of(community, &cell.key))?;
            let before = page.group.size_bytes();
            match page.group.put(cell) {
                Put::New => {
                    page.exchange(&cell.key, None, Some(cell));
                    page.revise(lateness, &cell.key, None, Some(cell));
                    self.held += 1;
                }
                Put::Replaced(old) => {
                    page.exchange(&cell.key, Some(&old), Some(cell));
                    page.revise(lateness, &cell.key, Some(&old), Some(cell));
                }
                Put::Same | Put::Older => continue,
                Put::Conflict => {
                    conflicts.push(cell.key);
                    continue;
                }
            }
            self.bytes += page.group.size_bytes().saturating_sub(before);
        }
        Ok(conflicts)
    }

    /// The digest of what is held, with everything put in; a marker counts in
    /// place of its key's cell.
    pub fn digest(
        &mut self,
        view: &View,
        community: Place,
        line: &Line,
    ) -> Result<Digest, ViewFault> {
        let node = self.nodes.entry(community).or_default();
        let mut digest = node.stored_digest(view, community)?.clone();
        for page in node.pages.values() {
            add(&mut digest, &page.added);
        }
        for (key, marker) in &line.rejected {
            let page = node.page(view, GroupKey::of(community, key))?;
            let held = page.group.get(key).map(|cell| cell.hash());
            digest.exchange(key, held, Some(marker.hash));
        }
        Ok(digest)
    }

    /// Holds a listing against the cells of its bucket and makes them equal.
    /// Everything put before must have been written, and this must be written
    /// before anything else is put: a listing is not repeatable later.
    pub fn mend(
        &mut self,
        view: &View,
        community: Place,
        listed: &Listed,
        lateness: Option<&Lateness<'_>>,
    ) -> Result<Mended, ViewFault> {
        let node = self.nodes.entry(community).or_default();
        let held = bucket(view, community, listed.bucket)?;
        let held = held.iter().map(|cell| (cell.key, cell.order, cell.hash()));
        let mended = mend(held, listed);
        for cell in &mended.replace {
            let page = node.page(view, GroupKey::of(community, &cell.key))?;
            let before = page.group.force(cell);
            page.exchange(&cell.key, before.as_ref(), Some(cell));
            page.revise(lateness, &cell.key, before.as_ref(), Some(cell));
            self.held += i64::from(before.is_none());
        }
        for key in &mended.remove {
            let page = node.page(view, GroupKey::of(community, key))?;
            if let Some(before) = page.group.remove(key) {
                page.exchange(key, Some(&before), None);
                page.revise(lateness, key, Some(&before), None);
                self.held -= 1;
            }
        }
        Ok(mended)
    }

    /// Drops the cells of lineages before `lineage`. Everything put before must
    /// have been written.
    pub fn sweep(
        &mut self,
        view: &View,
        community: Place,
        lineage: u32,
        lateness: Option<&Lateness<'_>>,
    ) -> Result<(), ViewFault> {
        let node = self.nodes.entry(community).or_default();
        for cell in cells_of(view, community)? {
            if cell.order.lineage < lineage {
                let page = node.page(view, GroupKey::of(community, &cell.key))?;
                page.group.remove(&cell.key);
                page.exchange(&cell.key, Some(&cell), None);
                page.revise(lateness, &cell.key, Some(&cell), None);
                self.held -= 1;
            }
        }
        Ok(())
    }

    /// What is held under `key`, with everything put in.
    pub fn held(
        &mut self,
        view: &View,
        community: Place,
        key: &CellKey,
    ) -> Result<Option<Cell>, ViewFault> {
        let node = self.nodes.entry(community).or_default();
        Ok(node
            .page(view, GroupKey::of(community, key))?
            .group
            .get(key))
    }

    /// Writes all that waits.
    pub fn write(&mut self, view: &View) -> Result<Written, ViewFault> {
        let mut written = Written::default();
        for (community, node) in &mut self.nodes {
            let mut pages = node
                .pages
                .drain()
                .filter(|(_, page)| !page.changed.is_empty());
            let mut digest = None;
            loop {
                let mut batch = Batch::default();
                let mut keys = 0;
                for ((period, group), page) in pages.by_ref() {
                    let key = GroupKey {
                        period,
                        group,
                        community: community.aligned(),
                    };
                    keys += page.write(key, &mut batch);
                    let stored = match &mut digest {
                        Some(digest) => digest,
                        None => digest.insert(match node.digest.take() {
                            Some(digest) => digest,
                            None => stored_digest(view, *community)?,
                        }),
                    };
                    add(stored, &page.added);
                    written.columns.extend(page.columns(key));
                    written.groups.insert(key);
                    if keys >= BATCH_KEYS {
                        break;
                    }
                }
                if keys == 0 {
                    break;
                }
                if let Some(digest) = &digest {
                    let key = key::of_community(key::DIGESTS, *community);
                    batch.put(&key, encode_digest(digest));
                }
                view.write(batch)?;
            }
            drop(pages);
            node.digest = digest.or(node.digest.take());
        }
        if self.nodes.len() > DIGESTS {
            self.nodes.clear();
        }
        self.bytes = 0;
        Ok(written)
    }
}

impl Node {
    fn page(&mut self, view: &View, key: GroupKey) -> Result<&mut Page, ViewFault> {
        use std::collections::hash_map::Entry;
        match self.pages.entry((key.period, key.group)) {
            Entry::Occupied(page) => Ok(page.into_mut()),
            Entry::Vacant(vacant) => {
                let (group, chunks) = load(view, key)?;
                Ok(vacant.insert(Page {
                    group,
                    chunks,
                    ..Page::default()
                }))
            }
        }
    }

    fn stored_digest(&mut self, view: &View, community: Place) -> Result<&Digest, ViewFault> {
        let digest = match self.digest.take() {
            Some(digest) => digest,
            None => stored_digest(view, community)?,
        };
        Ok(self.digest.insert(digest))
    }
}

impl Page {
    fn exchange(&mut self, key: &CellKey, before: Option<&Cell>, after: Option<&Cell>) {
        let mut bucket = Bucket::default();
        if let Some(before) = before {
            bucket.count = bucket.count.wrapping_sub(1);
            bucket.sum = bucket.sum.wrapping_sub(before.hash());
        }
        if let Some(after) = after {
            bucket.count = bucket.count.wrapping_add(1);
            bucket.sum = bucket.sum.wrapping_add(after.hash());
        }
        self.added.push((bucket_of(key), bucket));
        self.changed.insert((key.indicator.0, key.revision.0));
    }

    fn revise(
        &mut self,
        lateness: Option<&Lateness<'_>>,
        key: &CellKey,
        before: Option<&Cell>,
        after: Option<&Cell>,
    ) {
        let Some(lateness) = lateness else { return };
        let Some(revision) = lateness.judge(key, before, after) else {
            return;
        };
        let at = key::revision(lateness.community, lateness.seq, key);
        // One record may change a cell twice: from what it was to what it became.
        let held = self.revisions.entry(at).or_insert_with(|| revision.clone());
        held.after = revision.after;
    }

    /// Returns how many keys it took.
    fn write(&self, key: GroupKey, batch: &mut Batch) -> usize {
        let mut chunks = self.group.encode();
        let count = chunks.len() as u64;
        if let Some(first) = chunks.first_mut() {
            let mut headed = Vec::with_capacity(first.len() + 1);
            put(&mut headed, count);
            headed.append(first);
            *first = headed;
        }
        for (at, chunk) in (0..).zip(chunks) {
            batch.put(&key.chunk(at), chunk);
        }
        for gone in count..self.chunks {
            batch.delete(&key.chunk(gone as u16));
        }
        for (key, revision) in &self.revisions {
            batch.put(key, StoredRevision::from(revision).encode_to_vec());
        }
        count.max(self.chunks) as usize + self.revisions.len()
    }

    fn columns(&self, key: GroupKey) -> impl Iterator<Item = ColumnId> + '_ {
        use proto::indicator::cell::{IndicatorId, Revision};
        let period = key.period();
        self.changed.iter().filter_map(move |changed| {
            Some(ColumnId {
                indicator: IndicatorId(changed.0),
                revision: Revision(changed.1),
                period: period?,
            })
        })
    }
}
