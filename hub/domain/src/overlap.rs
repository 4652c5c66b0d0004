//! Which definitions of a catalogue count what a new one would count, by what
//! they count and not by what they are called: fact type, what the filter lets
//! through, grain and breakdown. Knows no numbers.

use proto::indicator::{
    catalogue::Catalogue,
    cell::Revision,
    definition::{Definition, Fold, IndicatorCode, Protection, Selector},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    pub code: IndicatorCode,
    pub revision: Revision,
    pub relation: Relation,
    /// Both are about the same people, and at least one is rounded for them: who
    /// sees both knows more of either than it alone says.
    pub narrows: bool,
}

/// How much of the new number the old one has, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The same number, at the same grain, by the same breakdowns.
    Same,
    /// It can be read from the old one, which is finer.
    Answered,
    /// The same facts, counted or broken down otherwise.
    SameFacts,
    /// Some of the same facts.
    SharedFacts,
}

/// The closest first. A definition does not overlap with itself; with its other
/// revisions it does.
pub fn overlap(new: &Definition, catalogue: &Catalogue) -> Vec<Overlap> {
    let held = catalogue.definitions();
    let others = held.filter(|old| (old.id, old.revision) != (new.id, new.revision));
    let mut found: Vec<Overlap> = others
        .filter_map(|old| {
            let relation = relation(new, old)?;
            Some(Overlap {
                code: old.code.clone(),
                revision: old.revision,
                relation,
                narrows: narrows(new, old, relation),
            })
        })
        .collect();
    found.sort_by(|a, b| {
        let by_relation = a.relation.cmp(&b.relation);
        let by_name = (&a.code, a.revision).cmp(&(&b.code, b.revision));
        by_relation.then(by_name)
    });
    found
}

fn relation(new: &Definition, old: &Definition) -> Option<Relation> {
    if sets(&new.fold) != sets(&old.fold) {
        let mut pairs = new
            .fold
            .selectors()
            .flat_map(|mine| old.fold.selectors().map(move |other| (mine, other)));
        return pairs
            .any(|(mine, other)| meet(mine, other))
            .then_some(Relation::SharedFacts);
    }
    let is_same_number = counts_alike(&new.fold, &old.fold) && new.protection == old.protection;
    let has_breakdowns = new.breakdowns.iter().all(|of| old.breakdowns.contains(of));
    if !is_same_number || !has_breakdowns || !old.answers_in(new.base_grain) {
        return Some(Relation::SameFacts);
    }
    let is_finer = old.base_grain != new.base_grain || old.breakdowns.len() != new.breakdowns.len();
    Some(match is_finer {
        true => Relation::Answered,
        false => Relation::Same,
    })
}

/// What passes, numerator and denominator each in their place.
fn sets(fold: &Fold) -> Vec<(&'static str, String)> {
    let selectors = fold.selectors();
    selectors
        .map(|of| (of.fact_type.code, of.filter.canonical(of.fact_type)))
        .collect()
}

fn meet(one: &Selector, other: &Selector) -> bool {
    one.fact_type.code == other.fact_type.code && !one.filter.excludes(&other.filter)
}

/// With the same facts, whether they come to the same number.
fn counts_alike(one: &Fold, other: &Fold) -> bool {
    match (one, other) {
        (Fold::Count(_), Fold::Count(_)) | (Fold::Ratio { .. }, Fold::Ratio { .. }) => true,
        (Fold::Sum(a), Fold::Sum(b))
        | (Fold::Mean(a), Fold::Mean(b))
        | (Fold::Range(a), Fold::Range(b))
        | (Fold::Quantile(a), Fold::Quantile(b))
        | (Fold::Level(a), Fold::Level(b)) => a.measure == b.measure,
        (
            Fold::Share {
                numerator: a,
                denominator: b,
            },
            Fold::Share {
                numerator: c,
                denominator: d,
            },
        ) => (a.measure, b.measure) == (c.measure, d.measure),
        (
            Fold::Histogram {
                of: a,
                upper_bounds: bounds,
            },
            Fold::Histogram {
                of: b,
                upper_bounds,
            },
        ) => a.measure == b.measure && bounds == upper_bounds,
        (Fold::Distinct { dimension: a, .. }, Fold::Distinct { dimension: b, .. }) => a == b,
        _ => false,
    }
}

