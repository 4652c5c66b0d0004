//! Questions over columns of cells: roll-up by time and place, coverage, value
//! states, comparisons and rankings. Pure: columns come through a trait, the
//! time and the zone are arguments. Knows no store and no wire.

mod answer;
mod approved;
mod column;
mod compare;
mod coverage;
mod derive;
mod grouping;
mod observed;
mod plan;
mod rank;
mod request;
mod resolve;
mod roster;
mod span;
mod tally;
mod value;
mod within;

pub use answer::{Columns, Row, Unanswered, World, answer};
pub use approved::{Approval, Revisions, approve};
pub use column::{Column, ColumnCell, ColumnId, InvalidColumn};
pub use coverage::Coverage;
pub use grouping::Key;
pub use request::{
    Asked, COLUMN_LIMIT, Comparison, Derivation, Group, INDICATOR_LIMIT, Measure, MemberFilter,
    PERIOD_LIMIT, RANK_LIMIT, REVISION_LIMIT, ROW_LIMIT, Rank, RankOrder, Refusal, Request,
};
pub use resolve::{derived_measure, resolve};
pub use roster::Roster;
pub use span::midnight;
pub use tally::Unreadable;
pub use value::{State, Value};
pub use within::{Beyond, within};

#[cfg(test)]
mod derived_tests;
#[cfg(test)]
mod merger_tests;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
