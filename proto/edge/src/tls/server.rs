//! Server configurations: mutual (a client certificate is asked for, and judged
//! by the roots and by the admission list when it is shown) and plain.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    server::{
        NoServerSessionStorage, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::{ALPN, TlsFault, provider};
use crate::{clock::Clock, credential::Credential, peer::Peer};

/// Whether a peer whose certificate is in order is a member now.
pub trait Admission: fmt::Debug + Send + Sync + 'static {
    fn admits(&self, peer: &Peer) -> Result<(), Barred>;
}

/// Why a peer with a good certificate is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    NotEnrolled,
    Revoked,
    /// A newer certificate of the same subject is in use.
    Replaced,
}

impl From<Barred> for Error {
    fn from(barred: Barred) -> Error {
        match barred {
            Barred::Revoked | Barred::Replaced => CertificateError::Revoked.into(),
            Barred::NotEnrolled => CertificateError::ApplicationVerificationFailure.into(),
        }
    }
}

/// For the hub: a client without a certificate gets through the handshake (it
/// may only enrol); one with a certificate must be a current member.
pub fn mutual_server(
    own: &Credential,
    roots: &[CertificateDer<'static>],
    admission: Arc<dyn Admission>,
    clock: &Clock,
) -> Result<ServerConfig, TlsFault> {
    let mut trusted = RootCertStore::empty();
    for root in roots {
        trusted.add(root.clone())?;
    }
    let chain = WebPkiClientVerifier::builder_with_provider(trusted.into(), provider())
        .allow_unauthenticated()
        .build()?;
    let members = Members { chain, admission };
    let config = ServerConfig::builder_with_details(provider(), Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(members))
        .with_single_cert(own.chain.clone(), own.key.clone_key())?;
    Ok(without_resumption(config))
}

/// For a node's local port: callers show a token, not a certificate.
pub fn plain_server(own: &Credential, clock: &Clock) -> Result<ServerConfig, TlsFault> {
    let config = ServerConfig::builder_with_details(provider(), Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(own.chain.clone(), own.key.clone_key())?;
    Ok(without_resumption(config))
}

fn without_resumption(mut config: ServerConfig) -> ServerConfig {
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config
}

/// The chain's judgement, then the allow-list's.
#[derive(Debug)]
struct Members {
    chain: Arc<dyn ClientCertVerifier>,
    admission: Arc<dyn Admission>,
}

impl ClientCertVerifier for Members {
    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chain.verify_client_cert(leaf, intermediates, now)?;
        let peer = Peer::of_certificate(leaf).map_err(|_| CertificateError::BadEncoding)?;
        self.admission.admits(&peer)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
