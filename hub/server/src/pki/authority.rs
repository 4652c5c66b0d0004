//! The district authority on disk: root, issuing CA, the hub's own leaf, the
//! key that invites are derived from. Decides nothing about members.
//!
//! `root.pem` · `root.key.pem` (may be kept elsewhere; it is needed when the
//! issuer is renewed) · `issuer.pem` key and certificate · `hub.pem` key and
//! chain · `invite.key` 32 bytes in hex. All 0600, sealed, replaced by rename.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use hub_domain::issuance::{Certificate, Serial};
use jiff::Timestamp;
use proto::identity::{District, Identity, Subject};
use proto_edge::{
    clock::Clock,
    connector::Address,
    credential::{Credential, certificates_pem},
    keyfile,
    membership::Membership,
};
use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};

use super::{
    PkiFault, entropy,
    files::{Issuing, at, read, read_certificate, read_issuer, signer_pem, write},
    invites::InviteKey,
    issuer::{Lifetimes, Signer, Validity},
};

const ROOT: &str = "root.pem";
const ROOT_KEY: &str = "root.key.pem";
const ISSUER: &str = "issuer.pem";
const HUB: &str = "hub.pem";
const INVITE_KEY: &str = "invite.key";

/// Signs for one district.
pub struct Authority {
    directory: PathBuf,
    pub district: District,
    /// What members dial; the hub's leaf names its host.
    pub address: Address,
    root: CertificateDer<'static>,
    issuer: ArcSwap<Issuing>,
    invite_key: InviteKey,
    lifetimes: Lifetimes,
    clock: Clock,
    /// Held while the hub's own leaf is looked at and perhaps made anew.
    own: Mutex<()>,
}

/// What a certificate is to be, fixed before it is decided and signed.
pub struct Draft {
    pub serial: Serial,
    pub validity: Validity,
}

impl Authority {
    /// Makes a new authority in an empty `directory`.
    pub fn create(
        directory: &Path,
        district: District,
        address: Address,
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> Result<Authority, PkiFault> {
        if directory.join(ROOT).exists() {
            return Err(PkiFault::AlreadyMade(directory.to_owned()));
        }
        keyfile::make_directory(directory).map_err(at(directory))?;
        let now_s = clock.now_s();
        let root = Signer::root(&district, Validity::from(now_s, lifetimes.root_s))?;
        let issuer = root.issuing(&district, Validity::from(now_s, lifetimes.issuer_s))?;
        write(directory, INVITE_KEY, &InviteKey::text(&entropy()?))?;
        write(directory, ROOT_KEY, &root.key_pem())?;
        write(directory, ISSUER, &signer_pem(&issuer))?;
        // Last: with it the authority is there.
        let pem = certificates_pem(std::slice::from_ref(&root.certificate));
        write(directory, ROOT, &pem)?;
        Authority::open(directory, district, address, lifetimes, clock)
    }

    pub fn open(
        directory: &Path,
        district: District,
        address: Address,
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> Result<Authority, PkiFault> {
        let root = read_certificate(&directory.join(ROOT))?;
        let issuing = read_issuer(&directory.join(ISSUER))?;
        let path = directory.join(INVITE_KEY);
        let invite_key = InviteKey::read(&read(&path)?).ok_or(PkiFault::Content {
            path,
            reason: "want 64 hex digits",
        })?;
        clock.raise(issuing.validity.not_before_s);
        Ok(Authority {
            directory: directory.to_owned(),
            district,
            address,
            root,
            issuer: ArcSwap::from_pointee(issuing),
            invite_key,
            lifetimes,
            clock,
            own: Mutex::default(),
        })
    }

    pub fn leaf_life(&self) -> Duration {
        Duration::from_secs(self.lifetimes.leaf_s)
    }

    /// How often to look at leaves: `usual`, or several times in a short life.
    pub fn rounds(&self, usual: Duration) -> Duration {
        usual.min(self.leaf_life() / 20)
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn invite_key(&self) -> &InviteKey {
        &self.invite_key
    }

    /// What decisions are dated with, to the second.
    pub fn now(&self) -> Result<Timestamp, PkiFault> {
        timestamp(self.clock.now_s())
    }

    pub fn roots(&self) -> Vec<CertificateDer<'static>> {
        vec![self.root.clone()]
    }

    pub fn root_sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.root).into()
    }

    pub fn identity(&self, subject: Subject) -> Identity {
        Identity {
            district: self.district.clone(),
            subject,
        }
    }

