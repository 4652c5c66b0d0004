//! Where a community stands in the order in which new definitions reach nodes:
//! fixed by its code for good, spread evenly. Knows no definition.

use sha2::{Digest as _, Sha256};

use crate::place::Place;

/// A child hub, which hands on to all of its nodes at once, comes last.
pub fn position(node: Place) -> u64 {
    if node.is_of_a_hub() {
        return u64::MAX;
    }
    let hash = Sha256::new()
        .chain_update(b"tongxin wave v1")
        .chain_update(node.aligned().to_be_bytes())
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_golden_and_spread() {
        let at = |code: &str| position(code.parse().unwrap());
        assert_eq!(at("51"), u64::MAX, "a child hub");
        let mut all: Vec<u64> = (1..1000).map(|n| at(&format!("510115{n:06}"))).collect();
        let first_tenth = all.iter().filter(|at| **at < u64::MAX / 10).count();
        assert!((70..130).contains(&first_tenth), "{first_tenth}");
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 999);
    }
}
