//! The file `keys/index`: the key under which residents' names are compared
//! without being kept, and from which the secret of rounding follows. Made once.
//!
//! Layout, big-endian: magic `TXIX` · format u32 · key 32 bytes · SHA-256 of all
//! before.

use std::fs;
use std::path::Path;

use ring::hmac;
use ring::rand::SystemRandom;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::epoch::{sync_parent, write_private};
use super::{Key, RoundingKey, SealingFault};

const MAGIC: &[u8; 4] = b"TXIX";
const FORMAT: u32 = 1;
const BODY_BYTES: usize = 8 + Key::BYTES;

pub(super) struct IndexKey(hmac::Key);

impl IndexKey {
    pub fn create(path: &Path) -> Result<(), SealingFault> {
        let mut bytes = Zeroizing::new(MAGIC.to_vec());
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(Key::random(&SystemRandom::new())?.bytes());
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        write_private(path, &bytes).map_err(SealingFault::io("write", path))?;
        sync_parent(path)
    }

    pub fn read(path: &Path) -> Result<IndexKey, SealingFault> {
        let bytes = fs::read(path).map_err(SealingFault::io("read", path))?;
        let bytes = Zeroizing::new(bytes);
        if bytes.len() != BODY_BYTES + 32 || &bytes[..4] != MAGIC {
            return Err(SealingFault::damaged(path, "no index key"));
        }
        let found = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        if found > FORMAT {
            return Err(SealingFault::NewerFormat {
                file: path.to_owned(),
                found,
                known: FORMAT,
            });
        }
        if Sha256::digest(&bytes[..BODY_BYTES])[..] != bytes[BODY_BYTES..] {
            return Err(SealingFault::damaged(path, "wrong checksum"));
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes[8..BODY_BYTES]);
        Ok(IndexKey(key))
    }

    pub fn rounding(&self) -> RoundingKey {
        RoundingKey::derived(&self.0)
    }

    pub fn tag(&self, name: &str) -> [u8; 16] {
        let full = hmac::sign(&self.0, name.as_bytes());
        let mut tag = [0; 16];
        tag.copy_from_slice(&full.as_ref()[..16]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_under_one_key_only() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        IndexKey::create(&one).unwrap();
        IndexKey::create(&other).unwrap();
        let tag = |path: &Path, name| IndexKey::read(path).unwrap().tag(name);
        assert_eq!(tag(&one, "a"), tag(&one, "a"));
        assert_ne!(tag(&one, "a"), tag(&one, "b"));
        assert_ne!(tag(&one, "a"), tag(&other, "a"));
        let mut bytes = fs::read(&one).unwrap();
        bytes[20] ^= 1;
        fs::write(&one, bytes).unwrap();
        assert!(matches!(
            IndexKey::read(&one),
            Err(SealingFault::Damaged { .. })
        ));
    }
}
