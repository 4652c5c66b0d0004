//! A whole node in this process: made, served over TLS, stopped, served again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use node_server::config::{Config, SyncFile};
use node_server::{ADMIN_TOKEN, Init, InitFault, Running, init, serve};
use proto::pb::node as pb;
use proto_edge::clock::Clock;
use proto_edge::connector;
use proto_edge::credential::certificates;
use proto_edge::node::case_service_client::CaseServiceClient;
use proto_edge::node::node_status_service_client::NodeStatusServiceClient;
use proto_edge::problem::reason_of;
use proto_edge::tls::plain_client;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::transport::Channel;

struct Node {
    dir: tempfile::TempDir,
}

struct Served {
    running: Running,
    stop: CancellationToken,
    channel: Channel,
    bearer: String,
}

impl Node {
    async fn new() -> Node {
        let node = Node {
            dir: tempfile::tempdir().unwrap(),
        };
        let path = node.path();
        let made = tokio::task::spawn_blocking(move || init(&path, options())).await;
        made.unwrap().unwrap();
        node
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("node")
    }

    async fn serve(&self) -> Served {
        let config = Config::load(&self.path()).unwrap();
        let stop = CancellationToken::new();
        let running = serve(config, stop.clone()).await.unwrap();
        let address = running.local_addr.to_string().parse().unwrap();
        let ca = std::fs::read(self.path().join("local-ca.pem")).unwrap();
        let tls = plain_client(&certificates(&ca).unwrap(), &Clock::system(0)).unwrap();
        let tls = Arc::new(ArcSwap::from_pointee(tls));
        let channel = connector::channel(&address, tls).unwrap();
        let token = std::fs::read_to_string(self.path().join(ADMIN_TOKEN)).unwrap();
        Served {
            running,
            stop,
            channel,
            bearer: format!("Bearer {token}"),
        }
    }
}

impl Served {
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = self.bearer.parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    async fn report(&self, request_id: &str) -> pb::Case {
        let report = pb::ReportCaseRequest {
            request_id: request_id.to_owned(),
            kind: "street-light".to_owned(),
            origin: pb::Origin::Phone.into(),
            personal: Some(pb::Personal {
                name: "李娜".to_owned(),
                text: "门口的路灯不亮".to_owned(),
                ..pb::Personal::default()
            }),
            on_behalf: true,
            ..pb::ReportCaseRequest::default()
        };
        let mut cases = CaseServiceClient::new(self.channel.clone());
        let answer = cases.report_case(self.request(report)).await.unwrap();
        answer.into_inner().case.unwrap()
    }

    async fn get(&self, name: &str) -> pb::Case {
        let get = pb::GetCaseRequest {
            name: name.to_owned(),
            read_mask: None,
        };
        let mut cases = CaseServiceClient::new(self.channel.clone());
        let answer = cases.get_case(self.request(get)).await.unwrap();
        answer.into_inner().case.unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.join().await.unwrap();
    }
}

fn options() -> Init {
    Init {
        community: "510115003064".to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        time_zone: "Asia/Shanghai".to_owned(),
        playbooks: vec![include_str!("../../../deploy/playbooks/qingshan.toml").to_owned()],
        residents: None,
        sync: SyncFile::default(),
    }
}

#[tokio::test]
async fn what_a_node_was_told_is_there_after_a_restart() {
    let node = Node::new().await;
    let served = node.serve().await;
    let reported = served.report("r-1").await;
    assert_eq!(reported.name, "cases/1");
    assert_eq!(served.report("r-1").await, reported, "a repeat");
    served.end().await;

    let served = node.serve().await;
    let held = served.get("cases/1").await;
    assert_eq!(held.personal.unwrap().name, "李娜");
    assert_eq!(served.report("r-2").await.name, "cases/2");
    let mut status = NodeStatusServiceClient::new(served.channel.clone());
    let asked = served.request(pb::GetNodeStatusRequest {});
    let status = status.get_node_status(asked).await.unwrap().into_inner();
    assert_eq!((status.cases, status.open_cases), (2, 2));
    assert_eq!(status.community, "510115003064");
    assert_eq!(status.journal_root.len(), 64);
    served.end().await;
}

#[tokio::test]
async fn a_caller_without_a_token_is_turned_away() {
    let node = Node::new().await;
    let mut served = node.serve().await;
    let list = pb::ListCasesRequest::default();
    let mut cases = CaseServiceClient::new(served.channel.clone());
    let refused = cases
        .list_cases(Request::new(list.clone()))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    served.bearer.push('0');
    let refused = cases.list_cases(served.request(list)).await.unwrap_err();
    assert!(reason_of(&refused).is_some());
    served.end().await;
}

#[tokio::test]
async fn init_makes_one_node_and_keeps_its_secret_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let node = Node::new().await;
    let path = node.path();
    let again = tokio::task::spawn_blocking(move || init(&path, options())).await;
    assert!(matches!(again.unwrap(), Err(InitFault::Exists(_))));
    let mode = |file: &Path| file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&node.path().join(ADMIN_TOKEN)), 0o600);
    assert_eq!(mode(&node.path().join("keys/epoch")), 0o600);
    assert_eq!(mode(&node.path()), 0o700);
}

#[tokio::test]
async fn a_second_server_on_the_directory_is_refused() {
    let node = Node::new().await;
    let served = node.serve().await;
    let config = Config::load(&node.path()).unwrap();
    let refused = serve(config, CancellationToken::new()).await.err().unwrap();
    assert!(refused.to_string().contains("open"), "{refused}");
    served.end().await;
}
