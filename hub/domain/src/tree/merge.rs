//! What a child hub passes on: the cells of all its places, merged per key.
//! Exact at every level: counts add up in any order; of stocks the latest of
//! each place, then their sum. Reads columns; knows no store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::civil::Date;
use proto::indicator::{
    accumulator::{Accumulator, Mismatch},
    cell::{Breakdown, CellState},
    kind::Kind,
    state::InvalidState,
};

use crate::query::{Column, ColumnCell, Roster};

/// One series of one period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    pub cells: BTreeMap<Breakdown, CellState>,
    /// Keys of a kind newer than this build that several places have: they
    /// cannot be merged, and stay here until this hub is updated.
    pub unmerged: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored cell of {place}: {cause}")]
pub struct Unreadable {
    pub place: u64,
    pub cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    #[error(transparent)]
    State(#[from] InvalidState),
    #[error(transparent)]
    Kind(#[from] Mismatch),
}

/// `columns`: the period's, last; before it, for a stock, those of the year
/// before, ascending. Only places that the roster holds count. `last_day`: of
/// the period.
pub fn merged(
    columns: &[Arc<Column>],
    roster: &Roster,
    last_day: Date,
) -> Result<Merged, Unreadable> {
    let Some(column) = columns.last() else {
        return Ok(Merged::default());
    };
    let mut sums: HashMap<Breakdown, Accumulator> = HashMap::new();
    let mut unmerged: Vec<Breakdown> = Vec::new();
    let mut add = |place: u64, breakdown: Breakdown, state: Accumulator| {
        let Some(sum) = sums.get_mut(&breakdown) else {
            sums.insert(breakdown, state);
            return Ok(());
        };
        match sum.merge_places(&state) {
            Ok(()) => Ok(()),
            Err(Mismatch::Unknown(_)) => {
                unmerged.push(breakdown);
                Ok(())
            }
            Err(mismatch) => Err(Unreadable {
                place,
                cause: mismatch.into(),
            }),
        }
    };
    if column.kind() == Kind::Level.number() {
        for ((place, breakdown), stock) in latest(columns, roster, last_day)? {
            add(place, breakdown, stock)?;
        }
    } else {
        for (_, cell) in counted(column, roster) {
            add(cell.place, cell.breakdown, decode(column, &cell)?)?;
        }
    }
    unmerged.sort_unstable();
    unmerged.dedup();
    for breakdown in &unmerged {
        sums.remove(breakdown);
    }
    let cells = sums.iter().map(|(key, sum)| (*key, sum.encode()));
    Ok(Merged {
        cells: cells.collect(),
        unmerged: unmerged.len(),
    })
}

type Stocks = HashMap<(u64, Breakdown), Accumulator>;

/// The stock of each place at the end of the last column's period, for the
/// breakdowns that this column has.
fn latest(columns: &[Arc<Column>], roster: &Roster, last_day: Date) -> Result<Stocks, Unreadable> {
    let mut stocks = Stocks::new();
    let Some(last) = columns.last() else {
        return Ok(stocks);
    };
    let cells = counted(last, roster);
    let wanted: std::collections::HashSet<Breakdown> =
        cells.map(|(_, cell)| cell.breakdown).collect();
    for column in columns.iter().filter(|column| !column.is_empty()) {
        for (slot, cell) in counted(column, roster) {
            // A community that ended has no stock at the end of the period.
            if !wanted.contains(&cell.breakdown) || roster.closed(slot) <= last_day {
                continue;
            }
            let stock = decode(column, &cell)?;
            let entry = stocks.entry((cell.place, cell.breakdown));
            let held = entry.or_insert_with(|| Accumulator::empty(Kind::Level));
            held.merge_periods(&stock).map_err(|cause| Unreadable {
                place: cell.place,
                cause: cause.into(),
            })?;
        }
    }
    Ok(stocks)
}

/// The cells of places that the roster holds, each with its slot.
fn counted<'a>(
    column: &'a Column,
    roster: &'a Roster,
) -> impl Iterator<Item = (usize, ColumnCell<'a>)> {
    let codes = roster.codes();
    let mut at = 0;
    column.cells().filter_map(move |cell| {
        while at < codes.len() && codes[at] < cell.place {
            at += 1;
        }
        (codes.get(at) == Some(&cell.place)).then_some((at, cell))
    })
}

fn decode(column: &Column, cell: &ColumnCell<'_>) -> Result<Accumulator, Unreadable> {
    let read = Accumulator::read(column.kind(), cell.state);
    read.map_err(|cause| Unreadable {
        place: cell.place,
        cause: cause.into(),
    })
}

/// What has to be written so that the cells `held` of one series and period
/// become the `merged` ones.
pub fn changes(
    held: &BTreeMap<Breakdown, CellState>,
    merged: &BTreeMap<Breakdown, CellState>,
) -> Vec<(Breakdown, CellState)> {
    let new = merged.iter();
    let new = new.filter(|(key, state)| held.get(key) != Some(state));
    let mut changes: Vec<_> = new.map(|(key, state)| (*key, state.clone())).collect();
    let gone = held.iter();
    let gone = gone.filter(|(key, state)| !merged.contains_key(key) && !state.is_removed());
    changes.extend(gone.map(|(key, _)| (*key, CellState::removed())));
    changes
}
