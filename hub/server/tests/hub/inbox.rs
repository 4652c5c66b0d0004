//! Centres that the hub dials, over mutual TLS: what is delivered is stored once,
//! whoever is killed; nobody plays a centre; a slow one holds up nobody.

mod receiver;

use std::time::Duration;

use hub_domain::feed::Cursor;
use proto::{identity::LogId, indicator::accumulator::Accumulator, pb::hub as pb};
use proto_edge::{
    hub::{centre_service_client::CentreServiceClient, member_service_client::MemberServiceClient},
    membership::Membership,
    problem::reason_of,
};

use super::house::{House, cell, options, question};
use receiver::{Kept, Receiver};

const COMMUNITIES: [&str; 3] = ["510115001001", "510115001002", "510115003064"];
const PATIENCE: Duration = Duration::from_secs(60);

/// Two cells of a community that no centre holds yet.
async fn fill(house: &mut House, code: &str) {
    house.close().await;
    let cells = vec![
        cell(1, "20240110", [1, 1, 3], 1, &Accumulator::Count(4)),
        cell(1, "20240111", [1, 1, 3], 2, &Accumulator::Count(5)),
    ];
    house.fill(code, cells).await;
    house.open().await;
}

async fn centre(house: &House, code: &str) -> pb::Centre {
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let listed = centres.list_centres(pb::ListCentresRequest::default());
    let listed = listed.await.unwrap().into_inner().centres;
    let name = format!("centres/{code}");
    listed.into_iter().find(|of| of.name == name).unwrap()
}

