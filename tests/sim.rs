//! The sync machines of both ends under a seeded scheduler: one virtual clock, a
//! network that loses, delays, reorders and repeats, crashes at every step, and
//! stores that lose what was not synced.
//!
//! `TONGXIN_SIM_SEED=n cargo test --test sim replay -- --nocapture` replays one
//! seed with its trace; `TONGXIN_SIM_SEEDS=n` runs more of them.

#[path = "sim/backup.rs"]
mod backup;
#[path = "sim/cells.rs"]
mod cells;
#[path = "sim/checks.rs"]
mod checks;
#[path = "sim/damage.rs"]
mod damage;
#[path = "sim/disk.rs"]
mod disk;
#[path = "sim/events.rs"]
mod events;
#[path = "sim/faults.rs"]
mod faults;
#[path = "sim/hub.rs"]
mod hub;
#[path = "sim/lies.rs"]
mod lies;
#[path = "sim/network.rs"]
mod network;
#[path = "sim/node.rs"]
mod node;
#[path = "sim/plan.rs"]
mod plan;
#[path = "sim/reclaim.rs"]
mod reclaim;
#[path = "sim/serving.rs"]
mod serving;
#[path = "sim/settled.rs"]
mod settled;
#[path = "sim/table.rs"]
mod table;
#[path = "sim/trace.rs"]
mod trace;
#[path = "sim/world.rs"]
mod world;
#[path = "sim/writer.rs"]
mod writer;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use jiff::SignedDuration;
use proto::sync::uplink::{Down, Up};

use checks::Violation;
use plan::{Plan, Planted};
use world::Outcome;

const SEEDS: u64 = 1000;

/// One line for a trace.
fn brief(up: &Up) -> String {
    match up {
        Up::Batch(batch) => format!(
            "batch {}..{} of {}+{}{}",
            batch.from,
            batch.through,
            batch.cells.len(),
            batch.withheld.len(),
            if batch.checkpoint.is_some() {
                " at head"
            } else {
                ""
            }
        ),
        Up::Hello(hello) => format!("hello epoch {} {}", hello.epoch, hello.nonce),
        Up::Listing(listing) => format!("listing {} of {}", listing.bucket, listing.cells.len()),
        Up::Sums(sums) => format!("sums at {}", sums.through),
        other => format!("{other:?}"),
    }
}

fn brief_down(down: &Down) -> String {
    match down {
        Down::Ack(ack) => format!(
            "ack {} applied {} stale {} rejected {}",
            ack.through,
            ack.applied,
            ack.stale,
            ack.rejected.len()
        ),
        Down::Returned(returned) => format!("returned {}", returned.cells.len()),
        Down::Welcome(welcome) => {
            format!("welcome epoch {} acked {}", welcome.epoch, welcome.acked)
        }
        other => format!("{other:?}"),
    }
}

fn run(seed: u64, planted: Option<Planted>) -> Result<Outcome, Violation> {
    run_plan(Plan::of(seed, planted), seed)
}

fn run_plan(plan: Plan, seed: u64) -> Result<Outcome, Violation> {
    let run = || world::run(plan, seed, false);
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(Violation("a machine panicked".into())))
}

/// Over all cores; what each seed came to, in order.
fn run_all(seeds: u64, planted: Option<Planted>) -> Vec<(u64, Result<Outcome, Violation>)> {
    let next = AtomicU64::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut outcomes: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds {
                            return done;
                        }
                        done.push((seed, run(seed, planted)));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker that catches panics"))
            .collect()
    });
    outcomes.sort_by_key(|(seed, _)| *seed);
    outcomes
}

#[test]
fn every_seed_keeps_every_property() {
    let seeds = env::var("TONGXIN_SIM_SEEDS").ok();
    let seeds = seeds.map_or(SEEDS, |seeds| {
        seeds.parse().expect("TONGXIN_SIM_SEEDS: a number")
    });
    let outcomes = run_all(seeds, None);
    let failures: Vec<String> = outcomes
        .iter()
        .filter_map(|(seed, outcome)| {
            let violation = outcome.as_ref().err()?;
            Some(format!("TONGXIN_SIM_SEED={seed}: {}", violation.0))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {seeds}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    // A campaign in which nothing happened would prove nothing.
    let sum = |of: fn(&Outcome) -> u32| -> u32 {
        outcomes
            .iter()
            .filter_map(|(_, o)| o.as_ref().ok())
            .map(of)
            .sum()
    };
    let (acks, refused) = (sum(|o| o.acks), sum(|o| o.refused));
    let (withheld, repairs) = (sum(|o| o.withheld), sum(|o| o.repairs));
    let adopted = sum(|o| o.adopted);
    eprintln!(
        "{seeds} seeds: {acks} acks, {refused} refused, {withheld} withheld, {repairs} repairs, \
         {adopted} stores came back"
    );
    assert!(acks > 0 && refused > 0 && withheld > 0 && repairs > 0 && adopted > 0);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [1, 17, 42, 99, 256] {
        let first = run(seed, None);
        assert_eq!(first, run(seed, None), "TONGXIN_SIM_SEED={seed}");
        assert_ne!(
            first.map(|o| o.hash),
            run(seed + 1000, None).map(|o| o.hash)
        );
    }
}

/// 17. Clock jumps change period choice only.
#[test]
fn a_wrong_clock_changes_nothing() {
    for seed in 0..20 {
        let right = run(seed, None);
        for hours in [-400 * 24, -1, 1, 24, 400 * 24] {
            let skew = SignedDuration::from_hours(hours);
            let plan = Plan {
                skew,
                ..Plan::of(seed, None)
            };
            assert_eq!(right, run_plan(plan, seed), "TONGXIN_SIM_SEED={seed}");
        }
    }
}

#[test]
fn planted_bugs_are_caught() {
    for planted in Planted::ALL {
        let caught = (0..SEEDS).find_map(|seed| Some((seed, run(seed, Some(planted)).err()?)));
        let (seed, violation) = caught.unwrap_or_else(|| panic!("{planted:?} was not caught"));
        let numbers = planted.breaks();
        assert!(
            numbers.iter().any(|number| violation.0.starts_with(number)),
            "{planted:?}, TONGXIN_SIM_SEED={seed}: want one of {numbers:?}, got {}",
            violation.0
        );
        eprintln!("{planted:?} caught by seed {seed}: {}", violation.0);
    }
}

#[test]
fn replay() {
    let Ok(seed) = env::var("TONGXIN_SIM_SEED") else {
        return;
    };
    let seed = seed.parse().expect("TONGXIN_SIM_SEED: a number");
    let planted = env::var("TONGXIN_SIM_PLANTED").ok().map(|name| {
        let mut all = Planted::ALL.into_iter();
        all.find(|planted| format!("{planted:?}") == name)
            .expect("TONGXIN_SIM_PLANTED: the name of one")
    });
    match world::run(Plan::of(seed, planted), seed, true) {
        Ok(outcome) => eprintln!("{outcome:?}"),
        Err(violation) => panic!("{}", violation.0),
    }
}
