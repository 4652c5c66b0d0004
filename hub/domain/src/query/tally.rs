//! Roll-up: merges cells into rows. Time first, within each place and
//! breakdown member; then members and places. Knows no request text and no
//! coverage.

use std::{collections::HashMap, sync::Arc};

use proto::{
    indicator::{
        accumulator::{Accumulator, Mismatch},
        cell::Breakdown,
        kind::Kind,
        state::InvalidState,
    },
    place::Place,
};

use super::{
    column::{Column, InvalidColumn},
    grouping::Grouping,
    request::Measure,
    roster::Roster,
    span::Span,
};

/// A row of the grouping and the breakdown member (0: not grouped by one).
pub type RowKey = (usize, u16);

/// Merged cells by row; a row without cells has none.
#[derive(Debug, Default)]
pub struct Tally {
    rows: HashMap<RowKey, usize>,
    merged: Vec<Accumulator>,
    last: Option<(RowKey, usize)>,
}

/// What is stored does not fit the definition that names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("stored cell of {place}: {cause}")]
    State { place: u64, cause: InvalidState },
    #[error("stored cell of {place}: {cause}")]
    Kind { place: u64, cause: Mismatch },
    #[error("cells as they were approved: {0}")]
    Column(InvalidColumn),
}

impl Tally {
    pub fn get(&self, key: RowKey) -> Option<&Accumulator> {
        self.rows.get(&key).map(|at| &self.merged[*at])
    }

    pub fn keys(&self) -> impl Iterator<Item = RowKey> + '_ {
        self.rows.keys().copied()
    }

    pub(super) fn merge(
        &mut self,
        key: RowKey,
        kind: Kind,
        cell: &Accumulator,
    ) -> Result<(), Mismatch> {
        let at = match self.last {
            Some((last, at)) if last == key => at,
            _ => {
                let next = self.merged.len();
                let at = *self.rows.entry(key).or_insert(next);
                if at == next {
                    self.merged.push(Accumulator::empty(kind));
                }
                self.last = Some((key, at));
                at
            }
        };
        self.merged[at].merge_places(cell)
    }
}

/// The cells of one span and how they fall into rows.
pub struct Cells<'a> {
    /// One per base period.
    pub columns: &'a [Arc<Column>],
    pub measure: &'a Measure,
    pub place: Place,
    pub span: &'a Span,
    pub grouping: &'a Grouping,
    pub roster: &'a Roster,
}

impl Cells<'_> {
    pub fn tally(&self) -> Result<Tally, Unreadable> {
        let kind = self.measure.kind;
        let mut tally = Tally::default();
        // Only a level merges otherwise over time than over places: every other
        // kind may be merged in any order (the algebra's laws are tested there).
        if kind != Kind::Level {
            self.scan(|_, row, state| tally.merge(row, kind, state))?;
            return Ok(tally);
        }
        let mut latest: HashMap<(u64, Breakdown), (RowKey, Accumulator)> = HashMap::new();
        self.scan(|cell, row, state| {
            let entry = latest.entry(cell);
            let (_, merged) = entry.or_insert_with(|| (row, Accumulator::empty(kind)));
            merged.merge_periods(state)
        })?;
        for ((place, _), (row, merged)) in latest {
            let outcome = tally.merge(row, kind, &merged);
            outcome.map_err(|cause| Unreadable::Kind { place, cause })?;
        }
        Ok(tally)
    }

    /// Calls `take` for every cell that counts, with its row. Cells of a
    /// community that the roster does not hold yet are left for the next
    /// question.
    fn scan(
        &self,
        mut take: impl FnMut((u64, Breakdown), RowKey, &Accumulator) -> Result<(), Mismatch>,
    ) -> Result<(), Unreadable> {
        let (measure, slots) = (self.measure, self.grouping.slots());
        let codes = &self.roster.codes()[slots.clone()];
        for column in self.columns {
            let mut at = 0;
            for cell in column.inside(self.place) {
                let place = cell.place;
                while at < codes.len() && codes[at] < place {
                    at += 1;
                }
                if at == codes.len() {
                    break;
                }
                let slot = slots.start + at;
                let Some(row) = self.grouping.row_of(slot) else {
                    continue;
                };
                if codes[at] != place || !measure.counts(cell.breakdown) || self.is_past(slot) {
                    continue;
                }
                let member = measure.breakdown.map_or(0, |at| cell.breakdown.member(at));
                let state = Accumulator::read(column.kind(), cell.state)
                    .map_err(|cause| Unreadable::State { place, cause })?;
                take((place, cell.breakdown), (row, member), &state)
                    .map_err(|cause| Unreadable::Kind { place, cause })?;
            }
        }
        Ok(())
    }

    /// A community that ended has no stock at the end of the span.
    fn is_past(&self, slot: usize) -> bool {
        self.measure.kind == Kind::Level && self.roster.closed(slot) <= self.span.last_day
    }
}

impl Measure {
    fn counts(&self, breakdown: Breakdown) -> bool {
        self.filters
            .iter()
            .all(|(at, members)| members.contains(&breakdown.member(*at)))
    }
}
