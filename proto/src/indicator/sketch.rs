//! A quantile sketch without floats: counts per logarithmic bucket. Values up
//! to 127 have a bucket each; above, every power of two is cut into 64 equal
//! buckets, so the middle of a bucket is within 1/128 of every value in it.
//! Merging adds counts. Knows no units.

/// Buckets per power of two.
const STEPS: u64 = 64;

/// Counts by bucket, ascending, none of them zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    buckets: Vec<(i16, u128)>,
}

impl Sketch {
    /// From buckets in ascending order; `None` when they are not, when a count
    /// is zero, or when a number is no bucket's.
    pub fn from_buckets(buckets: Vec<(i16, u128)>) -> Option<Sketch> {
        let ascending = buckets.is_sorted_by(|a, b| a.0 < b.0);
        let of_i64 = bucket_of(i64::MIN)..=bucket_of(i64::MAX);
        let sound = |(bucket, count): &(i16, u128)| *count > 0 && of_i64.contains(bucket);
        (ascending && buckets.iter().all(sound)).then_some(Sketch { buckets })
    }

    pub fn buckets(&self) -> &[(i16, u128)] {
        &self.buckets
    }

    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    pub fn observe(&mut self, value: i64) {
        self.add(bucket_of(value), 1);
    }

    pub fn merge(&mut self, other: &Sketch) {
        for &(bucket, count) in &other.buckets {
            self.add(bucket, count);
        }
    }

    fn add(&mut self, bucket: i16, count: u128) {
        match self.buckets.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => self.buckets[at].1 = self.buckets[at].1.wrapping_add(count),
            Err(at) => self.buckets.insert(at, (bucket, count)),
        }
    }

    /// How many values were observed.
    pub fn observed(&self) -> u128 {
        let counts = self.buckets.iter().map(|entry| entry.1);
        counts.fold(0, u128::wrapping_add)
    }

    /// The value that `per_mille` thousandths of the observed values do not
    /// exceed (nearest rank), within 1 %; `None` when nothing was observed.
    pub fn quantile(&self, per_mille: u16) -> Option<i64> {
        let observed = self.observed();
        let wanted = observed * u128::from(per_mille.min(1000));
        let rank = wanted.div_ceil(1000).max(1);
        let mut passed = 0;
        self.buckets.iter().find_map(|&(bucket, count)| {
            passed += count;
            (passed >= rank).then(|| middle_of(bucket))
        })
    }
}

/// A value's bucket: its own number below 128, negative values mirrored.
fn bucket_of(value: i64) -> i16 {
    let size = value.unsigned_abs();
    let shift = (64 - size.leading_zeros()).saturating_sub(7);
    let bucket = (u64::from(shift) * STEPS + (size >> shift)) as i16;
    if value < 0 { -bucket } else { bucket }
}

/// The middle of a bucket, within i64.
fn middle_of(bucket: i16) -> i64 {
    let size = u64::from(bucket.unsigned_abs());
    let shift = (size / STEPS).saturating_sub(1);
    let lowest = u128::from(size - shift * STEPS) << shift.min(64);
    let middle = lowest + ((1u128 << shift.min(64)) - 1) / 2;
    let middle = i64::try_from(middle).unwrap_or(i64::MAX);
    if bucket < 0 { -middle } else { middle }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_values_are_exact_and_extremes_have_buckets() {
        for value in -127..=127 {
            assert_eq!(middle_of(bucket_of(value)), value);
        }
        let mut sketch = Sketch::default();
        for value in [i64::MIN, i64::MIN + 1, 0, i64::MAX] {
            sketch.observe(value);
        }
        assert_eq!(sketch.observed(), 4);
        assert!(Sketch::from_buckets(sketch.buckets.clone()).is_some());
    }

    #[test]
    fn unsound_buckets_are_refused() {
        for buckets in [
            vec![(1, 0)],
            vec![(2, 1), (1, 1)],
            vec![(1, 1), (1, 1)],
            vec![(i16::MAX, 1)],
            vec![(i16::MIN, 1)],
        ] {
            assert_eq!(Sketch::from_buckets(buckets.clone()), None, "{buckets:?}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_is_within_one_per_cent(value: i64) {
            let error = i128::from(middle_of(bucket_of(value))) - i128::from(value);
            prop_assert!(error.unsigned_abs() * 100 <= u128::from(value.unsigned_abs()));
        }

        #[test]
        fn quantiles_are_within_one_per_cent_of_the_sorted_values(
            mut values in prop::collection::vec(0i64..10_000_000, 1..200), per_mille in 0u16..=1000,
        ) {
            let mut sketch = Sketch::default();
            values.iter().for_each(|value| sketch.observe(*value));
            values.sort_unstable();
            let rank = (values.len() * usize::from(per_mille)).div_ceil(1000).max(1);
            let (exact, found) = (values[rank - 1], sketch.quantile(per_mille).unwrap());
            prop_assert!((found - exact).abs() * 100 <= exact, "{found} for {exact}");
        }

        #[test]
        fn buckets_ascend_with_values(a: i64, b: i64) {
            prop_assert!((a <= b) == (bucket_of(a) <= bucket_of(b)) || bucket_of(a) == bucket_of(b));
        }
    }
}
