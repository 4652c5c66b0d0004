//! What a store's journal has come to, as its node says on the line and the hub
//! keeps: the same point means the same records; and what the node releases at
//! that point. Knows no journal and verifies no signature.

use sha2::{Digest as _, Sha256};

use super::uplink::Checkpoint;
use crate::{identity::StoreId, place::Place};

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
    /// With a checkpoint whose cells are not released yet.
    pub release: Option<Box<Release>>,
}

/// What a node puts its name to at a checkpoint: these cells, of this journal,
/// after that release (`docs/storage.md`, signed release). Whoever has the
/// journal can work the cells out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub node: Place,
    /// The cells follow from the journal's first so many records.
    pub records: u64,
    /// The id of the release that the hub kept last; zeros: none yet.
    pub previous: ReleaseId,
    pub lineage: u32,
    /// All cells up to this seq.
    pub through: u64,
    /// The digest of all cells.
    pub cells: Checkpoint,
    pub catalogue_seq: u64,
    pub software: String,
    /// By the key of the head, over [`JournalHead::release_bytes`].
    pub signature: [u8; 64],
}

/// SHA-256 over the signed bytes and the signature.
pub type ReleaseId = [u8; 32];

/// The release of a node that its hub kept last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastRelease {
    /// Zeros: none yet.
    pub id: ReleaseId,
    pub through: u64,
}

const RELEASE_CONTEXT: &[u8; 24] = b"tongxin release v1\0\0\0\0\0\0";

impl JournalHead {
    /// What a release's signature covers; integers big-endian. `None` without one.
    pub fn release_bytes(&self) -> Option<Vec<u8>> {
        let release = self.release.as_deref()?;
        let mut out = RELEASE_CONTEXT.to_vec();
        out.extend(self.log.0);
        out.extend(self.point.size.to_be_bytes());
        out.extend(self.point.root);
        out.extend(self.chain);
        out.extend(self.time_ms.to_be_bytes());
        out.extend(release.node.aligned().to_be_bytes());
        out.extend(release.records.to_be_bytes());
        out.extend(release.previous);
        out.extend(release.lineage.to_be_bytes());
        out.extend(release.through.to_be_bytes());
        out.extend(release.cells.count.to_be_bytes());
        out.extend(release.cells.root);
        out.extend(release.catalogue_seq.to_be_bytes());
        out.extend(release.software.as_bytes());
        Some(out)
    }

    pub fn release_id(&self) -> Option<ReleaseId> {
        let release = self.release.as_deref()?;
        let mut hash = Sha256::new_with_prefix(self.release_bytes()?);
        hash.update(release.signature);
        Some(hash.finalize().into())
    }
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

    fn released() -> JournalHead {
        let mut head = JournalHead {
            log: StoreId([1; 16]),
            point: JournalPoint {
                size: 2,
                root: [3; 32],
            },
            chain: [4; 32],
            time_ms: 5,
            public_key: [6; 32],
            signature: [7; 64],
            release: None,
        };
        head.release = Some(Box::new(Release {
            node: "510115003064".parse().expect("a place"),
            records: 8,
            previous: [9; 32],
            lineage: 10,
            through: 11,
            cells: Checkpoint {
                count: 12,
                root: [13; 32],
            },
            catalogue_seq: 14,
            software: "x/1".to_owned(),
            signature: [15; 64],
        }));
        head
    }

    #[test]
    fn release_bytes_are_frozen() {
        let mut golden = b"tongxin release v1".to_vec();
        golden.extend([0; 6]);
        golden.extend([1; 16]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        golden.extend([3; 32]);
        golden.extend([4; 32]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 5]);
        golden.extend([0, 1, 0xcf, 0xf2, 0x67, 0x8d, 0x5e, 0xc0]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 8]);
        golden.extend([9; 32]);
        golden.extend([0, 0, 0, 10]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 11]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 12]);
        golden.extend([13; 32]);
        golden.extend([0, 0, 0, 0, 0, 0, 0, 14]);
        golden.extend(b"x/1");
        let head = released();
        assert_eq!(head.release_bytes(), Some(golden.clone()));
        golden.extend([15; 64]);
        let id: ReleaseId = Sha256::digest(&golden).into();
        assert_eq!(head.release_id(), Some(id));
        let bare = JournalHead {
            release: None,
            ..head
        };
        assert_eq!((bare.release_bytes(), bare.release_id()), (None, None));
    }

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
