//! The node's port as its clients meet it: real TLS, real tokens, a store on a
//! real file system; only the time of day is the test's own.

mod activities;
mod assessments;
mod calls;
mod cases;
mod consents;
mod deliberations;
mod documents;
mod duties;
mod elections;
mod funds;
mod levels;
mod neighbours;
mod notices;
mod open311;
mod playbooks;
mod registers;
mod scopes;
mod support;
mod surveys;
mod tokens;
mod watching;

use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use node_domain::actor::Actor;
use node_domain::playbook::{Playbook, Playbooks};
use proto::pb::node as pb;
use proto_edge::clock::Clock;
use proto_edge::listener::{Limits, listen};
use proto_edge::live::Live;
use proto_edge::node::activity_service_client::ActivityServiceClient;
use proto_edge::node::assessment_service_client::AssessmentServiceClient;
use proto_edge::node::case_service_client::CaseServiceClient;
use proto_edge::node::consent_service_client::ConsentServiceClient;
use proto_edge::node::deliberation_service_client::DeliberationServiceClient;
use proto_edge::node::document_service_client::DocumentServiceClient;
use proto_edge::node::duty_service_client::DutyServiceClient;
use proto_edge::node::election_service_client::ElectionServiceClient;
use proto_edge::node::fund_service_client::FundServiceClient;
use proto_edge::node::register_service_client::RegisterServiceClient;
use proto_edge::node::survey_service_client::SurveyServiceClient;
use proto_edge::node::token_service_client::TokenServiceClient;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::secret::Secret;
use super::{LinkStatus, Office, RpcFault, serve};
use crate::identity::local::Local;
use crate::store::ledger::command::{self, Answer, Asked, Command, TokenAsk, TokenCommand};
use crate::store::{Running, Setup, create, open};

const PLAYBOOK: &str = include_str!("../../../../../deploy/playbooks/qingshan.toml");
const TIANNING: &str = include_str!("../../../../../deploy/playbooks/tianning.toml");
const QINGHE: &str = include_str!("../../../../../deploy/playbooks/qinghe.toml");
const RUIQUAN: &str = include_str!("../../../../../deploy/playbooks/ruiquan.toml");
const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");
/// Adopted beside it.
const OTHERS: &[&str] = &[
    include_str!("../../../../../deploy/playbooks/baibuting.toml"),
    include_str!("../../../../../deploy/playbooks/cuizhuyuan.toml"),
    include_str!("../../../../../deploy/playbooks/qinghe.toml"),
];

pub fn start() -> Timestamp {
    // A Monday, 09:00 in Shanghai.
    "2026-03-02T01:00:00Z".parse().unwrap()
}

/// A token in every request.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

pub type Through = InterceptedService<Channel, Bearer>;
pub type Cases = CaseServiceClient<Through>;
pub type Tokens = TokenServiceClient<Through>;

/// A node that serves.
pub struct Node {
    pub office: Office,
    pub channel: Channel,
    pub admin: String,
    pub link: watch::Sender<LinkStatus>,
    present: Arc<Mutex<Timestamp>>,
    served: JoinHandle<Result<(), RpcFault>>,
    running: Running,
    home: tempfile::TempDir,
}

impl Node {
    pub async fn start() -> Node {
        Node::start_with(&[&[PLAYBOOK][..], OTHERS].concat()).await
    }

