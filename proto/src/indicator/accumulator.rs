//! Accumulators: what one cell holds. Integers only; merging is commutative and
//! associative; equal accumulators have equal bytes (`state`). A rate is never
//! one. Knows neither definitions nor cells.

use crate::fact::Member;
use crate::indicator::{cell::CellState, kind::Kind, rounded::Rounded, sketch::Sketch};

/// The mergeable state of one cell (design section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accumulator {
    /// How many facts.
    Count(u128),
    Sum(i128),
    Ratio {
        numerator: u128,
        denominator: u128,
    },
    Mean {
        sum: i128,
        observed: u128,
    },
    /// Least and greatest; `None` before the first observation.
    Range(Option<(i64, i64)>),
    /// Counts per bucket of the definition, without the empty ones at the end.
    Histogram(Vec<u128>),
    Quantile(Sketch),
    Level(Level),
    Distinct(Distinct),
    /// What left its community rounded; facts do not fold into it.
    Rounded(Rounded),
    /// A kind newer than this build: passed on bit by bit, never merged.
    Unknown(CellState),
}

/// A stock and when it was last set; `None` before it ever was. A roll-up
/// merges periods within each place and breakdown member first, then places
/// and members: summing before taking the latest would drop every place whose
/// stock did not change last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(pub Option<Stock>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stock {
    /// Milliseconds since 1970-01-01 UTC.
    pub set_at_ms: i64,
    pub value: i128,
}

/// Distinct members. One part is exact; a sum of several may count a member
/// more than once, and is an upper bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Distinct {
    pub total: u128,
    /// How many exact, non-empty sets were added up.
    pub parts: u128,
}

/// What one fact does to one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Count,
    Add(i64),
    Ratio {
        numerator: bool,
        denominator: bool,
    },
    /// Of a ratio over measures: what is added above and below.
    Weigh {
        numerator: u64,
        denominator: u64,
    },
    /// Mean, range, quantile.
    Observe(i64),
    /// The histogram bucket, from 0, that the fact's measure falls into.
    Bucket(u16),
    /// The stock from this instant on; of two set in one millisecond the larger
    /// stays, so that the order in which facts arrive does not matter.
    Set {
        at_ms: i64,
        value: i64,
    },
    /// Apply only when the cell has not had this member before: whoever keeps
    /// the cells keeps the set of (cell key, member) beside them.
    Member(Member),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("kinds {0} and {1} do not merge")]
    Kinds(u32, u32),
    #[error("kind {0} is newer than this build: it can be passed on but not merged")]
    Unknown(u32),
    #[error("kind {kind} does not take {change:?}")]
    Change { kind: u32, change: Change },
}

impl Accumulator {
    /// The identity of both merges.
    pub fn empty(kind: Kind) -> Accumulator {
        match kind {
            Kind::Count => Accumulator::Count(0),
            Kind::Sum => Accumulator::Sum(0),
            Kind::Ratio => Accumulator::Ratio {
                numerator: 0,
                denominator: 0,
            },
            Kind::Mean => Accumulator::Mean {
                sum: 0,
                observed: 0,
            },
            Kind::Range => Accumulator::Range(None),
            Kind::Histogram => Accumulator::Histogram(Vec::new()),
            Kind::Quantile => Accumulator::Quantile(Sketch::default()),
            Kind::Level => Accumulator::Level(Level::default()),
            Kind::Distinct => Accumulator::Distinct(Distinct::default()),
            Kind::RoundedCount => Accumulator::Rounded(Rounded::Count {
                count: 0,
                variance: 0,
            }),
            Kind::RoundedRatio => Accumulator::Rounded(Rounded::Ratio {
                numerator: 0,
                denominator: 0,
                numerator_variance: 0,
                denominator_variance: 0,
            }),
            Kind::RoundedHistogram => Accumulator::Rounded(Rounded::Histogram {
                buckets: Vec::new(),
                variance: 0,
            }),
        }
    }

    /// The kind's number on the wire.
    pub fn kind_number(&self) -> u32 {
        let kind = match self {
            Accumulator::Count(_) => Kind::Count,
            Accumulator::Sum(_) => Kind::Sum,
            Accumulator::Ratio { .. } => Kind::Ratio,
            Accumulator::Mean { .. } => Kind::Mean,
            Accumulator::Range(_) => Kind::Range,
            Accumulator::Histogram(_) => Kind::Histogram,
            Accumulator::Quantile(_) => Kind::Quantile,
            Accumulator::Level(_) => Kind::Level,
            Accumulator::Distinct(_) => Kind::Distinct,
            Accumulator::Rounded(Rounded::Count { .. }) => Kind::RoundedCount,
            Accumulator::Rounded(Rounded::Ratio { .. }) => Kind::RoundedRatio,
            Accumulator::Rounded(Rounded::Histogram { .. }) => Kind::RoundedHistogram,
            Accumulator::Unknown(state) => return state.kind,
        };
        kind.number()
    }

