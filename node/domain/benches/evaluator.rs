//! Facts per second through the shipped indicators, one core.
//! Run: `cargo bench -p node-domain`. Goal: at least 2 M facts/s.

use std::{hint::black_box, time::Instant};

use jiff::{Timestamp, tz::TimeZone};
use node_domain::indicators::{Evaluator, backfill};
use proto::{
    fact::{Fact, case},
    indicator::catalogue::Catalogue,
};

const FACTS: usize = 200_000;

fn main() {
    let text = include_str!("../../../deploy/catalogue/first.toml");
    let catalogue = Catalogue::from_toml(text).expect("the shipped catalogue");
    let zone = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
    let evaluator = Evaluator::new(&catalogue, zone);
    let facts = facts();

    let mut changes = 0u64;
    let fold = best_of(5, || {
        changes = 0;
        for fact in &facts {
            evaluator.fold(fact, |key, _, change| {
                black_box((key, change));
                changes += 1;
            });
        }
    });
    let tally = backfill(&evaluator, &facts).expect("kinds agree");
    let fill = best_of(3, || {
        black_box(backfill(&evaluator, &facts).expect("kinds agree"));
    });
    println!("facts                 {FACTS:>12}");
    println!(
        "changes per fact      {:>12.2}",
        changes as f64 / FACTS as f64
    );
    println!("cells                 {:>12}", tally.cells.len());
    println!("evaluate, M facts/s   {:>12.2}", FACTS as f64 / fold / 1e6);
    println!("backfill, M facts/s   {:>12.2}", FACTS as f64 / fill / 1e6);
}

/// Seconds of the fastest run.
fn best_of(runs: usize, mut run: impl FnMut()) -> f64 {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

/// A case's facts one after the other, over a year.
fn facts() -> Vec<Fact> {
    let categories = ["environment", "noise", "parking", "property", "other"];
    let origins = ["online", "phone", "patrol"];
    (0..FACTS)
        .map(|at| {
            let case = at / 6;
            let fact_type = &case::TYPES[1 + at % 7];
            let grid = format!("{:03}", case % 15 + 1);
            let member = |(position, dimension): (usize, &&str)| match *dimension {
                "kind" => "report".into(),
                "category" => categories[case % categories.len()].into(),
                "origin" => origins[case % origins.len()].into(),
                "grid" => grid.as_str().into(),
                _ if (case + position) % 3 == 0 => "no".into(),
                _ => "yes".into(),
            };
            let minute = 60 * 525_600 * case as i64 * 6 / FACTS as i64;
            Fact {
                fact_type: fact_type.id,
                occurred_at: Timestamp::from_second(1_767_225_600 + minute).expect("2026"),
                members: fact_type
                    .dimensions
                    .iter()
                    .enumerate()
                    .map(member)
                    .collect(),
                measures: fact_type
                    .measures
                    .iter()
                    .map(|_| (case % 90_000) as i64)
                    .collect(),
            }
        })
        .collect()
}
