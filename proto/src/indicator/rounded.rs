//! Small counts about people: how a count is rounded before it leaves a
//! community, and what is known of the error when rounded numbers are added up.
//! Knows neither facts nor the secret that decides which way a count goes.

/// What a released count is a multiple of (design section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// Class B.
    Five = 5,
    /// Class C.
    Ten = 10,
}

impl Base {
    pub const fn get(self) -> u64 {
        self as u64
    }

    /// How many people a community needs for a number of this class to leave it.
    pub const fn least_residents(self) -> u32 {
        match self {
            Base::Five => 40,
            Base::Ten => 250,
        }
    }

    /// `count` rounded to a multiple; less than one base away from it. For a
    /// `draw` that is uniform the mean is `count` itself. One draw serves a set
    /// of records however it grows: a second one would show the count from
    /// another side, and the two together fewer counts that are possible.
    pub const fn round(self, count: u64, draw: u64) -> u64 {
        let base = self.get();
        // Both bases see the same draw, and five divides ten: a set that is
        // released under both is not narrowed down by it.
        let shifted = count.saturating_add(draw % base);
        shifted - shifted % base
    }

    /// Variance of the error behind one released count, as far as one can tell
    /// from it. The least multiple also answers for the sets that came to 0 and
    /// were not released: for every set of up to `base` records the mean of this
    /// is at least the variance.
    pub const fn variance(self, released: u64) -> u64 {
        let base = self.get();
        match released {
            0 => 0,
            least if least == base => base * (base - 1),
            // A remainder that may be anything, rounded up.
            _ => (base * base - 1).div_ceil(6),
        }
    }

    /// What a sum is uncertain by before anything is added: one set that came
    /// to 0 is always possible.
    pub const fn unseen_variance(self) -> u64 {
        self.get() * (self.get() - 1)
    }
}

/// Released numbers and the variances of their errors; all of it adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rounded {
    Count {
        count: u128,
        variance: u128,
    },
    Ratio {
        numerator: u128,
        denominator: u128,
        numerator_variance: u128,
        denominator_variance: u128,
    },
    Histogram {
        /// As of a histogram, without the empty ones at the end.
        buckets: Vec<u128>,
        /// Of all buckets together.
        variance: u128,
    },
}

impl Rounded {
    /// `false`, and nothing done, when the two are of different shapes.
    pub fn add(&mut self, other: &Rounded) -> bool {
        let plus = |sum: &mut u128, more: &u128| *sum = sum.wrapping_add(*more);
        match (self, other) {
            (
                Rounded::Count { count, variance },
                Rounded::Count {
                    count: more,
                    variance: more_variance,
                },
            ) => {
                plus(count, more);
                plus(variance, more_variance);
            }
            (
                Rounded::Ratio {
                    numerator,
                    denominator,
                    numerator_variance,
                    denominator_variance,
                },
                Rounded::Ratio {
                    numerator: above,
                    denominator: below,
                    numerator_variance: above_variance,
                    denominator_variance: below_variance,
                },
            ) => {
                plus(numerator, above);
                plus(denominator, below);
                plus(numerator_variance, above_variance);
                plus(denominator_variance, below_variance);
            }
            (
                Rounded::Histogram { buckets, variance },
                Rounded::Histogram {
                    buckets: more,
                    variance: more_variance,
                },
            ) => {
                if buckets.len() < more.len() {
                    buckets.resize(more.len(), 0);
                }
                for (bucket, more) in buckets.iter_mut().zip(more) {
                    plus(bucket, more);
                }
                plus(variance, more_variance);
            }
            _ => return false,
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        let (numbers, variances) = (self.numbers(), self.variances());
        numbers
            .iter()
            .chain(&variances[..])
            .all(|number| *number == 0)
    }

    /// Whether a node that rounds to `base` can have released it.
    pub fn is_multiple_of(&self, base: Base) -> bool {
        let base = u128::from(base.get());
        self.numbers().iter().all(|number| number % base == 0)
    }

    /// Of the count or of all buckets together; of numerator and denominator.
    pub fn variances(&self) -> [u128; 2] {
        match self {
            Rounded::Count { variance, .. } | Rounded::Histogram { variance, .. } => [*variance, 0],
            Rounded::Ratio {
                numerator_variance,
                denominator_variance,
                ..
            } => [*numerator_variance, *denominator_variance],
        }
    }

    fn numbers(&self) -> Vec<u128> {
        match self {
            Rounded::Count { count, .. } => vec![*count],
            Rounded::Ratio {
                numerator,
                denominator,
                ..
            } => vec![*numerator, *denominator],
            Rounded::Histogram { buckets, .. } => buckets.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const BASES: [Base; 2] = [Base::Five, Base::Ten];

    #[test]
    fn rounding_is_unbiased_and_less_than_a_base_off() {
        for base in BASES {
            for count in 0..60 {
                let released: Vec<u64> = (0..10).map(|draw| base.round(count, draw)).collect();
                assert_eq!(released.iter().sum::<u64>(), 10 * count, "{base:?} {count}");
                let near = |released: &u64| {
                    released.is_multiple_of(base.get()) && released.abs_diff(count) < base.get()
                };
                assert!(released.iter().all(near), "{released:?}");
            }
            assert_eq!(base.round(0, u64::MAX), 0, "nothing stays nothing");
        }
    }

    #[test]
    fn the_mean_of_the_stated_variance_is_never_too_small() {
        for base in BASES {
            for count in 0..=base.get() {
                let error = |draw| base.round(count, draw).abs_diff(count).pow(2);
                let stated = |draw| base.variance(base.round(count, draw));
                let sum = |of: &dyn Fn(u64) -> u64| (0..10).map(of).sum::<u64>();
                assert!(sum(&stated) >= sum(&error), "{base:?} {count}");
            }
        }
    }

    /// What a watcher knows who has seen a set three times while it grew, under
    /// both bases: every size that is possible with some draw.
    #[test]
    fn whoever_sees_a_set_grow_never_knows_its_size() {
        let mut feasible: BTreeMap<[(u64, u64); 3], [BTreeSet<u64>; 3]> = BTreeMap::new();
        for draw in 0..10 {
            let released = |n| (Base::Five.round(n, draw), Base::Ten.round(n, draw));
            for first in 0..=30 {
                for second in first..=30 {
                    for third in second..=30 {
                        let sizes = [first, second, third];
                        let sets = feasible.entry(sizes.map(released)).or_default();
                        for (set, size) in sets.iter_mut().zip(sizes) {
                            set.insert(size);
                        }
                    }
                }
            }
        }
        // Above, what is possible was cut off at 30.
        let mut whole = feasible.iter().filter(|(seen, _)| seen[2].0 <= 20);
        assert!(whole.clone().count() > 50);
        assert!(whole.all(|(_, sets)| sets.iter().all(|set| set.len() >= 5)));
    }
}
