//! One definition's part in one fact type: the filter and the change it makes.

use std::{cmp::Ordering, sync::Arc};

use jiff::civil::Date;
use proto::{
    fact::{Fact, FactType, FactTypeId},
    indicator::{
        accumulator::Change,
        cell::{Breakdown, IndicatorId, OTHER_MEMBER, Revision},
        definition::{Definition, Fold, Measured, Selector},
        dimension::Dimension,
        filter::Filter,
    },
    period::Grain,
};

use super::Manner;

#[derive(Clone, Debug)]
pub struct Rule {
    pub indicator: IndicatorId,
    pub revision: Revision,
    pub manner: Manner,
    pub grain: Grain,
    pub sunset: Option<Date>,
    pub breakdowns: Breakdowns,
    action: Action,
}

/// The fact's positions that break down, with their dimensions.
#[derive(Clone, Debug)]
pub struct Breakdowns(Vec<(usize, Arc<Dimension>)>);

#[derive(Clone, Debug)]
enum Action {
    Count(Filter),
    /// At least one of them; a part without a filter is of another fact type.
    Ratio {
        numerator: Option<Filter>,
        denominator: Option<Filter>,
    },
    /// As a ratio, with the place of each part's measure.
    Share {
        numerator: Option<(Filter, usize)>,
        denominator: Option<(Filter, usize)>,
    },
    Add(Filter, usize),
    Observe(Filter, usize),
    Bucket(Filter, usize, Vec<i64>),
    Set(Filter, usize),
    Member(Filter, usize),
}

/// A definition's rules by fact type: two for a ratio over two types.
pub fn of(definition: &Definition, dimensions: &[Arc<Dimension>]) -> Vec<(FactTypeId, Rule)> {
    let rule = |fact_type: &FactType, action| {
        let positions = dimensions.iter().filter_map(|dimension| {
            let position = fact_type.dimension(dimension.code().as_str())?;
            Some((position, Arc::clone(dimension)))
        });
        let rule = Rule {
            indicator: definition.id,
            revision: definition.revision,
            manner: Manner {
                kind: definition.fold.kind(),
                base: definition.protection.base(),
            },
            grain: definition.base_grain,
            sunset: definition.sunset,
            breakdowns: Breakdowns(positions.collect()),
            action,
        };
        (fact_type.id, rule)
    };
    let measured = |of: &Measured, action: fn(Filter, usize) -> Action| {
        let Selector { fact_type, filter } = &of.selector;
        let position = fact_type.measure(of.measure).unwrap_or(usize::MAX);
        vec![rule(fact_type, action(filter.clone(), position))]
    };
    match &definition.fold {
        Fold::Count(of) => vec![rule(of.fact_type, Action::Count(of.filter.clone()))],
        Fold::Sum(of) => measured(of, Action::Add),
        Fold::Mean(of) | Fold::Range(of) | Fold::Quantile(of) => measured(of, Action::Observe),
        Fold::Level(of) => measured(of, Action::Set),
        Fold::Histogram { of, upper_bounds } => {
            let Selector { fact_type, filter } = &of.selector;
            let position = fact_type.measure(of.measure).unwrap_or(usize::MAX);
            let action = Action::Bucket(filter.clone(), position, upper_bounds.clone());
            vec![rule(fact_type, action)]
        }
        Fold::Distinct { of, dimension } => {
            let position = of.fact_type.dimension(dimension).unwrap_or(usize::MAX);
            vec![rule(
                of.fact_type,
                Action::Member(of.filter.clone(), position),
            )]
        }
        Fold::Share {
            numerator,
            denominator,
        } => {
            let part =
                |numerator: Option<&Measured>, denominator: Option<&Measured>| Action::Share {
                    numerator: numerator.map(placed),
                    denominator: denominator.map(placed),
                };
            let (above, below) = (numerator.selector.fact_type, denominator.selector.fact_type);
            match above == below {
                true => vec![rule(above, part(Some(numerator), Some(denominator)))],
                false => vec![
                    rule(above, part(Some(numerator), None)),
                    rule(below, part(None, Some(denominator))),
                ],
            }
        }
        Fold::Ratio {
            numerator,
            denominator,
        } => {
            let part =
                |numerator: Option<&Selector>, denominator: Option<&Selector>| Action::Ratio {
                    numerator: numerator.map(|of| of.filter.clone()),
                    denominator: denominator.map(|of| of.filter.clone()),
                };
            if numerator.fact_type == denominator.fact_type {
                let both = part(Some(numerator), Some(denominator));
                vec![rule(numerator.fact_type, both)]
            } else {
                vec![
                    rule(numerator.fact_type, part(Some(numerator), None)),
                    rule(denominator.fact_type, part(None, Some(denominator))),
                ]
            }
        }
    }
}

