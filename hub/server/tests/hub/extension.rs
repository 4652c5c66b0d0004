//! An extension sees what it was let see and tells communities what it may; then
//! it is shut out, by an operator or by its date. And definitions end by theirs.

use std::time::Duration;

use hub_server::store::{Memory, Store};
use jiff::{SignedDuration, Timestamp};
use proto::pb::hub as pb;
use proto_edge::hub::{
    centre_desk_service_client::CentreDeskServiceClient,
    extension_service_client::ExtensionServiceClient, feed_service_client::FeedServiceClient,
    indicator_service_client::IndicatorServiceClient, member_service_client::MemberServiceClient,
    rollout_service_client::RolloutServiceClient,
};
use tonic::transport::Channel;

use super::{
    access::{INSIDE, OUTSIDE, decisions, narrowed, reason},
    house::{FIRST, House, question},
};

const NAME: &str = "extensions/flood-watch";
const SUBJECT: &str = "extension/flood-watch";

async fn follow(channel: Channel) -> tonic::Streaming<pb::FollowResponse> {
    let start = pb::follow_request::Kind::Start(pb::FeedStart::default());
    let said = pb::FollowRequest { kind: Some(start) };
    let said = tokio_stream::StreamExt::chain(tokio_stream::once(said), tokio_stream::pending());
    let followed = FeedServiceClient::new(channel).follow(said).await;
    followed.unwrap().into_inner()
}

async fn invited(house: &House) -> String {
    let mut members = MemberServiceClient::new(house.channel(&house.operator));
    let invite = pb::CreateInviteRequest {
        request_id: "one-more".to_owned(),
        subject: SUBJECT.to_owned(),
        valid_for: None,
    };
    let answered = members.create_invite(invite).await;
    answered.map_or_else(|status| reason(&status), |_| "OK".to_owned())
}

async fn listed(house: &House) -> pb::Extension {
    let mut extensions = house.extensions();
    let listed = extensions.list_extensions(pb::ListExtensionsRequest::default());
    listed.await.unwrap().into_inner().extensions.remove(0)
}

