//! The node's gRPC port for clients in its community: every method behind the
//! table of roles, with limits on size, time and number. Knows no TLS; the
//! listener hands over authenticated streams.

mod activity;
mod assessment;
mod caller;
mod case;
mod consent;
mod deliberation;
mod document;
mod duty;
mod election;
mod fields;
mod fund;
mod node_status;
mod notice;
mod offer;
mod office;
mod open311;
mod page;
mod playbook;
mod process;
mod public;
mod register;
pub mod secret;
mod status;
mod stream;
mod subject;
mod support;
mod survey;
mod token;

use std::time::Duration;

use proto_edge::listener::{HttpLimits, Incoming, server};
use proto_edge::node::activity_service_server::ActivityServiceServer;
use proto_edge::node::assessment_service_server::AssessmentServiceServer;
use proto_edge::node::case_service_server::CaseServiceServer;
use proto_edge::node::consent_service_server::ConsentServiceServer;
use proto_edge::node::deliberation_service_server::DeliberationServiceServer;
use proto_edge::node::document_service_server::DocumentServiceServer;
use proto_edge::node::duty_service_server::DutyServiceServer;
use proto_edge::node::election_service_server::ElectionServiceServer;
use proto_edge::node::fund_service_server::FundServiceServer;
use proto_edge::node::node_status_service_server::NodeStatusServiceServer;
use proto_edge::node::notice_service_server::NoticeServiceServer;
use proto_edge::node::offer_service_server::OfferServiceServer;
use proto_edge::node::playbook_service_server::PlaybookServiceServer;
use proto_edge::node::register_service_server::RegisterServiceServer;
use proto_edge::node::subject_service_server::SubjectServiceServer;
use proto_edge::node::support_service_server::SupportServiceServer;
use proto_edge::node::survey_service_server::SurveyServiceServer;
use proto_edge::node::token_service_server::TokenServiceServer;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tonic_health::server::HealthReporter;

use crate::link::LinkStatus;
use activity::ActivityRpc;
use assessment::AssessmentRpc;
use caller::CallerLayer;
use case::CaseRpc;
use consent::ConsentRpc;
use deliberation::DeliberationRpc;
use document::DocumentRpc;
use duty::DutyRpc;
use election::ElectionRpc;
use fund::FundRpc;
use node_status::NodeStatusRpc;
use notice::NoticeRpc;
use offer::OfferRpc;
pub use office::{Now, Office};
pub use open311::Open311;
use playbook::PlaybookRpc;
use process::Desk;
use register::RegisterRpc;
use subject::SubjectRpc;
use support::SupportRpc;
use survey::SurveyRpc;
use token::TokenRpc;

/// The longest text is 16 KiB; this is generous.
const LARGEST_MESSAGE: usize = 1 << 20;
/// A roll of the greatest size that the domain takes.
const LARGEST_ROLL: usize = 4 << 20;
/// Until an answer begins; a stream lives on.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

const SERVICES: [&str; 18] = [
    "tongxin.node.v1.CaseService",
    "tongxin.node.v1.SubjectService",
    "tongxin.node.v1.RegisterService",
    "tongxin.node.v1.DutyService",
    "tongxin.node.v1.FundService",
    "tongxin.node.v1.AssessmentService",
    "tongxin.node.v1.ConsentService",
    "tongxin.node.v1.ElectionService",
    "tongxin.node.v1.DocumentService",
    "tongxin.node.v1.DeliberationService",
    "tongxin.node.v1.ActivityService",
    "tongxin.node.v1.SurveyService",
    "tongxin.node.v1.NoticeService",
    "tongxin.node.v1.PlaybookService",
    "tongxin.node.v1.SupportService",
    "tongxin.node.v1.OfferService",
    "tongxin.node.v1.TokenService",
    "tongxin.node.v1.NodeStatusService",
];

#[derive(Debug, thiserror::Error)]
pub enum RpcFault {
    #[error("local port: {0}")]
    Transport(#[from] tonic::transport::Error),
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves until `office.stop`; then lets calls in flight end, and streams be told.
pub async fn serve(
    office: Office,
    link: watch::Receiver<LinkStatus>,
    incoming: Incoming,
) -> Result<(), RpcFault> {
    let tasks = TaskTracker::new();
    let (reporter, health) = tonic_health::server::health_reporter();
    report_health(&reporter, tonic_health::ServingStatus::Serving).await;
    let stop = office.stop.clone();
    let stopped = async move {
        stop.cancelled().await;
        report_health(&reporter, tonic_health::ServingStatus::NotServing).await;
    };
    let cases = CaseRpc::new(office.clone(), tasks.clone());
    let subjects = SubjectRpc::new(office.clone());
    let registers = RegisterRpc(Desk::new(office.clone()));
    let duties = DutyRpc(Desk::new(office.clone()));
    let funds = FundRpc(Desk::new(office.clone()));
    let assessments = AssessmentRpc(Desk::new(office.clone()));
    let consents = ConsentRpc(Desk::new(office.clone()));
    let elections = ElectionRpc(Desk::new(office.clone()));
    let documents = DocumentRpc(Desk::new(office.clone()));
    let deliberations = DeliberationRpc(Desk::new(office.clone()));
    let activities = ActivityRpc(Desk::new(office.clone()));
    let surveys = SurveyRpc(Desk::new(office.clone()));
    let notices = NoticeRpc::new(office.clone(), tasks.clone());
    let playbooks = PlaybookRpc::new(office.clone());
    let support = SupportRpc(Desk::new(office.clone()));
    let offers = OfferRpc(Desk::new(office.clone()));
    let tokens = TokenRpc::new(office.clone());
    let status = NodeStatusRpc::new(office.clone(), link);
    let served = server(HttpLimits::default())
        .timeout(CALL_DEADLINE)
        .layer(CallerLayer::new(&office))
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(CaseServiceServer::new(cases).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(SubjectServiceServer::new(subjects).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(
            RegisterServiceServer::new(registers).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(DutyServiceServer::new(duties).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(FundServiceServer::new(funds).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(
            AssessmentServiceServer::new(assessments).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(ConsentServiceServer::new(consents).max_decoding_message_size(LARGEST_ROLL))
        .add_service(ElectionServiceServer::new(elections).max_decoding_message_size(LARGEST_ROLL))
        .add_service(
            DocumentServiceServer::new(documents).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(
            DeliberationServiceServer::new(deliberations)
                .max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(
            ActivityServiceServer::new(activities).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(SurveyServiceServer::new(surveys).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(NoticeServiceServer::new(notices).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(
            PlaybookServiceServer::new(playbooks).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .add_service(SupportServiceServer::new(support).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(OfferServiceServer::new(offers).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(TokenServiceServer::new(tokens).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(
            NodeStatusServiceServer::new(status).max_decoding_message_size(LARGEST_MESSAGE),
        )
        .serve_with_incoming_shutdown(incoming, stopped)
        .await;
    tasks.close();
    tasks.wait().await;
    Ok(served?)
}

/// Of the node's own services; the district's are described, not served.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::pb::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    let named = SERVICES.into_iter();
    named.fold(builder, |builder, name| builder.with_service_name(name))
}

async fn report_health(reporter: &HealthReporter, status: tonic_health::ServingStatus) {
    for service in SERVICES.into_iter().chain([""]) {
        reporter.set_service_status(service, status).await;
    }
}

#[cfg(test)]
mod tests;
