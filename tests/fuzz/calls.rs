//! Bytes into every call of a real hub and a real node: each is answered with a
//! status, and no task of theirs panics.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use h2::client::SendRequest;
use http::Request;
use prost::{Message as _, bytes::Bytes};
use prost_types::FileDescriptorSet;
use proto_edge::{
    clock::Clock,
    connector::{Address, dial},
    credential::certificates,
    membership::Membership,
    tls::plain_client,
};
use rustls::ClientConfig;
use tokio::{runtime::Runtime, task::JoinSet, time::timeout};

use crate::{
    asked,
    harness::{District, district::RUIQUAN},
    mutator::Mutator,
};

/// Calls in all; the long campaign asks for more.
const RUNS: usize = 4_000;
const AT_ONCE: usize = 32;
const PATIENCE: Duration = Duration::from_secs(20);

/// `package.service/method` of every call in the contract, those of one package.
fn methods(package: &str) -> Vec<String> {
    let set = FileDescriptorSet::decode(proto::pb::DESCRIPTORS).expect("the contract");
    let files = set
        .file
        .into_iter()
        .filter(|file| file.package() == package);
    let methods = files.flat_map(|file| {
        let package = file.package().to_owned();
        let services = file.service.into_iter();
        services.flat_map(move |service| {
            let path = format!("/{package}.{}/", service.name());
            let methods = service.method.into_iter();
            methods.map(move |method| format!("{path}{}", method.name()))
        })
    });
    // These change whom the caller trusts: it would be left outside.
    let keeps_trust =
        |path: &String| !path.ends_with("/RollRoot") && !path.ends_with("/RetireRoot");
    methods.filter(keeps_trust).collect()
}

#[test]
fn no_call_panics_whatever_its_bytes() {
    let runs = asked("TONGXIN_FUZZ_CALLS", RUNS);
    let seed = asked("TONGXIN_FUZZ_SEED", std::process::id() as usize) as u64;
    eprintln!("TONGXIN_FUZZ_SEED={seed}");
    let district = District::start("fuzz-calls");
    let ruiquan = district.joined(RUIQUAN);
    let hub_dir = district.hub_dir();
    let operator = Membership::load(&Path::new(&hub_dir).join("operator")).unwrap();
    let node = Membership::load(ruiquan.path()).unwrap();
    let roots = certificates(&ruiquan.local_ca()).unwrap();
    let clock = Clock::system(0);
    let local = plain_client(&roots, &clock).unwrap();
    let token = ruiquan.token("staff", "");
    let runtime = Runtime::new().unwrap();
    let doors = [
        Door::new(&operator.hub, operator.client_config(&clock).unwrap(), None)
            .to(&["tongxin.hub.v1", "tongxin.enrol.v1"]),
        Door::new(&node.hub, node.client_config(&clock).unwrap(), None)
            .to(&["tongxin.sync.v1", "tongxin.enrol.v1"]),
        Door::new(&ruiquan.address.parse().unwrap(), local, Some(token)).to(&["tongxin.node.v1"]),
    ];
    let began = Instant::now();
    for door in &doors {
        assert!(!door.methods.is_empty());
        runtime.block_on(door.knock(runs / doors.len(), seed));
    }
    eprintln!("{runs} calls in {:.1?}", began.elapsed());
    for log in [
        district.path().join("hub.log"),
        ruiquan.path().with_extension("log"),
    ] {
        let text = fs::read_to_string(&log).unwrap();
        let panics: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("panicked"))
            .collect();
        assert!(panics.is_empty(), "{panics:#?}");
    }
    // Both serve on.
    district.settled(&ruiquan);
}

struct Door {
    address: Address,
    config: Arc<ClientConfig>,
    token: Option<String>,
    methods: Vec<String>,
}

impl Door {
    fn new(address: &Address, config: ClientConfig, token: Option<String>) -> Door {
        Door {
            address: address.clone(),
            config: Arc::new(config),
            token,
            methods: Vec::new(),
        }
    }

    fn to(mut self, packages: &[&str]) -> Door {
        self.methods = packages
            .iter()
            .flat_map(|package| methods(package))
            .collect();
        self
    }

    async fn knock(&self, runs: usize, seed: u64) {
        let mut mutator = Mutator::new(seed);
        let mut calls = JoinSet::new();
        let stream = dial(&self.address, self.config.clone()).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        let driving = tokio::spawn(connection);
        for run in 0..runs {
            let method = &self.methods[run % self.methods.len()];
            // One message, its length told rightly: the transport has its own test.
            let message = mutator.input(&[]);
            let mut body = vec![0];
            body.extend((message.len() as u32).to_be_bytes());
            body.extend(message);
            let call = self.call(client.clone(), method, body);
            let (method, hex) = (method.clone(), run);
            calls.spawn(async move {
                let answered = timeout(PATIENCE, call).await;
                assert!(answered.is_ok(), "{method}, run {hex}: no answer");
            });
            if calls.len() >= AT_ONCE {
                calls.join_next().await.unwrap().unwrap();
            }
        }
        while let Some(call) = calls.join_next().await {
            call.unwrap();
        }
        driving.abort();
    }

    /// Returns when the call has been answered to its end.
    fn call(
        &self,
        client: SendRequest<Bytes>,
        method: &str,
        body: Vec<u8>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut request = Request::post(format!("https://{}{method}", self.address))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(()).unwrap();
        async move {
            let mut client = client.ready().await.expect("a connection that lives");
            let (response, mut sent) = client.send_request(request, false).expect("a stream");
            // A watch never ends by itself: it is let go of after its headers.
            let _ = sent.send_data(Bytes::from(body), true);
            let response = response.await.expect("an answer");
            let mut said = response.into_body();
            let rest = async {
                while let Some(Ok(data)) = said.data().await {
                    let _ = said.flow_control().release_capacity(data.len());
                }
            };
            let _ = timeout(Duration::from_millis(200), rest).await;
        }
    }
}
