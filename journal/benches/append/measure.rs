//! Runs contenders in short alternating slices, so that a busy disk is busy for all of them, and
//! keeps the figures.

use std::time::{Duration, Instant};

use crate::RECORD_BYTES;

const SLICE: Duration = Duration::from_millis(100);
const SLICES: usize = 30;

/// Something that makes records durable.
pub trait Contender {
    /// Works for one slice. `batch` is for those who choose the size of their groups.
    fn slice(&mut self, batch: usize) -> Slice;
}

#[derive(Default)]
pub struct Slice {
    pub records: u64,
    pub groups: u64,
    pub seconds: f64,
    /// Of single answers; empty where nobody waits for one.
    pub latencies: Vec<Duration>,
}

/// The figures of one contender.
#[derive(Default)]
pub struct Figures {
    slices: Vec<Slice>,
}

impl Figures {
    pub fn per_second(&self) -> f64 {
        median(
            self.slices
                .iter()
                .map(|slice| slice.records as f64 / slice.seconds),
        )
    }

    pub fn p99_ms(&self) -> f64 {
        let mut all: Vec<_> = self
            .slices
            .iter()
            .flat_map(|slice| &slice.latencies)
            .collect();
        all.sort_unstable();
        all[all.len() * 99 / 100].as_secs_f64() * 1e3
    }

    pub fn batch(&self) -> f64 {
        let sum = |figure: fn(&Slice) -> u64| self.slices.iter().map(figure).sum::<u64>() as f64;
        sum(|slice| slice.records) / sum(|slice| slice.groups)
    }

    /// How many times as fast as `limit`: median over slices that were next to each other in time.
    pub fn ratio(&self, limit: &Figures) -> f64 {
        let rate = |slice: &Slice| slice.records as f64 / slice.seconds;
        median(
            self.slices
                .iter()
                .zip(&limit.slices)
                .map(|(own, limit)| rate(own) / rate(limit)),
        )
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The first slice of each only warms up: files grow, threads find their places.
pub fn alternate<const N: usize>(
    mut contenders: [&mut dyn Contender; N],
    batch: usize,
) -> [Figures; N] {
    let mut figures = std::array::from_fn(|_| Figures::default());
    for round in 0..=SLICES {
        for (contender, figures) in contenders.iter_mut().zip(&mut figures) {
            let slice = contender.slice(batch);
            if round > 0 {
                figures.slices.push(slice);
            }
        }
    }
    figures
}

/// Calls `submit` from `writers` threads until the slice is over.
pub fn closed_loop(writers: usize, submit: impl Fn(Vec<u8>) + Sync) -> Slice {
    let begin = Instant::now();
    let latencies: Vec<_> = std::thread::scope(|scope| {
        let work = || {
            let mut latencies = Vec::new();
            while begin.elapsed() < SLICE {
                let sent = Instant::now();
                submit(vec![7; RECORD_BYTES]);
                latencies.push(sent.elapsed());
            }
            latencies
        };
        let threads: Vec<_> = (0..writers).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    Slice {
        records: latencies.len() as u64,
        groups: 0,
        seconds: begin.elapsed().as_secs_f64(),
        latencies,
    }
}

/// Calls `group` until the slice is over; each call makes `batch` records durable.
pub fn open_loop(batch: usize, mut group: impl FnMut()) -> Slice {
    let (begin, mut groups) = (Instant::now(), 0);
    while begin.elapsed() < SLICE {
        group();
        groups += 1;
    }
    let seconds = begin.elapsed().as_secs_f64();
    Slice {
        records: groups * batch as u64,
        groups,
        seconds,
        latencies: Vec::new(),
    }
}
