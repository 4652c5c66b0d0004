//! What an accumulator says, for answers to questions. Each reading is of the
//! kinds that have it and `None` for the others.

use crate::indicator::{
    accumulator::{Accumulator, Level},
    rounded::Rounded,
};

impl Accumulator {
    /// Equal to the identity: no bytes. A cell that says so is a zero, not a gap.
    pub fn is_empty(&self) -> bool {
        match self {
            Accumulator::Count(count) => *count == 0,
            Accumulator::Sum(sum) => *sum == 0,
            Accumulator::Ratio {
                numerator,
                denominator,
            } => *numerator == 0 && *denominator == 0,
            Accumulator::Mean { observed, .. } => *observed == 0,
            Accumulator::Range(range) => range.is_none(),
            Accumulator::Histogram(buckets) => buckets.is_empty(),
            Accumulator::Quantile(sketch) => sketch.is_empty(),
            Accumulator::Level(level) => level.0.is_none(),
            Accumulator::Distinct(distinct) => distinct.total == 0,
            Accumulator::Rounded(rounded) => rounded.is_empty(),
            Accumulator::Unknown(_) => false,
        }
    }

    /// Count, sum, level, distinct: the one number there is. A level that was
    /// never set has none.
    pub fn number(&self) -> Option<i128> {
        match self {
            Accumulator::Count(count) => Some(count.cast_signed()),
            Accumulator::Sum(sum) => Some(*sum),
            Accumulator::Level(Level(stock)) => stock.map(|stock| stock.value),
            Accumulator::Distinct(distinct) => Some(distinct.total.cast_signed()),
            Accumulator::Rounded(Rounded::Count { count, .. }) => Some(count.cast_signed()),
            _ => None,
        }
    }

    /// Ratio: numerator and denominator. Mean: sum and number of observations.
    pub fn fraction(&self) -> Option<(i128, u128)> {
        match self {
            Accumulator::Ratio {
                numerator,
                denominator,
            }
            | Accumulator::Rounded(Rounded::Ratio {
                numerator,
                denominator,
                ..
            }) => Some((numerator.cast_signed(), *denominator)),
            Accumulator::Mean { sum, observed } => Some((*sum, *observed)),
            _ => None,
        }
    }

    /// The value is 0, as opposed to not applicable or not reported.
    pub fn is_zero(&self) -> bool {
        match self.fraction() {
            Some((above, below)) => above == 0 && below != 0,
            None => self.number() == Some(0),
        }
    }

    /// A ratio or mean without a denominator: not applicable, neither 0 nor 1.
    pub fn denominator_is_zero(&self) -> bool {
        matches!(self.fraction(), Some((_, 0)))
    }

    /// Least and greatest observation.
    pub fn extremes(&self) -> Option<(i64, i64)> {
        match self {
            Accumulator::Range(range) => *range,
            _ => None,
        }
    }

    /// Counts per histogram bucket; buckets that are missing at the end are 0.
    pub fn buckets(&self) -> Option<&[u128]> {
        match self {
            Accumulator::Histogram(buckets)
            | Accumulator::Rounded(Rounded::Histogram { buckets, .. }) => Some(buckets),
            _ => None,
        }
    }

    /// A quantile of a sketch in thousandths, within 1 %.
    pub fn quantile(&self, per_mille: u16) -> Option<i64> {
        match self {
            Accumulator::Quantile(sketch) => sketch.quantile(per_mille),
            _ => None,
        }
    }

    /// How many facts a mean, histogram or sketch observed.
    pub fn observed(&self) -> Option<u128> {
        match self {
            Accumulator::Mean { observed, .. } => Some(*observed),
            Accumulator::Histogram(buckets)
            | Accumulator::Rounded(Rounded::Histogram { buckets, .. }) => {
                Some(buckets.iter().fold(0, |sum, n| sum.wrapping_add(*n)))
            }
            Accumulator::Quantile(sketch) => Some(sketch.observed()),
            _ => None,
        }
    }

    /// A distinct count over several sets: members may have been counted twice.
    pub fn upper_bound(&self) -> bool {
        matches!(self, Accumulator::Distinct(distinct) if distinct.parts > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::{accumulator::Distinct, kind::Kind};

    #[test]
    fn zero_empty_and_not_applicable_differ() {
        let ratio = |numerator, denominator| Accumulator::Ratio {
            numerator,
            denominator,
        };
        assert!(ratio(0, 3).is_zero() && !ratio(0, 3).denominator_is_zero());
        assert!(!ratio(0, 0).is_zero() && ratio(0, 0).denominator_is_zero());
        assert!(!ratio(1, 3).is_zero() && !ratio(0, 3).is_empty());
        assert!(Accumulator::Count(0).is_zero());
        assert_eq!(Accumulator::empty(Kind::Level).number(), None);
        assert!(!Accumulator::empty(Kind::Level).is_zero());
    }

    #[test]
    fn a_distinct_count_over_two_sets_is_an_upper_bound() {
        let mut distinct = Accumulator::Distinct(Distinct { total: 3, parts: 1 });
        assert!(!distinct.upper_bound());
        let other = distinct.clone();
        distinct.merge_places(&other).unwrap();
        assert_eq!((distinct.number(), distinct.upper_bound()), (Some(6), true));
    }
}
