//! The district's root is replaced while everything runs: nobody is lost who is
//! within reach, and the old root does not go before its time.

use hub_domain::issuance::{Holder, Refusal};
use hub_server::pki::{
    authority::Authority,
    issuer::Lifetimes,
    rollover::{RollFault, retire, roll, settle},
};
use node_server::identity::{credentials::Credentials, renew};
use proto_edge::tls::vouches;
use tonic_health::pb::HealthCheckRequest;

use crate::district::{DAY, District, NODE, NOW, subject};

const AWAY: &str = "community/510115003065";

async fn rolled(district: &District) {
    let by = subject("operator/admin");
    roll(&district.authority, &*district.ledger, by)
        .await
        .unwrap();
    district.upkeep.round().unwrap();
}

async fn retired(district: &District, is_forced: bool) -> Result<(), RollFault> {
    let by = Some(subject("operator/admin"));
    let retired = retire(&district.authority, &*district.ledger, is_forced, by).await;
    district.upkeep.round().unwrap();
    retired
}

/// Who keeps the old root, by name.
async fn held(district: &District) -> Vec<String> {
    match retired(district, false).await {
        Err(RollFault::Refused(Refusal::RootHeld { holders })) => holders
            .iter()
            .map(|holder| match holder {
                Holder::Member { subject, .. } => subject.to_string(),
                Holder::Invite { subject, .. } => format!("invite of {subject}"),
            })
            .collect(),
        other => panic!("want a refusal that names who, got {other:?}"),
    }
}

async fn calls(district: &District, node: &Credentials) -> Result<(), tonic::Status> {
    let mut health = district.health(&node.membership());
    health.check(HealthCheckRequest::default()).await.map(drop)
}

#[tokio::test]
async fn a_root_is_replaced_and_nobody_within_reach_notices() {
    let mut district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    let away = district.member(AWAY, "away").await;
    let old = district.authority.roots();
    district.clock.raise(NOW + 60);
    let waiting = district.invite("community/510115003066", "r-old").await;
    rolled(&district).await;
    // What is issued in the same second counts as of before.
    district.clock.raise(NOW + 61);
    let both = district.authority.roots();
    assert_eq!((both.len(), &both[1..]), (2, &old[..]));

    // Who knows the old root alone goes on, and learns the new one as it renews.
    calls(&district, &node).await.unwrap();
    assert_eq!(node.membership().roots, old);
    let invite = format!("invite of {}", "community/510115003066");
    let all = ["community/510115003064", AWAY, "operator/admin", &invite];
    assert_eq!(held(&district).await, all);
    // A token of before the roll-over is good, and so is one of after.
    district.join(&waiting, "late").await.unwrap();
    let newest = district.member("community/510115003067", "newest").await;
    calls(&district, &newest).await.unwrap();

    district.clock.raise(NOW + 6 * DAY);
    renew::renew(&node).await.unwrap();
    assert_eq!(node.membership().roots, both);
    calls(&district, &node).await.unwrap();
    assert_eq!(held(&district).await, &all[..3]);

    // Everything of the old root is over, whoever was away included.
    district.clock.raise(NOW + 12 * DAY);
    district.admin = district.appoint("operator/admin").await;
    renew::renew(&node).await.unwrap();
    assert_eq!(held(&district).await, [AWAY]);
    district.clock.raise(NOW + 15 * DAY);
    retired(&district, false).await.unwrap();
    assert_eq!(district.authority.roots(), both[..1]);
    calls(&district, &node).await.unwrap();
    renew::renew(&node).await.unwrap();
    assert_eq!(node.membership().roots, both[..1]);
    calls(&district, &node).await.unwrap();
    calls(&district, &away).await.unwrap_err();

    // Back by one approval.
    let line = district.invite(AWAY, "r-back").await;
    district.join(&line, "away").await.unwrap();
    let away = Credentials::open(&district.home("away"), district.clock.clone()).unwrap();
    calls(&district, &away).await.unwrap();
    // And the next time; the new root's key is at hand.
    rolled(&district).await;
    calls(&district, &node).await.unwrap();
}

