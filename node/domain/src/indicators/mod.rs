//! Indicators at the node: which cells a fact changes, and how. Knows neither
//! where cells are kept nor that a hub exists.

mod adopt;
mod exact;
#[cfg(test)]
mod oracle;
mod rule;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked;

use jiff::tz::TimeZone;
use proto::{
    fact::Fact,
    indicator::{
        accumulator::Change,
        catalogue::Catalogue,
        cell::{Breakdown, CellKey},
        definition::{Definition, Protection},
        dimension::DimensionCode,
        kind::Kind,
        rounded::Base,
    },
    period::Period,
};

pub use adopt::{AdoptFault, Adopted, Histories, adopt};
pub use exact::{Draw, Exact, Shape};
use rule::Rule;
pub use tally::{Tally, backfill};

/// A catalogue made ready to meet facts. Make a new one when the catalogue
/// changes; a dimension's new members change what [`backfill`] gives for the
/// definitions that break down by it.
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// By fact type number; rules that share their breakdowns stand together.
    rules: Vec<Vec<Rule>>,
    zone: TimeZone,
}

/// Why a definition of the catalogue is not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    #[error("dimension {0} has not arrived")]
    Dimension(DimensionCode),
}

/// How the cells of a definition are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// What facts fold into.
    pub kind: Kind,
    /// What is released is rounded to this; `None`: it is what was counted.
    pub base: Option<Base>,
}

/// Why a community is too small for a definition's class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooFew {
    #[error("nobody said how many live here: set residents in the node's configuration")]
    Unknown,
    #[error("{residents} residents: class {class:?} wants at least {least}")]
    Residents {
        residents: u32,
        class: Protection,
        least: u32,
    },
}

/// Whether numbers of the definition's class may leave a community of this size.
/// Asked when a definition arrives; what was once accepted goes on.
pub fn large_enough(definition: &Definition, residents: Option<u32>) -> Result<(), TooFew> {
    let class = definition.protection;
    let Some(least) = class.base().map(Base::least_residents) else {
        return Ok(());
    };
    match residents {
        None => Err(TooFew::Unknown),
        Some(residents) if residents < least => Err(TooFew::Residents {
            residents,
            class,
            least,
        }),
        Some(_) => Ok(()),
    }
}

/// What keeps a definition from being evaluated, if anything.
pub fn obstacle(catalogue: &Catalogue, definition: &Definition) -> Option<Obstacle> {
    let mut breakdowns = definition.breakdowns.iter();
    let missing = breakdowns.find(|code| catalogue.dimension(code.as_str()).is_none());
    missing.cloned().map(Obstacle::Dimension)
}

impl Evaluator {
    /// All definitions without an [`obstacle`]; `zone` is the district's.
    pub fn new(catalogue: &Catalogue, zone: TimeZone) -> Evaluator {
        Evaluator::of(catalogue, zone, |_| true)
    }

    /// Only the definitions that are wanted, for a [`backfill`] of new ones.
    pub fn of(
        catalogue: &Catalogue,
        zone: TimeZone,
        wanted: impl Fn(&Definition) -> bool,
    ) -> Evaluator {
        let mut rules: Vec<Vec<Rule>> = Vec::new();
        let definitions = catalogue
            .definitions()
            .filter(|definition| wanted(definition) && obstacle(catalogue, definition).is_none());
        for definition in definitions {
            let dimensions = catalogue.dimensions_of(definition).unwrap_or_default();
            for (fact_type, rule) in rule::of(definition, &dimensions) {
                let number = usize::from(fact_type.0);
                if rules.len() <= number {
                    rules.resize_with(number + 1, Vec::new);
                }
                rules[number].push(rule);
            }
        }
        for rules in &mut rules {
            rules.sort_by(|a, b| a.breakdowns.cmp(&b.breakdowns));
        }
        Evaluator { rules, zone }
    }

    /// Whether any definition is of a class whose numbers are rounded.
    pub fn protects(&self) -> bool {
        let mut rules = self.rules.iter().flatten();
        rules.any(|rule| rule.manner.base.is_some())
    }

    /// Every cell that the fact changes: its key, its manner and the change. A
    /// distinct count's [`Change::Member`] holds only for a member that its
    /// cell has not had.
    pub fn fold(&self, fact: &Fact, mut emit: impl FnMut(CellKey, Manner, &Change)) {
        let Some(rules) = self.rules.get(usize::from(fact.fact_type.0)) else {
            return;
        };
        let day = self.zone.to_datetime(fact.occurred_at).date();
        let mut period: Option<Period> = None;
        let mut breakdown: Option<(&Rule, Breakdown)> = None;
        for rule in rules {
            if rule.sunset.is_some_and(|sunset| day > sunset) {
                continue;
            }
            let Some(change) = rule.change(fact) else {
                continue;
            };
            if period.is_none_or(|period| period.grain() != rule.grain) {
                period = Period::containing(day, rule.grain);
            }
            let Some(period) = period else {
                continue;
            };
            let known = breakdown.filter(|(of, _)| of.breakdowns.same_as(&rule.breakdowns));
            let members = known.map_or_else(|| rule.breakdowns.of(fact), |(_, members)| members);
            breakdown = Some((rule, members));
            let key = CellKey {
                indicator: rule.indicator,
                revision: rule.revision,
                period,
                breakdown: members,
            };
            emit(key, rule.manner, &change);
        }
    }
}
