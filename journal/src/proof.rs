//! Inclusion and consistency proofs of RFC 9162 section 2.1 (RFC 6962 section 2.1), made from leaf
//! hashes in one pass and verified from heads alone. Knows no files.

use std::ops::Range;

use crate::tree::{CompactRange, Hash, empty_root, node_hash};

/// Shows that a leaf is part of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// Index of the leaf: its sequence less one.
    pub index: u64,
    pub size: u64,
    /// Siblings on the way from the leaf to the root.
    pub path: Vec<Hash>,
}

/// Shows that a tree is the beginning of a greater one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    pub from_size: u64,
    pub to_size: u64,
    pub path: Vec<Hash>,
}

/// Why there is no proof, or why one proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    #[error("a proof about {from} in a tree of {to} records is not possible")]
    OutOfRange { from: u64, to: u64 },
    #[error("fewer leaves were given than the tree has")]
    TooFewLeaves,
    #[error("the proof does not lead to the root")]
    Mismatch,
}

impl InclusionProof {
    /// `before` holds the leaves before the one in question; `leaves` are that leaf and all after
    /// it, up to `size`.
    pub fn prove<E: From<ProofFault>>(
        before: &CompactRange,
        size: u64,
        leaves: impl Iterator<Item = Result<Hash, E>>,
    ) -> Result<Self, E> {
        let index = before.size();
        if index >= size {
            return Err(ProofFault::OutOfRange {
                from: index,
                to: size,
            }
            .into());
        }
        let (mut from, mut to, mut ranges) = (0, size, Vec::new());
        while to - from > 1 {
            let split = from + split(to - from);
            if index < split {
                ranges.push(split..to);
                to = split;
            } else {
                ranges.push(from..split);
                from = split;
            }
        }
        ranges.reverse();
        Ok(Self {
            index,
            size,
            path: subtree_roots(before, size, leaves, &ranges)?,
        })
    }

    /// RFC 9162 section 2.1.3.2.
    pub fn verify(&self, leaf: &Hash, root: &Hash) -> Result<(), ProofFault> {
        if self.index >= self.size {
            return Err(ProofFault::OutOfRange {
                from: self.index,
                to: self.size,
            });
        }
        let (mut node, mut last, mut hash) = (self.index, self.size - 1, *leaf);
        for sibling in &self.path {
            if last == 0 {
                return Err(ProofFault::Mismatch);
            }
            if node & 1 == 1 || node == last {
                hash = node_hash(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if last == 0 && hash == *root {
            Ok(())
        } else {
            Err(ProofFault::Mismatch)
        }
    }
}

impl ConsistencyProof {
    /// `before` is the smaller tree; `leaves` are those after it, up to `to_size`.
    pub fn prove<E: From<ProofFault>>(
        before: &CompactRange,
        to_size: u64,
        leaves: impl Iterator<Item = Result<Hash, E>>,
    ) -> Result<Self, E> {
        let from_size = before.size();
        if from_size > to_size {
            return Err(ProofFault::OutOfRange {
                from: from_size,
                to: to_size,
            }
            .into());
        }
        let (mut from, mut to, mut ranges) = (0, to_size, Vec::new());
        // Of an empty tree, and of a tree with itself, the empty path is the proof.
        while from_size != 0 && from_size != to {
            let split = from + split(to - from);
            if from_size <= split {
                ranges.push(split..to);
                to = split;
            } else {
                ranges.push(from..split);
                from = split;
            }
        }
        // The verifier knows the smaller tree's root; it needs the last subtree only when that is
        // not the whole.
        if from > 0 {
            ranges.push(from..to);
        }
        ranges.reverse();
        Ok(Self {
            from_size,
            to_size,
            path: subtree_roots(before, to_size, leaves, &ranges)?,
        })
    }

    /// RFC 9162 section 2.1.4.2.
    pub fn verify(&self, from_root: &Hash, to_root: &Hash) -> Result<(), ProofFault> {
        let equal = |a: &Hash, b: &Hash| {
            if a == b {
                Ok(())
            } else {
                Err(ProofFault::Mismatch)
            }
        };
        if self.from_size > self.to_size {
            return Err(ProofFault::OutOfRange {
                from: self.from_size,
                to: self.to_size,
            });
        }
        if self.from_size == 0 || self.from_size == self.to_size {
            let expected = if self.from_size == 0 {
                empty_root()
            } else {
                *to_root
            };
            return if self.path.is_empty() {
                equal(from_root, &expected)
            } else {
                Err(ProofFault::Mismatch)
            };
        }
        let mut path = self.path.iter();
        let first = if self.from_size.is_power_of_two() {
            Some(from_root)
        } else {
            path.next()
        };
        let first = *first.ok_or(ProofFault::Mismatch)?;
        let (mut node, mut last) = (self.from_size - 1, self.to_size - 1);
        let shared = node.trailing_ones();
        node >>= shared;
        last >>= shared;
        let (mut from_hash, mut to_hash) = (first, first);
        for sibling in path {
            if last == 0 {
                return Err(ProofFault::Mismatch);
            }
            if node & 1 == 1 || node == last {
                from_hash = node_hash(sibling, &from_hash);
                to_hash = node_hash(sibling, &to_hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                to_hash = node_hash(&to_hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        equal(&from_hash, from_root)?;
        equal(&to_hash, to_root)?;
        if last == 0 {
            Ok(())
        } else {
            Err(ProofFault::Mismatch)
        }
    }
}

/// The greatest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Roots over `ranges`, in their order. A range before the known leaves is one of their perfect
/// subtrees.
fn subtree_roots<E: From<ProofFault>>(
    before: &CompactRange,
    size: u64,
    leaves: impl Iterator<Item = Result<Hash, E>>,
    ranges: &[Range<u64>],
) -> Result<Vec<Hash>, E> {
    let known: Vec<_> = before.positioned().collect();
    let mut trees = vec![CompactRange::default(); ranges.len()];
    let mut next = before.size();
    if ranges.iter().any(|range| range.end > next) {
        for leaf in leaves.take((size - next) as usize) {
            let leaf = leaf?;
            if let Some(at) = ranges.iter().position(|range| range.contains(&next)) {
                trees[at].push(leaf);
            }
            next += 1;
        }
    }
    let root = |(range, tree): (&Range<u64>, &CompactRange)| {
        if range.start >= before.size() {
            return (tree.size() == range.end - range.start).then(|| tree.root());
        }
        known
            .iter()
            .find(|(start, _)| *start == range.start)
            .map(|(_, hash)| **hash)
    };
    let roots = ranges.iter().zip(&trees).map(root).collect::<Option<_>>();
    roots.ok_or(ProofFault::TooFewLeaves.into())
}

#[cfg(test)]
mod tests;