    pub fn apply(&mut self, change: &Change) -> Result<(), Mismatch> {
        match (&mut *self, change) {
            (Accumulator::Count(count), Change::Count) => *count = count.wrapping_add(1),
            (Accumulator::Sum(sum), Change::Add(value)) => {
                *sum = sum.wrapping_add(i128::from(*value));
            }
            (
                Accumulator::Ratio {
                    numerator,
                    denominator,
                },
                Change::Ratio {
                    numerator: counts_above,
                    denominator: counts_below,
                },
            ) => {
                *numerator = numerator.wrapping_add(u128::from(*counts_above));
                *denominator = denominator.wrapping_add(u128::from(*counts_below));
            }
            (
                Accumulator::Ratio {
                    numerator,
                    denominator,
                },
                Change::Weigh {
                    numerator: above,
                    denominator: below,
                },
            ) => {
                *numerator = numerator.wrapping_add(u128::from(*above));
                *denominator = denominator.wrapping_add(u128::from(*below));
            }
            (Accumulator::Mean { sum, observed }, Change::Observe(value)) => {
                *sum = sum.wrapping_add(i128::from(*value));
                *observed = observed.wrapping_add(1);
            }
            (Accumulator::Range(range), Change::Observe(value)) => {
                *range = wider(*range, Some((*value, *value)));
            }
            (Accumulator::Histogram(buckets), Change::Bucket(bucket)) => {
                let bucket = usize::from(*bucket);
                if buckets.len() <= bucket {
                    buckets.resize(bucket + 1, 0);
                }
                buckets[bucket] = buckets[bucket].wrapping_add(1);
            }
            (Accumulator::Quantile(sketch), Change::Observe(value)) => sketch.observe(*value),
            (Accumulator::Level(level), Change::Set { at_ms, value }) => {
                let stock = Stock {
                    set_at_ms: *at_ms,
                    value: i128::from(*value),
                };
                *level = (*level).max(Level(Some(stock)));
            }
            (Accumulator::Distinct(distinct), Change::Member(_)) => {
                distinct.total = distinct.total.wrapping_add(1);
                distinct.parts = distinct.parts.max(1);
            }
            (accumulator, change) => {
                return Err(Mismatch::Change {
                    kind: accumulator.kind_number(),
                    change: change.clone(),
                });
            }
        }
        Ok(())
    }

    /// Adds another place, or another breakdown member, of the same period.
    pub fn merge_places(&mut self, other: &Accumulator) -> Result<(), Mismatch> {
        match (&mut *self, other) {
            (Accumulator::Level(level), Accumulator::Level(other)) => {
                level.0 = match (level.0, other.0) {
                    (Some(a), Some(b)) => Some(Stock {
                        set_at_ms: a.set_at_ms.max(b.set_at_ms),
                        value: a.value.wrapping_add(b.value),
                    }),
                    (one, None) | (None, one) => one,
                };
                Ok(())
            }
            _ => self.merge(other),
        }
    }

    /// Adds another period of the same place and breakdown member.
    pub fn merge_periods(&mut self, other: &Accumulator) -> Result<(), Mismatch> {
        match (&mut *self, other) {
            (Accumulator::Level(level), Accumulator::Level(other)) => {
                *level = (*level).max(*other);
                Ok(())
            }
            _ => self.merge(other),
        }
    }

    /// What is the same over places and over periods: everything but a level.
    fn merge(&mut self, other: &Accumulator) -> Result<(), Mismatch> {
        match (&mut *self, other) {
            (Accumulator::Count(count), Accumulator::Count(more)) => {
                *count = count.wrapping_add(*more);
            }
            (Accumulator::Sum(sum), Accumulator::Sum(more)) => *sum = sum.wrapping_add(*more),
            (
                Accumulator::Ratio {
                    numerator,
                    denominator,
                },
                Accumulator::Ratio {
                    numerator: above,
                    denominator: below,
                },
            ) => {
                *numerator = numerator.wrapping_add(*above);
                *denominator = denominator.wrapping_add(*below);
            }
            (
                Accumulator::Mean { sum, observed },
                Accumulator::Mean {
                    sum: more,
                    observed: more_observed,
                },
            ) => {
                *sum = sum.wrapping_add(*more);
                *observed = observed.wrapping_add(*more_observed);
            }
            (Accumulator::Range(range), Accumulator::Range(other)) => {
                *range = wider(*range, *other);
            }
            (Accumulator::Histogram(buckets), Accumulator::Histogram(more)) => {
                if buckets.len() < more.len() {
                    buckets.resize(more.len(), 0);
                }
                for (bucket, more) in buckets.iter_mut().zip(more) {
                    *bucket = bucket.wrapping_add(*more);
                }
            }
            (Accumulator::Quantile(sketch), Accumulator::Quantile(more)) => sketch.merge(more),
            (Accumulator::Distinct(distinct), Accumulator::Distinct(more)) => {
                distinct.total = distinct.total.wrapping_add(more.total);
                distinct.parts = distinct.parts.wrapping_add(more.parts);
            }
            (Accumulator::Rounded(sum), Accumulator::Rounded(more)) => {
                if !sum.add(more) {
                    let kinds = (self.kind_number(), other.kind_number());
                    return Err(Mismatch::Kinds(kinds.0, kinds.1));
                }
            }
            (Accumulator::Unknown(state), _) => return Err(Mismatch::Unknown(state.kind)),
            (_, Accumulator::Unknown(state)) => return Err(Mismatch::Unknown(state.kind)),
            (accumulator, other) => {
                return Err(Mismatch::Kinds(
                    accumulator.kind_number(),
                    other.kind_number(),
                ));
            }
        }
        Ok(())
    }
}

fn wider(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, None) | (None, one) => one,
    }
}
