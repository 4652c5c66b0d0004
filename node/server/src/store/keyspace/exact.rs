//! Protected cells by key, as they were counted: never sent. Key: the cell key's
//! 20 bytes. Value: position of the last record folded in (8, big-endian), then
//! the exact cell's bytes.

use node_domain::indicators::Exact;
use proto::indicator::cell::CellKey;

use super::Space;

pub struct ExactCells;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExact {
    /// Position of the last record that changed the cell.
    pub as_of: u64,
    pub exact: Exact,
}

impl Space for ExactCells {
    const TAG: u8 = 0x43;
    const NAME: &'static str = "exact cells";
    type Key = CellKey;
    type Value = StoredExact;

    fn key(key: &CellKey) -> Vec<u8> {
        key.to_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<CellKey> {
        super::cell::cell_key(bytes)
    }

    fn encode(stored: &StoredExact) -> Vec<u8> {
        let mut bytes = stored.as_of.to_be_bytes().to_vec();
        bytes.extend_from_slice(&stored.exact.encode());
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<StoredExact, String> {
        let (as_of, exact) = bytes
            .split_first_chunk()
            .ok_or_else(|| format!("{} bytes", bytes.len()))?;
        Ok(StoredExact {
            as_of: u64::from_be_bytes(*as_of),
            exact: Exact::decode(exact)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use node_domain::indicators::Shape;
    use proto::indicator::accumulator::Change;
    use proto::indicator::cell::{Breakdown, IndicatorId, Revision};

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let key = CellKey {
            indicator: IndicatorId(1),
            revision: Revision(2),
            period: "190001".parse().unwrap(),
            breakdown: Breakdown::new([3]),
        };
        let mut exact = Exact::empty(Shape::Count);
        exact.apply(&Change::Count, || 258).unwrap();
        super::super::golden::row::<ExactCells>(
            key,
            StoredExact { as_of: 8, exact },
            "430000000100000002000000030000000000000003",
            "0000000000000008010100000000000000010000000000000102",
        );
    }
}
