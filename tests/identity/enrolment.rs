//! Tokens: good for one machine, one subject, one district, one hour.

use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

use arc_swap::ArcSwap;
use node_server::identity::{credentials::Credentials, join::join};
use proto::pb::{enrol::EnrolRequest, hub::CreateInviteRequest};
use proto_edge::{
    clock::Clock, connector::channel, enrol::enrol_service_client::EnrolServiceClient,
    membership::Membership, peer::Peer, tls::pinned_client, token::JoinToken,
};
use rcgen::{CertificateParams, KeyPair, SanType};
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::district::{DAY, District, NODE, NOW, reason, subject};

/// A caller that has the token's line and no certificate.
fn newcomer(district: &District, line: &str) -> (EnrolServiceClient<Channel>, JoinToken) {
    let join_token: JoinToken = line.parse().unwrap();
    let hub = join_token.hub_identity();
    let config = pinned_client(join_token.root_sha256, &hub, &district.clock).unwrap();
    let config = Arc::new(ArcSwap::from_pointee(config));
    let channel = channel(&join_token.hub, config).unwrap();
    (EnrolServiceClient::new(channel), join_token)
}

fn request(key: &KeyPair, wanted: &[&str]) -> Vec<u8> {
    let mut params = CertificateParams::default();
    for name in wanted {
        let uri = (*name).to_owned().try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(uri));
    }
    params.serialize_request(key).unwrap().der().to_vec()
}

#[tokio::test]
async fn a_token_makes_a_member_whose_files_are_its_own() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    let membership = district.join(&line, "node").await.unwrap();
    let holder = membership.holder().unwrap();
    assert_eq!(
        holder.identity.to_string(),
        format!("spiffe://wenjiang/{NODE}")
    );
    assert_eq!(holder.not_after_s, NOW + 14 * DAY);
    let mut files: Vec<String> = Vec::new();
    for file in std::fs::read_dir(district.home("node")).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file:?}");
        files.push(file.file_name().into_string().unwrap());
    }
    files.sort();
    assert_eq!(files, ["hub.toml", "member.pem", "roots.pem"]);
    let loaded = Membership::load(&district.home("node")).unwrap();
    let mut health = district.health(&loaded);
    health.check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(district.live.held_by(&subject(NODE)), 1);
}

#[tokio::test]
async fn a_used_token_is_refused_to_another_machine() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    district.join(&line, "node").await.unwrap();
    let second = district.join(&line, "thief").await.unwrap_err();
    assert_eq!(second.reason().as_deref(), Some("INVITE_USED"));
    assert!(!Membership::exists(&district.home("thief")));
}

#[tokio::test]
async fn a_machine_that_lost_the_answer_joins_with_the_same_token() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    let (mut hub, join_token) = newcomer(&district, &line);
    let key = KeyPair::generate().unwrap();
    for _ in 0..2 {
        let request = EnrolRequest {
            token: join_token.voucher.to_string(),
            csr: request(&key, &[]).into(),
        };
        hub.enrol(request).await.unwrap();
    }
    // The directory as a crash between answer and storing leaves it.
    let home = district.home("node");
    proto_edge::keyfile::make_directory(&home).unwrap();
    let draft = home.join("joining.key.pem");
    proto_edge::keyfile::write_sealed(&draft, &key.serialize_pem()).unwrap();
    let membership = district.join(&line, "node").await.unwrap();
    let mut health = district.health(&membership);
    health.check(HealthCheckRequest::default()).await.unwrap();
    assert!(!draft.exists());
}

#[tokio::test]
async fn a_member_that_was_shut_out_joins_again_as_itself_only() {
    let district = District::start("wenjiang").await;
    let node = district.member(NODE, "node").await;
    district.revoke(NODE, "r-1").await.unwrap();
    let other = district.invite("community/510115003065", "r-2").await;
    let refused = district.join(&other, "node").await.unwrap_err();
    assert!(refused.to_string().contains(NODE), "{refused}");
    let line = district.invite(NODE, "r-3").await;
    let membership = district.join(&line, "node").await.unwrap();
    assert_ne!(membership.holder().unwrap(), node.holder().unwrap());
    node.reload().unwrap();
    let mut health = HealthClient::new(node.channel().unwrap());
    health.check(HealthCheckRequest::default()).await.unwrap();
}

#[tokio::test]
async fn a_machine_without_a_clock_joins_and_comes_up_again() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    let home = district.home("node");
    let dead = || Clock::standing(0);
    join(&line, &home, &dead()).await.unwrap();
    let node = Credentials::open(&home, dead()).unwrap();
    let mut health = HealthClient::new(node.channel().unwrap());
    health.check(HealthCheckRequest::default()).await.unwrap();
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    district.clock.raise(NOW + 3_600);
    let late = district.join(&line, "node").await.unwrap_err();
    assert_eq!(late.reason().as_deref(), Some("INVITE_EXPIRED"));
}