async fn eventually(house: &House, code: &str, holds: impl Fn(&pb::Centre) -> bool) -> pb::Centre {
    let waited = async {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        loop {
            looks.tick().await;
            let centre = centre(house, code).await;
            if holds(&centre) {
                return centre;
            }
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waited).await;
    match waited {
        Ok(centre) => centre,
        Err(_) => panic!("{:?}", centre(house, code).await),
    }
}

async fn deliver(house: &House, code: &str, address: &str) -> pb::Centre {
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let request = pb::SetInboxRequest {
        request_id: format!("inbox-{code}-{}", address.replace([':', '.'], "-")),
        name: format!("centres/{code}"),
        address: address.to_owned(),
    };
    let set = centres
        .set_inbox(request.clone())
        .await
        .unwrap()
        .into_inner();
    // The same name again: the same answer.
    let again = centres.set_inbox(request).await.unwrap().into_inner();
    let inbox = |answer: &pb::SetInboxResponse| answer.centre.clone().unwrap().inbox;
    assert_eq!(inbox(&set), inbox(&again));
    set.centre.unwrap()
}

/// A member that reads all reports.
async fn reader(house: &House, code: &str) -> Membership {
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    let set = pb::SetCentreRequest {
        request_id: format!("set-{code}"),
        name: format!("centres/{code}"),
        scope: Some(pb::CentreScope {
            reads: vec!["QS".to_owned()],
            ..pb::CentreScope::default()
        }),
        ..pb::SetCentreRequest::default()
    };
    centres.set_centre(set).await.unwrap();
    house.enrol_as(&format!("centre/{code}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_centre_is_delivered_it_stores_once_whoever_is_killed() {
    let mut house = House::furnished().await;
    let care = reader(&house, "care").await;
    fill(&mut house, COMMUNITIES[0]).await;
    let receiver = Receiver::start(&care, 0, Kept::default(), true).await;
    let address = receiver.address.to_string();
    assert_eq!(deliver(&house, "care", &address).await.inbox, address);
    receiver.until(|kept| kept.rows.len() == 2).await;
    let shown = eventually(&house, "care", |of| {
        of.feed
            .as_ref()
            .is_some_and(|feed| feed.connected && feed.acked_seq > 0)
    });
    assert_eq!(shown.await.feed.unwrap().trouble, "");

    // Killed, and back when the hub is: it goes on where it was.
    let kept = receiver.kill().await;
    let away = eventually(&house, "care", |of| {
        of.feed
            .as_ref()
            .is_some_and(|feed| !feed.connected && !feed.trouble.is_empty())
    });
    assert_eq!(away.await.inbox, address);
    assert_eq!((kept.listings, kept.rows.len()), (1, 2));
    fill(&mut house, COMMUNITIES[1]).await;
    let port = address.parse::<std::net::SocketAddr>().unwrap().port();
    let receiver = Receiver::start(&care, port, kept, true).await;
    receiver.until(|kept| kept.rows.len() == 4).await;
    let mut kept = receiver.kill().await;
    assert_eq!((kept.listings, kept.taken), (1, 4));

    // A cursor of another log, as of a hub that was restored: all is listed, and
    // what the hub does not hold goes.
    let cursor = Cursor::from_bytes(&kept.cursor).unwrap();
    let log = LogId([0; 16]);
    kept.cursor = Cursor { log, ..cursor }.to_bytes();
    kept.plant(COMMUNITIES[2]);
    assert_eq!(kept.rows.len(), 5);
    let receiver = Receiver::start(&care, port, kept, true).await;
    receiver
        .until(|kept| kept.listings == 2 && kept.rows.len() == 4)
        .await;

    // Stopped, begun again, and cut off with its membership.
    assert_eq!(deliver(&house, "care", "").await.inbox, "");
    receiver.until(|kept| kept.is_idle()).await;
    deliver(&house, "care", &format!("localhost:{port}")).await;
    receiver.until(|kept| !kept.is_idle()).await;
    let mut members = MemberServiceClient::new(house.channel(&house.operator));
    let revoke = pb::RevokeMemberRequest {
        request_id: "out".to_owned(),
        name: "members/centre/care".to_owned(),
        reason: "试".to_owned(),
    };
    members.revoke_member(revoke).await.unwrap();
    receiver.until(|kept| kept.is_idle()).await;
    eventually(&house, "care", |of| {
        !of.enrolled && !of.feed.as_ref().unwrap().connected
    })
    .await;
    assert!(receiver.kill().await.callers.iter().all(|who| who == "hub"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_plays_a_centre_and_a_wrong_address_is_said_so() {
    let mut house = House::furnished().await;
    reader(&house, "care").await;
    let support = reader(&house, "support").await;
    fill(&mut house, COMMUNITIES[0]).await;
    let mut other = House::made(options()).unwrap();
    other.open().await;
    let stranger = other.enrol_as("centre/care").await;
    for (port, shown) in [(1, support), (2, stranger)] {
        let receiver = Receiver::start(&shown, 0, Kept::default(), true).await;
        deliver(&house, "care", &receiver.address.to_string()).await;
        let refused = eventually(&house, "care", |of| {
            of.feed
                .as_ref()
                .is_some_and(|feed| feed.trouble.contains("certificate"))
        });
        assert!(!refused.await.feed.unwrap().connected);
        let kept = receiver.kill().await;
        assert!(kept.callers.is_empty() && kept.rows.is_empty());
        // Whatever comes next is about the next one.
        deliver(&house, "care", &format!("127.0.0.1:{port}")).await;
        eventually(&house, "care", |of| {
            let trouble = &of.feed.as_ref().unwrap().trouble;
            !trouble.is_empty() && !trouble.contains("certificate")
        })
        .await;
    }
    let mut centres = CentreServiceClient::new(house.channel(&house.operator));
    for (name, address, reason) in [
        ("centres/care", "care.example", "INVALID_FIELDS"),
        ("centres/weather", "care.example:7444", "UNKNOWN_CENTRE"),
    ] {
        let request = pb::SetInboxRequest {
            request_id: format!("wrong-{}", address.len()),
            name: name.to_owned(),
            address: address.to_owned(),
        };
        let refused = centres.set_inbox(request).await.unwrap_err();
        assert_eq!(reason_of(&refused).as_deref(), Some(reason));
    }
    other.close().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_never_acknowledges_holds_up_nobody() {
    let mut house = House::furnished().await;
    let care = reader(&house, "care").await;
    let support = reader(&house, "support").await;
    for code in COMMUNITIES {
        fill(&mut house, code).await;
    }
    let stuck = Receiver::start(&support, 0, Kept::default(), false).await;
    deliver(&house, "support", &stuck.address.to_string()).await;
    stuck.until(|kept| kept.taken == 1).await;
    let quick = Receiver::start(&care, 0, Kept::default(), true).await;
    deliver(&house, "care", &quick.address.to_string()).await;
    quick.until(|kept| kept.rows.len() == 6).await;
    let mut client = house.indicators();
    let asked = client.query_indicators(question("QS.R01", "202401"));
    assert_eq!(asked.await.unwrap().into_inner().rows.len(), 1);
    let shown = centre(&house, "support").await.feed.unwrap();
    assert!(
        shown.connected && shown.acked_seq == 0 && shown.lag > 0,
        "{shown:?}"
    );
    // One row is under way, as it wanted, and no more.
    assert_eq!(stuck.kill().await.taken, 1);
    house.close().await;
}
