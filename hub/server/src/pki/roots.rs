//! How the district's root is replaced on disk. Every file that is half written
//! when the machine goes down is ignored at the next start: `issuer.pem` alone
//! says which roots there are. Decides nothing: who may be lost is the domain's.

use std::{fs, sync::Arc};

use rcgen::{KeyPair, PublicKeyData as _};
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{
    PkiFault,
    authority::{Authority, ISSUER, ROOT, ROOT_KEY},
    files::{Anchors, Issuing, OldRoot, at, read, write},
    issuer::{Signer, Validity},
};
use proto_edge::credential::certificates_pem;

/// Of the root that is about to replace the other.
const NEXT_KEY: &str = "root.next.key.pem";

impl Anchors {
    /// What follows the issuer in the hub's chain: the way to the old root for
    /// those who know no other, and last the root that signs.
    pub(super) fn for_strangers(&self) -> Vec<CertificateDer<'static>> {
        let old = self.old.iter();
        let old = old.flat_map(|old| [old.issuer.clone(), old.root.clone()]);
        old.chain([self.root.clone()]).collect()
    }
}

impl Authority {
    /// The old root and the new one while one is replaced, by their hashes.
    pub fn rolling(&self) -> Option<([u8; 32], [u8; 32])> {
        let issuing = self.issuer.load();
        let old = issuing.anchors.old.as_ref()?;
        Some((Sha256::digest(&old.root).into(), self.root_sha256()))
    }

    /// Changes with every change of the roots.
    pub fn rolls(&self) -> watch::Receiver<u64> {
        self.rolls.subscribe()
    }

    /// Whether the key of the root that signs is in the directory.
    pub fn has_root_key(&self) -> Result<bool, PkiFault> {
        let root = self.issuer.load().anchors.root.clone();
        Ok(self.root_signer(&root)?.is_some())
    }

    /// Makes a new root, under which everything is signed from now on, and keeps
    /// the old one beside it; not while one is being replaced.
    pub fn roll(&self) -> Result<(), PkiFault> {
        let _own = self.alone();
        let current = self.issuer.load().anchors.root.clone();
        let old = self.root_signer(&current)?;
        let old = old.ok_or_else(|| PkiFault::RootKeyAway(self.directory.clone()))?;
        let now_s = self.clock.now_s();
        let validity = Validity::from(now_s, self.lifetimes.root_s);
        let root = Signer::root(&self.district, validity)?;
        write(&self.directory, NEXT_KEY, &root.key_pem())?;
        self.issue_under(root, Some(old))?;
        self.rolls.send_modify(|rolls| *rolls += 1);
        Ok(())
    }

    /// Trusts the old root no more; nothing to do when there is none.
    pub fn retire(&self) -> Result<(), PkiFault> {
        let _own = self.alone();
        let issuing = self.issuer.load_full();
        if issuing.anchors.old.is_none() {
            return Ok(());
        }
        let root = issuing.anchors.root.clone();
        write(
            &self.directory,
            ROOT,
            &certificates_pem(std::slice::from_ref(&root)),
        )?;
        let key = KeyPair::from_pem(&issuing.signer.key_pem())?;
        let retired = Issuing {
            signer: Signer::load(issuing.signer.certificate.clone(), key)?,
            validity: issuing.validity,
            anchors: Anchors { root, old: None },
        };
        write(&self.directory, ISSUER, &retired.pem())?;
        self.issuer.store(Arc::new(retired));
        self.keep_one_key()?;
        self.rolls.send_modify(|rolls| *rolls += 1);
        Ok(())
    }

    /// A new issuer; with its key under both roots while one is replaced.
    pub(super) fn issue_under(&self, root: Signer, old: Option<Signer>) -> Result<(), PkiFault> {
        let validity = Validity::from(self.clock.now_s(), self.lifetimes.issuer_s);
        let (signer, old) = match old {
            None => (root.issuing(&self.district, validity)?, None),
            Some(old) => {
                let (signer, issuer) = root.issuing_under_both(&old, &self.district, validity)?;
                let root = old.certificate;
                (signer, Some(OldRoot { root, issuer }))
            }
        };
        let root = root.certificate;
        let issuing = Issuing {
            signer,
            validity,
            anchors: Anchors { root, old },
        };
        write(&self.directory, ISSUER, &issuing.pem())?;
        self.issuer.store(Arc::new(issuing));
        Ok(())
    }

    /// A root with its key, when the key is in the directory.
    pub(super) fn root_signer(
        &self,
        root: &CertificateDer<'static>,
    ) -> Result<Option<Signer>, PkiFault> {
        for name in [ROOT_KEY, NEXT_KEY] {
            let path = self.directory.join(name);
            if !path.exists() {
                continue;
            }
            let key = KeyPair::from_pem(&read(&path)?)?;
            if is_of(root, &key) {
                return Ok(Some(Signer::load(root.clone(), key)?));
            }
        }
        Ok(None)
    }

    /// The retired root's key is of no use to anybody but a thief.
    fn keep_one_key(&self) -> Result<(), PkiFault> {
        let path = self.directory.join(NEXT_KEY);
        if path.exists() {
            write(&self.directory, ROOT_KEY, &read(&path)?)?;
            fs::remove_file(&path).map_err(at(&path))?;
        }
        Ok(())
    }
}

fn is_of(root: &CertificateDer<'_>, key: &KeyPair) -> bool {
    let parsed = X509Certificate::from_der(root);
    parsed.is_ok_and(|(_, root)| root.public_key().raw == key.subject_public_key_info())
}