#[tokio::test]
async fn an_extension_asks_follows_and_tells_within_its_scope() {
    let (mut house, members) = narrowed().await;
    let own = house.channel(&members[SUBJECT]);
    for (code, place, want) in [
        ("QS.R02", INSIDE, "OK"),
        ("QS.R02", "", "OK"),
        ("QS.R02", OUTSIDE, "SCOPE_PLACE"),
        ("QS.R02", "510115", "SCOPE_PLACE"),
        ("QS.R01", INSIDE, "SCOPE_INDICATOR"),
    ] {
        let asked = pb::QueryIndicatorsRequest {
            place: place.to_owned(),
            ..question(code, "202401")
        };
        let mut service = IndicatorServiceClient::new(own.clone());
        let answered = service.query_indicators(asked).await;
        let said = answered.map_or_else(|status| reason(&status), |_| "OK".to_owned());
        assert_eq!(said, want, "{code} {place}");
    }
    let mut batches = follow(own.clone()).await;
    let batch = batches.message().await.unwrap().unwrap().batch.unwrap();
    let rows = batch.rows.iter();
    let rows: Vec<(&str, &str)> = rows
        .map(|row| (row.place.as_str(), row.indicator.as_str()))
        .collect();
    assert_eq!(rows, [(INSIDE, "QS.R02")]);
    let live = listed(&house).await;
    assert_eq!(live.stage(), pb::ExtensionStage::Live);
    assert!(live.connected && live.enrolled);

    let mut desk = CentreDeskServiceClient::new(own.clone());
    let offer = |request: &str, kind: &str, place: &str| pb::PublishOfferRequest {
        request_id: request.to_owned(),
        kind: kind.to_owned(),
        title: "汛情".to_owned(),
        text: "请巡查".to_owned(),
        audience: Some(pb::Audience {
            places: vec![place.to_owned()],
            ..pb::Audience::default()
        }),
        ..pb::PublishOfferRequest::default()
    };
    for (request, kind, place, want) in [
        ("o-1", "course", INSIDE, "NOTICES_ONLY"),
        ("o-2", "notice", OUTSIDE, "NOBODY_FITS"),
    ] {
        let refused = desk.publish_offer(offer(request, kind, place)).await;
        assert_eq!(reason(&refused.unwrap_err()), want);
    }
    let told = desk.publish_offer(offer("o-3", "notice", "510115")).await;
    let told = told.unwrap().into_inner().offer.unwrap();
    assert!(told.communities.contains(&INSIDE.to_owned()), "{told:?}");
    let is_inside = |code: &String| code.starts_with("510115003");
    assert!(told.communities.iter().all(is_inside), "{told:?}");

    let retire = pb::RetireExtensionRequest {
        request_id: "out".to_owned(),
        name: NAME.to_owned(),
    };
    let retired = house.extensions().retire_extension(retire.clone()).await;
    let retired = retired.unwrap().into_inner().extension.unwrap();
    assert_eq!(retired.stage(), pb::ExtensionStage::Retired);
    // The same name again: the same answer.
    assert!(house.extensions().retire_extension(retire).await.is_ok());
    let cut = loop {
        match batches.message().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert!(cut.is_err(), "the stream is cut: {cut:?}");
    let mut again = ExtensionServiceClient::new(house.channel(&members[SUBJECT]));
    let refused = again
        .list_extensions(pb::ListExtensionsRequest::default())
        .await;
    assert_eq!(reason(&refused.unwrap_err()), "REVOKED");
    assert_eq!(invited(&house).await, "EXTENSION_NOT_LIVE");

    house.close().await;
    house.open().await;
    let logged = decisions(&house, &members["auditor/shen"], SUBJECT).await;
    let refused = logged.iter().find(|of| of.result == "SCOPE_PLACE").unwrap();
    assert!(!refused.allowed && refused.scope.starts_with("QS.R02 510115"));
    assert!(logged.iter().any(|of| of.result == "REVOKED"));
}

#[tokio::test]
async fn its_last_day_shuts_it_out_and_a_restart_knows() {
    let (mut house, members) = narrowed().await;
    assert_eq!(invited(&house).await, "OK");
    house.close().await;
    let (store, threads) = Store::open(&house.path(), Memory::default()).unwrap();
    let now = Timestamp::now();
    store.advance(now).await.unwrap();
    let code = "flood-watch".parse().unwrap();
    assert!(store.extensions().is_live(&code), "its last day is far");
    let later = now + SignedDuration::from_hours(24 * 301);
    assert_eq!(store.over(later), (vec![code], false));
    store.advance(later).await.unwrap();
    assert_eq!(store.over(later), (Vec::new(), false));
    drop(store);
    threads.stop().await.unwrap();
    house.open().await;
    let ended = listed(&house).await;
    assert!(ended.ended && !ended.enrolled, "{ended:?}");
    let mut own = ExtensionServiceClient::new(house.channel(&members[SUBJECT]));
    let refused = own
        .list_extensions(pb::ListExtensionsRequest::default())
        .await;
    assert_eq!(reason(&refused.unwrap_err()), "REVOKED");
}

#[tokio::test]
async fn the_hub_itself_retires_what_was_asked_for_until_a_day_that_is_over() {
    let house = House::furnished().await;
    let first = proto::indicator::catalogue::Catalogue::from_toml(FIRST).unwrap();
    let definition = first.by_code("QS.R01", None).unwrap();
    let mut wire = proto::pb::types::IndicatorDefinition::from(&**definition);
    (wire.id, wire.code) = (2219, "QS.OVER".to_owned());
    wire.sunset = "2024-01-31".to_owned();
    let publish = pb::PublishCatalogueRequest {
        request_id: "p-9".to_owned(),
        indicators: vec![wire],
        dimensions: Vec::new(),
    };
    house.indicators().publish_catalogue(publish).await.unwrap();
    let mut rollouts = RolloutServiceClient::new(house.channel(&house.operator));
    let retired = async {
        loop {
            let list = pb::ListRolloutsRequest {
                indicator: "QS.OVER".to_owned(),
                ..pb::ListRolloutsRequest::default()
            };
            let found = rollouts.list_rollouts(list).await.unwrap().into_inner();
            if found.rollouts[0].stage() == pb::RolloutStage::Retired {
                return;
            }
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, retired).await.unwrap();
}
