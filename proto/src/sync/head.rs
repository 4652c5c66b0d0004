//! What a store's journal has come to, as its node says on the line and the hub
//! keeps: the same point means the same records. Knows no journal and verifies
//! no signature.

use crate::identity::StoreId;

/// So many records, and the RFC 6962 root over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalPoint {
    pub size: u64,
    pub root: [u8; 32],
}

/// A point under the node's own Ed25519 key (`docs/storage.md`, signed head).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalHead {
    /// The journal's id is the store's.
    pub log: StoreId,
    pub point: JournalPoint,
    /// Chain value after the last record.
    pub chain: [u8; 32],
    /// Unix time of signing, by the node's clock.
    pub time_ms: u64,
    pub public_key: [u8; 32],
    pub signature: [u8; 64],
}

impl JournalPoint {
    /// Whether a journal that has come to `self` cannot have been at `earlier`
    /// before, as far as the two can tell.
    pub fn contradicts(&self, earlier: &JournalPoint) -> bool {
        self.size < earlier.size || (self.size == earlier.size && self.root != earlier.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_neither_shrinks_nor_changes() {
        let point = |size, root| JournalPoint {
            size,
            root: [root; 32],
        };
        for (now, earlier, expected) in [
            (point(5, 1), point(5, 1), false),
            (point(6, 2), point(5, 1), false),
            (point(5, 2), point(5, 1), true),
            (point(4, 1), point(5, 1), true),
        ] {
            assert_eq!(now.contradicts(&earlier), expected, "{now:?} {earlier:?}");
        }
    }
}
