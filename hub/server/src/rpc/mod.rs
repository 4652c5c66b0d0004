//! The hub's gRPC handlers: parse, call, convert. This file puts them behind
//! one door, with the limits of each.

mod asks;
pub mod assignments;
mod audit;
pub mod auditor;
pub mod authority;
pub mod centre_desk;
pub mod centres;
pub mod enrol;
pub mod extensions;
pub mod feed;
pub(crate) mod field;
pub mod heard;
pub mod hub_status;
pub mod indicators;
mod journal_head;
pub mod members;
pub mod nodes;
mod periods;
pub mod quality;
pub mod register;
pub mod releases;
pub mod rollout;
mod shield;
pub mod status;
pub mod sync;
mod watch;

use std::{sync::Arc, time::Duration};

use proto_edge::{
    authorise::AuthoriseLayer,
    enrol::enrol_service_server::EnrolServiceServer,
    hub::{
        ask_service_server::AskServiceServer, assignment_service_server::AssignmentServiceServer,
        audit_service_server::AuditServiceServer, authority_service_server::AuthorityServiceServer,
        centre_desk_service_server::CentreDeskServiceServer,
        centre_service_server::CentreServiceServer,
        extension_service_server::ExtensionServiceServer, feed_service_server::FeedServiceServer,
        hub_status_service_server::HubStatusServiceServer,
        indicator_service_server::IndicatorServiceServer,
        member_service_server::MemberServiceServer, node_service_server::NodeServiceServer,
        period_service_server::PeriodServiceServer, quality_service_server::QualityServiceServer,
        register_service_server::RegisterServiceServer,
        release_service_server::ReleaseServiceServer, rollout_service_server::RolloutServiceServer,
        watch_service_server::WatchServiceServer,
    },
    listener::{HttpLimits, Incoming, SYNC_MESSAGE_LIMIT, server},
    live::Live,
    sync::{letter_service_server::LetterServiceServer, sync_service_server::SyncServiceServer},
};
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic_health::ServingStatus;

use crate::{
    config::Limits,
    pki::{authority::Authority, gate::HubGate},
    store::Store,
};
use asks::AsksRpc;
use assignments::AssignmentsRpc;
use audit::AuditRpc;
use auditor::{AuditLayer, Auditor};
use authority::AuthorityRpc;
use centre_desk::CentreDeskRpc;
use centres::CentresRpc;
use enrol::EnrolRpc;
use extensions::ExtensionsRpc;
use feed::FeedRpc;
use hub_status::HubStatusRpc;
use indicators::IndicatorsRpc;
use members::MembersRpc;
use nodes::NodesRpc;
use periods::PeriodsRpc;
use quality::QualityRpc;
use register::RegisterRpc;
use releases::ReleasesRpc;
use rollout::RolloutsRpc;
use shield::ShieldLayer;
use sync::{LettersRpc, SyncRpc};
use watch::{Watch, WatchRpc};

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
    pub feed: FeedRpc,
    pub auditor: Arc<Auditor>,
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
            feed,
            auditor,
            limits,
        } = self;
        let clock = authority.clock().clone();
        let ledger = Arc::new(store.clone());
        let enrol = EnrolRpc {
            authority: authority.clone(),
            ledger: ledger.clone(),
            live: live.clone(),
        };
        let roots = AuthorityRpc {
            authority: authority.clone(),
            ledger: ledger.clone(),
        };
        let members = MembersRpc {
            authority,
            ledger,
            live: live.clone(),
        };
        let extensions = ExtensionsRpc {
            store: store.clone(),
            clock: clock.clone(),
            members: members.clone(),
            live: live.clone(),
            followers: feed.followers().clone(),
        };
        let indicators = IndicatorsRpc::new(store.clone(), clock.clone(), limits.queries);
        let register = RegisterRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let releases = ReleasesRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let watch = Watch(Arc::new(WatchRpc {
            store: store.clone(),
            clock: clock.clone(),
            stop: stop.clone(),
        }));
        let letters = LettersRpc {
            store: store.clone(),
            stop: stop.clone(),
        };
        let desk = CentreDeskRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let centres = CentresRpc {
            store: store.clone(),
            clock: clock.clone(),
            followers: feed.followers().clone(),
        };
        let audit = AuditRpc {
            store: store.clone(),
        };
        let asks = AsksRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let quality = QualityRpc(indicators.clone());
        let periods = PeriodsRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let rollouts = RolloutsRpc {
            store: store.clone(),
            clock: clock.clone(),
        };
        let assignments = AssignmentsRpc {
            store: store.clone(),
            clock: clock.clone(),
            live: live.clone(),
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
            .layer(AuditLayer(auditor))
            .layer(ShieldLayer::new(limits.calls, DEADLINE))
            .add_service(EnrolServiceServer::new(enrol).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(MemberServiceServer::new(members).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                AuthorityServiceServer::new(roots).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                IndicatorServiceServer::new(indicators).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                RegisterServiceServer::new(register).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                ReleaseServiceServer::new(releases).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(CentreServiceServer::new(centres).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                ExtensionServiceServer::new(extensions).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                QualityServiceServer::new(quality).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(PeriodServiceServer::new(periods).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                RolloutServiceServer::new(rollouts).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(NodeServiceServer::new(nodes).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                AssignmentServiceServer::new(assignments).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                HubStatusServiceServer::new(status).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(AskServiceServer::new(asks).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(WatchServiceServer::new(watch).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(
                CentreDeskServiceServer::new(desk).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(
                FeedServiceServer::new(feed.clone()).max_decoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(AuditServiceServer::new(audit).max_decoding_message_size(MESSAGE_LIMIT))
            .add_service(sync.clone().service())
            .add_service(
                LetterServiceServer::new(letters).max_decoding_message_size(SYNC_MESSAGE_LIMIT),
            )
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
        feed.ended().await;
        Ok(served?)
    }
}

/// What health and reflection name.
const SERVICES: &[&str] = &[
    <SyncServiceServer<SyncRpc> as NamedService>::NAME,
    <LetterServiceServer<LettersRpc> as NamedService>::NAME,
    <EnrolServiceServer<EnrolRpc<Store>> as NamedService>::NAME,
    <MemberServiceServer<MembersRpc<Store>> as NamedService>::NAME,
    <AuthorityServiceServer<AuthorityRpc<Store>> as NamedService>::NAME,
    <IndicatorServiceServer<IndicatorsRpc> as NamedService>::NAME,
    <RegisterServiceServer<RegisterRpc> as NamedService>::NAME,
    <CentreServiceServer<CentresRpc> as NamedService>::NAME,
    <ExtensionServiceServer<ExtensionsRpc> as NamedService>::NAME,
    <QualityServiceServer<QualityRpc> as NamedService>::NAME,
    <PeriodServiceServer<PeriodsRpc> as NamedService>::NAME,
    <RolloutServiceServer<RolloutsRpc> as NamedService>::NAME,
    <FeedServiceServer<FeedRpc> as NamedService>::NAME,
    <AuditServiceServer<AuditRpc> as NamedService>::NAME,
    <NodeServiceServer<NodesRpc> as NamedService>::NAME,
    <ReleaseServiceServer<ReleasesRpc> as NamedService>::NAME,
    <AssignmentServiceServer<AssignmentsRpc> as NamedService>::NAME,
    <HubStatusServiceServer<HubStatusRpc> as NamedService>::NAME,
    <AskServiceServer<AsksRpc> as NamedService>::NAME,
    <WatchServiceServer<Watch> as NamedService>::NAME,
    <CentreDeskServiceServer<CentreDeskRpc> as NamedService>::NAME,
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
