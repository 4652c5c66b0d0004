//! Cells on the wire: bytes per cell, raw and compressed, and cells per second.
//! Run: `cargo bench -p proto`. Goals: at most 10 B raw and 3 B compressed per
//! cell, a batch of 500 decoded in 20 to 50 µs.

use std::{collections::BTreeMap, hint::black_box, io::Write as _, time::Instant};

use flate2::{Compression, write::GzEncoder};
use jiff::civil::{Date, date};
use prost::Message as _;
use proto::{
    indicator::{
        accumulator::{Accumulator, Change},
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        columns,
        kind::Kind,
    },
    pb::sync::Cells,
    period::{Grain, Period},
};

fn main() {
    println!(
        "{:<34} {:>6} {:>9} {:>9} {:>12} {:>12} {:>14}",
        "batch", "cells", "raw B", "gzip B", "encode µs", "decode µs", "decode+check µs"
    );
    measure("dense: every category, grid, day", &dense());
    measure("sparse: a day's changes", &sparse(200));
    measure("sparse: a busy day's changes", &sparse(500));
    merges();
}

/// One batch as its node writes it.
fn measure(name: &str, cells: &[Cell]) {
    let cells = &cells[..cells.len().min(columns::MAX_CELLS)];
    let message = columns::encode(cells).expect("a batch").encode_to_vec();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&message).expect("memory");
    let compressed = gzip.finish().expect("memory");
    let per_cell = |bytes: usize| bytes as f64 / cells.len() as f64;

    let encode = micros(|| {
        columns::encode(cells)
            .expect("a batch")
            .encode_to_vec()
            .len()
    });
    let decode = || columns::decode(&Cells::decode(&message[..]).expect("valid")).expect("valid");
    let decoded = micros(|| decode().len());
    let checked = micros(|| {
        let cells = decode();
        let states = cells.iter().map(|cell| Accumulator::decode(&cell.state));
        states.filter(Result::is_ok).count()
    });
    println!(
        "{name:<34} {:>6} {:>9.2} {:>9.2} {encode:>12.1} {decoded:>12.1} {checked:>14.1}",
        cells.len(),
        per_cell(message.len()),
        per_cell(compressed.len()),
    );
}

/// The median of many runs.
fn micros(mut run: impl FnMut() -> usize) -> f64 {
    let mut times: Vec<u128> = (0..2_000)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2] as f64 / 1_000.0
}

fn merges() {
    println!("\n{:<34} {:>14}", "merge", "M merges/s");
    for kind in Kind::ALL {
        let change = match kind {
            Kind::Count => Change::Count,
            Kind::Sum => Change::Add(7),
            Kind::Ratio => Change::Ratio {
                numerator: true,
                denominator: true,
            },
            Kind::Mean | Kind::Range | Kind::Quantile => Change::Observe(86_400),
            Kind::Histogram => Change::Bucket(4),
            Kind::Level => Change::Set { at_ms: 1, value: 7 },
            Kind::Distinct => Change::Member("007".into()),
            Kind::RoundedCount | Kind::RoundedRatio | Kind::RoundedHistogram => continue,
        };
        let mut leaf = Accumulator::empty(kind);
        leaf.apply(&change).expect("of this kind");
        let elapsed = micros(|| {
            let mut sum = Accumulator::empty(kind);
            for _ in 0..1_000 {
                sum.merge_places(black_box(&leaf)).expect("of one kind");
            }
            usize::from(black_box(sum).is_empty())
        });
        println!("{:<34} {:>14.1}", kind.name(), 1_000.0 / elapsed);
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// Few large, many small, as categories and grids are.
    fn skewed(&mut self, bound: u64) -> u16 {
        (self.below(bound).min(self.below(bound)) + 1) as u16
    }
}

fn cell(indicator: u32, period: Period, breakdown: Breakdown, seq: u64, of: &Accumulator) -> Cell {
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period,
            breakdown,
        },
        order: Order { lineage: 1, seq },
        state: of.encode(),
    }
}

fn of_day(day: Date, grain: Grain) -> Period {
    Period::containing(day, grain).expect("this century")
}

/// A first load: one definition after the other, by period and members.
fn dense() -> Vec<Cell> {
    let mut random = Random(7);
    let mut cells = Vec::new();
    for (indicator, grain) in [(1, Grain::Day), (2, Grain::Month)] {
        for period in 1..=5 {
            let day = match grain {
                Grain::Day => date(2026, 1, period),
                _ => date(2026, period, 1),
            };
            for (category, grid) in (1..=5).flat_map(|c| (1..=10).map(move |g| (c, g))) {
                let denominator = u128::from(random.below(12) + 1);
                let accumulator = match grain {
                    Grain::Day => Accumulator::Count(denominator),
                    _ => Accumulator::Ratio {
                        numerator: denominator - u128::from(random.below(3)).min(denominator),
                        denominator,
                    },
                };
                let breakdown = Breakdown::new([category, 1, grid]);
                let seq = cells.len() as u64 + 900;
                cells.push(cell(
                    indicator,
                    of_day(day, grain),
                    breakdown,
                    seq,
                    &accumulator,
                ));
            }
        }
    }
    cells
}

/// What `cases` cases of a day leave to send, in the order of their last change;
/// one in eight is entered late.
fn sparse(cases: usize) -> Vec<Cell> {
    let mut random = Random(11);
    let mut last: BTreeMap<(u32, Period, Breakdown), (u64, Accumulator)> = BTreeMap::new();
    let mut seq = 100_000;
    for _ in 0..cases {
        let late = i64::from(random.below(8) == 0) * (random.below(60) as i64);
        let day = date(2026, 5, 20).saturating_sub(jiff::Span::new().days(late));
        let members = [random.skewed(14), random.skewed(8), random.skewed(15)];
        let (month, quarter) = (of_day(day, Grain::Month), of_day(day, Grain::Quarter));
        let on_time = random.below(10) > 1;
        let counted = random.below(9) + 1;
        let ratio = Accumulator::Ratio {
            numerator: u128::from(counted - u64::from(!on_time)),
            denominator: u128::from(counted),
        };
        let buckets = Accumulator::Histogram(
            (0..random.below(6) + 1)
                .map(|n| u128::from(n + 1))
                .collect(),
        );
        let count = Accumulator::Count(u128::from(counted));
        let mut write = |indicator, period, accumulator: &Accumulator| {
            seq += 1;
            last.insert(
                (indicator, period, Breakdown::new(members)),
                (seq, accumulator.clone()),
            );
        };
        write(1, of_day(day, Grain::Day), &count);
        match random.below(4) {
            0 => write(2, month, &ratio),
            1 => {
                write(3, month, &buckets);
                write(5, month, &ratio);
            }
            2 => {
                write(4, month, &ratio);
                write(6, quarter, &ratio);
            }
            _ => write(7, quarter, &ratio),
        }
    }
    let cells = last
        .into_iter()
        .map(|((indicator, period, breakdown), (seq, accumulator))| {
            cell(indicator, period, breakdown, seq, &accumulator)
        });
    let mut cells: Vec<Cell> = cells.collect();
    cells.sort_by_key(|cell| cell.order.seq);
    cells
}
