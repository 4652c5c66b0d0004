//! What can be asked, and every way in which a question is refused. Knows no
//! catalogue: `resolve` turns codes into measures.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use proto::{
    indicator::{
        cell::{IndicatorId, Revision},
        definition::Fold,
        formula::Formula,
    },
    period::{Grain, Period},
    place::{Level, Place},
};

/// Indicators in one question, at most.
pub const INDICATOR_LIMIT: usize = 1_000;
/// Periods in one question, at most.
pub const PERIOD_LIMIT: usize = 400;
/// Columns (indicator × base period) that one question reads, at most.
pub const COLUMN_LIMIT: usize = 20_000;
/// Rows of one answer over all its pages, at most.
pub const ROW_LIMIT: usize = 200_000;
/// Revisions that one question looks at for what was approved, at most.
pub const REVISION_LIMIT: usize = 200_000;
/// Rows per ranking, at most.
pub const RANK_LIMIT: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub indicators: Vec<Asked>,
    pub place: Place,
    pub from: Period,
    /// Inclusive, of the same grain as `from`.
    pub to: Period,
    /// The grain of answers; `None`: that of `from`.
    pub grain: Option<Grain>,
    pub group: Group,
    pub filters: Vec<MemberFilter>,
    pub comparisons: Vec<Comparison>,
    pub rank: Option<Rank>,
    /// Places as of this date instead of as of each period.
    pub register_date: Option<Date>,
}

/// An indicator by its code; without a revision the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub code: String,
    pub revision: Option<Revision>,
}

/// What rows are apart by. Indicators always are: they do not add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub place: Option<Level>,
    pub community_type: bool,
    pub period: bool,
    /// A dimension of the indicators.
    pub breakdown: Option<String>,
}

/// Only these members count; empty: every member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFilter {
    pub dimension: String,
    pub members: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    PreviousPeriod,
    YearBefore,
    /// Of the communities of the same type in the whole hub.
    TypeMedian,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    pub order: RankOrder,
    /// Rows per indicator, period and member.
    pub limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankOrder {
    /// Best first by the indicator's direction; without one, largest first.
    Top,
    Bottom,
}

/// A question that has no answer as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("name 1 to {INDICATOR_LIMIT} indicators, not {0}")]
    IndicatorCount(usize),
    #[error("indicator {0:?} is not in the catalogue")]
    UnknownIndicator(String),
    #[error("indicator {code:?} has no revision {revision}; it has {known}")]
    UnknownRevision {
        code: String,
        revision: u32,
        known: String,
    },
    #[error("indicator {0:?} is of a kind newer than this hub: it is kept, not read")]
    UnknownKind(String),
    #[error("indicator {code:?} has no breakdown {dimension:?}; it has {known}")]
    UnknownDimension {
        code: String,
        dimension: String,
        known: String,
    },
    #[error("dimension {dimension:?} has no member {member:?}")]
    UnknownMember { dimension: String, member: String },
    #[error("dimension {0:?} is filtered twice")]
    FilteredTwice(String),
    #[error("periods {from} to {to}: want the same grain, the earlier one first")]
    Range { from: Period, to: Period },
    #[error("grain {asked}: want the grain of the range ({range}) or one that nests in it")]
    RangeGrain {
        asked: &'static str,
        range: &'static str,
    },
    #[error("indicator {code:?} cannot be read by {asked}; allowed: {allowed}")]
    Grain {
        code: String,
        asked: &'static str,
        allowed: String,
    },
    #[error("{0} periods: want at most {PERIOD_LIMIT}")]
    TooManyPeriods(usize),
    #[error(
        "{0} columns to read: want at most {COLUMN_LIMIT}; ask for fewer indicators or periods"
    )]
    TooManyColumns(usize),
    #[error("{0} rows: want at most {ROW_LIMIT}; ask for a narrower place or a ranking")]
    TooManyRows(usize),
    #[error(
        "{0} revisions to look at: want at most {REVISION_LIMIT}; ask for a narrower place or fewer periods"
    )]
    TooManyRevisions(usize),
    #[error("rows are of communities, streets, districts, cities or provinces, not {0}")]
    PlaceLevel(&'static str),
    #[error("a comparison in time needs one period per row: group by period, or ask for one")]
    ComparisonRange,
    #[error("a comparison with the type's median needs rows of one community")]
    MedianPlace,
    #[error("a ranking shows 1 to {RANK_LIMIT} rows, not {0}")]
    RankLimit(usize),
}

