//! What to do when both ends' digests differ: one repair a day, bucket by
//! bucket, never a wipe. A node's complete listing of a bucket is authoritative
//! at its place in the stream, except that no cell ever goes back.

use jiff::{SignedDuration, Timestamp};
use proto::{
    digest::{self, Digest},
    indicator::cell::{Cell, CellKey, Order},
    sync::{
        limits,
        uplink::{Checkpoint, Listing},
    },
};

use super::{
    batch::{Refusal, Rules, WITHHELD},
    line::{Line, Marker},
};

/// How the hub's digest compares with the node's, at the same cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Agreed,
    /// Ask for the sums, then for the buckets that differ.
    Repair,
    /// Differs though it was repaired within a day: an alarm, and nothing else.
    Alarm,
}

const REPAIR_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A repair may take several listings, and a broken stream between them.
const REPAIR_TAKES: SignedDuration = SignedDuration::from_mins(10);

/// `held`: over the held cells, a marker in place of its key's cell, after
/// applying exactly the batches up to the checkpoint's.
pub fn compare(line: &Line, held: &Digest, node: &Checkpoint, now: Timestamp) -> Comparison {
    if held.count() == node.count && held.root() == node.root {
        return Comparison::Agreed;
    }
    match line.repaired_at.map(|at| now.duration_since(at)) {
        Some(since) if since >= REPAIR_TAKES && since < REPAIR_EVERY => Comparison::Alarm,
        _ => Comparison::Repair,
    }
}

/// Whether a listing accepted now begins a repair, which is recorded with it.
/// Asking alone is none: the node may never have heard.
pub fn begins(line: &Line, now: Timestamp) -> bool {
    line.repaired_at
        .is_none_or(|at| now.duration_since(at) >= REPAIR_EVERY)
}

/// A bucket's listing, judged. Make it durable, apply it to the line, then hold
/// `cells` against the held ones with [`mend`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub bucket: u8,
    pub through: u64,
    /// In ascending order of key, as `rejected`.
    pub cells: Vec<Cell>,
    /// Markers of this bucket from now on; what their keys hold stays.
    pub rejected: Vec<(CellKey, Marker)>,
    /// Keys whose marker goes.
    pub cleared: Vec<CellKey>,
    /// When it came; none of what an older hub recorded.
    pub at: Option<Timestamp>,
}

/// `listing`: whole, its messages joined. It counts only at the cursor where it
/// was taken.
pub fn decide_listing(
    line: &Line,
    epoch: u64,
    listing: Listing,
    rules: &impl Rules,
    now: Timestamp,
) -> Result<Listed, Refusal> {
    if epoch != line.epoch {
        let current = line.epoch;
        return Err(Refusal::Superseded { epoch, current });
    }
    if listing.through != line.acked {
        return Err(Refusal::CursorGap {
            from: listing.through,
            expected: line.acked,
        });
    }
    check(line, &listing).map_err(Refusal::Malformed)?;
    let bucket = listing.bucket;
    let mut listed = Listed {
        bucket,
        through: listing.through,
        at: Some(now),
        ..Listed::default()
    };
    for cell in &listing.withheld {
        let marker = Marker::new(cell.order, cell.hash, WITHHELD, now);
        listed.rejected.push((cell.key, marker));
    }
    for cell in listing.cells {
        match rules.judge(&cell) {
            Ok(()) => listed.cells.push(cell),
            Err(rejection) => {
                let marker = Marker::of(&cell, rejection, now);
                listed.rejected.push((cell.key, marker));
            }
        }
    }
    listed.rejected.sort_unstable_by_key(|(key, _)| *key);
    let marked = line.rejected.keys().copied();
    let stays = |key: &CellKey| {
        let at = listed.rejected.binary_search_by_key(key, |(key, _)| *key);
        digest::bucket_of(key) != bucket || at.is_ok()
    };
    listed.cleared = marked.filter(|key| !stays(key)).collect();
    Ok(listed)
}

/// What becomes of the held cells of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Missing or older at the hub.
    pub replace: Vec<Cell>,
    /// Held, but not the node's.
    pub remove: Vec<CellKey>,
    /// Equal order, other content: replaced too, and an alarm.
    pub conflicts: Vec<CellKey>,
    /// Newer at the hub than at the node: kept, and an alarm.
    pub ahead: Vec<CellKey>,
}

/// `held`: key, order and hash of every held cell of the listing's bucket.
pub fn mend(held: impl IntoIterator<Item = (CellKey, Order, u128)>, listed: &Listed) -> Mended {
    let mut mended = Mended::default();
    let mut seen = vec![false; listed.cells.len()];
    for (key, order, hash) in held {
        match listed.cells.binary_search_by_key(&key, |cell| cell.key) {
            Ok(at) => {
                let cell = &listed.cells[at];
                seen[at] = true;
                if cell.order < order {
                    mended.ahead.push(key);
                } else if cell.order > order {
                    mended.replace.push(cell.clone());
                } else if cell.hash() != hash {
                    mended.conflicts.push(key);
                    mended.replace.push(cell.clone());
                }
            }
            Err(_) => {
                let marked = listed.rejected.binary_search_by_key(&key, |(key, _)| *key);
                if marked.is_err() {
                    mended.remove.push(key);
                }
            }
        }
    }
    let missing = listed.cells.iter().zip(&seen).filter(|(_, seen)| !**seen);
    mended.replace.extend(missing.map(|(cell, _)| cell.clone()));
    mended
}

fn check(line: &Line, listing: &Listing) -> Result<(), &'static str> {
    if listing.cells.len() + listing.withheld.len() > limits::LISTING_CELLS {
        return Err("listing: more than 100000 cells");
    }
    if !listing.cells.is_sorted_by(|a, b| a.key < b.key) {
        return Err("listing: not in ascending order of key");
    }
    let carried = listing.cells.iter().map(|cell| (cell.key, cell.order));
    let named = listing.withheld.iter().map(|cell| (cell.key, cell.order));
    for (key, order) in carried.chain(named) {
        if digest::bucket_of(&key) != listing.bucket {
            return Err("listing: a cell of another bucket");
        }
        if order.seq > listing.through {
            return Err("listing: a seq past through");
        }
        if order.lineage > line.lineage {
            return Err("lineage: not granted");
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "repair_tests.rs"]
mod tests;
