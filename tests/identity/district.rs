//! A district for tests: a hub with its authority, its gate and a ledger in
//! memory, and the machines that join it.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use hub_domain::issuance::{Command, Decision, Event, Refusal, State};
use hub_server::{
    pki::{
        authority::Authority,
        gate::HubGate,
        issuer::Lifetimes,
        ledger::{IssuanceLedger, LedgerFault},
        upkeep::Upkeep,
    },
    rpc::{enrol::EnrolRpc, members::MembersRpc},
};
use node_server::identity::{IdentityFault, credentials::Credentials, join::join};
use proto::{
    identity::Subject,
    pb::hub::{CreateInviteRequest, RevokeMemberRequest},
};
use proto_edge::{
    authorise::AuthoriseLayer,
    clock::Clock,
    connector::channel,
    enrol::enrol_service_server::EnrolServiceServer,
    hub::{member_service_client::MemberServiceClient, member_service_server::MemberServiceServer},
    listener::{HttpLimits, Limits, listen, server},
    live::Live,
    membership::Membership,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic_health::pb::health_client::HealthClient;

pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;
pub const NODE: &str = "community/510115003064";

/// Decides and applies under a lock; what was recorded can be looked at.
pub struct Ledger {
    state: ArcSwap<State>,
    pub recorded: Mutex<Vec<Event>>,
}

impl IssuanceLedger for Ledger {
    async fn submit(&self, command: Command) -> Result<Result<Event, Refusal>, LedgerFault> {
        let mut recorded = self.recorded.lock().unwrap();
        let mut state = State::clone(&self.state.load());
        Ok(match state.decide(command) {
            Err(refusal) => Err(refusal),
            Ok(Decision::Repeat(event)) => Ok(event),
            Ok(Decision::Record(event)) => {
                state.apply(&event);
                self.state.store(Arc::new(state));
                recorded.push(event.clone());
                Ok(event)
            }
        })
    }

    fn state(&self) -> Arc<State> {
        self.state.load_full()
    }
}

pub struct District {
    pub authority: Arc<Authority>,
    pub ledger: Arc<Ledger>,
    pub live: Arc<Live>,
    pub upkeep: Upkeep,
    pub clock: Clock,
    pub admin: Membership,
    pub directory: TempDir,
    stop: CancellationToken,
}

impl Drop for District {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl District {
    pub async fn start(name: &str) -> District {
        District::with(
            name,
            Clock::standing(NOW),
            Lifetimes::default(),
            HttpLimits::default(),
        )
        .await
    }

    pub async fn with(
        name: &str,
        clock: Clock,
        lifetimes: Lifetimes,
        http: HttpLimits,
    ) -> District {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string().parse().unwrap();
        let pki = directory.path().join("pki");
        let authority = Authority::create(
            &pki,
            name.parse().unwrap(),
            address,
            lifetimes,
            clock.clone(),
        );
        let authority = Arc::new(authority.unwrap());
        let ledger = Arc::new(Ledger {
            state: ArcSwap::default(),
            recorded: Mutex::default(),
        });
        let admin = appoint(&authority, &ledger, "operator/admin").await;
        let members = ledger.clone();
        let gate = Arc::new(HubGate::new(
            authority.district.clone(),
            Arc::new(move || members.state()),
            clock.clone(),
        ));
        let live = Arc::new(Live::default());
        let upkeep = Upkeep::new(authority.clone(), gate.clone(), live.clone()).unwrap();
        let stop = CancellationToken::new();
        let limits = Limits::default();
        let incoming = listen(
            listener,
            upkeep.config(),
            limits,
            live.clone(),
            stop.clone(),
        );
        let (_, health) = tonic_health::server::health_reporter();
        let routes = server(http)
            .layer(AuthoriseLayer::new(gate))
            .add_service(health)
            .add_service(EnrolServiceServer::new(EnrolRpc {
                authority: authority.clone(),
                ledger: ledger.clone(),
                live: live.clone(),
            }))
            .add_service(MemberServiceServer::new(MembersRpc {
                authority: authority.clone(),
                ledger: ledger.clone(),
                live: live.clone(),
            }));
        tokio::spawn(routes.serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned()));
        District {
            authority,
            ledger,
            live,
            upkeep,
            clock,
            admin,
            directory,
            stop,
        }
    }

    /// A membership made on the hub's own console.
    pub async fn appoint(&self, subject: &str) -> Membership {
        appoint(&self.authority, &self.ledger, subject).await
    }

    pub fn channel(&self, membership: &Membership) -> Channel {
        let config = membership.client_config(&self.clock).unwrap();
        channel(&membership.hub, Arc::new(ArcSwap::from_pointee(config))).unwrap()
    }

    pub fn members(&self) -> MemberServiceClient<Channel> {
        MemberServiceClient::new(self.channel(&self.admin))
    }

    pub fn health(&self, membership: &Membership) -> HealthClient<Channel> {
        HealthClient::new(self.channel(membership))
    }

    /// The line that `tongxin hub invite` would print.
    pub async fn invite(&self, subject: &str, request_id: &str) -> String {
        let request = CreateInviteRequest {
            request_id: request_id.into(),
            subject: subject.into(),
            valid_for: None,
        };
        let answer = self.members().create_invite(request).await.unwrap();
        answer.into_inner().token
    }

    pub fn home(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub async fn join(&self, line: &str, name: &str) -> Result<Membership, IdentityFault> {
        join(line, &self.home(name), &self.clock).await
    }

    pub async fn member(&self, subject: &str, name: &str) -> Credentials {
        let line = self.invite(subject, name).await;
        self.join(&line, name).await.unwrap();
        Credentials::open(&self.home(name), self.clock.clone()).unwrap()
    }

    pub async fn revoke(&self, subject: &str, request_id: &str) -> Result<(), tonic::Status> {
        let request = RevokeMemberRequest {
            request_id: request_id.into(),
            name: format!("members/{subject}"),
            reason: "stolen".into(),
        };
        self.members().revoke_member(request).await.map(drop)
    }
}

async fn appoint(authority: &Authority, ledger: &Ledger, name: &str) -> Membership {
    let (membership, certificate) = authority.appoint(subject(name)).unwrap();
    let appoint = Command::Appoint {
        subject: subject(name),
        certificate,
        now: authority.now().unwrap(),
    };
    ledger.submit(appoint).await.unwrap().unwrap();
    membership
}

pub fn subject(text: &str) -> Subject {
    text.parse().unwrap()
}

/// At most five seconds for `future`.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(Duration::from_secs(5), future).await {
        Ok(output) => output,
        Err(_) => panic!("not within five seconds: {what}"),
    }
}

pub fn reason(status: &tonic::Status) -> String {
    proto_edge::problem::reason_of(status)
        .unwrap_or_else(|| panic!("no reason: {status:?}"))
        .into_owned()
}
