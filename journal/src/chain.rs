//! The hash chain over frames and the state that a log is in after a frame. Knows no files.

use sha2::{Digest, Sha256};

use crate::log_id::LogId;
use crate::tree::{CompactRange, Hash};

/// What a log commits to: the same head means the same records in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of records, which is also the sequence of the last one.
    pub size: u64,
    /// RFC 6962 Merkle tree hash of the records.
    pub root: Hash,
    /// Chain value after the last frame.
    pub chain: Hash,
}

/// A point between two frames, as the chain sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// Sequence of the last record before this point; 0 at the start.
    pub seq: u64,
    /// Ordinal of the last frame before this point; 0 at the start.
    pub frame: u64,
    /// `SHA-256(chain before || leaf hashes of the frame)`.
    pub chain: Hash,
}

impl Link {
    pub fn genesis(log_id: &LogId) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"tongxin journal");
        hasher.update(log_id.0);
        Self {
            seq: 0,
            frame: 0,
            chain: hasher.finalize().into(),
        }
    }

    pub fn absorb(&mut self, leaves: &[Hash]) {
        let mut hasher = Sha256::new();
        hasher.update(self.chain);
        hasher.update(leaves.as_flattened());
        self.chain = hasher.finalize().into();
        self.frame += 1;
        self.seq += leaves.len() as u64;
    }
}

/// A [`Link`] together with the Merkle tree of all records before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub link: Link,
    pub tree: CompactRange,
}

impl State {
    pub fn genesis(log_id: &LogId) -> Self {
        Self {
            link: Link::genesis(log_id),
            tree: CompactRange::default(),
        }
    }

    pub fn absorb(&mut self, leaves: &[Hash]) {
        self.link.absorb(leaves);
        leaves.iter().for_each(|leaf| self.tree.push(*leaf));
    }

    pub fn head(&self) -> Head {
        Head {
            size: self.link.seq,
            root: self.tree.root(),
            chain: self.link.chain,
        }
    }
}
