//! Certificates that renew themselves: the node's, the hub's, the issuer's.

use std::{sync::Arc, time::Duration};

use hub_server::pki::{authority::Authority, issuer::Lifetimes};
use node_server::identity::{credentials::Credentials, local::Local, renew};
use proto_edge::{
    clock::Clock,
    connector::dial,
    credential::certificates,
    listener::{HttpLimits, Limits, listen, server},
    live::Live,
    tls::plain_client,
};
use tokio_util::sync::CancellationToken;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::district::{DAY, District, NODE, NOW, reason, soon};

#[tokio::test]
async fn a_renewed_certificate_is_used_and_the_one_before_the_last_is_not() {
    let district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    let first = node.membership();
    district.clock.raise(NOW + 7 * DAY);
    renew::renew(&node).await.unwrap();
    let holder = node.holder().unwrap();
    assert_eq!(holder.not_after_s, NOW + 21 * DAY);
    assert_ne!(holder.key_sha256, first.holder().unwrap().key_sha256);
    // The first is still good: its holder may have missed the answer.
    let mut old = district.health(&first);
    old.check(HealthCheckRequest::default()).await.unwrap();
    renew::renew(&node).await.unwrap();
    let status = old.check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(reason(&status), "CERTIFICATE_REPLACED");
    // What is on disk is what is in use.
    let loaded = Credentials::open(&district.home("node"), district.clock.clone()).unwrap();
    assert_eq!(loaded.holder().unwrap(), node.holder().unwrap());
}

#[tokio::test]
async fn a_copy_of_the_key_loses_against_the_next_renewal() {
    let district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    let copy = district.home("copy");
    node.membership().save(&copy).unwrap();
    let copy = Credentials::open(&copy, district.clock.clone()).unwrap();
    renew::renew(&copy).await.unwrap();
    renew::renew(&node).await.unwrap();
    renew::renew(&node).await.unwrap();
    let refused = renew::renew(&copy).await.unwrap_err();
    assert_eq!(refused.reason().as_deref(), Some("REVOKED"));
}

#[tokio::test]
async fn a_revoked_member_cannot_renew() {
    let district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    district.revoke(NODE, "r-1").await.unwrap();
    let refused = renew::renew(&node).await.unwrap_err();
    assert_eq!(refused.reason().as_deref(), Some("REVOKED"));
}

