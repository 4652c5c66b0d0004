//! Cells as columns on the wire: a batch costs 2 to 3 compressed bytes per cell
//! this way, 8 as one message per cell (`reference/performance.md` E). Carries
//! states as bytes and never reads them, so that unknown kinds pass untouched.

pub use crate::indicator::packer::{Packer, encode};
use crate::{
    indicator::{
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
        state::MAX_STATE_BYTES,
    },
    pb::sync as pb,
    period::Period,
};

/// Cells in one message, at most.
pub const MAX_CELLS: usize = 500;

/// Encoded bytes of the cells of one message, at most: 32 KiB less 512 bytes
/// for what is around them.
pub const MAX_BYTES: usize = 32 * 1024 - 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCells {
    #[error("count: {0} cells, want at most {MAX_CELLS}")]
    TooMany(u32),
    #[error("{column}: {found} entries for {count} cells")]
    Length {
        column: &'static str,
        found: usize,
        count: usize,
    },
    #[error("{column}[{row}]: out of range")]
    Value { column: &'static str, row: usize },
    #[error("states: {found} bytes, want {want}, the sum of state_length")]
    States { found: usize, want: usize },
}

/// The cells of a message, in its order. States are bytes still: whether they
/// mean something, `Accumulator::decode` says cell by cell.
pub fn decode(cells: &pb::Cells) -> Result<Vec<Cell>, InvalidCells> {
    if cells.count as usize > MAX_CELLS {
        return Err(InvalidCells::TooMany(cells.count));
    }
    let columns = Columns::open(cells)?;
    let mut before = Before {
        periods: vec![0; cells.series.len()],
        members: [0; Breakdown::MAX],
        seq: 0,
        states: &cells.states,
    };
    let rows = 0..cells.count as usize;
    let decoded = rows.map(|row| columns.cell(row, &mut before));
    let decoded = decoded.collect::<Result<Vec<Cell>, InvalidCells>>()?;
    if !before.states.is_empty() {
        let found = cells.states.len();
        return Err(InvalidCells::States {
            found,
            want: found - before.states.len(),
        });
    }
    Ok(decoded)
}

/// Columns whose lengths agree.
struct Columns<'a> {
    cells: &'a pb::Cells,
    members: [&'a [u32]; Breakdown::MAX],
}

/// What deltas start from.
struct Before<'a> {
    periods: Vec<u32>,
    members: [u16; Breakdown::MAX],
    seq: u64,
    states: &'a [u8],
}

const MEMBER_COLUMNS: [&str; Breakdown::MAX] = ["member_1", "member_2", "member_3", "member_4"];

impl<'a> Columns<'a> {
    fn open(cells: &'a pb::Cells) -> Result<Columns<'a>, InvalidCells> {
        let count = cells.count as usize;
        let members: [&[u32]; Breakdown::MAX] = [
            &cells.member_1,
            &cells.member_2,
            &cells.member_3,
            &cells.member_4,
        ];
        let lengths = [
            ("series_index", cells.series_index.len()),
            ("period_delta", cells.period_delta.len()),
            ("seq_delta", cells.seq_delta.len()),
            ("state_length", cells.state_length.len()),
        ];
        let member_lengths = MEMBER_COLUMNS.into_iter().zip(members.map(<[u32]>::len));
        for (column, found) in lengths.into_iter().chain(member_lengths) {
            if found != 0 && found != count {
                return Err(InvalidCells::Length {
                    column,
                    found,
                    count,
                });
            }
        }
        if cells.series.len() > count {
            return Err(InvalidCells::Length {
                column: "series",
                found: cells.series.len(),
                count,
            });
        }
        Ok(Columns { cells, members })
    }

    fn cell(&self, row: usize, before: &mut Before<'_>) -> Result<Cell, InvalidCells> {
        let invalid = |column| InvalidCells::Value { column, row };
        let index = at(&self.cells.series_index, row) as usize;
        let series = self.cells.series.get(index);
        let series = series.ok_or_else(|| invalid("series_index"))?;

        let number = before.periods[index].checked_add_signed(at(&self.cells.period_delta, row));
        let period = number.and_then(|number| Period::from_number(number).ok());
        let period = period.ok_or_else(|| invalid("period_delta"))?;
        before.periods[index] = period.number();

        for (position, column) in self.members.into_iter().enumerate() {
            if let Some(member) = at(column, row).checked_sub(1) {
                let member = u16::try_from(member);
                before.members[position] = member.map_err(|_| invalid(MEMBER_COLUMNS[position]))?;
            }
        }
        before.seq = before
            .seq
            .wrapping_add_signed(at(&self.cells.seq_delta, row));

        let length = at(&self.cells.state_length, row) as usize;
        if length > MAX_STATE_BYTES || (series.kind == 0 && length > 0) {
            return Err(invalid("state_length"));
        }
        let (bytes, rest) = before.states.split_at_checked(length).ok_or_else(|| {
            let lengths = self.cells.state_length.iter();
            InvalidCells::States {
                found: self.cells.states.len(),
                want: lengths.map(|length| *length as usize).sum(),
            }
        })?;
        before.states = rest;

        Ok(Cell {
            key: CellKey {
                indicator: IndicatorId(series.indicator),
                revision: Revision(series.revision),
                period,
                breakdown: Breakdown::new(before.members),
            },
            order: Order {
                lineage: series.lineage,
                seq: before.seq,
            },
            state: CellState {
                kind: series.kind,
                bytes: bytes.into(),
            },
        })
    }
}

/// A column's entry; a column left out is all zero.
fn at<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}
