//! The key by which this hub puts its name to releases that it keeps. Knows no node.
//!
//! `pki/countersign.key.pem`: Ed25519, PKCS#8, sealed. Each countersignature names its
//! public half, so that a hub that lost the key goes on with another.

use std::path::Path;

use hub_domain::sync::release::Countersignature;
use proto::sync::head::ReleaseId;
use proto_edge::keyfile;
use rcgen::{KeyPair, PKCS_ED25519};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::{PkiFault, files};

const DIRECTORY: &str = "pki";
const FILE: &str = "countersign.key.pem";

pub struct CountersignKey {
    pair: Ed25519KeyPair,
    public_key: [u8; 32],
}

impl CountersignKey {
    /// `hub`: its directory. A hub that is older than such keys gets one now.
    pub fn open_or_make(hub: &Path) -> Result<CountersignKey, PkiFault> {
        let directory = hub.join(DIRECTORY);
        let path = directory.join(FILE);
        if !path.exists() {
            keyfile::make_directory(&directory).map_err(files::at(&directory))?;
            let key = KeyPair::generate_for(&PKCS_ED25519)?;
            files::write(&directory, FILE, &key.serialize_pem())?;
        }
        let key = KeyPair::from_pem(&files::read(&path)?)?.serialize_der();
        let malformed = || PkiFault::Content {
            path: path.clone(),
            reason: "want an Ed25519 key",
        };
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key).map_err(|_| malformed())?;
        let public_key = pair.public_key().as_ref().try_into();
        Ok(CountersignKey {
            public_key: public_key.map_err(|_| malformed())?,
            pair,
        })
    }

    pub fn sign(&self, release: &ReleaseId, time_ms: u64, incarnation: u64) -> Countersignature {
        let signed = Countersignature::signed_bytes(release, time_ms, incarnation);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&signed).as_ref());
        Countersignature {
            time_ms,
            incarnation,
            public_key: self.public_key,
            signature,
        }
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_key_stays_and_its_signatures_verify() {
        let dir = tempfile::tempdir().expect("a directory");
        let made = CountersignKey::open_or_make(dir.path()).expect("a key");
        let again = CountersignKey::open_or_make(dir.path()).expect("the same key");
        let under = made.sign(&[1; 32], 2, 3);
        assert_eq!(under, again.sign(&[1; 32], 2, 3));
        let public = UnparsedPublicKey::new(&ED25519, under.public_key);
        let signed = Countersignature::signed_bytes(&[1; 32], 2, 3);
        assert!(public.verify(&signed, &under.signature).is_ok());
        let other = Countersignature::signed_bytes(&[1; 32], 2, 4);
        assert!(public.verify(&other, &under.signature).is_err());
    }
}
