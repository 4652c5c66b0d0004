//! Facts: what events mean for statistics. The list of fact types is a node's
//! public schema. A fact never holds a person, free text, or an address below
//! the grid (design section 4).

use std::sync::Arc;

use jiff::Timestamp;

/// A fact type's permanent number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactTypeId(pub u16);

/// One row of the schema. Dimensions and measures are positional: their order
/// is frozen, new ones are appended.
#[derive(Debug, PartialEq, Eq)]
pub struct FactType {
    pub id: FactTypeId,
    pub code: &'static str,
    pub dimensions: &'static [&'static str],
    pub measures: &'static [&'static str],
}

/// A dimension's member code, for example `street-light` or `007`; the empty
/// code means that the fact has none.
pub type Member = Arc<str>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub fact_type: FactTypeId,
    /// When it happened, not when it was typed: decides the period.
    pub occurred_at: Timestamp,
    /// As many as the type's dimensions, in their order.
    pub members: Box<[Member]>,
    /// As many as the type's measures, in their order.
    pub measures: Box<[i64]>,
}

/// Dimensions that every case fact starts with.
pub const CASE_DIMENSIONS: [&str; 4] = ["kind", "category", "origin", "grid"];

pub mod case {
    //! Numbers of the case engine's fact types (`reference/seed-systems.md` QS-1 to QS-3).
    use super::FactTypeId;

    pub const REPORTED: FactTypeId = FactTypeId(1);
    pub const ACCEPTED: FactTypeId = FactTypeId(2);
    pub const FELL_DUE: FactTypeId = FactTypeId(3);
    pub const COMPLETED: FactTypeId = FactTypeId(4);
    pub const RATED: FactTypeId = FactTypeId(5);
    pub const COMPLETION_RATED: FactTypeId = FactTypeId(6);
    pub const BAD_REVIEW_RIGHTED: FactTypeId = FactTypeId(7);
    pub const SETTLED: FactTypeId = FactTypeId(8);
    pub const REOPENED: FactTypeId = FactTypeId(9);
    pub const BOUNCED: FactTypeId = FactTypeId(10);
    pub const REFUSED: FactTypeId = FactTypeId(11);
    pub const WITHDRAWN: FactTypeId = FactTypeId(12);
    pub const BAD_REVIEW_ANNULLED: FactTypeId = FactTypeId(13);
    pub const ESCALATED: FactTypeId = FactTypeId(14);
    pub const DUPLICATE: FactTypeId = FactTypeId(15);
}

/// Every fact type there is. Yes/no dimensions have the members `yes` and `no`.
pub static FACT_TYPES: &[FactType] = &[
    // occurred_at: when it was reported.
    fact(
        case::REPORTED,
        "case.reported",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: when it was accepted.
    fact(
        case::ACCEPTED,
        "case.accepted",
        &["kind", "category", "origin", "grid"],
        &["wait_s"],
    ),
    // occurred_at: the complete clock's due time, recorded once that has passed.
    fact(
        case::FELL_DUE,
        "case.fell_due",
        &["kind", "category", "origin", "grid", "on_time"],
        &[],
    ),
    // occurred_at: this completion. `first`: not a completion after reopening.
    // `duration_s`: since the report, or since the case last came back.
    fact(
        case::COMPLETED,
        "case.completed",
        &["kind", "category", "origin", "grid", "outcome", "first"],
        &["duration_s"],
    ),
    // occurred_at: the rating. `level`: 1 to 5, `bad`: the two lowest (差评).
    fact(
        case::RATED,
        "case.rated",
        &["kind", "category", "origin", "grid", "level", "bad"],
        &[],
    ),
    // occurred_at: the completion that was rated.
    fact(
        case::COMPLETION_RATED,
        "case.completion_rated",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bad review that has since been put right.
    fact(
        case::BAD_REVIEW_RIGHTED,
        "case.bad_review_righted",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the first completion, recorded 30 days after it.
    fact(
        case::SETTLED,
        "case.settled",
        &["kind", "category", "origin", "grid", "reopened"],
        &[],
    ),
    // occurred_at: the reopening.
    fact(
        case::REOPENED,
        "case.reopened",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bounce.
    fact(
        case::BOUNCED,
        "case.bounced",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the refusal.
    fact(
        case::REFUSED,
        "case.refused",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the withdrawal.
    fact(
        case::WITHDRAWN,
        "case.withdrawn",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bad review that an appeal has struck out.
    fact(
        case::BAD_REVIEW_ANNULLED,
        "case.bad_review_annulled",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the escalation, when the rounds of reopening are used up.
    fact(
        case::ESCALATED,
        "case.escalated",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: when it was marked as a duplicate.
    fact(
        case::DUPLICATE,
        "case.duplicate",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
];

const fn fact(
    id: FactTypeId,
    code: &'static str,
    dimensions: &'static [&'static str],
    measures: &'static [&'static str],
) -> FactType {
    FactType {
        id,
        code,
        dimensions,
        measures,
    }
}

impl FactTypeId {
    /// The schema row; `None` for a type newer than this build.
    pub fn schema(self) -> Option<&'static FactType> {
        FACT_TYPES.iter().find(|fact_type| fact_type.id == self)
    }
}

impl FactType {
    pub fn by_code(code: &str) -> Option<&'static FactType> {
        FACT_TYPES.iter().find(|fact_type| fact_type.code == code)
    }

    pub fn dimension(&self, code: &str) -> Option<usize> {
        self.dimensions
            .iter()
            .position(|dimension| *dimension == code)
    }

    pub fn measure(&self, code: &str) -> Option<usize> {
        self.measures.iter().position(|measure| *measure == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_and_codes_are_unique() {
        let ids: HashSet<_> = FACT_TYPES.iter().map(|fact_type| fact_type.id).collect();
        let codes: HashSet<_> = FACT_TYPES.iter().map(|fact_type| fact_type.code).collect();
        assert_eq!(
            (ids.len(), codes.len()),
            (FACT_TYPES.len(), FACT_TYPES.len())
        );
    }

    #[test]
    fn case_facts_share_their_first_dimensions() {
        for fact_type in FACT_TYPES.iter().filter(|t| t.code.starts_with("case.")) {
            assert_eq!(
                fact_type.dimensions[..4],
                CASE_DIMENSIONS,
                "{}",
                fact_type.code
            );
        }
    }
}
