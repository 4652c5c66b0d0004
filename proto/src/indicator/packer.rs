//! Fills one message with cells, column by column, and knows at every cell how
//! many bytes it has. Reads no state.

use crate::{
    indicator::{
        cell::{Breakdown, Cell},
        columns::{MAX_BYTES, MAX_CELLS},
    },
    pb::sync as pb,
};

/// Tags and lengths of all columns together, at most.
const FRAME_BYTES: usize = 11 * 4;

/// Fills one message until it is full.
#[derive(Debug, Default)]
pub struct Packer {
    cells: pb::Cells,
    states: Vec<u8>,
    periods: Vec<u32>,
    members: [u16; Breakdown::MAX],
    seq: u64,
    bytes: usize,
}

impl Packer {
    /// Takes the cell in, or says `false` when it does not fit any more. An
    /// empty packer takes any cell whose state is within `state::MAX_STATE_BYTES`.
    pub fn push(&mut self, cell: &Cell) -> bool {
        let series = pb::Series {
            indicator: cell.key.indicator.0,
            revision: cell.key.revision.0,
            kind: cell.state.kind,
            lineage: cell.order.lineage,
        };
        let known = self.cells.series.iter().rposition(|known| *known == series);
        let index = known.unwrap_or(self.cells.series.len());
        let series_bytes = match known {
            Some(_) => 0,
            None => 2 + prost::Message::encoded_len(&series),
        };
        let period = cell.key.period.number();
        let period_delta = difference(period, self.periods.get(index).copied().unwrap_or(0));
        let members = std::array::from_fn(|at| cell.key.breakdown.member(at));
        let entries: [u32; Breakdown::MAX] = std::array::from_fn(|at| {
            let same = members[at] == self.members[at];
            if same { 0 } else { u32::from(members[at]) + 1 }
        });
        let seq_delta = cell.order.seq.wrapping_sub(self.seq).cast_signed();
        let length = cell.state.bytes.len();

        let member_bytes = entries.iter().map(|entry| varint_bytes(u64::from(*entry)));
        let bytes = self.bytes
            + series_bytes
            + varint_bytes(index as u64)
            + signed_bytes(i64::from(period_delta))
            + member_bytes.sum::<usize>()
            + signed_bytes(seq_delta)
            + varint_bytes(length as u64)
            + length;
        if self.count() == MAX_CELLS || bytes + FRAME_BYTES > MAX_BYTES {
            return false;
        }

        if known.is_none() {
            self.cells.series.push(series);
            self.periods.push(period);
        }
        self.periods[index] = period;
        self.members = members;
        self.seq = cell.order.seq;
        self.bytes = bytes;
        self.cells.count += 1;
        self.cells.series_index.push(index as u32);
        self.cells.period_delta.push(period_delta);
        for (column, entry) in member_columns(&mut self.cells).into_iter().zip(entries) {
            column.push(entry);
        }
        self.cells.seq_delta.push(seq_delta);
        self.cells.state_length.push(length as u32);
        self.states.extend_from_slice(&cell.state.bytes);
        true
    }

    pub fn count(&self) -> usize {
        self.cells.count as usize
    }

    /// Encoded bytes of the message so far, at most.
    pub fn bytes(&self) -> usize {
        self.bytes + FRAME_BYTES
    }

    pub fn finish(mut self) -> pb::Cells {
        self.cells.states = self.states.into();
        drop_zeros(&mut self.cells.series_index);
        drop_zeros(&mut self.cells.period_delta);
        for column in member_columns(&mut self.cells) {
            drop_zeros(column);
        }
        drop_zeros(&mut self.cells.seq_delta);
        drop_zeros(&mut self.cells.state_length);
        self.cells
    }
}

/// One message of exactly these cells; `None` when they do not fit into one.
pub fn encode<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Option<pb::Cells> {
    let mut packer = Packer::default();
    let all = cells.into_iter().all(|cell| packer.push(cell));
    all.then(|| packer.finish())
}

fn member_columns(cells: &mut pb::Cells) -> [&mut Vec<u32>; Breakdown::MAX] {
    [
        &mut cells.member_1,
        &mut cells.member_2,
        &mut cells.member_3,
        &mut cells.member_4,
    ]
}

fn drop_zeros<T: Default + PartialEq>(column: &mut Vec<T>) {
    if column.iter().all(|entry| *entry == T::default()) {
        column.clear();
    }
}

/// Between two period numbers, which stay far below 2^31.
fn difference(a: u32, b: u32) -> i32 {
    a.wrapping_sub(b).cast_signed()
}

fn varint_bytes(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn signed_bytes(value: i64) -> usize {
    varint_bytes(((value << 1) ^ (value >> 63)).cast_unsigned())
}
