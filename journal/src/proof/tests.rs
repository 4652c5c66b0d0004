//! Reference vectors and properties of the proofs.

use proptest::prelude::*;

use super::*;
use crate::tree::leaf_hash;
use crate::tree::tests::{REFERENCE_ROOTS, recursive_root, reference_leaves, unhex};

fn hash(text: &str) -> Hash {
    unhex(text).try_into().expect("32 bytes")
}

fn reference() -> Vec<Hash> {
    reference_leaves()
        .iter()
        .map(|leaf| leaf_hash(leaf))
        .collect()
}

fn range(leaves: &[Hash]) -> CompactRange {
    let mut range = CompactRange::default();
    leaves.iter().for_each(|leaf| range.push(*leaf));
    range
}

fn inclusion(leaves: &[Hash], index: usize, size: usize) -> Result<InclusionProof, ProofFault> {
    InclusionProof::prove(
        &range(&leaves[..index]),
        size as u64,
        leaves[index..].iter().map(|leaf| Ok(*leaf)),
    )
}

fn consistency(leaves: &[Hash], from: usize, to: usize) -> Result<ConsistencyProof, ProofFault> {
    ConsistencyProof::prove(
        &range(&leaves[..from]),
        to as u64,
        leaves[from..].iter().map(|leaf| Ok(*leaf)),
    )
}

/// Paths from the certificate-transparency reference implementation, by (index, size).
#[test]
fn reference_inclusion_paths() {
    let leaves = reference();
    let expected: [(usize, usize, &[&str]); 5] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            3,
            &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
        ),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, path) in expected {
        let proof = inclusion(&leaves, index, size).expect("in range");
        assert_eq!(
            proof.path,
            path.iter().map(|text| hash(text)).collect::<Vec<_>>(),
            "leaf {index} of {size}"
        );
        assert_eq!(
            proof.verify(&leaves[index], &hash(REFERENCE_ROOTS[size - 1])),
            Ok(())
        );
    }
}

/// Paths from the certificate-transparency reference implementation, by (from, to).
#[test]
fn reference_consistency_paths() {
    let leaves = reference();
    let expected: [(usize, usize, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (from, to, path) in expected {
        let proof = consistency(&leaves, from, to).expect("in range");
        assert_eq!(
            proof.path,
            path.iter().map(|text| hash(text)).collect::<Vec<_>>(),
            "{from} to {to}"
        );
        assert_eq!(
            proof.verify(
                &hash(REFERENCE_ROOTS[from - 1]),
                &hash(REFERENCE_ROOTS[to - 1])
            ),
            Ok(())
        );
    }
}

#[test]
fn every_proof_of_small_trees_verifies_and_proves_nothing_else() {
    let leaves: Vec<Hash> = (0..40u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let root = |size: usize| recursive_root(&leaves[..size]);
    for to in 1..=leaves.len() {
        for index in 0..to {
            let proof = inclusion(&leaves, index, to).expect("in range");
            assert_eq!(
                proof.verify(&leaves[index], &root(to)),
                Ok(()),
                "leaf {index} of {to}"
            );
            assert!(proof.verify(&leaves[(index + 1) % 40], &root(to)).is_err());
            assert!(proof.verify(&leaves[index], &root(to - 1)).is_err());
        }
        for from in 0..=to {
            let proof = consistency(&leaves, from, to).expect("in range");
            assert_eq!(
                proof.verify(&root(from), &root(to)),
                Ok(()),
                "{from} to {to}"
            );
            assert!(
                proof.verify(&root((from + 1) % 40), &root(to)).is_err(),
                "{from} to {to}"
            );
            assert!(
                from == 0 || proof.verify(&root(from), &root(to - 1)).is_err(),
                "{from} to {to}"
            );
        }
    }
    assert!(inclusion(&leaves, 5, 5).is_err());
    assert!(consistency(&leaves, 6, 5).is_err());
    assert_eq!(inclusion(&leaves[..6], 2, 7), Err(ProofFault::TooFewLeaves));
}

proptest! {
    /// The proof of one statement, changed in any one place, is refused.
    #[test]
    fn forged_proofs_are_refused(size in 2usize..200, pick in any::<(usize, usize, usize, u8)>()) {
        let leaves: Vec<Hash> = (0..size as u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let (index, from) = (pick.0 % size, 1 + pick.1 % (size - 1));
        let root = recursive_root(&leaves);
        let flip = |path: &mut Vec<Hash>| {
            let (at, len) = (pick.2 % (path.len() + 2), path.len());
            match path.get_mut(at) {
                Some(hash) => hash[pick.3 as usize % 32] ^= 1 << (pick.3 % 8),
                None if at == len || len == 0 => path.push([pick.3; 32]),
                None => { path.pop(); }
            }
        };
        let mut proof = inclusion(&leaves, index, size).expect("in range");
        prop_assert_eq!(proof.verify(&leaves[index], &root), Ok(()));
        for other in [index ^ 1, index + size, size - 1 - index] {
            let moved = InclusionProof { index: other as u64, ..proof.clone() };
            prop_assert!(other == index || moved.verify(&leaves[index], &root).is_err());
        }
        flip(&mut proof.path);
        prop_assert!(proof.verify(&leaves[index], &root).is_err());

        let mut proof = consistency(&leaves, from, size).expect("in range");
        let from_root = recursive_root(&leaves[..from]);
        prop_assert_eq!(proof.verify(&from_root, &root), Ok(()));
        flip(&mut proof.path);
        prop_assert!(proof.verify(&from_root, &root).is_err());
    }
}
