//! Whether a batch moves the hub's cursor, and what becomes of its cells. Reads
//! no held cell: an accepted cell is newer than what its key holds, because
//! everything held has seq ≤ the cursor (see [`Line`]).

use std::time::Duration;

use jiff::Timestamp;
use proto::{
    indicator::cell::{Cell, CellKey},
    sync::{
        coverage::Coverage,
        end::{End, Reason},
        head::JournalHead,
        limits,
        uplink::{Ack, Batch, RejectReason, Rejected, Rejection, Retry},
    },
};

use super::{
    line::{Line, Marker, Quarantine},
    release::{self, Countersignature},
};
use crate::{network::Reached, period::Late};

/// What the hub's catalogue, at its own day, says of a cell.
pub trait Rules {
    fn judge(&self, cell: &Cell) -> Result<(), Rejection>;
}

/// Make it durable, apply it to the line, then acknowledge. No key has both a
/// cell and a marker here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    pub from: u64,
    pub through: u64,
    /// Each newer than what its key holds, and to replace it.
    pub cells: Vec<Cell>,
    /// To be remembered by name; what the key holds stays.
    pub rejected: Vec<(CellKey, Marker)>,
    pub stale: u32,
    pub complete_until: Option<Timestamp>,
    /// Held cells and markers of lineages before this one go: the store came
    /// back, and this batch brings it to its head.
    pub sweeps: Option<u32>,
    /// Of a child hub.
    pub coverage: Option<Coverage>,
    /// Everything here is of records up to there.
    pub journal_head: Option<Box<JournalHead>>,
    /// Under the head's release, by whoever records this.
    pub countersignature: Option<Countersignature>,
    /// It changes a period that is locked, or was reported long before; by whoever
    /// records this.
    pub late: Option<Late>,
    /// Of the catalogue's log: what the node counts with is counted up to its head,
    /// when that has moved; by whoever records this.
    pub counted: Option<u64>,
    /// Its watermark is past the end of a month; by whoever records this.
    pub reached: Option<Reached>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A newer session was granted.
    Superseded {
        epoch: u64,
        current: u64,
    },
    CursorGap {
        from: u64,
        expected: u64,
    },
    Malformed(&'static str),
    /// As many cells are refused already as the hub remembers.
    MarkersFull,
    /// The community is counted by another hub, or was let go.
    Elsewhere,
    /// The journal has shrunk or changed in mid-session: record the sighting.
    Parted(Box<Quarantine>),
}

/// The writer calls this in the order of its queue, each time with the line as
/// the batch before has left it.
pub fn decide_batch(
    line: &Line,
    epoch: u64,
    mut batch: Batch,
    rules: &impl Rules,
    now: Timestamp,
) -> Result<Accepted, Refusal> {
    if epoch != line.epoch {
        let current = line.epoch;
        return Err(Refusal::Superseded { epoch, current });
    }
    if batch.from != line.acked {
        return Err(Refusal::CursorGap {
            from: batch.from,
            expected: line.acked,
        });
    }
    check(line, &batch).map_err(Refusal::Malformed)?;
    let said = batch.journal_head.as_deref();
    if let Some(cause) = said.and_then(|said| line.parts_from(said))
        && let Some(store_id) = line.store_id
    {
        return Err(Refusal::Parted(Box::new(Quarantine {
            since: now,
            cause,
            store_id,
            epoch: line.epoch,
            lineage: line.lineage,
            head_seq: batch.through,
        })));
    }

    release::check(line, &batch).map_err(Refusal::Malformed)?;

    let mut cells = std::mem::take(&mut batch.cells);
    let before = cells.len();
    if cells
        .first()
        .is_some_and(|cell| cell.order.seq <= batch.from)
    {
        cells.retain(|cell| cell.order.seq > batch.from || was_refused(line, cell));
    }
    let stale = (before - cells.len()) as u32;

    let mut rejected: Vec<(CellKey, Marker)> = batch
        .withheld
        .iter()
        .map(|cell| {
            let marker = Marker::new(cell.order, cell.hash, WITHHELD, now);
            (cell.key, marker)
        })
        .collect();
    cells.retain(|cell| match rules.judge(cell) {
        Ok(()) => true,
        Err(rejection) => {
            rejected.push((cell.key, Marker::of(cell, rejection, now)));
            false
        }
    });
    if !rejected.is_empty() {
        if line.rejected.len() + rejected.len() > limits::MARKERS {
            return Err(Refusal::MarkersFull);
        }
        if has_key_twice(&cells, &rejected) {
            return Err(Refusal::Malformed("cells: a key twice"));
        }
    }
    Ok(Accepted {
        from: batch.from,
        through: batch.through,
        cells,
        rejected,
        stale,
        complete_until: batch.complete_until.map(|until| until.min(now)),
        sweeps: (line.sweeps && batch.checkpoint.is_some()).then_some(line.lineage),
        coverage: batch.coverage.map(|coverage| coverage.cut(now)),
        journal_head: batch.journal_head,
        countersignature: None,
        late: None,
        counted: None,
        reached: None,
    })
}

