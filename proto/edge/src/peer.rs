//! Who is at the other end: the one SPIFFE name of a certificate, its serial
//! and its dates. Knows nothing of whether that peer is welcome.

use proto::identity::{Identity, InvalidIdentity};
use proto_child::renewal::Leaf;
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// A certificate's holder, as far as this project looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub identity: Identity,
    /// Big-endian, without leading zeros.
    pub serial: Vec<u8>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub key_sha256: [u8; 32],
    /// Seconds since 1970; the certificate is good from and until here.
    pub not_before_s: u64,
    pub not_after_s: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPeer {
    #[error("certificate: cannot be decoded")]
    Undecodable,
    #[error("certificate: want exactly one URI name, found {0}")]
    NameCount(usize),
    #[error("certificate name: {0}")]
    Name(#[from] InvalidIdentity),
    #[error("certificate: dates before 1970")]
    Dates,
}

impl Peer {
    /// The dates of its certificate.
    pub fn leaf(&self) -> Leaf {
        Leaf {
            not_before_s: self.not_before_s,
            not_after_s: self.not_after_s,
        }
    }

    pub fn of_certificate(der: &CertificateDer<'_>) -> Result<Peer, InvalidPeer> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| InvalidPeer::Undecodable)?;
        let uris: Vec<&str> = certificate
            .subject_alternative_name()
            .map_err(|_| InvalidPeer::Undecodable)?
            .map(|names| names.value.general_names.as_slice())
            .unwrap_or_default()
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Some(*uri),
                _ => None,
            })
            .collect();
        let [uri] = uris.as_slice() else {
            return Err(InvalidPeer::NameCount(uris.len()));
        };
        let validity = certificate.validity();
        let seconds = |at: i64| u64::try_from(at).map_err(|_| InvalidPeer::Dates);
        let serial = certificate.raw_serial();
        let zeros = serial.iter().take_while(|byte| **byte == 0).count();
        Ok(Peer {
            identity: uri.parse()?,
            serial: serial[zeros..].to_vec(),
            key_sha256: Sha256::digest(certificate.public_key().raw).into(),
            not_before_s: seconds(validity.not_before.timestamp())?,
            not_after_s: seconds(validity.not_after.timestamp())?,
        })
    }

    /// The peer that opened the connection a request came on; `None` when it
    /// showed no certificate. Parsing costs a few microseconds per call, less
    /// than a table of connections that could name the wrong one.
    pub fn of_request(extensions: &http::Extensions) -> Result<Option<Peer>, InvalidPeer> {
        extensions
            .get::<TlsConnectInfo<TcpConnectInfo>>()
            .and_then(TlsConnectInfo::peer_certs)
            .as_ref()
            .and_then(|chain| chain.first())
            .map(Peer::of_certificate)
            .transpose()
    }

    pub fn is_current(&self, now_s: u64) -> bool {
        (self.not_before_s..=self.not_after_s).contains(&now_s)
    }
}
