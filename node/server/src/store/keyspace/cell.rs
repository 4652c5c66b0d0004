//! Cells by key: order and canonical state. Key: the cell key's 20 bytes. Value:
//! position of the last record folded in (8), lineage (4), seq (8), kind (4),
//! big-endian, then the state's bytes.

use proto::indicator::cell::{Breakdown, CellKey, CellState, IndicatorId, Order, Revision};
use proto::period::Period;

use super::Space;

pub struct Cells;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Position of the last record that changed the cell.
    pub as_of: u64,
    pub order: Order,
    pub state: CellState,
}

const HEADER_BYTES: usize = 24;

fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

pub(in crate::store) fn cell_key(bytes: &[u8]) -> Option<CellKey> {
    if bytes.len() != 20 {
        return None;
    }
    Some(CellKey {
        indicator: IndicatorId(word(&bytes[..4])),
        revision: Revision(word(&bytes[4..8])),
        period: Period::from_number(word(&bytes[8..12])).ok()?,
        breakdown: Breakdown(super::number(&bytes[12..])?),
    })
}

impl Space for Cells {
    const TAG: u8 = 0x40;
    const NAME: &'static str = "cells";
    type Key = CellKey;
    type Value = Stored;

    fn key(key: &CellKey) -> Vec<u8> {
        key.to_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<CellKey> {
        cell_key(bytes)
    }

    fn encode(cell: &Stored) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + cell.state.bytes.len());
        bytes.extend_from_slice(&cell.as_of.to_be_bytes());
        bytes.extend_from_slice(&cell.order.lineage.to_be_bytes());
        bytes.extend_from_slice(&cell.order.seq.to_be_bytes());
        bytes.extend_from_slice(&cell.state.kind.to_be_bytes());
        bytes.extend_from_slice(&cell.state.bytes);
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Stored, String> {
        let (header, state) = bytes
            .split_at_checked(HEADER_BYTES)
            .ok_or_else(|| format!("{} bytes", bytes.len()))?;
        Ok(Stored {
            as_of: super::number(&header[..8]).unwrap_or_default(),
            order: Order {
                lineage: word(&header[8..12]),
                seq: super::number(&header[12..20]).unwrap_or_default(),
            },
            state: CellState {
                kind: word(&header[20..]),
                bytes: state.into(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let key = CellKey {
            indicator: IndicatorId(1),
            revision: Revision(2),
            period: "190001".parse().unwrap(),
            breakdown: Breakdown::new([3]),
        };
        let cell = Stored {
            as_of: 8,
            order: Order { lineage: 4, seq: 5 },
            state: CellState {
                kind: 6,
                bytes: [7].into(),
            },
        };
        super::super::golden::row::<Cells>(
            key,
            cell,
            "400000000100000002000000030000000000000003",
            "00000000000000080000000400000000000000050000000607",
        );
    }
}
