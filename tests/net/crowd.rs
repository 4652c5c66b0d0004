//! The crowd of the benchmark at a small size, with the same gates.

use std::{fs, path::Path, sync::PoisonError, time::Duration};

use tokio::runtime::Runtime;

use crate::{
    bench_crowd::{BACK_WITHIN, Size, measure},
    harness::process::Scratch,
    hostile::MEASURING,
};

const SIZE: Size = Size {
    nodes: 500,
    stalled: 200,
    half_open: 100,
    watch: Duration::from_secs(4),
    window: Duration::from_secs(6),
};
const P99: Duration = Duration::from_millis(500);
const MOST_MIB: f64 = 128.0;
const SETTLED: Duration = Duration::from_secs(180);

#[test]
fn a_crowd_at_the_door_keeps_nobody_out_and_leaves_nothing_behind() {
    let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(
        descriptors() >= 4096,
        "this test needs 4096 descriptors: ulimit -n 4096, as tests/run does"
    );
    let scratch = Scratch::new("net-crowd");
    let dir = scratch.path().join("hub");
    let seen = measure(&Runtime::new().unwrap(), dir, SIZE).unwrap();
    let (quiet, crowded) = (&seen.quiet, &seen.crowded);
    eprintln!(
        "connect {:.2} ms CPU, {:.0} MiB; quiet p99 {:.1?}; crowd p99 {:.1?}, new connection {:.1?}, \
         {:.0} MiB; descriptors back after {:.1?}; all returned after {:.1?}, p99 meanwhile {:.1?}",
        seen.connect_ms,
        seen.nodes_mib,
        quiet.call_p99(),
        crowded.call_p99(),
        crowded.arrival_p99(),
        crowded.most_mib,
        seen.back,
        seen.settled,
        seen.returning.call_p99(),
    );
    // What the machine itself adds was seen just before.
    let most = P99.max(2 * quiet.call_p99());
    assert!(crowded.call_p99() <= most, "{crowded:?}");
    let most = P99.max(2 * quiet.arrival_p99());
    assert!(crowded.arrival_p99() <= most, "{crowded:?}");
    assert!(crowded.most_mib <= MOST_MIB, "{}", crowded.most_mib);
    assert!(seen.back <= BACK_WITHIN, "{:?}", seen.back);
    assert!(seen.settled <= SETTLED, "{:?}", seen.settled);
}

/// What this process may open.
fn descriptors() -> u64 {
    let limits = fs::read_to_string(Path::new("/proc/self/limits")).unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.unwrap().split_whitespace().nth(3).unwrap();
    soft.parse().unwrap_or(u64::MAX)
}
