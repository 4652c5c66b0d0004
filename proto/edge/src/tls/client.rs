//! Client configurations: mutual towards the hub, and of the hub towards a
//! member that listens, pinned for enrolment, plain
//! towards a node's local port. Hub and members are known by their SPIFFE names, not by the host
//! names that they were dialled under.

use std::{sync::Arc, time::Duration};

use proto::identity::Identity;
use proto_child::renewal::Leaf;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
    version::TLS13,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest as _, Sha256};

use super::{ALPN, Admission, TlsFault, provider};
use crate::{clock::Clock, credential::Credential, peer::Peer};

/// A member towards its hub: shows its certificate, wants `hub` under `roots`.
pub fn mutual_client(
    own: &Credential,
    roots: &[CertificateDer<'static>],
    hub: &Identity,
    clock: &Clock,
) -> Result<ClientConfig, TlsFault> {
    let mut verifier = Named::new(Anchor::Roots(store(roots)?), hub);
    verifier.own = own.holder().ok().map(|holder| holder.leaf());
    showing(own, verifier, clock)
}

/// A hub towards a member that listens: shows its certificate, wants `member`
/// under `roots`, and of its certificates one that `admission` lets in.
pub fn admitting_client(
    own: &Credential,
    roots: &[CertificateDer<'static>],
    member: &Identity,
    admission: Arc<dyn Admission>,
    clock: &Clock,
) -> Result<ClientConfig, TlsFault> {
    let mut verifier = Named::new(Anchor::Roots(store(roots)?), member);
    verifier.admission = Some(admission);
    showing(own, verifier, clock)
}

fn showing(own: &Credential, verifier: Named, clock: &Clock) -> Result<ClientConfig, TlsFault> {
    let config = ClientConfig::builder_with_details(provider(), Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(own.chain.clone(), own.key.clone_key())?;
    Ok(without_resumption(config))
}

/// Nobody yet, towards `hub`: its chain must end in the root with this SHA-256.
pub fn pinned_client(
    root_sha256: [u8; 32],
    hub: &Identity,
    clock: &Clock,
) -> Result<ClientConfig, TlsFault> {
    let verifier = Named::new(Anchor::Pin(root_sha256), hub);
    let config = ClientConfig::builder_with_details(provider(), Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(without_resumption(config))
}

/// A local client of a node, which knows the node's own authority; the host
/// name is checked as usual.
pub fn plain_client(
    roots: &[CertificateDer<'static>],
    clock: &Clock,
) -> Result<ClientConfig, TlsFault> {
    let verifier =
        WebPkiServerVerifier::builder_with_provider(store(roots)?.into(), provider()).build()?;
    let config = ClientConfig::builder_with_details(provider(), Arc::new(clock.clone()))
        .with_protocol_versions(&[&TLS13])?
        .with_webpki_verifier(verifier)
        .with_no_client_auth();
    Ok(without_resumption(config))
}

fn store(roots: &[CertificateDer<'static>]) -> Result<RootCertStore, TlsFault> {
    let mut trusted = RootCertStore::empty();
    for root in roots {
        trusted.add(root.clone())?;
    }
    Ok(trusted)
}

fn without_resumption(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    config
}

#[derive(Debug)]
enum Anchor {
    Roots(RootCertStore),
    Pin([u8; 32]),
}

/// Judges a server by its chain and its SPIFFE name.
#[derive(Debug)]
struct Named {
    anchor: Anchor,
    wanted: Identity,
    /// Of a member: its life says which times are plausible.
    own: Option<Leaf>,
    /// Of a hub, which knows which of its members' certificates are in use.
    admission: Option<Arc<dyn Admission>>,
    provider: Arc<CryptoProvider>,
}

impl Named {
    fn new(anchor: Anchor, wanted: &Identity) -> Named {
        Named {
            anchor,
            wanted: wanted.clone(),
            own: None,
            admission: None,
            provider: provider(),
        }
    }

    fn pinned(
        pin: &[u8; 32],
        intermediates: &[CertificateDer<'_>],
    ) -> Result<RootCertStore, Error> {
        // While a root is replaced there are two of them.
        let root = intermediates
            .iter()
            .find(|root| Sha256::digest(root).as_slice() == pin)
            .ok_or(CertificateError::UnknownIssuer)?;
        let mut trusted = RootCertStore::empty();
        trusted.add(root.clone().into_owned())?;
        Ok(trusted)
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pinned;
        let roots = match &self.anchor {
            Anchor::Roots(roots) => roots,
            Anchor::Pin(pin) => {
                pinned = Named::pinned(pin, intermediates)?;
                &pinned
            }
        };
        let parsed = ParsedCertificate::try_from(leaf)?;
        let judged = |now| {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                roots,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )
        };
        judged(now).or_else(|error| {
            let times = self
                .own
                .iter()
                .flat_map(|own| own.plausible_s(now.as_secs()));
            let mut times = times.map(|at_s| UnixTime::since_unix_epoch(Duration::from_secs(at_s)));
            let is_good = times.any(|at| judged(at).is_ok());
            is_good.then_some(()).ok_or(error)
        })?;
        let peer = Peer::of_certificate(leaf).map_err(|_| CertificateError::BadEncoding)?;
        if peer.identity != self.wanted {
            return Err(CertificateError::NotValidForName.into());
        }
        if let Some(admission) = &self.admission {
            admission.admits(&peer)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, leaf, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, leaf, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
