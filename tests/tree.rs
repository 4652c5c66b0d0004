//! A tree of hubs under a seeded scheduler: a province, two cities, six
//! districts and sixty communities in one process, over the pure machines of
//! both ends. Lines break, processes die; what the province answers must be the
//! fold over all leaves (`reference/sync-protocol.md`, properties 19 and 22).
//! Communities move from one district to another, and are counted once.
//!
//! `TONGXIN_TREE_SEED=n cargo test --test tree replay -- --nocapture` runs one
//! seed; `TONGXIN_TREE_SEEDS=n` runs more of them.

#[path = "tree/checks.rs"]
mod checks;
#[path = "tree/faults.rs"]
mod faults;
#[path = "tree/hub.rs"]
mod hub;
#[path = "tree/leaf.rs"]
mod leaf;
#[path = "tree/network.rs"]
mod network;
#[path = "tree/oracle.rs"]
mod oracle;
#[path = "tree/outbox.rs"]
mod outbox;
#[path = "tree/plan.rs"]
mod plan;
#[path = "tree/world.rs"]
mod world;

use std::{env, thread};

use plan::{Outcome, Planted};

const SEEDS: u64 = 24;

fn seeds() -> u64 {
    let seeds = env::var("TONGXIN_TREE_SEEDS").ok();
    seeds.map_or(SEEDS, |seeds| {
        seeds.parse().expect("TONGXIN_TREE_SEEDS: a number")
    })
}

#[test]
fn the_top_counts_every_leaf_once_whatever_breaks() {
    let seeds = seeds();
    let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = |core: u64| {
        let own = (0..seeds).filter(move |seed| seed % cores == core);
        own.map(|seed| (seed, world::run(seed, None)))
            .collect::<Vec<_>>()
    };
    let outcomes: Vec<(u64, Result<Outcome, String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|core| scope.spawn(move || run(core)))
            .collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(|done| done.expect("a worker that does not panic"))
            .collect()
    });
    let failures: Vec<String> = outcomes
        .iter()
        .filter_map(|(seed, outcome)| {
            let violation = outcome.as_ref().err()?;
            Some(format!("TONGXIN_TREE_SEED={seed}: {violation}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let sum = |of: fn(&Outcome) -> u64| -> u64 {
        let ended = outcomes
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok());
        ended.map(of).sum()
    };
    let (writes, crashes, cuts) = (sum(|o| o.writes), sum(|o| o.crashes), sum(|o| o.cuts));
    let (promises, moves) = (sum(|o| o.promises), sum(|o| o.moves));
    eprintln!(
        "{seeds} seeds: {writes} writes, {crashes} crashes, {cuts} cuts, {moves} moves, {promises} promises held"
    );
    assert!(writes > 0 && crashes > 0 && cuts > 0 && moves > 0 && promises > 0);
}

#[test]
fn planted_bugs_are_caught() {
    for planted in Planted::ALL {
        let caught = (0..seeds()).find_map(|seed| world::run(seed, Some(planted)).err());
        let violation = caught.unwrap_or_else(|| panic!("{planted:?} was not caught"));
        eprintln!("{planted:?}: {violation}");
    }
}

#[test]
fn replay() {
    let Ok(seed) = env::var("TONGXIN_TREE_SEED") else {
        return;
    };
    let seed = seed.parse().expect("TONGXIN_TREE_SEED: a number");
    match world::run(seed, None) {
        Ok(outcome) => eprintln!("{outcome:?}"),
        Err(violation) => panic!("{violation}"),
    }
}
