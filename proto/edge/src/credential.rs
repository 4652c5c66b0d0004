//! A key with its certificate chain, and its one-file PEM form, so that both
//! are replaced by one rename. Knows no path and no authority.

use std::{fmt, net::IpAddr};

use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer,
    pem::{PemObject as _, SectionKind},
};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::peer::{InvalidPeer, Peer};

/// What an endpoint proves itself with.
pub struct Credential {
    /// Leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidCredential {
    #[error("PEM: {0}")]
    Pem(#[from] rustls_pki_types::pem::Error),
    #[error("PEM: no certificate")]
    NoCertificate,
    #[error(transparent)]
    Leaf(#[from] InvalidPeer),
}

impl Credential {
    pub fn new(chain: Vec<CertificateDer<'static>>, pkcs8: Vec<u8>) -> Credential {
        Credential {
            chain,
            key: PrivatePkcs8KeyDer::from(pkcs8).into(),
        }
    }

    /// A PEM text with one private key and at least one certificate.
    pub fn from_pem(pem: &[u8]) -> Result<Credential, InvalidCredential> {
        Ok(Credential {
            chain: certificates(pem)?,
            key: PrivateKeyDer::from_pem_slice(pem)?,
        })
    }

    pub fn to_pem(&self) -> String {
        let kind = match &self.key {
            PrivateKeyDer::Pkcs1(_) => SectionKind::RsaPrivateKey,
            PrivateKeyDer::Sec1(_) => SectionKind::EcPrivateKey,
            _ => SectionKind::PrivateKey,
        };
        section(kind, self.key.secret_der()) + &certificates_pem(&self.chain)
    }

    /// The host names and addresses in the leaf.
    pub fn hosts(&self) -> Vec<String> {
        let leaf = self.chain.first();
        let parsed = leaf.and_then(|leaf| X509Certificate::from_der(leaf).ok());
        let names = parsed.as_ref().and_then(|(_, leaf)| {
            let names = leaf.subject_alternative_name().ok().flatten();
            names.map(|names| names.value.general_names.as_slice())
        });
        let hosts = names
            .unwrap_or_default()
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some((*name).to_owned()),
                GeneralName::IPAddress(bytes) => address(bytes),
                _ => None,
            });
        hosts.collect()
    }

    /// Who this credential says its holder is.
    pub fn holder(&self) -> Result<Peer, InvalidCredential> {
        let leaf = self.chain.first().ok_or(InvalidCredential::NoCertificate)?;
        Ok(Peer::of_certificate(leaf)?)
    }
}

impl Clone for Credential {
    fn clone(&self) -> Credential {
        Credential {
            chain: self.chain.clone(),
            key: self.key.clone_key(),
        }
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| v6()).ok().map(|address| address.to_string())
}

// The key is not for logs.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("certificates", &self.chain.len())
            .finish_non_exhaustive()
    }
}

/// All certificates of a PEM text; at least one.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidCredential> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(InvalidCredential::NoCertificate);
    }
    Ok(found)
}

pub fn certificates_pem(chain: &[CertificateDer<'_>]) -> String {
    let sections = chain
        .iter()
        .map(|der| section(SectionKind::Certificate, der));
    sections.collect()
}

fn section(kind: SectionKind, der: &[u8]) -> String {
    let label = match kind {
        SectionKind::Certificate => "CERTIFICATE",
        SectionKind::RsaPrivateKey => "RSA PRIVATE KEY",
        SectionKind::EcPrivateKey => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    };
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
