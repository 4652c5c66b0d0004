//! The digest by which node and hub prove that they agree: 256 buckets by key,
//! each a count and a sum modulo 2^128 of cell hashes. Never XOR: duplicates
//! must not cancel (`reference/sync-protocol.md` section 5.4).

use sha2::{Digest as _, Sha256};

use crate::indicator::cell::{Cell, CellKey};

pub const BUCKETS: usize = 256;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    pub count: u64,
    pub sum: u128,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    buckets: Box<[Bucket; BUCKETS]>,
}

impl Default for Digest {
    fn default() -> Digest {
        Digest {
            buckets: Box::new([Bucket::default(); BUCKETS]),
        }
    }
}

/// Which bucket a cell's key falls into.
pub fn bucket_of(key: &CellKey) -> u8 {
    // A multiplicative hash: spread matters here, strength does not.
    let bytes = key.to_bytes();
    let folded = bytes.chunks(4).fold(0u64, |sum, chunk| {
        let word = chunk
            .iter()
            .fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        (sum ^ word)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(23)
    });
    (folded >> 56) as u8
}

impl Digest {
    pub fn add(&mut self, cell: &Cell) {
        self.exchange(&cell.key, None, Some(cell.hash()));
    }

    /// Takes out a cell that was added before, with the order it had then.
    pub fn remove(&mut self, cell: &Cell) {
        self.exchange(&cell.key, Some(cell.hash()), None);
    }

    /// Replaces what counted for a key, by hash; `None`: nothing did, or will.
    pub fn exchange(&mut self, key: &CellKey, before: Option<u128>, after: Option<u128>) {
        let bucket = &mut self.buckets[usize::from(bucket_of(key))];
        if let Some(hash) = before {
            bucket.count = bucket.count.wrapping_sub(1);
            bucket.sum = bucket.sum.wrapping_sub(hash);
        }
        if let Some(hash) = after {
            bucket.count = bucket.count.wrapping_add(1);
            bucket.sum = bucket.sum.wrapping_add(hash);
        }
    }

    pub fn buckets(&self) -> &[Bucket; BUCKETS] {
        &self.buckets
    }

    pub fn from_buckets(buckets: [Bucket; BUCKETS]) -> Digest {
        Digest {
            buckets: Box::new(buckets),
        }
    }

    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// SHA-256 over every bucket's count and sum, big-endian.
    pub fn root(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for bucket in self.buckets.iter() {
            hasher.update(bucket.count.to_be_bytes());
            hasher.update(bucket.sum.to_be_bytes());
        }
        hasher.finalize().into()
    }

    /// Buckets in which the two differ.
    pub fn differing(&self, other: &Digest) -> Vec<u8> {
        let pairs = self.buckets.iter().zip(other.buckets.iter());
        (0..=u8::MAX)
            .zip(pairs)
            .filter(|(_, (a, b))| a != b)
            .map(|(at, _)| at)
            .collect()
    }
}
