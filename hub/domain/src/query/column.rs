//! A column: every community's cells of one indicator, revision and base
//! period, packed in place order. Knows neither where they are kept nor what
//! they are asked for.

use std::ops::Range;

use proto::{
    indicator::cell::{Breakdown, IndicatorId, Revision},
    period::Period,
    place::Place,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId {
    pub indicator: IndicatorId,
    pub revision: Revision,
    pub period: Period,
}

/// Ascending by place, then breakdown. Removed cells are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    kind: u32,
    runs: Vec<Run>,
    breakdowns: Vec<u64>,
    /// Of each cell's state.
    lengths: Vec<u16>,
    states: Vec<u8>,
}

/// The cells of one place, up to the next run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    place: u64,
    cell: u32,
    state: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnCell<'a> {
    /// [`Place::aligned`] of the community.
    pub place: u64,
    pub breakdown: Breakdown,
    pub state: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidColumn {
    #[error("kinds {0} and {1} in one column")]
    Kinds(u32, u32),
    #[error("cells are not in ascending order of place and breakdown")]
    Order,
    #[error("a state is longer than 64 KiB, or all are than 4 GiB")]
    Length,
}

impl Column {
    pub fn push(
        &mut self,
        place: Place,
        breakdown: Breakdown,
        kind: u32,
        state: &[u8],
    ) -> Result<(), InvalidColumn> {
        let key = (place.aligned(), breakdown.0);
        let last = self.runs.last().map(|run| run.place);
        match (last, self.breakdowns.last()) {
            (Some(_), _) if kind != self.kind => return Err(InvalidColumn::Kinds(self.kind, kind)),
            (Some(place), Some(breakdown)) if (place, *breakdown) >= key => {
                return Err(InvalidColumn::Order);
            }
            _ => self.kind = kind,
        }
        let length = u16::try_from(state.len()).map_err(|_| InvalidColumn::Length)?;
        if last != Some(key.0) {
            let offset = |at| u32::try_from(at).map_err(|_| InvalidColumn::Length);
            self.runs.push(Run {
                place: key.0,
                cell: offset(self.breakdowns.len())?,
                state: offset(self.states.len())?,
            });
        }
        self.breakdowns.push(key.1);
        self.lengths.push(length);
        self.states.extend_from_slice(state);
        Ok(())
    }

    /// Gives back what was allocated ahead.
    pub fn shrink(&mut self) {
        self.runs.shrink_to_fit();
        self.breakdowns.shrink_to_fit();
        self.lengths.shrink_to_fit();
        self.states.shrink_to_fit();
    }

    /// The accumulator kind of every cell.
    pub const fn kind(&self) -> u32 {
        self.kind
    }

    pub fn len(&self) -> usize {
        self.breakdowns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.breakdowns.is_empty()
    }

    /// What it occupies, in bytes.
    pub fn size_bytes(&self) -> usize {
        size_of::<Column>()
            + self.runs.capacity() * size_of::<Run>()
            + self.breakdowns.capacity() * 8
            + self.lengths.capacity() * 2
            + self.states.capacity()
    }

    pub fn cells(&self) -> impl Iterator<Item = ColumnCell<'_>> {
        self.of_runs(0..self.runs.len())
    }

    /// The cells inside `place`.
    pub fn inside(&self, place: Place) -> impl Iterator<Item = ColumnCell<'_>> {
        let (from, to) = (place.aligned(), place.aligned_end());
        let first = self.runs.partition_point(|run| run.place < from);
        self.of_runs(first..self.runs.partition_point(|run| run.place < to))
    }

    fn of_runs(&self, range: Range<usize>) -> impl Iterator<Item = ColumnCell<'_>> {
        let all = self.runs.len();
        range.flat_map(move |at| {
            let run = self.runs[at];
            let end = match at + 1 == all {
                true => self.len(),
                false => self.runs[at + 1].cell as usize,
            };
            let cells = run.cell as usize..end;
            let keys = self.breakdowns[cells.clone()].iter();
            let mut rest = &self.states[run.state as usize..];
            keys.zip(&self.lengths[cells])
                .map(move |(breakdown, length)| {
                    let (state, after) = rest.split_at(usize::from(*length));
                    rest = after;
                    ColumnCell {
                        place: run.place,
                        breakdown: Breakdown(*breakdown),
                        state,
                    }
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_by_place_and_states_may_be_empty() {
        let places = ["510115001001", "510115001002", "510115002001"];
        let places = places.map(|code| code.parse::<Place>().unwrap());
        let mut column = Column::default();
        let states: [&[u8]; 3] = [&[], &[7], &[8, 9]];
        for (place, count) in places.iter().zip(1..) {
            for (breakdown, state) in states.iter().enumerate().take(count) {
                let breakdown = Breakdown(breakdown as u64);
                column.push(*place, breakdown, 1, state).unwrap();
            }
        }
        let told = |cells: Vec<ColumnCell<'_>>| {
            let cells = cells.iter();
            let told = cells.map(|cell| (cell.place, cell.breakdown.0, cell.state.to_vec()));
            told.collect::<Vec<_>>()
        };
        let mut want = Vec::new();
        for (place, count) in places.iter().zip(1..) {
            for (breakdown, state) in states.iter().enumerate().take(count) {
                want.push((place.aligned(), breakdown as u64, state.to_vec()));
            }
        }
        assert_eq!(told(column.cells().collect()), want);
        for (place, range) in [
            ("510115001", 0..3),
            ("510115001002", 1..3),
            ("510115002", 3..6),
            ("510116", 6..6),
        ] {
            let inside = column.inside(place.parse().unwrap());
            assert_eq!(told(inside.collect()), want[range], "{place}");
        }
        let again = column.push(places[2], Breakdown(2), 1, &[]);
        assert_eq!(again, Err(InvalidColumn::Order));
        let other = column.push(places[2], Breakdown(3), 2, &[]);
        assert_eq!(other, Err(InvalidColumn::Kinds(1, 2)));
        let long = column.push(places[2], Breakdown(3), 1, &[0; 1 << 16]);
        assert_eq!(long, Err(InvalidColumn::Length));
        assert_eq!(column.len(), 6);
    }
}
