//! What a distinct count has counted already: per cell, the members it has seen.
//! Key: the cell's key and the first 16 bytes of the member's SHA-256. Value:
//! position of the record that counted it, 8 bytes.

use proto::indicator::cell::CellKey;
use sha2::{Digest as _, Sha256};

use super::Space;

pub struct Members;

pub fn hash(member: &str) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(member).into();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

impl Space for Members {
    const TAG: u8 = 0x42;
    const NAME: &'static str = "distinct members";
    type Key = (CellKey, [u8; 16]);
    type Value = u64;

    fn key((cell, member): &(CellKey, [u8; 16])) -> Vec<u8> {
        let mut bytes = cell.to_bytes().to_vec();
        bytes.extend_from_slice(member);
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<(CellKey, [u8; 16])> {
        let (cell, member) = bytes.split_at_checked(20)?;
        Some((super::cell::cell_key(cell)?, member.try_into().ok()?))
    }

    fn encode(position: &u64) -> Vec<u8> {
        position.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<u64, String> {
        super::number(bytes).ok_or_else(|| format!("{} bytes", bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use proto::indicator::cell::{Breakdown, IndicatorId, Revision};

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let cell = CellKey {
            indicator: IndicatorId(1),
            revision: Revision(2),
            period: "190001".parse().unwrap(),
            breakdown: Breakdown::new([3]),
        };
        super::super::golden::row::<Members>(
            (cell, hash("007")),
            258,
            "420000000100000002000000030000000000000003629f4cf9337b0d0c76f305d860f98894",
            "0000000000000102",
        );
    }
}
