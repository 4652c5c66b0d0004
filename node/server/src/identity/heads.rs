//! The key by which this node says what its journal has come to, so that nobody
//! else, the hub included, can say it in its name. Knows no journal at rest.
//!
//! `journal.key.pem`: Ed25519, PKCS#8, sealed.

use std::path::Path;

use jiff::Timestamp;
use journal::{Head, SignedHead};
use proto::identity::StoreId;
use proto::sync::head::{JournalHead, JournalPoint, Release};
use proto_edge::keyfile;
use rcgen::{KeyPair, PKCS_ED25519};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::IdentityFault;

const FILE: &str = "journal.key.pem";

pub struct HeadKey {
    pair: Ed25519KeyPair,
    public_key: [u8; 32],
}

impl HeadKey {
    /// `None`: there is none in `dir`.
    pub fn open(dir: &Path) -> Result<Option<HeadKey>, IdentityFault> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let pem = keyfile::read_sealed(&path).map_err(|source| IdentityFault::File {
            path: path.clone(),
            source,
        })?;
        let key = KeyPair::from_pem(&pem)?.serialize_der();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key);
        let pair = pair.map_err(|_| IdentityFault::Key(rcgen::Error::CouldNotParseKeyPair))?;
        let public_key = pair.public_key().as_ref().try_into();
        Ok(Some(HeadKey {
            public_key: public_key
                .map_err(|_| IdentityFault::Key(rcgen::Error::CouldNotParseKeyPair))?,
            pair,
        }))
    }

    /// A node that is older than such keys gets one now.
    pub fn open_or_make(dir: &Path) -> Result<HeadKey, IdentityFault> {
        if let Some(key) = HeadKey::open(dir)? {
            return Ok(key);
        }
        let path = dir.join(FILE);
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        keyfile::write_sealed(&path, &key.serialize_pem())
            .map_err(|source| IdentityFault::File { path, source })?;
        HeadKey::open(dir)?.ok_or(IdentityFault::Key(rcgen::Error::CouldNotParseKeyPair))
    }

    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    pub fn sign(&self, log: StoreId, head: &Head, now: Timestamp) -> JournalHead {
        let now_ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let signed = SignedHead::sign(journal::LogId(log.0), head, now_ms, &self.pair);
        JournalHead {
            log,
            point: JournalPoint {
                size: signed.size,
                root: signed.root,
            },
            chain: signed.chain,
            time_ms: signed.time_ms,
            public_key: self.public_key,
            signature: signed.signature,
            release: None,
        }
    }

    /// Puts the node's name to `release` at the head, whose signature stands.
    pub fn release(&self, head: &mut JournalHead, release: Release) {
        head.release = Some(Box::new(release));
        let signature = head.release_bytes().map(|bytes| self.pair.sign(&bytes));
        if let (Some(release), Some(signature)) = (&mut head.release, signature) {
            release.signature.copy_from_slice(signature.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_and_its_heads_verify() {
        let dir = tempfile::tempdir().unwrap();
        assert!(HeadKey::open(dir.path()).unwrap().is_none());
        let made = HeadKey::open_or_make(dir.path()).unwrap();
        let again = HeadKey::open_or_make(dir.path()).unwrap();
        assert_eq!(made.public_key(), again.public_key());
        let head = Head {
            size: 3,
            root: [1; 32],
            chain: [2; 32],
        };
        let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let said = again.sign(StoreId([7; 16]), &head, now);
        let signed = SignedHead {
            log_id: journal::LogId([7; 16]),
            size: 3,
            root: [1; 32],
            chain: [2; 32],
            time_ms: 1_700_000_000_000,
            signature: said.signature,
        };
        assert_eq!(signed.verify(&said.public_key), Ok(()));
    }
}
