//! The node's own authority for its local port: clients in the community trust
//! `local-ca.pem`, which needs no hub and no network.
//!
//! `local-ca.pem` · `local-ca.key.pem` · `local.pem` key and chain.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use proto_edge::{
    clock::Clock,
    credential::{Credential, certificates, certificates_pem},
    keyfile,
    tls::plain_server,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::IdentityFault;

pub const CA: &str = "local-ca.pem";
const CA_KEY: &str = "local-ca.key.pem";
const LEAF: &str = "local.pem";
const CA_LIFE_S: u64 = 20 * 365 * 86_400;
const LEAF_LIFE_S: u64 = 365 * 86_400;
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The local port's identity, with the configuration that its listener reads.
pub struct Local {
    directory: PathBuf,
    hosts: Vec<String>,
    clock: Clock,
    config: Arc<ArcSwap<ServerConfig>>,
}

impl Local {
    /// Opens or makes the local authority. `hosts` are the names and addresses,
    /// besides loopback, under which clients reach this node.
    pub fn open(directory: &Path, hosts: &[String], clock: Clock) -> Result<Local, IdentityFault> {
        let mut all: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
        all.extend(
            hosts
                .iter()
                .filter(|h| !ALWAYS.contains(&h.as_str()))
                .cloned(),
        );
        if !directory.join(CA).exists() {
            // Clients go on trusting the old one, so it is put back when it can be.
            match authority_of_leaf(directory) {
                Some(authority) => write(directory, CA, &certificates_pem(&[authority]))?,
                None => make_authority(directory, &clock)?,
            }
        }
        let leaf = leaf(directory, &all, &clock)?;
        let config = plain_server(&leaf, &clock)?;
        Ok(Local {
            directory: directory.to_owned(),
            hosts: all,
            clock,
            config: Arc::new(ArcSwap::from_pointee(config)),
        })
    }

    pub fn config(&self) -> Arc<ArcSwap<ServerConfig>> {
        self.config.clone()
    }

    /// The file that local clients are given.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join(CA)
    }

    /// Makes a new leaf when half of the old one's life is over; to be called
    /// daily.
    pub fn renew_if_due(&self) -> Result<(), IdentityFault> {
        let leaf = leaf(&self.directory, &self.hosts, &self.clock)?;
        self.config
            .store(Arc::new(plain_server(&leaf, &self.clock)?));
        Ok(())
    }
}

fn make_authority(directory: &Path, clock: &Clock) -> Result<(), IdentityFault> {
    keyfile::make_directory(directory).map_err(at(directory))?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "tongxin node local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (params.not_before, params.not_after) = dates(clock.now_s(), CA_LIFE_S)?;
    let authority = params.self_signed(&key)?;
    write(directory, CA_KEY, &key.serialize_pem())?;
    write(directory, CA, &certificates_pem(&[authority.into()]))
}

/// The authority that the stored leaf brings along.
fn authority_of_leaf(directory: &Path) -> Option<CertificateDer<'static>> {
    let stored = Credential::from_pem(read(directory, LEAF).ok()?.as_bytes()).ok()?;
    stored.chain.get(1).cloned()
}

/// The stored leaf while it is fresh and names the same hosts, or a new one.
fn leaf(directory: &Path, hosts: &[String], clock: &Clock) -> Result<Credential, IdentityFault> {
    let authority = read(directory, CA)?;
    let authority = certificates(authority.as_bytes())?[0].clone();
    if let Ok(pem) = read(directory, LEAF)
        && let Ok(stored) = Credential::from_pem(pem.as_bytes())
        && stored.chain.get(1) == Some(&authority)
        && stored.hosts() == hosts
        && is_fresh(&stored.chain[0], clock.now_s())
    {
        return Ok(stored);
    }
    let signer = KeyPair::from_pem(&read(directory, CA_KEY)?)?;
    let signer = Issuer::from_ca_cert_der(&authority, signer)?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "tongxin node");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = dates(clock.now_s(), LEAF_LIFE_S)?;
    let certificate = params.signed_by(&key, &signer)?;
    let credential = Credential::new(vec![certificate.into(), authority], key.serialize_der());
    write(directory, LEAF, &credential.to_pem())?;
    Ok(credential)
}

fn is_fresh(leaf: &CertificateDer<'_>, now_s: u64) -> bool {
    let Ok((_, leaf)) = X509Certificate::from_der(leaf) else {
        return false;
    };
    let half = leaf.validity().not_before.timestamp() + (LEAF_LIFE_S / 2) as i64;
    i64::try_from(now_s).is_ok_and(|now| now < half)
}

fn dates(now_s: u64, life_s: u64) -> Result<(OffsetDateTime, OffsetDateTime), IdentityFault> {
    let date = |second: u64| {
        i64::try_from(second)
            .ok()
            .and_then(|second| OffsetDateTime::from_unix_timestamp(second).ok())
            .ok_or(IdentityFault::Clock(second))
    };
    Ok((date(now_s.saturating_sub(3_600))?, date(now_s + life_s)?))
}

fn read(directory: &Path, name: &str) -> Result<String, IdentityFault> {
    let path = directory.join(name);
    keyfile::read_sealed(&path).map_err(at(&path))
}

fn write(directory: &Path, name: &str, text: &str) -> Result<(), IdentityFault> {
    let path = directory.join(name);
    keyfile::write_sealed(&path, text).map_err(at(&path))
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> IdentityFault + use<> {
    let path = path.to_owned();
    move |source| IdentityFault::File { path, source }
}
