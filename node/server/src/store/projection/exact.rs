//! Protected cells while facts fold into them: what was counted, which stays
//! here, and when another rounded number is to be released. Knows neither orders
//! nor the digest.
//!
//! Rows are written apart from the cells that are released, so after a crash
//! some are ahead of the point from which records are folded again. Those are
//! taken back to that point first: only then does folding tell at which record
//! another number was released, as it did the first time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use node_domain::indicators::{Evaluator, Exact, Shape};
use proto::fact::Fact;
use proto::indicator::accumulator::{Accumulator, Change, Mismatch};
use proto::indicator::cell::CellKey;
use proto::indicator::rounded::Base;

use super::pending::Pending;
use crate::sealing::RoundingKey;
use crate::store::fault::StoreFault;
use crate::store::keyspace::exact::{ExactCells as Space, StoredExact};
use crate::store::keyspace::{self, Rows as _};
use crate::store::record::Record;
use crate::store::view::View;

/// Decoded cells kept when none waits to be written; about 200 bytes each.
const HOT: usize = 8192;
/// Rows of one batch.
const BATCH: usize = 240;

pub struct ExactCells {
    hot: HashMap<CellKey, Hot>,
    dirty: Vec<CellKey>,
    rounding: RoundingKey,
}

struct Hot {
    /// `None`: no facts.
    exact: Option<Exact>,
    /// What it comes to outside, once that was asked.
    released: Option<Option<Accumulator>>,
    as_of: u64,
    dirty: bool,
}

fn fault(key: &CellKey, mismatch: Mismatch) -> StoreFault {
    StoreFault::row("exact cells", &keyspace::key::<Space>(key), mismatch)
}

impl ExactCells {
    pub fn new(rounding: RoundingKey) -> ExactCells {
        ExactCells {
            hot: HashMap::new(),
            dirty: Vec::new(),
            rounding,
        }
    }

    /// Takes back what rows have counted past `complete`, from where records are
    /// folded again.
    pub fn rewind(
        &mut self,
        complete: u64,
        evaluator: &Evaluator,
        source: &journal::Source,
        view: &View,
    ) -> Result<(), StoreFault> {
        let is_behind = complete < source.committed_seq();
        if !is_behind || !evaluator.protects() || view.all::<Space>().next().is_none() {
            return Ok(());
        }
        for record in source.reader(complete + 1)? {
            let record = record?;
            let facts = Record::decode_facts(&record.payload)
                .map_err(|detail| StoreFault::record(record.seq, detail))?;
            let mut outcome = Ok(());
            for fact in &facts {
                evaluator.fold(fact, |key, manner, change| {
                    if manner.base.is_some() && outcome.is_ok() {
                        outcome = self.take_back(record.seq, key, change, view);
                    }
                });
            }
            outcome?;
        }
        Ok(())
    }

    fn take_back(
        &mut self,
        position: u64,
        key: CellKey,
        change: &Change,
        view: &View,
    ) -> Result<(), StoreFault> {
        let Some(stored) = view.load::<Space>(&key)? else {
            return Ok(());
        };
        if stored.as_of < position {
            return Ok(());
        }
        // Dirty, so that it is not read from its row before it is itself again.
        let dirty = &mut self.dirty;
        let hot = self.hot.entry(key).or_insert_with(|| {
            dirty.push(key);
            Hot {
                exact: Some(stored.exact),
                released: None,
                as_of: 0,
                dirty: true,
            }
        });
        let taken = hot.exact.as_mut().map(|exact| exact.take_back(change));
        taken
            .transpose()
            .map_err(|mismatch| fault(&key, mismatch))?;
        Ok(())
    }

    /// Waiting to be written.
    pub fn dirty(&self) -> usize {
        self.dirty.len()
    }

    /// `Some`: another number is to be released from now on, or none.
    pub fn change(
        &mut self,
        position: u64,
        key: CellKey,
        (shape, base): (Shape, Base),
        (change, fact): (&Change, &Fact),
        rows: &Pending,
    ) -> Result<Option<Option<Accumulator>>, StoreFault> {
        let rounding = self.rounding.clone();
        let hot = self.heat(key, rows)?;
        let exact = hot.exact.get_or_insert_with(|| Exact::empty(shape));
        let before = match hot.released.take() {
            Some(before) => before,
            None => exact.released(base, &rounding),
        };
        exact
            .apply(change, || fact.digest())
            .map_err(|mismatch| fault(&key, mismatch))?;
        let released = exact.released(base, &rounding);
        hot.released = Some(released.clone());
        self.touched(position, key);
        Ok((released != before).then_some(released))
    }

    /// Counts a cell from another beginning.
    pub fn replace(
        &mut self,
        position: u64,
        key: CellKey,
        exact: Option<Exact>,
        rows: &Pending,
    ) -> Result<(), StoreFault> {
        let hot = self.heat(key, rows)?;
        if hot.exact != exact {
            hot.exact = exact;
            hot.released = None;
            self.touched(position, key);
        }
        Ok(())
    }

    pub fn released(
        &mut self,
        key: CellKey,
        base: Base,
        rows: &Pending,
    ) -> Result<Option<Accumulator>, StoreFault> {
        let rounding = self.rounding.clone();
        let hot = self.heat(key, rows)?;
        let exact = hot.exact.as_ref();
        Ok(exact.and_then(|exact| exact.released(base, &rounding)))
    }

    /// What would be released of `exact`.
    pub fn release(&self, exact: &Exact, base: Base) -> Option<Accumulator> {
        exact.released(base, &self.rounding)
    }

    fn heat(&mut self, key: CellKey, rows: &Pending) -> Result<&mut Hot, StoreFault> {
        let entry = match self.hot.entry(key) {
            Entry::Occupied(hot) => return Ok(hot.into_mut()),
            Entry::Vacant(vacant) => vacant,
        };
        let stored = rows.load::<Space>(&key)?;
        Ok(entry.insert(Hot {
            exact: stored.map(|stored| stored.exact),
            released: None,
            as_of: 0,
            dirty: false,
        }))
    }

    fn touched(&mut self, position: u64, key: CellKey) {
        let Some(hot) = self.hot.get_mut(&key) else {
            return;
        };
        hot.as_of = position;
        if !hot.dirty {
            hot.dirty = true;
            self.dirty.push(key);
        }
    }

    /// Writes some changed cells' rows; `false` when those were the last.
    pub fn write_some(&mut self, rows: &mut Pending) -> bool {
        let from = self.dirty.len().saturating_sub(BATCH);
        for key in self.dirty.drain(from..) {
            let Some(hot) = self.hot.get_mut(&key) else {
                continue;
            };
            hot.dirty = false;
            match &hot.exact {
                Some(exact) => {
                    let exact = exact.clone();
                    let as_of = hot.as_of;
                    rows.put::<Space>(&key, &StoredExact { as_of, exact });
                }
                None => rows.remove::<Space>(&key),
            }
        }
        if self.dirty.is_empty() && self.hot.len() > HOT {
            self.hot.clear();
        }
        !self.dirty.is_empty()
    }
}
