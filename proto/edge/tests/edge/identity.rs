//! Certificates: roots, names, dates, members; and what the refused are told.

use std::sync::Arc;

use proto_edge::{
    connector::dial,
    listener::Limits,
    peer::{InvalidPeer, Peer},
    problem::reason_of,
    tls::{mutual_client, mutual_server, pinned_client, plain_client},
};
use rustls::{CertificateError, Error};
use sha2::{Digest as _, Sha256};
use tonic_health::pb::HealthCheckRequest;

use crate::town::{Authority, HUB, NODE, NOW, Town, identity, soon};

async fn why_not(town: &Town, config: rustls::ClientConfig) -> Error {
    let failed = dial(&town.dialled(), Arc::new(config)).await.unwrap_err();
    let inner = failed.get_ref().and_then(|e| e.downcast_ref::<Error>());
    inner.cloned().unwrap_or_else(|| panic!("{failed}"))
}

#[tokio::test]
async fn a_member_calls_and_is_known_by_name() {
    let town = Town::start(Limits::default()).await;
    let own = town.member(NODE);
    let mut caller = town.caller(town.client_of(&own));
    caller.check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(town.live.held_by(&identity(NODE).subject), 1);
    assert_eq!(own.holder().unwrap().identity, identity(NODE));
}

#[tokio::test]
async fn a_server_under_another_root_is_refused() {
    let town = Town::start(Limits::default()).await;
    let foreign = Authority::new("root of elsewhere");
    let own = town.member(NODE);
    let config = mutual_client(&own, &[foreign.root], &identity(HUB), &town.clock).unwrap();
    assert_eq!(
        why_not(&town, config).await,
        CertificateError::UnknownIssuer.into()
    );
}

#[tokio::test]
async fn a_server_by_another_name_is_refused() {
    let town = Town::start(Limits::default()).await;
    // A member of the district that plays the hub.
    let fake = town.member("spiffe://wenjiang/community/510115003065");
    let roots = [town.authority.root.clone()];
    let config = mutual_server(&fake, &roots, town.barring.clone(), &town.clock).unwrap();
    town.config.store(Arc::new(config));
    let config = town.client_of(&town.member(NODE));
    assert_eq!(
        why_not(&town, config).await,
        CertificateError::NotValidForName.into()
    );
}

#[tokio::test]
async fn the_pin_decides_whom_a_newcomer_believes() {
    let town = Town::start(Limits::default()).await;
    let pin: [u8; 32] = Sha256::digest(&town.authority.root).into();
    let good = pinned_client(pin, &identity(HUB), &town.clock).unwrap();
    dial(&town.dialled(), Arc::new(good)).await.unwrap();
    let mut other = pin;
    other[31] ^= 1;
    let wrong_pin = pinned_client(other, &identity(HUB), &town.clock).unwrap();
    assert_eq!(
        why_not(&town, wrong_pin).await,
        CertificateError::UnknownIssuer.into()
    );
    let elsewhere = identity("spiffe://jinniu/hub");
    let wrong_district = pinned_client(pin, &elsewhere, &town.clock).unwrap();
    assert_eq!(
        why_not(&town, wrong_district).await,
        CertificateError::NotValidForName.into()
    );
}

