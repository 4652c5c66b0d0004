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
    places: Vec<u64>,
    breakdowns: Vec<u64>,
    ends: Vec<u32>,
    states: Vec<u8>,
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
    #[error("states are longer than 4 GiB")]
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
        match (self.places.last(), self.breakdowns.last()) {
            (Some(_), _) if kind != self.kind => return Err(InvalidColumn::Kinds(self.kind, kind)),
            (Some(place), Some(breakdown)) if (*place, *breakdown) >= key => {
                return Err(InvalidColumn::Order);
            }
            _ => self.kind = kind,
        }
        let end = u32::try_from(self.states.len() + state.len());
        self.ends.push(end.map_err(|_| InvalidColumn::Length)?);
        self.states.extend_from_slice(state);
        self.places.push(key.0);
        self.breakdowns.push(key.1);
        Ok(())
    }

    /// Gives back what was allocated ahead.
    pub fn shrink(&mut self) {
        self.places.shrink_to_fit();
        self.breakdowns.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.states.shrink_to_fit();
    }

    /// The accumulator kind of every cell.
    pub const fn kind(&self) -> u32 {
        self.kind
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What it occupies, in bytes.
    pub fn size_bytes(&self) -> usize {
        size_of::<Column>()
            + self.places.capacity() * 8
            + self.breakdowns.capacity() * 8
            + self.ends.capacity() * 4
            + self.states.capacity()
    }

    /// Where the cells inside `place` are.
    pub fn inside(&self, place: Place) -> Range<usize> {
        let first = self.places.partition_point(|code| *code < place.aligned());
        let end = place.aligned_end();
        first..self.places.partition_point(|code| *code < end)
    }

    pub fn cells(&self, range: Range<usize>) -> impl Iterator<Item = ColumnCell<'_>> {
        let first = range.start.checked_sub(1);
        let mut start = first.map_or(0, |before| self.ends[before] as usize);
        let keys = self.places[range.clone()]
            .iter()
            .zip(&self.breakdowns[range.clone()]);
        keys.zip(&self.ends[range])
            .map(move |((place, breakdown), end)| {
                let state = &self.states[start..*end as usize];
                start = *end as usize;
                ColumnCell {
                    place: *place,
                    breakdown: Breakdown(*breakdown),
                    state,
                }
            })
    }
}
