//! A bucket's complete listing, cut into messages. Cells that break the stream
//! are named in it, not carried.

use proto::{
    indicator::cell::Cell,
    sync::{
        limits,
        uplink::{Listing, Withheld},
    },
};

use super::refused::Refused;

/// Of the encoding of one message; a cell's columns take at most 64 bytes.
const COLUMNS: usize = 64;

/// `cells`: all of the bucket, in ascending order of key.
pub fn parts(bucket: u8, through: u64, cells: Vec<Cell>, refused: &Refused) -> Vec<Listing> {
    let empty = || Listing {
        bucket,
        through,
        cells: Vec::new(),
        withheld: Vec::new(),
        last: false,
    };
    let mut parts = Vec::new();
    let (mut part, mut bytes) = (empty(), 0);
    for cell in cells {
        let size = COLUMNS + cell.state.bytes.len();
        let count = part.cells.len() + part.withheld.len();
        if count == limits::BATCH_CELLS || (count > 0 && bytes + size > limits::BATCH_BYTES) {
            parts.push(std::mem::replace(&mut part, empty()));
            bytes = 0;
        }
        bytes += size;
        if refused.is_withheld(&cell.key) && refused.holds(&cell.key, cell.order.seq) {
            part.withheld.push(Withheld::from(&cell));
        } else {
            part.cells.push(cell);
        }
    }
    part.last = true;
    parts.push(part);
    parts
}
