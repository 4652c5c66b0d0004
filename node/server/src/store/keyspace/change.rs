//! The changelog: cells by the seq of their last change, for scanning. Key: seq,
//! 8 bytes. Value: the cell's key, 20 bytes. A cell has one row; it moves on.

use proto::indicator::cell::CellKey;

use super::Space;

pub struct Changes;

impl Space for Changes {
    const TAG: u8 = 0x41;
    const NAME: &'static str = "cell changes";
    type Key = u64;
    type Value = CellKey;

    fn key(seq: &u64) -> Vec<u8> {
        seq.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<u64> {
        super::number(bytes)
    }

    fn encode(key: &CellKey) -> Vec<u8> {
        key.to_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<CellKey, String> {
        super::cell::cell_key(bytes).ok_or_else(|| "not a cell key".to_owned())
    }
}

#[cfg(test)]
mod tests {
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
        super::super::golden::row::<Changes>(
            258,
            key,
            "410000000000000102",
            "0000000100000002000000030000000000000003",
        );
    }
}
