//! The value as approved beside the value as it is: where everything that a row is
//! made of is locked, it is answered once more from what the cells were then.
//! Knows no store: revisions come through a trait.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use proto::{
    indicator::cell::{Breakdown, IndicatorId, Revision},
    period::Period,
    place::Place,
};

use super::{
    answer::{Columns, Engine, Row, Shared, Unanswered, World},
    column::{Column, ColumnId, InvalidColumn},
    plan::Plan,
    request::{Measure, REVISION_LIMIT, Refusal, Request},
    span::Span,
    tally::Unreadable,
    value::Value,
};
use crate::period::{Book, CellRevision, Lock, LockNumber, approved};

/// Where revisions come from.
pub trait Revisions: Columns {
    /// Those of cells of `base`, of each community in the order of their records.
    /// Those outside `place` may be left out.
    fn revisions(
        &self,
        base: Period,
        place: Place,
    ) -> Result<Arc<Vec<CellRevision>>, <Self as Columns>::Fault>;
}

#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// The first of those that the row's cells are locked by.
    pub lock: LockNumber,
    pub value: Value,
}

/// Says of every row whose cells are all locked what was approved.
pub fn approve<C: Revisions>(
    rows: &mut [Row],
    request: &Request,
    measures: &[Measure],
    world: World<'_>,
    book: &Book,
    columns: &C,
) -> Result<(), Unanswered<<C as Columns>::Fault>> {
    if book.is_open() {
        return Ok(());
    }
    let plan = Plan::new(request, measures)?;
    let mut of: HashMap<(IndicatorId, Revision, Option<Period>), Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let span = (row.indicator, row.revision, row.period);
        of.entry(span).or_default().push(at);
    }
    let overlay = Overlay {
        columns,
        book,
        read: Cell::new(0),
    };
    for (measure, spans) in measures.iter().zip(&plan.spans) {
        for span in spans {
            let Some(locks) = measure.locks(span, book)? else {
                continue;
            };
            let Some(first) = locks.first() else { continue };
            let Some(found) = of.get(&(measure.id, measure.revision, span.period)) else {
                continue;
            };
            let measure = measure.without(&silent(&locks, book));
            let mut engine = Engine {
                world,
                request,
                columns: &overlay,
                shared: Shared::new(),
                seen: None,
            };
            let table = engine.table(&measure, span, request.place);
            let table = table.map_err(unanswered)?;
            for at in found {
                let row = &mut rows[*at];
                let value = table
                    .grouping
                    .find(&row.key)
                    .map(|at| table.value(&measure, at, row.member.unwrap_or(0)));
                row.approval = value.map(|value| Approval {
                    lock: *first,
                    value,
                });
            }
        }
    }
    Ok(())
}

fn silent(locks: &BTreeSet<LockNumber>, book: &Book) -> BTreeSet<u64> {
    let locks = locks.iter().filter_map(|number| book.lock(*number));
    locks.flat_map(|lock| lock.silent.iter().copied()).collect()
}

impl Measure {
    /// What its cells of `span` are locked by; `None` while one is open.
    fn locks(&self, span: &Span, book: &Book) -> Result<Option<BTreeSet<LockNumber>>, Refusal> {
        let mut locks = BTreeSet::new();
        if let Some(derivation) = &self.derivation {
            for term in &derivation.terms {
                let span = self.span_of(term, span)?;
                match term.locks(&span, book)? {
                    Some(of_term) => locks.extend(of_term),
                    None => return Ok(None),
                }
            }
            return Ok(Some(locks));
        }
        // What the hub sees now it sees only now.
        if self.observed.is_some() {
            return Ok(None);
        }
        for base in &span.bases {
            match book.lock_of(self.id, self.revision, *base) {
                Some(lock) => locks.insert(lock.number),
                None => return Ok(None),
            };
        }
        Ok(Some(locks))
    }

    /// The same where these communities have not reported.
    fn without(&self, silent: &BTreeSet<u64>) -> Measure {
        let mut measure = self.clone();
        Arc::make_mut(&mut measure.absent).extend(silent);
        if let Some(derivation) = &mut measure.derivation {
            let derivation = Arc::make_mut(derivation);
            for term in &mut derivation.terms {
                *term = term.without(silent);
            }
        }
        measure
    }
}

/// Columns as they were approved, where they are locked.
struct Overlay<'a, C> {
    columns: &'a C,
    book: &'a Book,
    /// Revisions looked at so far.
    read: Cell<usize>,
}

enum Fault<F> {
    Columns(F),
    Column(InvalidColumn),
    TooMany(usize),
}

impl<C: Revisions> Columns for Overlay<'_, C> {
    type Fault = Fault<<C as Columns>::Fault>;

    fn columns(&self, ids: &[ColumnId], place: Place) -> Result<Vec<Arc<Column>>, Self::Fault> {
        let mut columns = self.columns.columns(ids, place).map_err(Fault::Columns)?;
        for (id, column) in ids.iter().zip(&mut columns) {
            let lock = self.book.lock_of(id.indicator, id.revision, id.period);
            let Some(lock) = lock else { continue };
            let revisions = self.columns.revisions(id.period, place);
            let revisions = revisions.map_err(Fault::Columns)?;
            self.read.set(self.read.get() + revisions.len());
            if self.read.get() > REVISION_LIMIT {
                return Err(Fault::TooMany(self.read.get()));
            }
            if let Some(then) = as_approved(column, id, &revisions, lock).map_err(Fault::Column)? {
                *column = Arc::new(then);
            }
        }
        Ok(columns)
    }
}

/// `None`: none of its cells was revised since.
fn as_approved(
    column: &Column,
    id: &ColumnId,
    revisions: &[CellRevision],
    lock: &Lock,
) -> Result<Option<Column>, InvalidColumn> {
    let is_of = |one: &&CellRevision| {
        let key = &one.key;
        (key.indicator, key.revision, key.period) == (id.indicator, id.revision, id.period)
    };
    let then = approved(revisions.iter().filter(is_of), lock);
    if then.is_empty() {
        return Ok(None);
    }
    let now = column.cells();
    let mut cells: BTreeMap<(u64, u64), (u32, &[u8])> = now
        .map(|cell| {
            let key = (cell.place, cell.breakdown.0);
            (key, (column.kind(), cell.state))
        })
        .collect();
    for ((place, key), state) in then {
        let at = (place.aligned(), key.breakdown.0);
        match state {
            Some(state) => cells.insert(at, (state.kind, &*state.bytes)),
            None => cells.remove(&at),
        };
    }
    let mut column = Column::default();
    for ((place, breakdown), (kind, state)) in cells {
        // What a column holds came from such a place.
        let place = Place::reporting(place).ok_or(InvalidColumn::Order)?;
        column.push(place, Breakdown(breakdown), kind, state)?;
    }
    Ok(Some(column))
}

fn unanswered<F>(fault: Unanswered<Fault<F>>) -> Unanswered<F> {
    match fault {
        Unanswered::Refused(refusal) => Unanswered::Refused(refusal),
        Unanswered::Unreadable(unreadable) => Unanswered::Unreadable(unreadable),
        Unanswered::Columns(Fault::Columns(fault)) => Unanswered::Columns(fault),
        Unanswered::Columns(Fault::Column(cause)) => {
            Unanswered::Unreadable(Unreadable::Column(cause))
        }
        Unanswered::Columns(Fault::TooMany(count)) => {
            Unanswered::Refused(Refusal::TooManyRevisions(count))
        }
    }
}

#[cfg(test)]
#[path = "approved_tests.rs"]
mod tests;
