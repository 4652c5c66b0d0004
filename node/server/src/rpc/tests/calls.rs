//! What every call has: rich errors, limits, health, reflection, the status.

use proto_edge::node::node_status_service_client::NodeStatusServiceClient;
use tokio_stream::StreamExt as _;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::*;

#[tokio::test]
async fn an_error_says_why_in_chinese_and_which_fields() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let status = staff
        .report_case(pb::ReportCaseRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("INVALID_FIELDS", "tongxin")
    );
    assert_eq!(info.metadata["fields"], "kind,origin");
    let chinese = details.localized_message().unwrap();
    assert_eq!(chinese.locale, "zh-CN");
    assert!(
        chinese.message.contains("kind：应为预案中的代码"),
        "{}",
        chinese.message
    );
    let fields = &details.bad_request().unwrap().field_violations;
    let fields: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["kind", "origin"]);
    let unknown = pb::ReportCaseRequest {
        kind: "dragons".into(),
        ..report("龙", "")
    };
    let status = staff.report_case(unknown).await.unwrap_err();
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().metadata["kind"], "dragons");
    assert_eq!(
        details.bad_request().unwrap().field_violations[0].field,
        "kind"
    );
    let tomorrow = start() + SignedDuration::from_hours(24);
    let early = pb::ReportCaseRequest {
        reported_at: Some(crate::rpc::fields::wire_time(tomorrow)),
        ..report("未来", "")
    };
    let status = staff.report_case(early).await.unwrap_err();
    let details = status.get_error_details();
    assert_eq!(reason(&status), "IN_THE_FUTURE");
    assert_eq!(
        details.bad_request().unwrap().field_violations[0].field,
        "reported_at"
    );
    node.stop().await;
}

#[tokio::test]
async fn a_message_has_a_limit() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let huge = report(&"x".repeat(super::super::LARGEST_MESSAGE), "");
    let status = staff.report_case(huge).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange);
    reported(&mut staff, "路灯不亮", "").await;
    node.stop().await;
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let node = Node::start().await;
    let mut health = HealthClient::new(node.channel.clone());
    for service in super::super::SERVICES.into_iter().chain([""]) {
        let asked = HealthCheckRequest {
            service: service.into(),
        };
        let answer = health.check(asked).await.unwrap().into_inner();
        assert_eq!(answer.status, 1, "{service}");
    }
    node.stop().await;
}

#[tokio::test]
async fn both_reflections_list_what_is_served_and_describe_it() {
    let node = Node::start().await;
    let mut expected = vec!["grpc.health.v1.Health".to_owned()];
    expected.extend(super::super::SERVICES.map(str::to_owned));
    expected.sort();
    macro_rules! check {
        ($version:ident) => {
            use tonic_reflection::pb::$version::{
                ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
                server_reflection_request::MessageRequest,
                server_reflection_response::MessageResponse,
            };
            let mut client = ServerReflectionClient::new(node.channel.clone());
            let asked = [
                MessageRequest::ListServices(String::new()),
                MessageRequest::FileContainingSymbol("tongxin.node.v1.CaseService".into()),
            ];
            let asked = asked.map(|one| ServerReflectionRequest {
                host: String::new(),
                message_request: Some(one),
            });
            let answers = client
                .server_reflection_info(tokio_stream::iter(asked))
                .await;
            let mut answers = answers.unwrap().into_inner();
            let mut next = async || answers.next().await.unwrap().unwrap().message_response;
            let Some(MessageResponse::ListServicesResponse(listed)) = next().await else {
                panic!("no list");
            };
            let mut names: Vec<String> = listed.service.into_iter().map(|s| s.name).collect();
            names.retain(|name| !name.starts_with("grpc.reflection."));
            names.sort();
            assert_eq!(names, expected);
            let Some(MessageResponse::FileDescriptorResponse(file)) = next().await else {
                panic!("no file");
            };
            assert!(!file.file_descriptor_proto.is_empty());
        };
    }
    {
        check!(v1);
    }
    {
        check!(v1alpha);
    }
    node.stop().await;
}

#[tokio::test]
async fn the_status_is_counted_and_kept_from_residents() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    for _ in 0..2 {
        reported(&mut staff, "路灯不亮", "003").await;
    }
    dispatched(&mut staff, "cases/1").await;
    completed(&mut staff, "cases/1").await;
    node.link.send_modify(|link| {
        link.state = "STREAMING";
        link.acked_cell_seq = 4;
    });
    let auditor = node.token(pb::Role::Auditor, "").await;
    let mut client = NodeStatusServiceClient::new(node.through(&auditor));
    let shown = client
        .get_node_status(pb::GetNodeStatusRequest {})
        .await
        .unwrap()
        .into_inner();
    // Three tokens, two reports, three steps of one case.
    assert_eq!((shown.journal_seq, shown.view_seq), (8, 8));
    assert_eq!((shown.cases, shown.open_cases), (2, 1));
    assert_eq!(shown.journal_root.len(), 64);
    assert_eq!(
        (shown.link_state.as_str(), shown.acked_cell_seq),
        ("STREAMING", 4)
    );
    assert_eq!(shown.community, "510115003064");
    let resident = node.token(pb::Role::Resident, "wx-1").await;
    let mut client = NodeStatusServiceClient::new(node.through(&resident));
    let denied = client
        .get_node_status(pb::GetNodeStatusRequest {})
        .await
        .unwrap_err();
    assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    node.stop().await;
}