    /// With these playbooks, the first one's codes before the others'.
    pub async fn start_with(playbooks: &[&str]) -> Node {
        let mut parsed = playbooks.iter().map(|text| Playbook::parse(text).unwrap());
        let mut adopted = Playbooks::new(parsed.next().unwrap());
        for playbook in parsed {
            adopted.adopt(playbook).unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("store");
        create(&dir).unwrap();
        let setup = Setup {
            playbooks: Some(Arc::new(adopted)),
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            residents: None,
            now: start(),
        };
        let opened = open(&dir, &setup).unwrap();
        let present = Arc::new(Mutex::new(start()));
        let told = present.clone();
        let office = Office {
            store: opened.store,
            now: Arc::new(move || *told.lock().unwrap()),
            stop: CancellationToken::new(),
        };
        let local = Local::open(&home.path().join("identity"), &[], Clock::system(0)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let live = Arc::new(Live::default());
        let stop = office.stop.clone();
        let incoming = listen(listener, local.config(), Limits::default(), live, stop);
        let (link, linked) = watch::channel(LinkStatus::alone("510115003064".into()));
        let served = tokio::spawn(serve(office.clone(), linked, incoming));
        let ca = std::fs::read(local.ca_path()).unwrap();
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
        let endpoint = Endpoint::try_from(format!("https://{address}")).unwrap();
        let channel = endpoint.tls_config(tls).unwrap().connect().await.unwrap();
        let admin = first_admin(&office).await;
        Node {
            office,
            channel,
            admin,
            link,
            present,
            served,
            running: opened.running,
            home,
        }
    }

    pub fn pass(&self, hours: i64) {
        *self.present.lock().unwrap() += SignedDuration::from_hours(hours);
    }

    pub fn now(&self) -> Timestamp {
        *self.present.lock().unwrap()
    }

    /// What time brings, until it brings no more.
    pub async fn tick(&self) {
        let now = self.now();
        let tick = async || self.office.store.ask(Command::Tick { now }).await.unwrap();
        while !matches!(tick().await, Answer::Ticked(0)) {}
    }

    fn through(&self, secret: &str) -> Through {
        let value = (!secret.is_empty()).then(|| format!("Bearer {secret}").parse().unwrap());
        InterceptedService::new(self.channel.clone(), Bearer(value))
    }

    pub fn cases(&self, secret: &str) -> Cases {
        CaseServiceClient::new(self.through(secret))
    }

    pub fn registers(&self, secret: &str) -> RegisterServiceClient<Through> {
        RegisterServiceClient::new(self.through(secret))
    }

    pub fn funds(&self, secret: &str) -> FundServiceClient<Through> {
        FundServiceClient::new(self.through(secret))
    }

    pub fn assessments(&self, secret: &str) -> AssessmentServiceClient<Through> {
        AssessmentServiceClient::new(self.through(secret))
    }

    pub fn duties(&self, secret: &str) -> DutyServiceClient<Through> {
        DutyServiceClient::new(self.through(secret))
    }

    pub fn consents(&self, secret: &str) -> ConsentServiceClient<Through> {
        ConsentServiceClient::new(self.through(secret))
    }

    pub fn elections(&self, secret: &str) -> ElectionServiceClient<Through> {
        ElectionServiceClient::new(self.through(secret))
    }

    pub fn documents(&self, secret: &str) -> DocumentServiceClient<Through> {
        DocumentServiceClient::new(self.through(secret))
    }

    pub fn topics(&self, secret: &str) -> DeliberationServiceClient<Through> {
        DeliberationServiceClient::new(self.through(secret))
    }

    pub fn programmes(&self, secret: &str) -> ActivityServiceClient<Through> {
        ActivityServiceClient::new(self.through(secret))
    }

    pub fn surveys(&self, secret: &str) -> SurveyServiceClient<Through> {
        SurveyServiceClient::new(self.through(secret))
    }

    pub fn tokens(&self, secret: &str) -> Tokens {
        TokenServiceClient::new(self.through(secret))
    }

    /// A new token's secret, made as an administrator makes one.
    pub async fn token(&self, role: pb::Role, scope: &str) -> String {
        let asked = pb::CreateTokenRequest {
            role: role.into(),
            scope: scope.into(),
            ..Default::default()
        };
        let made = self.tokens(&self.admin).create_token(asked).await.unwrap();
        made.into_inner().secret
    }

    /// Cases as somebody with a new token sees them.
    pub async fn as_role(&self, role: pb::Role, scope: &str) -> Cases {
        self.cases(&self.token(role, scope).await)
    }

    pub async fn stop(self) {
        self.office.stop.cancel();
        drop(self.channel);
        self.served.await.unwrap().unwrap();
        drop(self.office);
        tokio::task::spawn_blocking(|| self.running.join())
            .await
            .unwrap()
            .unwrap();
    }
}

async fn first_admin(office: &Office) -> String {
    let secret = Secret::random().unwrap();
    let ask = TokenAsk::Create {
        bearer: command::Bearer::Other(Actor::Admin),
        expires_at: None,
        secret_hash: secret.hash(),
    };
    let asked = Asked {
        by: Actor::System,
        token: None,
        request_id: None,
        now: start(),
    };
    let command = Command::Token(TokenCommand { asked, ask });
    match office.store.ask(command).await.unwrap() {
        Answer::Token(Ok(_)) => secret.reveal().to_owned(),
        _ => panic!("no first token"),
    }
}

/// What a resident reports.
pub fn report(words: &str, grid: &str) -> pb::ReportCaseRequest {
    pb::ReportCaseRequest {
        kind: "street-light".into(),
        origin: pb::Origin::Online.into(),
        grid: grid.into(),
        personal: Some(pb::Personal {
            name: "李娜".into(),
            phone: "13800000000".into(),
            text: words.into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub async fn reported(cases: &mut Cases, words: &str, grid: &str) -> pb::Case {
    let answer = cases.report_case(report(words, grid)).await.unwrap();
    answer.into_inner().case.unwrap()
}

pub async fn get(cases: &mut Cases, name: &str) -> Result<pb::Case, Status> {
    let asked = pb::GetCaseRequest {
        name: name.into(),
        read_mask: None,
    };
    let answer = cases.get_case(asked).await?;
    Ok(answer.into_inner().case.unwrap())
}

pub async fn names(cases: &mut Cases, asked: pb::ListCasesRequest) -> Vec<String> {
    let listed = cases.list_cases(asked).await.unwrap().into_inner();
    listed.cases.into_iter().map(|case| case.name).collect()
}

pub async fn history(cases: &mut Cases, name: &str) -> Result<Vec<pb::CaseEvent>, Status> {
    let asked = pb::ListCaseEventsRequest {
        name: name.into(),
        ..Default::default()
    };
    Ok(cases.list_case_events(asked).await?.into_inner().events)
}

/// Accepted and given to 物业.
pub async fn dispatched(staff: &mut Cases, name: &str) -> pb::Case {
    let accept = pb::AcceptCaseRequest {
        name: name.into(),
        ..Default::default()
    };
    staff.accept_case(accept).await.unwrap();
    let dispatch = pb::DispatchCaseRequest {
        name: name.into(),
        handler: "物业".into(),
        ..Default::default()
    };
    let answer = staff.dispatch_case(dispatch).await.unwrap();
    answer.into_inner().case.unwrap()
}

pub async fn completed(by: &mut Cases, name: &str) -> pb::Case {
    let complete = pb::CompleteCaseRequest {
        name: name.into(),
        outcome: pb::Outcome::Resolved.into(),
        text: "换了灯泡".into(),
        ..Default::default()
    };
    let answer = by.complete_case(complete).await.unwrap();
    answer.into_inner().case.unwrap()
}

pub fn reason(status: &Status) -> String {
    proto_edge::problem::reason_of(status)
        .unwrap_or_default()
        .into_owned()
}
