//! A small district for tests: an authority, a server with the health service
//! behind our listener, and clients of all kinds.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use proto::identity::{Identity, Subject};
use proto_edge::{
    clock::Clock,
    connector::{self, Address},
    credential::Credential,
    listener::{HttpLimits, Limits, listen, server},
    live::Live,
    peer::Peer,
    tls::{Admission, Barred, mutual_client, mutual_server},
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    SanType,
};
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic_health::pb::health_client::HealthClient;

pub const NOW: u64 = 1_800_000_000;
pub const HUB: &str = "spiffe://wenjiang/hub";
pub const NODE: &str = "spiffe://wenjiang/community/510115003064";

pub struct Authority {
    pub root: CertificateDer<'static>,
    signer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root: CertificateDer<'static> = params.self_signed(&key).unwrap().into();
        let signer = Issuer::from_ca_cert_der(&root, key).unwrap();
        Authority { root, signer }
    }

    /// Good from an hour before [`NOW`] until `not_after_s`.
    pub fn issue(&self, names: &[&str], not_after_s: u64) -> Credential {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        for name in names {
            let uri = (*name).to_owned().try_into().unwrap();
            params.subject_alt_names.push(SanType::URI(uri));
        }
        let date = |second| OffsetDateTime::from_unix_timestamp(second as i64).unwrap();
        params.not_before = date(NOW - 3_600);
        params.not_after = date(not_after_s);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let leaf = params.signed_by(&key, &self.signer).unwrap();
        Credential::new(vec![leaf.into(), self.root.clone()], key.serialize_der())
    }
}

/// Whom the server does not let in.
#[derive(Debug, Default)]
pub struct Barring(Mutex<HashSet<Subject>>);

impl Barring {
    pub fn bar(&self, subject: &Subject) {
        self.0.lock().unwrap().insert(subject.clone());
    }
}

impl Admission for Barring {
    fn admits(&self, peer: &Peer) -> Result<(), Barred> {
        match self.0.lock().unwrap().contains(&peer.identity.subject) {
            true => Err(Barred::Revoked),
            false => Ok(()),
        }
    }
}

pub struct Town {
    pub authority: Authority,
    pub address: SocketAddr,
    pub config: Arc<ArcSwap<ServerConfig>>,
    pub barring: Arc<Barring>,
    pub live: Arc<Live>,
    pub clock: Clock,
    pub stop: CancellationToken,
    pub served: tokio::task::JoinHandle<()>,
}

impl Town {
    pub async fn start(limits: Limits) -> Town {
        let authority = Authority::new("root of wenjiang");
        let clock = Clock::standing(NOW);
        let barring = Arc::new(Barring::default());
        let own = authority.issue(&[HUB], NOW + 86_400);
        let roots = [authority.root.clone()];
        let config = mutual_server(&own, &roots, barring.clone(), &clock).unwrap();
        let config = Arc::new(ArcSwap::from_pointee(config));
        let live = Arc::new(Live::default());
        let stop = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let incoming = listen(listener, config.clone(), limits, live.clone(), stop.clone());
        let (_, health) = tonic_health::server::health_reporter();
        let stopped = stop.clone().cancelled_owned();
        let served = tokio::spawn(async move {
            let routes = server(HttpLimits::default()).add_service(health);
            routes
                .serve_with_incoming_shutdown(incoming, stopped)
                .await
                .unwrap();
        });
        Town {
            authority,
            address,
            config,
            barring,
            live,
            clock,
            stop,
            served,
        }
    }

    pub fn member(&self, name: &str) -> Credential {
        self.authority.issue(&[name], NOW + 86_400)
    }

    pub fn client_of(&self, own: &Credential) -> ClientConfig {
        let roots = [self.authority.root.clone()];
        mutual_client(own, &roots, &identity(HUB), &self.clock).unwrap()
    }

    /// A caller with `config`, on a channel of its own.
    pub fn caller(&self, config: ClientConfig) -> HealthClient<Channel> {
        let config = Arc::new(ArcSwap::from_pointee(config));
        HealthClient::new(connector::channel(&self.dialled(), config).unwrap())
    }

    pub fn dialled(&self) -> Address {
        self.address.to_string().parse().unwrap()
    }
}

pub fn identity(name: &str) -> Identity {
    name.parse().unwrap()
}

/// Waits until `holds`, at most five seconds.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let met = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    let met = tokio::time::timeout(Duration::from_secs(5), met).await;
    assert!(met.is_ok(), "not within five seconds: {what}");
}

/// At most five seconds for `future`.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(Duration::from_secs(5), future).await {
        Ok(output) => output,
        Err(_) => panic!("not within five seconds: {what}"),
    }
}
