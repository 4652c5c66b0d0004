//! The hub's gRPC handlers: parse, call, convert. This file puts them behind
//! one door, with the limits of each.

pub mod enrol;
mod field;
pub mod heard;
pub mod hub_status;
pub mod indicators;
mod journal_head;
pub mod members;
pub mod nodes;
pub mod quality;
pub mod register;
pub mod rollout;
mod shield;
pub mod status;
pub mod sync;

use std::{sync::Arc, time::Duration};

use proto_edge::{
    authorise::AuthoriseLayer,
    enrol::enrol_service_server::EnrolServiceServer,
    hub::{
        hub_status_service_server::HubStatusServiceServer,
        indicator_service_server::IndicatorServiceServer,
        member_service_server::MemberServiceServer, node_service_server::NodeServiceServer,
        quality_service_server::QualityServiceServer,
        register_service_server::RegisterServiceServer,
        rollout_service_server::RolloutServiceServer,
    },
    listener::{HttpLimits, Incoming, server},
    live::Live,
    sync::sync_service_server::SyncServiceServer,
};
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic_health::ServingStatus;

use crate::{
    config::Limits,
    pki::{authority::Authority, gate::HubGate},
    store::Store,
};
use enrol::EnrolRpc;
use hub_status::HubStatusRpc;
use indicators::IndicatorsRpc;
use members::MembersRpc;
use nodes::NodesRpc;
use quality::QualityRpc;
use register::RegisterRpc;
use rollout::RolloutsRpc;
use shield::ShieldLayer;
use sync::SyncRpc;

/// Decode limit of everything but sync.
const MESSAGE_LIMIT: usize = 1 << 20;
const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum RpcFault {
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    #[error("serving: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// What the handlers work on.
pub struct Services {
    pub store: Store,
    pub authority: Arc<Authority>,
    pub gate: Arc<HubGate>,
    pub live: Arc<Live>,
    pub status: HubStatusRpc,
    pub sync: SyncRpc,
    pub limits: Limits,
}

impl Services {
    /// Serves until `stop`, then until the calls in hand are answered.
    pub async fn serve(self, incoming: Incoming, stop: CancellationToken) -> Result<(), RpcFault> {
        let Services {
            store,
            authority,
            gate,
            live,
            status,
            sync,
            limits,
        } = self;
        let clock = authority.clock().clone();
        let ledger = Arc::new(store.clone());
        let enrol = EnrolRpc {
            authority: authority.clone(),
            ledger: ledger.clone(),
            live: live.clone(),
        };
        let members = MembersRpc {
            authority,
            ledger,
            live: live.clone(),
        };
        let indicators = IndicatorsRpc::new(store.clone(), clock.clone(), limits.queries);
        let register = RegisterRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let quality = QualityRpc(indicators.clone());
        let rollouts = RolloutsRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let nodes = NodesRpc { store, clock, live };
        let (health, health_service) = tonic_health::server::health_reporter();
        for service in SERVICES {
            health
                .set_service_status(service, ServingStatus::Serving)
                .await;
        }
        let router = server(HttpLimits::default())
            .layer(AuthoriseLayer::new(gate))
            .layer(ShieldLayer::new(limits.calls, DEADLINE))
            .add_service(EnrolServiceServer::new(enrol).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(MemberServiceServer::new(members).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                IndicatorServiceServer::new(indicators).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                RegisterServiceServer::new(register).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                QualityServiceServer::new(quality).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                RolloutServiceServer::new(rollouts).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(NodeServiceServer::new(nodes).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                HubStatusServiceServer::new(status).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(sync.clone().service())
            .add_service(health_service)
            .add_service(reflection().build_v1()?)
            .add_service(reflection().build_v1alpha()?);
        let stopped = async move {
            stop.cancelled().await;
            for service in [""].iter().chain(SERVICES) {
                health
                    .set_service_status(service, ServingStatus::NotServing)
                    .await;
            }
        };
        let served = router.serve_with_incoming_shutdown(incoming, stopped).await;
        sync.ended().await;
        Ok(served?)
    }
}

/// What health and reflection name.
const SERVICES: &[&str] = &[
    <SyncServiceServer<SyncRpc> as NamedService>::NAME,
    <EnrolServiceServer<EnrolRpc<Store>> as NamedService>::NAME,
    <MemberServiceServer<MembersRpc<Store>> as NamedService>::NAME,
    <IndicatorServiceServer<IndicatorsRpc> as NamedService>::NAME,
    <RegisterServiceServer<RegisterRpc> as NamedService>::NAME,
    <QualityServiceServer<QualityRpc> as NamedService>::NAME,
    <RolloutServiceServer<RolloutsRpc> as NamedService>::NAME,
    <NodeServiceServer<NodesRpc> as NamedService>::NAME,
    <HubStatusServiceServer<HubStatusRpc> as NamedService>::NAME,
];

fn reflection() -> tonic_reflection::server::Builder<'static> {
    let described = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::pb::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    let named = |described: tonic_reflection::server::Builder<'static>, service: &&str| {
        described.with_service_name(*service)
    };
    SERVICES.iter().fold(described, named)
}
