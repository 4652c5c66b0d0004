//! Who gets in, and what a refusal says.

use proto::pb::hub as pb;
use proto_edge::{
    hub::indicator_service_client::IndicatorServiceClient,
    problem::{localized, reason_of},
};
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::{v1, v1alpha};
use tonic_types::StatusExt as _;

use super::house::{House, question, wenjiang};

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Code and reason; every refusal says both languages.
fn said(status: &Status) -> (Code, String) {
    assert!(has_chinese(&localized(status)), "{status:?}");
    assert!(!has_chinese(status.message()), "{status:?}");
    (
        status.code(),
        reason_of(status).expect("a reason of ours").into_owned(),
    )
}

fn fields(status: &Status) -> Vec<String> {
    let bad = status.get_details_bad_request().expect("fields");
    bad.field_violations
        .into_iter()
        .map(|violation| violation.field)
        .collect()
}

#[tokio::test]
async fn a_role_reaches_its_calls_only() {
    let house = House::furnished().await;
    let node = house.enrol("510115003064").await;

    let mut stranger = IndicatorServiceClient::new(house.anonymous());
    let refused = stranger
        .query_indicators(question("QS.R02", "202401"))
        .await
        .unwrap_err();
    assert_eq!(
        said(&refused),
        (Code::Unauthenticated, "CERTIFICATE_REQUIRED".into())
    );
    let mut neighbour = IndicatorServiceClient::new(house.channel(&node));
    let refused = neighbour
        .query_indicators(question("QS.R02", "202401"))
        .await
        .unwrap_err();
    assert_eq!(
        said(&refused),
        (Code::PermissionDenied, "ROLE_FORBIDDEN".into())
    );
    assert!(
        house
            .indicators()
            .query_indicators(question("QS.R02", "202401"))
            .await
            .is_ok()
    );

    let hub = house
        .status()
        .get_hub_status(pb::GetHubStatusRequest::default())
        .await;
    let hub = hub.unwrap().into_inner();
    assert_eq!((hub.members, hub.connected), (2, 1));
    let listed = house
        .status()
        .list_node_statuses(pb::ListNodeStatusesRequest {
            page_size: 500,
            page_token: String::new(),
        })
        .await;
    let nodes = listed.unwrap().into_inner().nodes;
    assert_eq!(nodes.len(), 95);
    let node = nodes
        .iter()
        .find(|node| node.community == "510115003064")
        .unwrap();
    assert_eq!(node.state(), pb::NodeState::Connected);
    assert!(node.certificate_not_after.is_some() && node.last_seen_at.is_some());
    let left = node.certificate_left.unwrap().seconds;
    assert!((13 * 86_400..=14 * 86_400).contains(&left), "{left}");
    assert_eq!(node.alarms, []);
    let others = nodes
        .iter()
        .filter(|node| node.state() == pb::NodeState::NeverSeen);
    assert_eq!(others.count(), 94);
}

#[tokio::test]
async fn anybody_may_ask_for_health_and_for_the_shape_of_the_calls() {
    let house = House::furnished().await;
    let mut health = HealthClient::new(house.anonymous());
    for service in ["", "tongxin.hub.v1.IndicatorService"] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(
            answer.status(),
            tonic_health::pb::health_check_response::ServingStatus::Serving
        );
    }

    let list = v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut newer = v1::server_reflection_client::ServerReflectionClient::new(house.anonymous());
    let answers = newer.server_reflection_info(tokio_stream::once(list)).await;
    let answer = answers.unwrap().into_inner().next().await.unwrap().unwrap();
    let Some(v1::server_reflection_response::MessageResponse::ListServicesResponse(listed)) =
        answer.message_response
    else {
        panic!("a list of services");
    };
    let names: Vec<String> = listed
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    assert!(
        names.contains(&"tongxin.hub.v1.IndicatorService".to_owned()),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.contains(".node.")),
        "{names:?}"
    );

    let symbol = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
                "tongxin.hub.v1.IndicatorService".to_owned(),
            ),
        ),
    };
    let mut older =
        v1alpha::server_reflection_client::ServerReflectionClient::new(house.anonymous());
    let answers = older
        .server_reflection_info(tokio_stream::once(symbol))
        .await;
    let answer = answers.unwrap().into_inner().next().await.unwrap().unwrap();
    let described = matches!(
        answer.message_response,
        Some(v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(_))
    );
    assert!(described);
}

#[tokio::test]
async fn wrong_input_names_the_field_in_both_languages() {
    let house = House::furnished().await;
    let ask = async |request| {
        house
            .indicators()
            .query_indicators(request)
            .await
            .unwrap_err()
    };

    let mut wrong = question("QS.R02", "2024-01");
    wrong.place = "51011".to_owned();
    let refused = ask(wrong).await;
    assert_eq!(
        said(&refused),
        (Code::InvalidArgument, "INVALID_FIELDS".into())
    );
    assert_eq!(fields(&refused), ["place", "from"]);

    let refused = ask(question("QS.R99", "202401")).await;
    assert_eq!(said(&refused).1, "UNKNOWN_INDICATOR");
    assert_eq!(fields(&refused), ["indicators"]);

    let mut foreign = question("QS.R02", "202401");
    foreign.page_token = "AQAA".to_owned();
    assert_eq!(fields(&ask(foreign).await), ["page_token"]);

    let mut communities = wenjiang();
    communities[3].name = "communities/51".to_owned();
    communities[5].opened = "spring".to_owned();
    let import = pb::ImportCommunitiesRequest {
        request_id: "i".to_owned(),
        communities,
    };
    let refused = house
        .register()
        .import_communities(import)
        .await
        .unwrap_err();
    assert_eq!(
        said(&refused),
        (Code::InvalidArgument, "REGISTER_INVALID".into())
    );
    assert_eq!(
        fields(&refused),
        ["communities[3].name", "communities[5].opened"]
    );

    let import = pb::ImportCommunitiesRequest::default();
    let refused = house
        .register()
        .import_communities(import)
        .await
        .unwrap_err();
    assert_eq!(fields(&refused), ["request_id"]);

    let listed = house
        .indicators()
        .list_indicators(pb::ListIndicatorsRequest::default())
        .await;
    let mut definition = listed.unwrap().into_inner().indicators.remove(0);
    definition.name_zh = "另一个".to_owned();
    let publish = pb::PublishCatalogueRequest {
        request_id: "p".to_owned(),
        indicators: vec![definition],
        dimensions: Vec::new(),
    };
    let refused = house
        .indicators()
        .publish_catalogue(publish)
        .await
        .unwrap_err();
    assert_eq!(
        said(&refused),
        (Code::InvalidArgument, "CATALOGUE_INVALID".into())
    );
    assert_eq!(fields(&refused), ["QS.R01 revision"]);
}