/// What the health service answers a caller that shows `names` until `not_after_s`.
async fn told(town: &Town, authority: &Authority, names: &[&str], not_after_s: u64) -> String {
    let own = authority.issue(names, not_after_s);
    let mut caller = town.caller(town.client_of(&own));
    let status = caller
        .check(HealthCheckRequest::default())
        .await
        .unwrap_err();
    reason_of(&status).map_or_else(|| "nothing".to_owned(), |reason| reason.into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_certificate_is_told_why() {
    let town = Town::start(Limits::default()).await;
    let foreign = Authority::new("root of elsewhere");
    let home = &town.authority;
    town.barring.bar(&identity(NODE).subject);
    let good_until = NOW + 86_400;
    let other = "spiffe://wenjiang/operator/li";
    for _ in 0..200 {
        assert_eq!(told(&town, home, &[NODE], good_until).await, "REVOKED");
    }
    assert_eq!(
        told(&town, home, &[other], NOW - 60).await,
        "CERTIFICATE_EXPIRED"
    );
    assert_eq!(
        told(&town, &foreign, &[other], good_until).await,
        "UNKNOWN_AUTHORITY"
    );
    assert_eq!(told(&town, home, &[], good_until).await, "nothing");
    assert_eq!(town.live.count(), 0);
}

#[tokio::test]
async fn a_certificate_names_exactly_one_identity() {
    let authority = Authority::new("root");
    let two = authority.issue(&[NODE, HUB], NOW + 1);
    let none = authority.issue(&[], NOW + 1);
    let web = authority.issue(&["https://wenjiang.example/hub"], NOW + 1);
    let read = |credential: &proto_edge::credential::Credential| {
        Peer::of_certificate(&credential.chain[0])
    };
    assert_eq!(read(&two), Err(InvalidPeer::NameCount(2)));
    assert_eq!(read(&none), Err(InvalidPeer::NameCount(0)));
    assert!(matches!(read(&web), Err(InvalidPeer::Name(_))));
    assert_eq!(
        Peer::of_certificate(&b"junk".as_slice().into()),
        Err(InvalidPeer::Undecodable)
    );
}

#[tokio::test]
async fn certificate_and_roots_are_swapped_without_restart() {
    let town = Town::start(Limits::default()).await;
    let own = town.member(NODE);
    let mut open = town.caller(town.client_of(&own));
    open.check(HealthCheckRequest::default()).await.unwrap();

    let next = Authority::new("next root of wenjiang");
    let hub = next.issue(&[HUB], NOW + 86_400);
    let both = [town.authority.root.clone(), next.root.clone()];
    let config = mutual_server(&hub, &both, town.barring.clone(), &town.clock).unwrap();
    town.config.store(Arc::new(config));

    let newcomer = next.issue(&["spiffe://wenjiang/operator/li"], NOW + 86_400);
    let config = mutual_client(&newcomer, &both, &identity(HUB), &town.clock).unwrap();
    let tls = dial(&town.dialled(), Arc::new(config)).await.unwrap();
    assert_eq!(tls.session().peer_certificates().unwrap()[0], hub.chain[0]);
    // Who was in stays in, on the old connection.
    open.check(HealthCheckRequest::default()).await.unwrap();
}

#[tokio::test]
async fn a_cut_ends_an_open_stream_at_once() {
    let town = Town::start(Limits::default()).await;
    let subject = identity(NODE).subject;
    let own = town.member(NODE);
    let mut caller = town.caller(town.client_of(&own));
    let watched = caller.watch(HealthCheckRequest::default()).await.unwrap();
    let mut stream = watched.into_inner();
    stream.message().await.unwrap().unwrap();
    let bystander = town.member("spiffe://wenjiang/operator/li");
    let mut bystander = town.caller(town.client_of(&bystander));
    bystander
        .check(HealthCheckRequest::default())
        .await
        .unwrap();

    town.barring.bar(&subject);
    assert_eq!(town.live.cut(&subject), 1);
    soon("the stream breaks", stream.message())
        .await
        .unwrap_err();
    let again = soon("refusal", caller.check(HealthCheckRequest::default())).await;
    assert_eq!(reason_of(&again.unwrap_err()).as_deref(), Some("REVOKED"));
    bystander
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    crate::town::eventually("the register forgets it", || {
        town.live.held_by(&subject) == 0
    })
    .await;
}

#[tokio::test]
async fn a_plain_client_checks_the_host_name() {
    let town = Town::start(Limits::default()).await;
    let config = plain_client(std::slice::from_ref(&town.authority.root), &town.clock).unwrap();
    // The hub's test certificate names no host.
    assert!(matches!(
        why_not(&town, config).await,
        Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })
    ));
}
