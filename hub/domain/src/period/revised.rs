//! A revision of a cell: what it was, what it became, when and why as far as that
//! can be told from what arrived. Knows no other cell.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::{
    indicator::cell::{CellKey, CellState},
    place::Place,
};

use super::{Lock, LockNumber};

/// As far as a hub can tell: it sees cells, never records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The node had not reported the period whole before.
    LateReport = 1,
    /// More was recorded of a time that was reported.
    LateEntry = 2,
    /// Something became less: withdrawn, corrected, removed.
    Correction = 3,
    /// The node's store came back from an older copy, and says it anew.
    Restated = 4,
    /// Both ends' digests differed, and the node's listing put it right.
    Repaired = 5,
    /// The node took up a definition after it had reported the period.
    FirstCounted = 6,
}

impl Why {
    pub const ALL: [Why; 6] = [
        Why::LateReport,
        Why::LateEntry,
        Why::Correction,
        Why::Restated,
        Why::Repaired,
        Why::FirstCounted,
    ];
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellRevision {
    /// Or a child hub's place.
    pub community: Place,
    pub key: CellKey,
    /// Of the hub's journal.
    pub seq: u64,
    pub at: Timestamp,
    pub why: Why,
    /// The lock that stood on it.
    pub lock: Option<LockNumber>,
    /// `None`: there was no cell; never a removed one.
    pub before: Option<CellState>,
    pub after: Option<CellState>,
}

/// What cells were when they were approved under `lock`: those that were revised
/// since, with their state then. `revisions`: in the order of their records, all of
/// the lock's cells or more.
pub fn approved<'a>(
    revisions: impl IntoIterator<Item = &'a CellRevision>,
    lock: &Lock,
) -> BTreeMap<(Place, CellKey), Option<&'a CellState>> {
    let mut first = BTreeMap::new();
    for revision in revisions.into_iter().filter(|one| one.seq > lock.after) {
        let cell = (revision.community, revision.key);
        first.entry(cell).or_insert(revision.before.as_ref());
    }
    first
}
