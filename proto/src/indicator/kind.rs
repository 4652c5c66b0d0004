//! The kinds of accumulator by their permanent numbers. A number never changes
//! its meaning; a new meaning is a new number.

use crate::pb::types as pb;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Count = 1,
    Sum = 2,
    Ratio = 3,
    Mean = 4,
    Range = 5,
    Histogram = 6,
    Quantile = 7,
    Level = 8,
    Distinct = 9,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("accumulator kind {0}: this build knows 1 to 9")]
pub struct UnknownKind(pub u32);

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Count,
        Kind::Sum,
        Kind::Ratio,
        Kind::Mean,
        Kind::Range,
        Kind::Histogram,
        Kind::Quantile,
        Kind::Level,
        Kind::Distinct,
    ];

    pub const fn number(self) -> u32 {
        self as u32
    }

    /// As catalogue files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Count => "count",
            Kind::Sum => "sum",
            Kind::Ratio => "ratio",
            Kind::Mean => "mean",
            Kind::Range => "range",
            Kind::Histogram => "histogram",
            Kind::Quantile => "quantile",
            Kind::Level => "level",
            Kind::Distinct => "distinct",
        }
    }
}

impl TryFrom<u32> for Kind {
    type Error = UnknownKind;

    fn try_from(number: u32) -> Result<Kind, UnknownKind> {
        let known = Kind::ALL.into_iter().find(|kind| kind.number() == number);
        known.ok_or(UnknownKind(number))
    }
}

impl From<Kind> for pb::AccumulatorKind {
    fn from(kind: Kind) -> pb::AccumulatorKind {
        pb::AccumulatorKind::try_from(kind as i32).unwrap_or_default()
    }
}
