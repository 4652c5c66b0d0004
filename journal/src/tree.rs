//! The Merkle tree hash of RFC 6962 section 2.1, kept as a compact range: the roots of the perfect
//! subtrees that make up the leaves so far. Knows no files; proofs are in `proof`.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// `SHA-256(0x00 || payload)`.
pub fn leaf_hash(payload: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(payload);
    hasher.finalize().into()
}

/// `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut joined = [1; 65];
    joined[1..33].copy_from_slice(left);
    joined[33..].copy_from_slice(right);
    Sha256::digest(joined).into()
}

/// The root of the tree without leaves: `SHA-256("")`.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The perfect subtrees of the first `size` leaves, largest first: at most 64 hashes for any tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactRange {
    size: u64,
    subtrees: Vec<Hash>,
}

impl CompactRange {
    /// `None` unless there is exactly one subtree for each bit that is set in `size`.
    pub fn from_parts(size: u64, subtrees: Vec<Hash>) -> Option<Self> {
        (subtrees.len() as u32 == size.count_ones()).then_some(Self { size, subtrees })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one bit of the old size is a finished subtree that the new leaf completes.
        for _ in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("one subtree per set bit");
            hash = node_hash(&left, &hash);
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev();
        let Some(last) = smallest_first.next() else {
            return empty_root();
        };
        smallest_first.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Each subtree with the index of its first leaf.
    pub(crate) fn positioned(&self) -> impl Iterator<Item = (u64, &Hash)> {
        let mut start = 0;
        let bits = (0..64).rev().filter(|bit| self.size >> bit & 1 == 1);
        bits.zip(&self.subtrees).map(move |(bit, hash)| {
            let at = start;
            start += 1 << bit;
            (at, hash)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The leaves of the certificate-transparency reference implementations.
    pub(crate) fn reference_leaves() -> Vec<Vec<u8>> {
        [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ]
        .into_iter()
        .map(unhex)
        .collect()
    }

    /// Roots of the first 1, 2, … 8 of these leaves.
    pub(crate) const REFERENCE_ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    pub(crate) fn unhex(text: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
        (0..text.len()).step_by(2).map(digit).collect()
    }

    /// The recursive definition of RFC 6962 section 2.1, as a second implementation.
    pub(crate) fn recursive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(
                    &recursive_root(&leaves[..split]),
                    &recursive_root(&leaves[split..]),
                )
            }
        }
    }

    #[test]
    fn reference_roots() {
        assert_eq!(
            empty_root().to_vec(),
            unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
        let mut tree = CompactRange::default();
        for (leaf, root) in reference_leaves().iter().zip(REFERENCE_ROOTS) {
            tree.push(leaf_hash(leaf));
            assert_eq!(tree.root().to_vec(), unhex(root), "at size {}", tree.size());
        }
    }

    #[test]
    fn incremental_root_equals_the_recursive_definition() {
        let mut tree = CompactRange::default();
        let mut leaves = Vec::new();
        for n in 0..300u32 {
            assert_eq!(tree.root(), recursive_root(&leaves), "at size {n}");
            assert_eq!(
                CompactRange::from_parts(tree.size(), tree.subtrees().to_vec()),
                Some(tree.clone())
            );
            for (start, hash) in tree.positioned() {
                let len = 1usize << tree.size().checked_ilog2().unwrap_or(0);
                let len = (0..)
                    .map(|i| len >> i)
                    .find(|len| {
                        (start as usize).is_multiple_of(*len)
                            && start as usize + len <= leaves.len()
                    })
                    .expect("a perfect subtree");
                assert_eq!(
                    *hash,
                    recursive_root(&leaves[start as usize..start as usize + len])
                );
            }
            leaves.push(leaf_hash(&n.to_be_bytes()));
            tree.push(leaves[n as usize]);
        }
        assert_eq!(CompactRange::from_parts(3, vec![[0; 32]]), None);
    }
}