impl Accepted {
    pub fn ack(&self, now: Timestamp) -> Ack {
        let rejected = self.rejected.iter();
        Ack {
            through: self.through,
            applied: self.cells.len() as u32,
            stale: self.stale,
            rejected: rejected
                .map(|(key, marker)| marker.rejected(*key, now))
                .collect::<Vec<Rejected>>(),
            assignments: Vec::new(),
        }
    }
}

impl Refusal {
    pub fn end(&self) -> End {
        match self {
            Refusal::Superseded { epoch, current } => End::of(
                Reason::Superseded,
                None,
                format!("session of epoch {epoch}, current is {current}"),
            ),
            Refusal::CursorGap { from, expected } => End::of(
                Reason::CursorGap,
                Some(limits::BACKOFF_MIN),
                format!("batch from {from}, expected {expected}"),
            ),
            Refusal::Malformed(what) => End::of(Reason::Malformed, None, *what),
            Refusal::MarkersFull => End::of(
                Reason::Busy,
                Some(limits::BACKOFF_MAX),
                format!("{} cells are refused already", limits::MARKERS),
            ),
            Refusal::Elsewhere => elsewhere(),
            Refusal::Parted(quarantine) => quarantine.end(),
        }
    }
}

/// To a node whose community this hub has let go.
pub fn elsewhere() -> End {
    let detail = "this community is counted by another hub; join it there with \
                  tongxin node move, or let this hub's operator invite it again";
    End::of(Reason::NotEnrolled, None, detail)
}

/// The node tries such a cell again by itself, alone.
pub(super) const WITHHELD: Rejection = Rejection {
    reason: RejectReason::Withheld,
    retry: Retry::After(Duration::from_secs(60 * 60)),
};

/// A cell sent again is news only while its very version is marked as refused.
fn was_refused(line: &Line, cell: &Cell) -> bool {
    line.rejected
        .get(&cell.key)
        .is_some_and(|marker| marker.order == cell.order)
}

fn has_key_twice(cells: &[Cell], rejected: &[(CellKey, Marker)]) -> bool {
    let kept = cells.iter().map(|cell| cell.key);
    let mut keys: Vec<CellKey> = kept.chain(rejected.iter().map(|(key, _)| *key)).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

fn check(line: &Line, batch: &Batch) -> Result<(), &'static str> {
    if batch.through < batch.from {
        return Err("through: before from");
    }
    if batch.len() > limits::BATCH_CELLS {
        return Err("cells: more than 500");
    }
    if !batch.cells.is_sorted_by(|a, b| a.order.seq < b.order.seq) {
        return Err("cells: not in ascending order of seq");
    }
    if batch
        .cells
        .last()
        .is_some_and(|cell| cell.order.seq > batch.through)
    {
        return Err("cells: a seq past through");
    }
    let is_foreign = |head: &JournalHead| line.store_id != Some(head.log);
    if batch.journal_head.as_deref().is_some_and(is_foreign) {
        return Err("journal_head.log_id: of another store");
    }
    let fits = |seq| seq > batch.from && seq <= batch.through;
    if !batch.withheld.iter().all(|cell| fits(cell.order.seq)) {
        return Err("withheld: a seq outside from and through");
    }
    let carried = batch.cells.iter().map(|cell| cell.order.lineage);
    let named = batch.withheld.iter().map(|cell| cell.order.lineage);
    if carried.chain(named).any(|lineage| lineage > line.lineage) {
        return Err("lineage: not granted");
    }
    Ok(())
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