#[tokio::test]
async fn a_token_of_another_district_or_root_never_reaches_the_hub() {
    let district = District::start("wenjiang").await;
    let other = District::start("jinniu").await;
    let here: JoinToken = district.invite(NODE, "r-1").await.parse().unwrap();
    let there: JoinToken = other.invite(NODE, "r-1").await.parse().unwrap();
    // The right token, led to the wrong hub.
    let misled = JoinToken {
        hub: there.hub.clone(),
        ..here.clone()
    };
    let wrong_pin = JoinToken {
        root_sha256: there.root_sha256,
        ..here.clone()
    };
    let wrong_name = JoinToken {
        district: there.district.clone(),
        ..here.clone()
    };
    let before = district.ledger.recorded.lock().unwrap().len();
    for (home, line) in [("a", misled), ("b", wrong_pin), ("c", wrong_name)] {
        let refused = district.join(&line.to_string(), home).await.unwrap_err();
        assert_eq!(refused.reason(), None, "{refused}");
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
    assert_eq!(district.ledger.recorded.lock().unwrap().len(), before);
    // Nothing of it has used the token up.
    district.join(&here.to_string(), "a").await.unwrap();
}

#[tokio::test]
async fn a_foreign_ticket_is_unknown() {
    let district = District::start("wenjiang").await;
    let other = District::start("jinniu").await;
    let here: JoinToken = district.invite(NODE, "r-1").await.parse().unwrap();
    let there: JoinToken = other.invite(NODE, "r-1").await.parse().unwrap();
    let mixed = JoinToken {
        voucher: there.voucher,
        ..here
    };
    let refused = district.join(&mixed.to_string(), "node").await.unwrap_err();
    assert_eq!(refused.reason().as_deref(), Some("INVITE_UNKNOWN"));
}

#[tokio::test]
async fn what_a_request_asks_for_is_overruled() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    let (mut hub, join_token) = newcomer(&district, &line);
    let key = KeyPair::generate().unwrap();
    let wanted = ["spiffe://wenjiang/operator/admin", "spiffe://wenjiang/hub"];
    let request = EnrolRequest {
        token: join_token.voucher.to_string(),
        csr: request(&key, &wanted).into(),
    };
    let answer = hub.enrol(request).await.unwrap().into_inner();
    let credential = answer.credential.unwrap();
    let leaf = credential.chain[0].to_vec().into();
    let holder = Peer::of_certificate(&leaf).unwrap();
    assert_eq!(holder.identity.subject, subject(NODE));
    assert_eq!(credential.identity, format!("spiffe://wenjiang/{NODE}"));
}

#[tokio::test]
async fn malformed_requests_name_their_field() {
    let district = District::start("wenjiang").await;
    let line = district.invite(NODE, "r-1").await;
    let (mut hub, join_token) = newcomer(&district, &line);
    let token = join_token.voucher.to_string();
    for (token, csr, want) in [
        ("short", vec![], "TOKEN_INVALID"),
        (&token, vec![], "CSR_INVALID"),
        (&token, vec![0x30; 70_000], "CSR_INVALID"),
    ] {
        let request = EnrolRequest {
            token: token.into(),
            csr: csr.into(),
        };
        let status = hub.enrol(request).await.unwrap_err();
        assert_eq!(reason(&status), want);
    }
}

#[tokio::test]
async fn a_repeated_invite_prints_the_same_line() {
    let district = District::start("wenjiang").await;
    let first = district.invite(NODE, "r-1").await;
    district.clock.raise(NOW + 60);
    assert_eq!(district.invite(NODE, "r-1").await, first);
    assert_ne!(district.invite(NODE, "r-2").await, first);
    for (request_id, who, seconds, want) in [
        ("r-1", "operator/li", 0, "REQUEST_ID_REUSED"),
        ("", NODE, 0, "INVALID_FIELDS"),
        ("r-3", "community/51", 0, "SUBJECT_INVALID"),
        ("r-3", "hub", 0, "NOT_INVITABLE"),
        ("r-3", NODE, 8 * 24 * 3600, "INVITE_VALIDITY"),
    ] {
        let request = CreateInviteRequest {
            request_id: request_id.into(),
            subject: who.into(),
            valid_for: (seconds > 0).then_some(prost_types::Duration { seconds, nanos: 0 }),
        };
        let status = district.members().create_invite(request).await.unwrap_err();
        assert_eq!(reason(&status), want);
    }
}
