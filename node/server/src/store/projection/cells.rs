//! Cells while facts fold into them: decoded accumulators, kept hot, written out
//! now and then, because most records change the same few. Counts the order of
//! every change and keeps the digest. Of protected cells it holds what is released
//! (`exact` has the rest), and an order counts only when that changes, or orders
//! would tell how many facts there were. Knows no event.
//!
//! A row says up to which record its cell counts, so that cells can be written
//! in moderate batches, and records that some cells had not seen be folded again
//! after a crash without counting twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use node_domain::event::Reclaimed;
use node_domain::indicators::{Evaluator, Exact, Manner, Shape};
use proto::digest::Digest;
use proto::fact::Fact;
use proto::indicator::accumulator::{Accumulator, Change};
use proto::indicator::cell::{Cell, CellKey, CellState, Order};
use proto::indicator::rounded::Base;

use super::exact::ExactCells;
use super::pending::Pending;
use crate::store::fault::StoreFault;
use crate::store::keyspace::cell::{Cells, Stored};
use crate::store::keyspace::change::Changes;
use crate::store::keyspace::digest::Digests;
use crate::store::keyspace::member::{self, Members};
use crate::store::keyspace::{self, Rows as _};

/// Decoded cells kept when none waits to be written; about 250 bytes each.
const HOT: usize = 8192;
/// Changed cells after which they are written out.
const DIRTY: usize = 4096;
/// Cells of one batch: three rows each.
const BATCH: usize = 80;

pub struct HotCells {
    hot: HashMap<CellKey, Hot>,
    dirty: Vec<CellKey>,
    /// Changed cells that have no row yet.
    unwritten: u64,
    exact: ExactCells,
    digest: Digest,
    /// Changes so far.
    pub seq: u64,
    /// What new orders bear.
    pub lineage: u32,
}

struct Hot {
    /// `None`: removed, or never there.
    accumulator: Option<Accumulator>,
    order: Order,
    as_of: u64,
    /// As the rows say.
    written: Option<Stored>,
    /// Counted since then, and by which record.
    members: Vec<([u8; 16], u64)>,
    dirty: bool,
}

fn cell(key: CellKey, stored: &Stored) -> Cell {
    Cell {
        key,
        order: stored.order,
        state: stored.state.clone(),
    }
}

fn decoded(key: &CellKey, state: &CellState) -> Result<Accumulator, StoreFault> {
    let fault = |invalid| StoreFault::row("cells", &keyspace::key::<Cells>(key), invalid);
    Accumulator::decode(state).map_err(fault)
}

impl Hot {
    /// The row had this record before a crash; only the order is counted.
    fn has_seen(&self, position: u64) -> bool {
        self.written
            .as_ref()
            .is_some_and(|written| position <= written.as_of)
    }
}