/// Real time, leaves of six seconds: calls go on and on over several
/// certificates of the node and of the hub, and none fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renewal_fails_no_call() {
    let lifetimes = Lifetimes {
        leaf_s: 6,
        ..Lifetimes::default()
    };
    let clock = Clock::system(0);
    let district = District::with("wenjiang", clock, lifetimes, HttpLimits::default()).await;
    let node = Arc::new(district.member(NODE, "node").await);
    let stop = CancellationToken::new();
    let mut draws = [0.1, 0.9, 0.5].into_iter().cycle();
    let renewing = renew::keep_renewed(
        node.clone(),
        move || draws.next().unwrap_or(0.5),
        stop.clone(),
    );
    let renewing = tokio::spawn(renewing);
    let mut health = HealthClient::new(node.channel().unwrap());
    let mut swaps = node.swaps();
    let mut serials = std::collections::BTreeSet::new();
    let mut calls = 0;
    let (mut hub_chains, mut hub_leaf) = (0, Vec::new());
    let run = async {
        while serials.len() < 4 || hub_chains < 3 {
            health
                .check(HealthCheckRequest::default())
                .await
                .unwrap_or_else(|status| panic!("call {calls}: {status:?}"));
            calls += 1;
            if swaps.has_changed().unwrap() {
                swaps.mark_unchanged();
                health = HealthClient::new(node.channel().unwrap());
            }
            if serials.insert(node.holder().unwrap().serial) {
                district.upkeep.round().unwrap();
                let config = node.membership().client_config(&district.clock).unwrap();
                let hub = dial(&node.membership().hub, Arc::new(config))
                    .await
                    .unwrap();
                let leaf = hub.session().peer_certificates().unwrap()[0].to_vec();
                hub_chains += usize::from(leaf != hub_leaf);
                hub_leaf = leaf;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(40), run)
        .await
        .expect("four certificates within forty seconds");
    assert!(calls > 100, "{calls}");
    stop.cancel();
    soon("the task ends", renewing).await.unwrap();
}

#[tokio::test]
async fn the_issuer_is_renewed_while_the_root_key_is_at_hand() {
    let lifetimes = Lifetimes {
        leaf_s: 30 * DAY,
        ..Lifetimes::default()
    };
    let district = District::with(
        "wenjiang",
        Clock::standing(NOW),
        lifetimes,
        HttpLimits::default(),
    )
    .await;
    district.clock.raise(NOW + 40 * DAY - 1);
    let older = district.appoint("operator/li").await;
    assert!(!district.authority.renew_issuer().unwrap());
    district.clock.raise(NOW + 46 * DAY);
    assert!(district.authority.renew_issuer().unwrap());
    assert_eq!(district.authority.issuer_not_after_s(), NOW + 136 * DAY);
    // A leaf of the old issuer and one of the new are both good under the root.
    let newer = district.appoint("operator/wang").await;
    district.upkeep.round().unwrap();
    for membership in [older, newer] {
        let config = membership.client_config(&district.clock).unwrap();
        dial(&membership.hub, Arc::new(config)).await.unwrap();
    }
}

#[tokio::test]
async fn without_the_root_key_the_hub_goes_on_until_the_issuer_ends() {
    let district = District::start("wenjiang").await;
    let pki = district.directory.path().join("pki");
    std::fs::rename(pki.join("root.key.pem"), district.home("vault")).unwrap();
    let reopened = || {
        Authority::open(
            &pki,
            "wenjiang".parse().unwrap(),
            district.admin.hub.clone(),
            Lifetimes::default(),
            district.clock.clone(),
        )
    };
    let authority = reopened().unwrap();
    district.clock.raise(NOW + 89 * DAY);
    assert!(!authority.renew_issuer().unwrap());
    // A leaf is never good for longer than what signed it.
    let hub = authority.hub_credential().unwrap().holder().unwrap();
    assert_eq!(hub.not_after_s, NOW + 90 * DAY);
    district.clock.raise(NOW + 90 * DAY);
    let ended = authority.hub_credential().unwrap_err().to_string();
    assert!(ended.contains("root.key.pem"), "{ended}");
    std::fs::rename(district.home("vault"), pki.join("root.key.pem")).unwrap();
    assert!(reopened().unwrap().renew_issuer().unwrap());
    assert_eq!(reopened().unwrap().roots(), authority.roots());
}

#[tokio::test]
async fn a_local_client_trusts_the_node_by_its_own_authority() {
    let home = tempfile::tempdir().unwrap();
    let clock = Clock::standing(NOW);
    let hosts = ["node.example".to_owned()];
    let local = Local::open(home.path(), &hosts, clock.clone()).unwrap();
    let ca = certificates(&std::fs::read(local.ca_path()).unwrap()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let live = Arc::new(Live::default());
    let stop = CancellationToken::new();
    let incoming = listen(
        listener,
        local.config(),
        Limits::default(),
        live,
        stop.clone(),
    );
    let (_, health) = tonic_health::server::health_reporter();
    let routes = server(HttpLimits::default()).add_service(health);
    tokio::spawn(routes.serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned()));
    let leaf = async || {
        let config = Arc::new(plain_client(&ca, &clock).unwrap());
        for host in ["127.0.0.1", "localhost"] {
            let address = format!("{host}:{port}").parse().unwrap();
            dial(&address, config.clone()).await.unwrap();
        }
        let address = format!("127.0.0.1:{port}").parse().unwrap();
        let tls = dial(&address, config).await.unwrap();
        tls.session().peer_certificates().unwrap()[0].to_vec()
    };
    let first = leaf().await;
    local.renew_if_due().unwrap();
    assert_eq!(leaf().await, first);
    clock.raise(NOW + 183 * DAY);
    local.renew_if_due().unwrap();
    let second = leaf().await;
    assert_ne!(second, first);
    // A restart keeps it, other host names do not.
    let again = Local::open(home.path(), &hosts, clock.clone()).unwrap();
    assert_eq!(again.ca_path(), local.ca_path());
    let stored = std::fs::read(home.path().join("local.pem")).unwrap();
    Local::open(home.path(), &[], clock.clone()).unwrap();
    assert_ne!(
        std::fs::read(home.path().join("local.pem")).unwrap(),
        stored
    );
    stop.cancel();
}
