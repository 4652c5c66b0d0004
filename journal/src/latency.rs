//! How long commits took: a histogram with fixed bounds that the writer adds to
//! and anybody may read. Knows no clock of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets, in microseconds; a last one takes the rest.
const BOUNDS_US: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000,
];

/// Counts since the process began.
#[derive(Debug, Default)]
pub struct Latency {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

/// What was counted, read bucket by bucket while the writer goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latencies {
    /// Upper bound, and how many fell between the bound before and this one; the last has none.
    pub buckets: Vec<(Option<Duration>, u64)>,
    pub sum: Duration,
}

impl Latency {
    pub fn add(&self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let at = BOUNDS_US.partition_point(|bound| *bound < took_us);
        self.buckets[at].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    pub fn read(&self) -> Latencies {
        let bounds = BOUNDS_US.iter().map(|us| Some(Duration::from_micros(*us)));
        let counts = self.buckets.iter().map(|n| n.load(Ordering::Relaxed));
        Latencies {
            buckets: bounds.chain([None]).zip(counts).collect(),
            sum: Duration::from_micros(self.sum_us.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket_and_what_is_longer_to_the_last() {
        let latency = Latency::default();
        for us in [0, 100, 101, 2_000_000, 2_000_001] {
            latency.add(Duration::from_micros(us));
        }
        let read = latency.read();
        let counts: Vec<u64> = read.buckets.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(read.buckets[0].0, Some(Duration::from_micros(100)));
        assert_eq!(read.buckets[12].0, None);
        assert_eq!(read.sum, Duration::from_micros(4_000_202));
    }
}
