//! What the hub's store does with a district's year: 95 communities × 300
//! indicators × 12 months × 6 members, first load and update in batches of 500,
//! then the questions of a district and of a country. Prints one table.
//!
//! `cargo bench -p hub-server --bench store [-- --communities N]`

mod load;
mod national;
mod process;
mod questions;

use std::time::{Duration, Instant};

use hub_server::store::{Memory, Store, create};

fn main() {
    // `cargo test` runs benches without `--bench`: it only wants to see them build.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let mut args = std::env::args().skip_while(|arg| arg != "--communities");
    let communities = args.nth(1).and_then(|n| n.parse().ok()).unwrap_or(95);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(run(communities));
}

async fn run(communities: usize) {
    let parent = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let dir = tempfile::tempdir_in(parent).expect("a directory");
    create(dir.path(), [9; 16], &load::founded()).expect("a new store");
    let (store, threads) = Store::open(dir.path(), Memory::default()).expect("an open store");
    row("empty store", "RSS MiB", process::rss_mib());

    load::prepare(&store, communities).await;
    let mut digests = Vec::new();
    for (pass, what) in [(0, "first load"), (1, "update")] {
        let batches = load::batches(communities, pass);
        let cells: usize = batches.iter().flatten().map(|batch| batch.cells).sum();
        let wire: usize = batches
            .iter()
            .flatten()
            .map(|batch| batch.bytes.len())
            .sum();
        row(what, "cells", cells as f64);
        row(what, "wire B/cell", wire as f64 / cells as f64);
        let (cpu, start) = (process::cpu(), Instant::now());
        load::send(&store, batches).await;
        let acknowledged = start.elapsed();
        digests.push(load::wait_for_view(&store).await);
        let applied = start.elapsed();
        let cpu = process::cpu() - cpu;
        row(
            what,
            "cells/s acknowledged",
            cells as f64 / acknowledged.as_secs_f64(),
        );
        row(
            what,
            "view behind, s",
            (applied - acknowledged).as_secs_f64(),
        );
        row(what, "CPU µs/cell", cpu.as_secs_f64() * 1e6 / cells as f64);
        row(
            what,
            "journal B/cell",
            process::size_of(&dir.path().join("journal")) / cells as f64,
        );
        row(
            what,
            "view B/cell",
            process::size_of(&dir.path().join("view")) / cells as f64,
        );
        row(what, "RSS MiB", process::rss_mib());
    }
    assert_ne!(digests[0], digests[1], "an update changes the cells");
    questions::ask(&store, communities);
    row("after questions", "RSS MiB", process::rss_mib());

    drop(store);
    threads.stop().await.expect("a clean end");
    let start = Instant::now();
    let (store, threads) = Store::open(dir.path(), Memory::default()).expect("an open store");
    row("open", "ms", ms(start.elapsed()));
    row("open", "RSS MiB", process::rss_mib());
    drop(store);
    threads.stop().await.expect("a clean end");
    std::fs::remove_dir_all(dir.path().join("view")).expect("the view is there");
    let start = Instant::now();
    let (store, threads) = Store::open(dir.path(), Memory::default()).expect("an open store");
    let cells = store.cells() as f64;
    row(
        "rebuild of the view",
        "records' cells/s",
        2.0 * cells / start.elapsed().as_secs_f64(),
    );
    assert_eq!(
        load::wait_for_view(&store).await,
        digests[1],
        "rebuilt the same"
    );
    drop(store);
    threads.stop().await.expect("a clean end");
    national::ask();
}

pub fn row(what: &str, measure: &str, figure: f64) {
    println!("{what:<28} {measure:<24} {figure:>14.2}");
}

pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