fn placed(of: &Measured) -> (Filter, usize) {
    let Selector { fact_type, filter } = &of.selector;
    let position = fact_type.measure(of.measure).unwrap_or(usize::MAX);
    (filter.clone(), position)
}

impl Rule {
    /// What the fact does to its cell; `None` when it does not count.
    pub fn change(&self, fact: &Fact) -> Option<Change> {
        let counts = |filter: &Filter| filter.lets_through(fact);
        match &self.action {
            Action::Count(filter) => counts(filter).then_some(Change::Count),
            Action::Ratio {
                numerator,
                denominator,
            } => {
                let numerator = numerator.as_ref().is_some_and(counts);
                let denominator = denominator.as_ref().is_some_and(counts);
                (numerator || denominator).then_some(Change::Ratio {
                    numerator,
                    denominator,
                })
            }
            Action::Share {
                numerator,
                denominator,
            } => {
                let sum = |part: &Option<(Filter, usize)>| {
                    let (_, at) = part.as_ref().filter(|(filter, _)| counts(filter))?;
                    u64::try_from(measure(fact, *at)?).ok()
                };
                let (above, below) = (sum(numerator), sum(denominator));
                (above.is_some() || below.is_some()).then_some(Change::Weigh {
                    numerator: above.unwrap_or(0),
                    denominator: below.unwrap_or(0),
                })
            }
            Action::Add(filter, at) => {
                let value = measure(fact, *at)?;
                counts(filter).then_some(Change::Add(value))
            }
            Action::Observe(filter, at) => {
                let value = measure(fact, *at)?;
                counts(filter).then_some(Change::Observe(value))
            }
            Action::Bucket(filter, at, upper_bounds) => {
                let value = measure(fact, *at)?;
                let bucket = upper_bounds.partition_point(|bound| *bound < value);
                let bucket = u16::try_from(bucket).ok()?;
                counts(filter).then_some(Change::Bucket(bucket))
            }
            Action::Set(filter, at) => {
                let value = measure(fact, *at)?;
                let at_ms = fact.occurred_at.as_millisecond();
                counts(filter).then_some(Change::Set { at_ms, value })
            }
            Action::Member(filter, at) => {
                let member = fact.members.get(*at).filter(|member| !member.is_empty())?;
                counts(filter).then(|| Change::Member(Arc::clone(member)))
            }
        }
    }
}

/// `None` for a fact recorded before its type had the measure.
fn measure(fact: &Fact, at: usize) -> Option<i64> {
    fact.measures.get(at).copied()
}

impl Breakdowns {
    /// The fact's members as numbers. A fact recorded before its type had the
    /// dimension has none.
    pub fn of(&self, fact: &Fact) -> Breakdown {
        Breakdown::new(self.0.iter().map(|(position, dimension)| {
            let code = fact.members.get(*position);
            code.map_or(OTHER_MEMBER, |code| dimension.member_id(code))
        }))
    }

    /// Positions of one fact type decide: its dimensions are those.
    pub fn cmp(&self, other: &Breakdowns) -> Ordering {
        self.positions().cmp(other.positions())
    }

    pub fn same_as(&self, other: &Breakdowns) -> bool {
        self.positions().eq(other.positions())
    }

    fn positions(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(position, _)| *position)
    }
}
