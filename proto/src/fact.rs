//! Facts: what events mean for statistics. The list of fact types is a node's
//! public schema. A fact never holds a person, free text, or an address below
//! the grid (design section 4).

pub mod activity;
pub mod assessment;
pub mod case;
pub mod consent;
pub mod deliberation;
pub mod document;
pub mod duty;
pub mod election;
pub mod fund;
pub mod network;
pub mod register;
pub mod support;
pub mod survey;

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

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

impl Fact {
    /// Names a fact by what it says: the first 8 bytes of SHA-256 over
    /// `tongxin fact v1`, a zero, type (2 bytes), microseconds since 1970 (8),
    /// how many members (2), each with its length (4), how many measures (2),
    /// each (8), big-endian. Facts that say the same have the same name.
    pub fn digest(&self) -> u64 {
        let mut hasher = Sha256::new();
        hasher.update(b"tongxin fact v1\0");
        hasher.update(self.fact_type.0.to_be_bytes());
        hasher.update(self.occurred_at.as_microsecond().to_be_bytes());
        hasher.update((self.members.len() as u16).to_be_bytes());
        for member in &self.members {
            hasher.update((member.len() as u32).to_be_bytes());
            hasher.update(member.as_bytes());
        }
        hasher.update((self.measures.len() as u16).to_be_bytes());
        for measure in &self.measures {
            hasher.update(measure.to_be_bytes());
        }
        let digest = hasher.finalize();
        digest[..8]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

/// Every fact type there is, by engine; the blocks of numbers are theirs for ever.
/// Yes/no dimensions have the members `yes` and `no`.
static ENGINES: &[&[FactType]] = &[
    case::TYPES,
    register::TYPES,
    duty::TYPES,
    deliberation::TYPES,
    consent::TYPES,
    election::TYPES,
    fund::TYPES,
    assessment::TYPES,
    activity::TYPES,
    survey::TYPES,
    document::TYPES,
    support::TYPES,
    network::TYPES,
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
    fn a_facts_name_is_frozen_and_its_own() {
        let fact = Fact {
            fact_type: case::ACCEPTED,
            occurred_at: "2026-01-31T12:00:00Z".parse().unwrap(),
            members: ["report", "noise", "phone", "007"].map(Into::into).into(),
            measures: [60].into(),
        };
        assert_eq!(format!("{:016x}", fact.digest()), "ba35b5dc9340141e");
        let mut others = vec![fact.digest()];
        let mut other = |change: fn(&mut Fact)| {
            let mut fact = fact.clone();
            change(&mut fact);
            others.push(fact.digest());
        };
        other(|fact| fact.fact_type = case::REPORTED);
        other(|fact| fact.occurred_at += jiff::SignedDuration::from_micros(1));
        other(|fact| fact.members[0] = "".into());
        other(|fact| (fact.members[0], fact.members[1]) = ("repor".into(), "tnoise".into()));
        other(|fact| fact.measures[0] = -60);
        other(|fact| fact.measures = [].into());
        let distinct: HashSet<u64> = others.iter().copied().collect();
        assert_eq!(distinct.len(), others.len());
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