/// The same set under the same draw says nothing new; a set that contains or cuts
/// another does (docs/protocol.md, "Protected cells").
fn narrows(new: &Definition, old: &Definition, relation: Relation) -> bool {
    let is_protected = |of: &Definition| of.protection != Protection::A;
    let is_mixed = is_protected(new) != is_protected(old);
    (is_protected(new) || is_protected(old)) && (is_mixed || relation >= Relation::SameFacts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::{indicator::catalogue::Item, pb::types as pb};

    fn catalogue() -> Catalogue {
        Catalogue::from_toml(include_str!("../../../deploy/catalogue/first.toml")).unwrap()
    }

    /// As `of`, under another name and number, changed.
    fn like(of: &str, change: impl FnOnce(&mut pb::IndicatorDefinition)) -> Definition {
        let catalogue = catalogue();
        let mut wire = pb::IndicatorDefinition::from(&**catalogue.by_code(of, None).unwrap());
        (wire.id, wire.code) = (7000, "NEW.N01".into());
        change(&mut wire);
        wire.try_into().unwrap()
    }

    fn found(new: &Definition) -> Vec<(String, Relation, bool)> {
        let found = overlap(new, &catalogue()).into_iter();
        found
            .map(|one| (one.code.to_string(), one.relation, one.narrows))
            .collect()
    }

    fn first(new: &Definition) -> (String, Relation, bool) {
        found(new).remove(0)
    }

    #[test]
    fn what_is_counted_tells_and_not_the_name() {
        let r02 = |relation| ("QS.R02".to_owned(), relation, false);
        assert_eq!(first(&like("QS.R02", |_| {})), r02(Relation::Same));
        let respelt = like("QS.R02", |wire| {
            let of = wire.accumulator.as_mut().unwrap().of.as_mut().unwrap();
            of.filter = "!(on_time != \"yes\")".into();
        });
        assert_eq!(first(&respelt), r02(Relation::Same));
        let coarser = like("QS.R02", |wire| {
            wire.base_grain = 4;
            wire.coarser_grains.clear();
            wire.breakdowns.truncate(1);
        });
        assert_eq!(first(&coarser), r02(Relation::Answered));
        let finer = like("QS.R02", |wire| {
            wire.base_grain = 1;
            wire.coarser_grains.clear();
        });
        assert_eq!(first(&finer), r02(Relation::SameFacts));
        let by_other = like("QS.R02", |wire| wire.breakdowns = vec!["kind".into()]);
        assert_eq!(first(&by_other), r02(Relation::SameFacts));
        let late = like("QS.R02", |wire| {
            let of = wire.accumulator.as_mut().unwrap().of.as_mut().unwrap();
            of.filter = "on_time == \"no\"".into();
        });
        assert_eq!(first(&late), r02(Relation::SharedFacts));
        let other = like("QS.R02", |wire| {
            let spec = wire.accumulator.as_mut().unwrap();
            let door = |filter: &str| {
                Some(pb::Selector {
                    fact_type: "duty.concluded".into(),
                    filter: filter.into(),
                })
            };
            (spec.of, spec.denominator) = (door("outcome == \"held\""), door(""));
            wire.breakdowns.clear();
        });
        assert_eq!(found(&other), []);
    }

    #[test]
    fn sets_that_exclude_each_other_do_not_overlap() {
        let of = |outcome: &str| {
            like("QS.R01", |wire| {
                let of = wire.accumulator.as_mut().unwrap().of.as_mut().unwrap();
                of.filter = format!("category == {outcome:?}");
            })
        };
        let mut catalogue = Catalogue::default();
        catalogue
            .take(Item::Definition(of("noise").into()))
            .unwrap();
        let mut other = pb::IndicatorDefinition::from(&of("parking"));
        (other.id, other.code) = (7001, "NEW.N02".into());
        let other: Definition = other.try_into().unwrap();
        assert_eq!(overlap(&other, &catalogue), []);
    }

    #[test]
    fn protected_definitions_of_the_same_people_narrow_each_other() {
        let protected = |filter: &str| {
            like("QS.R01", |wire| {
                let of = wire.accumulator.as_mut().unwrap().of.as_mut().unwrap();
                of.filter = filter.into();
                wire.protection = 2;
                wire.breakdowns.clear();
            })
        };
        // Beside an exact number of the same facts nothing is hidden.
        assert_eq!(
            first(&protected("")),
            ("QS.R01".into(), Relation::SameFacts, true)
        );
        let mut catalogue = Catalogue::default();
        catalogue
            .take(Item::Definition(protected("").into()))
            .unwrap();
        let narrower = |filter: &str| {
            let mut wire = pb::IndicatorDefinition::from(&protected(filter));
            (wire.id, wire.code) = (7001, "NEW.N02".into());
            let new: Definition = wire.try_into().unwrap();
            let found = overlap(&new, &catalogue).remove(0);
            (found.relation, found.narrows)
        };
        assert_eq!(
            narrower("category == \"noise\""),
            (Relation::SharedFacts, true)
        );
        assert_eq!(
            narrower(""),
            (Relation::Same, false),
            "the same draw, the same number"
        );
    }
}
