//! Facts: what events mean for statistics. The list of fact types is a node's
//! public schema. A fact never holds a person, free text, or an address below
//! the grid (design section 4).

pub mod activity;
pub mod case;
pub mod deliberation;
pub mod duty;
pub mod survey;

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

/// Every fact type there is, by engine; the blocks of numbers are theirs for ever.
/// Yes/no dimensions have the members `yes` and `no`.
static ENGINES: &[&[FactType]] = &[
    case::TYPES,
    duty::TYPES,
    deliberation::TYPES,
    activity::TYPES,
    survey::TYPES,
];

/// Every fact type there is.
pub fn fact_types() -> impl Iterator<Item = &'static FactType> {
    ENGINES.iter().copied().flatten()
}

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
        fact_types().find(|fact_type| fact_type.id == self)
    }
}

impl FactType {
    pub fn by_code(code: &str) -> Option<&'static FactType> {
        fact_types().find(|fact_type| fact_type.code == code)
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
        let ids: HashSet<_> = fact_types().map(|fact_type| fact_type.id).collect();
        let codes: HashSet<_> = fact_types().map(|fact_type| fact_type.code).collect();
        assert_eq!(
            (ids.len(), codes.len()),
            (fact_types().count(), fact_types().count())
        );
    }

    #[test]
    fn case_facts_share_their_first_dimensions() {
        for fact_type in fact_types().filter(|t| t.code.starts_with("case.")) {
            assert_eq!(
                fact_type.dimensions[..4],
                case::DIMENSIONS,
                "{}",
                fact_type.code
            );
        }
    }
}
