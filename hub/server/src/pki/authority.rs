//! The district authority on disk: root, issuing CA, the hub's own leaf, the
//! key that invites are derived from. Decides nothing about members.
//!
//! `root.pem` · `root.key.pem` (may be kept elsewhere; it is needed when the
//! issuer is renewed) · `issuer.pem` key and certificate, and both roots while
//! one is replaced · `root.next.key.pem` the new root's key meanwhile · `hub.pem`
//! key and chain · `invite.key` 32 bytes in hex. All 0600, sealed, replaced by
//! rename. How roots change is [`super::roots`]'s.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
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
use tokio::sync::watch;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{
    PkiFault, entropy,
    files::{Anchors, Issuing, at, read, read_issuer, write},
    invites::InviteKey,
    issuer::{Lifetimes, Signer, Validity},
};

pub(super) const ROOT: &str = "root.pem";
pub(super) const ROOT_KEY: &str = "root.key.pem";
pub(super) const ISSUER: &str = "issuer.pem";
const HUB: &str = "hub.pem";
const INVITE_KEY: &str = "invite.key";

/// Signs for one district.
pub struct Authority {
    pub(super) directory: PathBuf,
    pub district: District,
    /// What members dial; the hub's leaf names its host.
    pub address: Address,
    pub(super) issuer: ArcSwap<Issuing>,
    invite_key: InviteKey,
    pub(super) lifetimes: Lifetimes,
    pub(super) clock: Clock,
    /// Held while the hub's own leaf, its issuer or its roots are looked at and
    /// perhaps made anew.
    own: Mutex<()>,
    /// Rises with every change of the roots.
    pub(super) rolls: watch::Sender<u64>,
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
        let anchors = Anchors {
            root: root.certificate.clone(),
            old: None,
        };
        let issuing = Issuing {
            signer: issuer,
            validity: Validity::from(now_s, lifetimes.issuer_s),
            anchors,
        };
        write(directory, ISSUER, &issuing.pem())?;
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
        let issuing = read_issuer(&directory.join(ISSUER), &directory.join(ROOT))?;
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
            issuer: ArcSwap::from_pointee(issuing),
            invite_key,
            lifetimes,
            clock,
            own: Mutex::default(),
            rolls: watch::Sender::new(0),
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

    /// All that are trusted, the one that signs first.
    pub fn roots(&self) -> Vec<CertificateDer<'static>> {
        let issuing = self.issuer.load();
        let old = issuing.anchors.old.iter().map(|old| old.root.clone());
        [issuing.anchors.root.clone()]
            .into_iter()
            .chain(old)
            .collect()
    }

    /// Of the one that signs.
    pub fn root_sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.issuer.load().anchors.root).into()
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

    /// Leaf, issuer, root; while a root is replaced also what leads to the old one.
    /// Roots are sent along for those who only know a hash.
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
        let mut chain = vec![leaf, signer.certificate.clone()];
        chain.extend(issuing.anchors.for_strangers());
        Ok(chain)
    }

    /// The hub's credential: the stored one while it is good for longer than
    /// half its life, or a new one.
    pub fn hub_credential(&self) -> Result<Credential, PkiFault> {
        let _own = self.alone();
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

    /// Two that renew at once would take each other's unfinished file away.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hosts(&self) -> Vec<String> {
        vec![self.address.host(), "localhost".to_owned()]
    }

    fn is_fresh(&self, stored: &Credential) -> bool {
        let issuing = self.issuer.load();
        let issuer = std::iter::once(issuing.signer.certificate.clone());
        let chain: Vec<_> = issuer.chain(issuing.anchors.for_strangers()).collect();
        let issued_here = stored.chain.get(1..) == Some(chain.as_slice());
        let hub = self.identity(Subject::Hub);
        issued_here
            && may_dial(stored)
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
        let _own = self.alone();
        let issuing = self.issuer.load_full();
        let current = issuing.validity;
        let half = current.not_before_s + (current.not_after_s - current.not_before_s) / 2;
        if self.clock.now_s() < half {
            return Ok(false);
        }
        let anchors = &issuing.anchors;
        let Some(root) = self.root_signer(&anchors.root)? else {
            return Ok(false);
        };
        let old = match &anchors.old {
            None => None,
            Some(old) => match self.root_signer(&old.root)? {
                Some(signer) => Some(signer),
                None => return Ok(false),
            },
        };
        self.issue_under(root, old)?;
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

/// Leaves of before hubs dialled centres are good for a server alone.
fn may_dial(stored: &Credential) -> bool {
    let leaf = stored.chain.first();
    let parsed = leaf.and_then(|leaf| X509Certificate::from_der(leaf).ok());
    parsed.is_some_and(|(_, leaf)| {
        let usage = leaf.extended_key_usage();
        usage.is_ok_and(|usage| usage.is_some_and(|usage| usage.value.client_auth))
    })
}

fn timestamp(second: u64) -> Result<Timestamp, PkiFault> {
    i64::try_from(second)
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok())
        .ok_or(PkiFault::Time(second))
}