#[tokio::test]
async fn force_loses_whoever_is_named_and_two_at_once_are_refused() {
    let district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    let by = || subject("operator/admin");
    let none = retired(&district, false).await.unwrap_err();
    assert!(matches!(none, RollFault::Refused(Refusal::NoRollOver)));
    rolled(&district).await;
    let twice = roll(&district.authority, &*district.ledger, by()).await;
    let twice = twice.unwrap_err();
    assert!(matches!(
        twice,
        RollFault::Refused(Refusal::RollOverUnderWay)
    ));
    retired(&district, true).await.unwrap();
    calls(&district, &node).await.unwrap_err();
}

#[tokio::test]
async fn without_the_old_roots_key_no_root_is_made() {
    let district = District::start("wenjiang").await;
    let key = district.home("pki").join("root.key.pem");
    std::fs::remove_file(key).unwrap();
    assert!(!district.authority.has_root_key().unwrap());
    let by = subject("operator/admin");
    let away = roll(&district.authority, &*district.ledger, by).await;
    assert!(away.unwrap_err().to_string().contains("root.key.pem"));
    assert_eq!(district.authority.roots().len(), 1);
}

/// A kill between the files and the journal, and the other way round.
#[tokio::test]
async fn a_start_makes_good_what_was_left_half_done() {
    let district = District::start("wenjiang").await;
    let (authority, ledger) = (&district.authority, &*district.ledger);
    let again = || {
        let (name, address) = (authority.district.clone(), authority.address.clone());
        let clock = district.clock.clone();
        Authority::open(
            &district.home("pki"),
            name,
            address,
            Lifetimes::default(),
            clock,
        )
        .unwrap()
    };
    use hub_server::pki::ledger::IssuanceLedger as _;
    authority.roll().unwrap();
    assert_eq!(ledger.state().roll_over(), None);
    let started = again();
    assert_eq!(started.roots(), authority.roots());
    settle(&started, ledger).await.unwrap();
    let roll_over = ledger.state().roll_over().unwrap();
    assert_eq!(Some((roll_over.old.0, roll_over.new.0)), started.rolling());

    let command = hub_domain::issuance::Command::RetireRoot {
        is_forced: true,
        by: None,
        now: authority.now().unwrap(),
    };
    ledger.submit(command).await.unwrap().unwrap();
    assert_eq!(again().roots().len(), 2);
    settle(&started, ledger).await.unwrap();
    assert_eq!((started.roots().len(), again().roots().len()), (1, 1));
    assert!(
        again().has_root_key().unwrap(),
        "the new root's, under its usual name"
    );
    settle(&again(), ledger).await.unwrap();
    assert_eq!(ledger.state().roll_over(), None);
}

/// Whoever has the hub's own key, and nothing that signs, cannot make a member
/// trust another root.
#[tokio::test]
async fn a_certificate_that_no_known_root_vouches_for_is_not_taken() {
    let district = District::start("wenjiang").await;
    let elsewhere = District::start("wenjiang").await;
    let own = district.appoint("operator/li").await;
    let foreign = elsewhere.appoint("operator/li").await;
    let roots = district.authority.roots();
    for (name, credential, vouched) in [
        ("of this district", &own.credential, true),
        (
            "of another root of the same name",
            &foreign.credential,
            false,
        ),
    ] {
        assert_eq!(vouches(&roots, credential), vouched, "{name}");
    }
    assert!(!vouches(&[], &own.credential));
    // A new root is vouched for by the one before.
    district.authority.roll().unwrap();
    let new = district.appoint("operator/li").await;
    assert!(vouches(&roots, &new.credential));
    assert!(vouches(&district.authority.roots()[..1], &new.credential));
}
