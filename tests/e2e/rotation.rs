//! Certificates of twelve seconds: the members' and the hub's own change over and
//! over while calls go on, and none fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use node_server::identity::{credentials::Credentials, join::join, renew::keep_renewed};
use proto::pb::hub::{GetNodeStatusRequest, NodeStatus};
use proto_edge::{
    clock::Clock, connector, hub::hub_status_service_client::HubStatusServiceClient,
    membership::Membership,
};
use tokio_util::sync::CancellationToken;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::harness::{
    Community, District,
    calls::Caller,
    district::{HEPING, RUIQUAN, free_port},
    this_year,
};

const LEAF_LIFE_S: u64 = 12;
/// Members of this process, besides the nodes' processes.
const MEMBERS: usize = 4;
/// A leaf lasts five seconds until it is renewed; three times that is patience.
const PATIENCE: Duration = Duration::from_secs(15);

/// How many rotations, over all members.
fn wanted() -> usize {
    env::var("TONGXIN_ROTATIONS").map_or(30, |wanted| wanted.parse().expect("a number"))
}

#[test]
fn leaves_of_twelve_seconds_rotate_and_no_call_fails() {
    let mut district = District::founded("rotation", &format!("127.0.0.1:{}", free_port()));
    let config = Path::new(&district.hub_dir()).join("hub.toml");
    let text = fs::read_to_string(&config).expect("hub.toml");
    let short = text.replace("= 1209600", &format!("= {LEAF_LIFE_S}"));
    assert_ne!(text, short, "{text}");
    fs::write(config, short).expect("hub.toml");
    district.start_hub();
    let nodes = [RUIQUAN, HEPING].map(|code| district.joined(code));
    let codes: Vec<String> = (2..2 + MEMBERS)
        .map(|n| format!("510115001{n:03}"))
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let stop = CancellationToken::new();
    let calls = Arc::new(AtomicU64::default());
    let members: Vec<_> = codes
        .iter()
        .map(|code| {
            let (invite, home) = (district.invite(code), district.path().join(code));
            let calling = call(invite, home, calls.clone(), stop.clone());
            runtime.spawn(calling)
        })
        .collect();
    let everybody: Vec<&str> = nodes
        .iter()
        .map(|node| node.code.as_str())
        .chain(codes.iter().map(String::as_str))
        .collect();
    let reported = watch(&district, &nodes, &everybody, &runtime);
    stop.cancel();
    for member in members {
        runtime.block_on(member).expect("no call of a member fails");
    }
    // What was reported meanwhile is there, once.
    nodes.iter().for_each(|node| district.settled(node));
    district.counted("QS.R01", &this_year(), f64::from(reported));
    eprintln!(
        "rotations: {} members, {} calls, 0 lost, 0 failed",
        everybody.len(),
        calls.load(Ordering::Relaxed)
    );
    assert!(calls.load(Ordering::Relaxed) > wanted() as u64);
}

/// Reports and looks until everybody has rotated often enough; how many cases.
fn watch(
    district: &District,
    nodes: &[Community],
    everybody: &[&str],
    runtime: &tokio::runtime::Runtime,
) -> u32 {
    let mut staff: Vec<Caller> = nodes
        .iter()
        .map(|node| Caller::new(node, "staff", ""))
        .collect();
    let each = wanted().div_ceil(everybody.len());
    let deadline = Instant::now() + PATIENCE * u32::try_from(each).expect("few");
    let mut leaves: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut reported = 0;
    loop {
        for staff in &mut staff {
            // Asked once, not until it is answered.
            let case = staff.report("street-light", "灯").expect("a report").name;
            staff.accept(&case).expect("an acceptance");
            reported += 1;
        }
        for code in everybody.iter().copied() {
            let status = runtime.block_on(status(district, code));
            let ends = status
                .certificate_not_after
                .expect("a member's certificate");
            leaves.entry(code).or_default().insert(ends.seconds);
        }
        // The first leaf of each is no rotation.
        if leaves.values().all(|ends| ends.len() > each) {
            let rotations: usize = leaves.values().map(|ends| ends.len() - 1).sum();
            assert!(rotations >= wanted(), "{rotations}");
            return reported;
        }
        assert!(Instant::now() < deadline, "too few: {leaves:?}");
    }
}

/// A call over a new connection with whatever certificate is there now.
async fn status(district: &District, code: &str) -> NodeStatus {
    let own = Path::new(&district.hub_dir()).join("operator");
    let operator = Membership::load(&own).expect("an operator");
    let config = operator
        .client_config(&Clock::system(0))
        .expect("a configuration");
    let config = Arc::new(ArcSwap::from_pointee(config));
    let channel = connector::channel(&operator.hub, config).expect("a channel");
    let request = GetNodeStatusRequest {
        community: code.to_owned(),
    };
    let answer = HubStatusServiceClient::new(channel)
        .get_node_status(request)
        .await;
    answer.expect("no call of the operator fails").into_inner()
}

/// Joins, renews and calls without a pause; a failed call is a failed test.
async fn call(
    invite: String,
    home: std::path::PathBuf,
    calls: Arc<AtomicU64>,
    stop: CancellationToken,
) {
    let clock = Clock::system(0);
    join(&invite, &home, &clock).await.expect("joined");
    let credentials = Arc::new(Credentials::open(&home, clock).expect("credentials"));
    let mut draws = [0.1, 0.9, 0.5].into_iter().cycle();
    let chance = move || draws.next().unwrap_or(0.5);
    let renewing = tokio::spawn(keep_renewed(credentials.clone(), chance, stop.clone()));
    let mut swaps = credentials.swaps();
    let mut health = HealthClient::new(credentials.channel().expect("a channel"));
    while !stop.is_cancelled() {
        let answer = health.check(HealthCheckRequest::default()).await;
        answer.expect("no call fails");
        calls.fetch_add(1, Ordering::Relaxed);
        if swaps.has_changed().expect("credentials") {
            swaps.mark_unchanged();
            health = HealthClient::new(credentials.channel().expect("a channel"));
        }
    }
    renewing.await.expect("the renewal ends");
}