impl HotCells {
    pub fn new(exact: ExactCells, digest: Digest, seq: u64, lineage: u32) -> HotCells {
        HotCells {
            hot: HashMap::new(),
            dirty: Vec::new(),
            unwritten: 0,
            exact,
            digest,
            seq,
            lineage,
        }
    }

    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    pub fn count(&self) -> u64 {
        self.digest.count() + self.unwritten
    }

    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty() || self.exact.dirty() > 0
    }

    /// Whether enough has changed to be written out.
    pub fn is_full(&self) -> bool {
        self.dirty.len() + self.exact.dirty() >= DIRTY
    }

    pub fn fold(
        &mut self,
        position: u64,
        evaluator: &Evaluator,
        facts: &[Fact],
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        let mut outcome = Ok(());
        for fact in facts {
            evaluator.fold(fact, |key, manner, change| {
                if outcome.is_ok() {
                    outcome = match (manner.base, Shape::of(manner.kind)) {
                        (Some(base), Some(shape)) => {
                            let (counted, fact) = ((shape, base), (change, fact));
                            self.count_exactly(position, key, counted, fact, rows)
                        }
                        _ => self.change(position, key, manner, change, rows),
                    };
                }
            });
        }
        outcome
    }

    fn change(
        &mut self,
        position: u64,
        key: CellKey,
        manner: Manner,
        change: &Change,
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        let fault = |detail: &dyn ToString| {
            StoreFault::row("cells", &keyspace::key::<Cells>(&key), detail.to_string())
        };
        let hot = self.heat(key, rows)?;
        if let Change::Member(member) = change {
            let hash = member::hash(member);
            let counted_by = match hot.members.iter().find(|(known, _)| *known == hash) {
                Some((_, by)) => Some(*by),
                None => rows.load::<Members>(&(key, hash))?,
            };
            match counted_by {
                Some(by) if by != position || !hot.has_seen(position) => return Ok(()),
                Some(_) => {}
                None => hot.members.push((hash, position)),
            }
        }
        if hot.has_seen(position) {
            self.seq += 1;
            return Ok(());
        }
        hot.accumulator
            .get_or_insert_with(|| Accumulator::empty(manner.kind))
            .apply(change)
            .map_err(|mismatch| fault(&mismatch))?;
        self.touched(position, key);
        Ok(())
    }

    /// Counts exactly, and releases another number when it comes to one.
    fn count_exactly(
        &mut self,
        position: u64,
        key: CellKey,
        counted: (Shape, Base),
        fact: (&Change, &Fact),
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        match self.exact.change(position, key, counted, fact, rows)? {
            Some(released) => self.replace(position, key, released, rows),
            None => Ok(()),
        }
    }

    /// What would be released of `exact`.
    pub fn release(&self, exact: &Exact, base: Base) -> Option<Accumulator> {
        self.exact.release(exact, base)
    }

    /// As [`HotCells::replace`], for a protected cell.
    pub fn recount(
        &mut self,
        position: u64,
        key: CellKey,
        base: Base,
        exact: Option<Exact>,
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        self.exact.replace(position, key, exact, rows)?;
        let released = self.exact.released(key, base, rows)?;
        self.replace(position, key, released, rows)
    }

    /// Gives a cell another state, if it is another; `None` removes it.
    pub fn replace(
        &mut self,
        position: u64,
        key: CellKey,
        accumulator: Option<Accumulator>,
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        let hot = self.heat(key, rows)?;
        if hot.has_seen(position) {
            self.seq += 1;
        } else if hot.accumulator != accumulator {
            hot.accumulator = accumulator;
            self.touched(position, key);
        }
        Ok(())
    }

    /// Gives every cell its state, order and lineage anew, by its place in the
    /// list, so that doing the rest after a crash comes to the same.
    pub fn restate(
        &mut self,
        position: u64,
        reclaimed: &Reclaimed,
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        self.lineage = reclaimed.standing.lineage;
        for (before, adopted) in (reclaimed.base..).zip(&reclaimed.cells) {
            let key = adopted.key;
            if let Some(exact) = &adopted.exact {
                let exact = Some(exact.clone());
                self.exact.replace(position, key, exact, rows)?;
            }
            let hot = self.heat(key, rows)?;
            if hot.has_seen(position) {
                continue;
            }
            hot.accumulator = match adopted.state.is_removed() {
                true => None,
                false => Some(decoded(&key, &adopted.state)?),
            };
            self.seq = before;
            self.touched(position, key);
        }
        self.seq = reclaimed.base + reclaimed.cells.len() as u64;
        Ok(())
    }

    fn heat(&mut self, key: CellKey, rows: &Pending) -> Result<&mut Hot, StoreFault> {
        let entry = match self.hot.entry(key) {
            Entry::Occupied(hot) => return Ok(hot.into_mut()),
            Entry::Vacant(vacant) => vacant,
        };
        let written = rows.load::<Cells>(&key)?;
        let accumulator = match &written {
            Some(stored) if !stored.state.is_removed() => Some(decoded(&key, &stored.state)?),
            _ => None,
        };
        Ok(entry.insert(Hot {
            accumulator,
            order: Order { lineage: 0, seq: 0 },
            as_of: 0,
            written,
            members: Vec::new(),
            dirty: false,
        }))
    }

    fn touched(&mut self, position: u64, key: CellKey) {
        let Some(hot) = self.hot.get_mut(&key) else {
            return;
        };
        self.seq += 1;
        hot.order = Order {
            lineage: self.lineage,
            seq: self.seq,
        };
        hot.as_of = position;
        if !hot.dirty {
            hot.dirty = true;
            self.dirty.push(key);
            self.unwritten += u64::from(hot.written.is_none());
        }
    }

    /// Writes some changed cells' rows, one batch of them; `false` when that
    /// were the last.
    pub fn write_some(&mut self, rows: &mut Pending) -> bool {
        if self.dirty.is_empty() {
            return self.exact.write_some(rows);
        }
        let from = self.dirty.len().saturating_sub(BATCH);
        for key in self.dirty.drain(from..) {
            let Some(hot) = self.hot.get_mut(&key) else {
                continue;
            };
            match &hot.written {
                Some(before) => {
                    self.digest.remove(&cell(key, before));
                    rows.remove::<Changes>(&before.order.seq);
                }
                None => self.unwritten -= 1,
            }
            let stored = Stored {
                as_of: hot.as_of,
                order: hot.order,
                state: hot
                    .accumulator
                    .as_ref()
                    .map_or_else(CellState::removed, Accumulator::encode),
            };
            for (member, position) in hot.members.drain(..) {
                rows.put::<Members>(&(key, member), &position);
            }
            self.digest.add(&cell(key, &stored));
            rows.put::<Changes>(&stored.order.seq, &key);
            rows.put::<Cells>(&key, &stored);
            hot.written = Some(stored);
            hot.dirty = false;
        }
        rows.put::<Digests>(&(), &self.digest);
        if self.dirty.is_empty() && self.hot.len() > HOT {
            self.hot.clear();
        }
        self.is_dirty()
    }
}
