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
    /// A count that left its community rounded; below likewise.
    RoundedCount = 10,
    RoundedRatio = 11,
    RoundedHistogram = 12,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("accumulator kind {0}: this build knows 1 to 12")]
pub struct UnknownKind(pub u32);

impl Kind {
    /// What facts fold into, and definitions name.
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

    /// What a node releases of a protected indicator.
    pub const ROUNDED: [Kind; 3] = [
        Kind::RoundedCount,
        Kind::RoundedRatio,
        Kind::RoundedHistogram,
    ];

    pub const fn number(self) -> u32 {
        self as u32
    }

    /// What a protected indicator of this kind is released as; `None` for what
    /// rounding does not protect: a sum shows a single contribution to whoever
    /// compares two releases, extremes and quantiles are somebody's own value, a
    /// stock is set anew each time from the same people, a set's members are not
    /// people.
    pub const fn rounded(self) -> Option<Kind> {
        match self {
            Kind::Count => Some(Kind::RoundedCount),
            Kind::Ratio => Some(Kind::RoundedRatio),
            Kind::Histogram => Some(Kind::RoundedHistogram),
            _ => None,
        }
    }

    /// As catalogue files write it; of a rounded one for people only.
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
            Kind::RoundedCount => "rounded count",
            Kind::RoundedRatio => "rounded ratio",
            Kind::RoundedHistogram => "rounded histogram",
        }
    }
}

impl TryFrom<u32> for Kind {
    type Error = UnknownKind;

    fn try_from(number: u32) -> Result<Kind, UnknownKind> {
        let mut all = Kind::ALL.into_iter().chain(Kind::ROUNDED);
        let known = all.find(|kind| kind.number() == number);
        known.ok_or(UnknownKind(number))
    }
}

impl From<Kind> for pb::AccumulatorKind {
    fn from(kind: Kind) -> pb::AccumulatorKind {
        pb::AccumulatorKind::try_from(kind as i32).unwrap_or_default()
    }
}
