//! The TLS version, resumption, and stopping.

use std::sync::Arc;

use proto_edge::{connector::dial, listener::Limits};
use rustls::{
    ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore,
    client::Resumption,
    version::{TLS12, TLS13},
};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tonic_health::pb::HealthCheckRequest;

use crate::town::{NODE, Town, soon};

#[tokio::test]
async fn tls_1_2_is_refused_and_1_3_taken() {
    let town = Town::start(Limits::default()).await;
    let mut roots = RootCertStore::empty();
    roots.add(town.authority.root.clone()).unwrap();
    for (version, taken) in [(&TLS12, false), (&TLS13, true)] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let failed = dial(&town.dialled(), Arc::new(config)).await.unwrap_err();
        let inner = failed.get_ref().unwrap().downcast_ref::<rustls::Error>();
        // The certificate names no host, which is noticed in 1.3 only: 1.2 does
        // not come so far.
        let alert = matches!(inner, Some(rustls::Error::AlertReceived(_)));
        assert_eq!(alert, !taken, "{version:?}: {failed}");
    }
}

#[tokio::test]
async fn every_connection_is_a_full_handshake() {
    let town = Town::start(Limits::default()).await;
    let mut config = town.client_of(&town.member(NODE));
    // A client that would resume if it were given anything to resume with.
    config.resumption = Resumption::in_memory_sessions(8);
    let config = Arc::new(config);
    for _ in 0..3 {
        let mut tls = dial(&town.dialled(), config.clone()).await.unwrap();
        // The server's first frame: any ticket would have come before it.
        let mut settings = [0; 9];
        soon("the first frame", tls.read_exact(&mut settings))
            .await
            .unwrap();
        let session = tls.session();
        assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(session.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(session.tls13_tickets_received(), 0);
    }
}

#[tokio::test]
async fn stopping_ends_the_loop_and_lets_calls_end() {
    let town = Town::start(Limits::default()).await;
    let mut caller = town.caller(town.client_of(&town.member(NODE)));
    let mut stream = caller
        .watch(HealthCheckRequest::default())
        .await
        .unwrap()
        .into_inner();
    stream.message().await.unwrap().unwrap();
    town.stop.cancel();
    // A watch never ends by itself; the grace is over when we say so.
    crate::town::eventually("the port is closed", || {
        std::net::TcpStream::connect(town.address).is_err()
    })
    .await;
    assert_eq!(town.live.cut_all(), 1);
    soon("the stream breaks", stream.message())
        .await
        .unwrap_err();
    soon("the server ends", town.served).await.unwrap();
    assert!(TcpStream::connect(town.address).await.is_err());
}