impl Refusal {
    /// UPPER_SNAKE, stable.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::IndicatorCount(_) => "INDICATOR_COUNT",
            Refusal::UnknownIndicator(_) => "UNKNOWN_INDICATOR",
            Refusal::UnknownRevision { .. } => "UNKNOWN_REVISION",
            Refusal::UnknownKind(_) => "UNKNOWN_KIND",
            Refusal::UnknownDimension { .. } => "UNKNOWN_DIMENSION",
            Refusal::UnknownMember { .. } => "UNKNOWN_MEMBER",
            Refusal::FilteredTwice(_) => "FILTERED_TWICE",
            Refusal::Range { .. } => "PERIOD_RANGE",
            Refusal::RangeGrain { .. } => "RANGE_GRAIN",
            Refusal::Grain { .. } => "GRAIN_NOT_ALLOWED",
            Refusal::TooManyPeriods(_) => "TOO_MANY_PERIODS",
            Refusal::TooManyColumns(_) => "TOO_MANY_COLUMNS",
            Refusal::TooManyRows(_) => "TOO_MANY_ROWS",
            Refusal::TooManyRevisions(_) => "TOO_MANY_REVISIONS",
            Refusal::PlaceLevel(_) => "PLACE_LEVEL",
            Refusal::ComparisonRange => "COMPARISON_RANGE",
            Refusal::MedianPlace => "COMPARISON_PLACE",
            Refusal::RankLimit(_) => "RANK_LIMIT",
        }
    }

    /// The field of the question to change.
    pub const fn field(&self) -> &'static str {
        match self {
            Refusal::IndicatorCount(_)
            | Refusal::UnknownIndicator(_)
            | Refusal::UnknownRevision { .. }
            | Refusal::UnknownKind(_)
            | Refusal::TooManyColumns(_) => "indicators",
            Refusal::UnknownDimension { .. }
            | Refusal::UnknownMember { .. }
            | Refusal::FilteredTwice(_) => "filters",
            Refusal::Range { .. } | Refusal::TooManyPeriods(_) => "to",
            Refusal::RangeGrain { .. } | Refusal::Grain { .. } => "grain",
            Refusal::TooManyRows(_) | Refusal::TooManyRevisions(_) => "place",
            Refusal::PlaceLevel(_) => "group_by",
            Refusal::ComparisonRange | Refusal::MedianPlace => "comparisons",
            Refusal::RankLimit(_) => "limit",
        }
    }
}

/// An indicator as a question needs it, out of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    pub code: String,
    pub id: IndicatorId,
    pub revision: Revision,
    /// Of its cells here.
    pub kind: proto::indicator::kind::Kind,
    /// What its counts were rounded to before they came here, if they were.
    pub base: Option<proto::indicator::rounded::Base>,
    pub base_grain: Grain,
    pub coarser_grains: Vec<Grain>,
    /// `Some(true)`: more is better. `None`: neither.
    pub higher_is_better: Option<bool>,
    /// Breakdown position and the members that count.
    pub filters: Vec<(usize, Vec<u16>)>,
    /// Breakdown position that rows are apart by.
    pub breakdown: Option<usize>,
    /// [`Place::aligned`] of the communities whose nodes do not count it: they are
    /// expected and do not report, whatever their watermark.
    pub absent: Arc<BTreeSet<u64>>,
    /// No node counts it: folded from what the hub tells of its own net.
    pub observed: Option<Arc<Fold>>,
    /// It has no cells of its own: what it is worked out from.
    pub derivation: Option<Arc<Derivation>>,
}

/// A formula, and a measure for each of its terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    pub formula: Formula,
    pub terms: Vec<Measure>,
}