    pub fn draft(&self) -> Result<Draft, PkiFault> {
        let issuer = self.issuer.load().validity.not_after_s;
        let now_s = self.clock.now_s();
        if issuer <= now_s {
            return Err(PkiFault::IssuerExpired);
        }
        Ok(Draft {
            serial: Serial::from_entropy(entropy()?),
            validity: Validity::from(now_s, self.lifetimes.leaf_s).until_at_most(issuer),
        })
    }

    /// Leaf, issuer, root. The root is sent along for those who only know its
    /// hash.
    pub fn sign(
        &self,
        subject: Subject,
        key: &impl PublicKeyData,
        draft: &Draft,
    ) -> Result<Vec<CertificateDer<'static>>, PkiFault> {
        let hosts = match subject {
            Subject::Hub => self.hosts(),
            _ => Vec::new(),
        };
        let issuing = self.issuer.load();
        let identity = self.identity(subject);
        let signer = &issuing.signer;
        let leaf = signer.leaf(&identity, key, draft.serial, draft.validity, &hosts)?;
        Ok(vec![leaf, signer.certificate.clone(), self.root.clone()])
    }

    /// The hub's credential: the stored one while it is good for longer than
    /// half its life, or a new one.
    pub fn hub_credential(&self) -> Result<Credential, PkiFault> {
        // Two that renew at once would take each other's unfinished file away.
        let _own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.directory.join(HUB);
        if let Ok(pem) = read(&path)
            && let Ok(stored) = Credential::from_pem(pem.as_bytes())
            && self.is_fresh(&stored)
        {
            return Ok(stored);
        }
        let credential = self.self_made(Subject::Hub)?.0;
        write(&self.directory, HUB, &credential.to_pem())?;
        Ok(credential)
    }

    fn hosts(&self) -> Vec<String> {
        vec![self.address.host(), "localhost".to_owned()]
    }

    fn is_fresh(&self, stored: &Credential) -> bool {
        let issued_here = stored.chain.get(1) == Some(&self.issuer.load().signer.certificate);
        let hub = self.identity(Subject::Hub);
        issued_here
            && stored.hosts() == self.hosts()
            && stored.holder().is_ok_and(|holder| {
                holder.identity == hub && self.clock.now_s() < holder.leaf().renew_at_s(1.0)
            })
    }

    /// A membership made on the hub itself, with what is to be journalled of it.
    pub fn appoint(&self, subject: Subject) -> Result<(Membership, Certificate), PkiFault> {
        let (credential, certificate) = self.self_made(subject)?;
        let membership = Membership {
            credential,
            roots: self.roots(),
            hub: self.address.clone(),
        };
        Ok((membership, certificate))
    }

    fn self_made(&self, subject: Subject) -> Result<(Credential, Certificate), PkiFault> {
        let key = KeyPair::generate()?;
        let draft = self.draft()?;
        let chain = self.sign(subject, &key, &draft)?;
        let key_sha256 = Sha256::digest(key.subject_public_key_info()).into();
        let certificate = draft.certificate(key_sha256)?;
        Ok((Credential::new(chain, key.serialize_der()), certificate))
    }

    /// Renews the issuing CA when half of its life is over and the root key is
    /// at hand. Says whether the issuer is a new one.
    pub fn renew_issuer(&self) -> Result<bool, PkiFault> {
        let current = self.issuer.load().validity;
        let half = current.not_before_s + (current.not_after_s - current.not_before_s) / 2;
        let key = self.directory.join(ROOT_KEY);
        if self.clock.now_s() < half || !key.exists() {
            return Ok(false);
        }
        let pem = read(&key)?;
        let root = Signer::load(self.root.clone(), KeyPair::from_pem(&pem)?)?;
        let validity = Validity::from(self.clock.now_s(), self.lifetimes.issuer_s);
        let signer = root.issuing(&self.district, validity)?;
        write(&self.directory, ISSUER, &signer_pem(&signer))?;
        self.issuer.store(Arc::new(Issuing { signer, validity }));
        Ok(true)
    }

    pub fn issuer_not_after_s(&self) -> u64 {
        self.issuer.load().validity.not_after_s
    }
}

impl Draft {
    pub fn certificate(&self, key_sha256: [u8; 32]) -> Result<Certificate, PkiFault> {
        Ok(Certificate {
            serial: self.serial,
            key_sha256,
            not_after: timestamp(self.validity.not_after_s)?,
        })
    }
}

fn timestamp(second: u64) -> Result<Timestamp, PkiFault> {
    i64::try_from(second)
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok())
        .ok_or(PkiFault::Time(second))
}
