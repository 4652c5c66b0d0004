//! Episodes of bad weather between nodes and their hub while cases keep coming:
//! when it clears, both ends agree within half a minute, and nothing was lost
//! or counted twice.

use std::{
    env, fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use proto::sync::jitter::Jitter;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::harness::{
    Community, District,
    calls::Caller,
    proxy::{Proxy, Weather},
    this_year,
};

const NODES: usize = 5;
const EPISODES: usize = 25;
const LEAST: Duration = Duration::from_millis(500);
const MORE: Duration = Duration::from_millis(3500);
/// From clear weather to agreement.
const HEALED: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const REPORT_EVERY: Duration = Duration::from_millis(150);

/// What the long campaign asks for instead.
fn asked(name: &str, otherwise: usize) -> usize {
    let value = env::var(name).ok();
    value.map_or(otherwise, |value| value.parse().expect("a number"))
}

/// One node behind a line of its own.
struct Distant {
    community: Community,
    proxy: Proxy,
}

#[test]
fn bad_weather_loses_nothing_and_doubles_nothing() {
    let episodes = asked("TONGXIN_NET_EPISODES", EPISODES);
    let nodes = asked("TONGXIN_NET_NODES", NODES);
    let seed = asked("TONGXIN_NET_SEED", std::process::id() as usize) as u64;
    eprintln!("TONGXIN_NET_SEED={seed}");
    let district = District::start("net-episodes");
    let runtime = Runtime::new().unwrap();
    let distant: Vec<Distant> = codes(nodes)
        .iter()
        .zip(seed..)
        .map(|(code, seed)| {
            let proxy = Proxy::start(runtime.handle(), &district.address, seed);
            let community = district.joined_through(code, &proxy.address.to_string());
            Distant { community, proxy }
        })
        .collect();
    let mut chance = Jitter::new(seed);
    let mut slowest = Duration::ZERO;
    let answered = reporting(&distant, || {
        for round in 0..episodes.div_ceil(nodes) {
            let troubles: Vec<Weather> = (0..nodes)
                .map(|node| Weather::trouble(round * nodes + node, &mut chance))
                .collect();
            for (distant, trouble) in distant.iter().zip(&troubles) {
                distant.proxy.set(*trouble);
            }
            thread::park_timeout(LEAST + chance.within(MORE));
            for distant in &distant {
                distant.proxy.set(Weather::Clear);
            }
            let took = healed(&district, &distant, &troubles);
            slowest = slowest.max(took);
        }
    });
    for distant in &distant {
        district.settled(&distant.community);
    }
    district.counted("QS.R01", &this_year(), f64::from(answered));
    eprintln!("{episodes} episodes, {answered} cases, slowest healing {slowest:.1?}");
}

/// Waits until the hub holds, and agrees by digest on, what each node had when
/// the weather cleared.
#[track_caller]
fn healed(district: &District, distant: &[Distant], troubles: &[Weather]) -> Duration {
    let (cleared, began) = (Timestamp::now(), Instant::now());
    let heads: Vec<u64> = distant
        .iter()
        .map(|distant| distant.community.status()["head_cell_seq"].as_u64())
        .map(|head| head.expect("a head"))
        .collect();
    loop {
        let rows = district.status();
        let lags: Vec<String> = distant
            .iter()
            .zip(heads.iter().zip(troubles))
            .filter_map(|(distant, (head, trouble))| {
                let code = &distant.community.code;
                let row = rows.iter().find(|row| row["community"] == **code)?;
                (!agrees(row, *head, cleared)).then(|| format!("{trouble:?}, {head}: {row}"))
            })
            .collect();
        if lags.is_empty() {
            return began.elapsed();
        }
        assert!(began.elapsed() < HEALED, "still behind: {lags:#?}");
        thread::park_timeout(LOOK_EVERY);
    }
}

fn agrees(row: &Value, head: u64, cleared: Timestamp) -> bool {
    let agreed = row["digest_agreed_at"].as_str();
    let agreed: Option<Timestamp> = agreed.and_then(|at| at.parse().ok());
    let has_all = row["acked_seq"].as_u64().is_some_and(|acked| acked >= head);
    has_all && agreed.is_some_and(|at| at > cleared)
}

/// Cases reported and accepted at every node while `meanwhile` runs.
fn reporting(distant: &[Distant], meanwhile: impl FnOnce()) -> u32 {
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let reporters: Vec<_> = distant
            .iter()
            .map(|distant| {
                let mut caller = Caller::new(&distant.community, "staff", "");
                let enough = &enough;
                scope.spawn(move || {
                    let mut answered = 0;
                    while !enough.load(Relaxed) {
                        caller.report_surely("street-light");
                        answered += 1;
                        thread::park_timeout(REPORT_EVERY);
                    }
                    answered
                })
            })
            .collect();
        let end = SetOnDrop(&enough);
        meanwhile();
        drop(end);
        let answered = reporters.into_iter().map(|reporter| reporter.join());
        answered.map(|count| count.expect("a reporter")).sum()
    })
}

/// A story that fails must not wait for its reporters for ever.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// The first communities of the real register.
fn codes(count: usize) -> Vec<String> {
    let register = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wenjiang-2023.csv");
    let text = fs::read_to_string(register).expect("the register");
    let codes = text.lines().skip(1).take(count);
    let codes = codes.map(|line| line.split(',').next().expect("a code").to_owned());
    codes.collect()
}
