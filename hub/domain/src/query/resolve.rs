//! From the codes of a question to measures of the catalogue, or a refusal
//! that names what there is. Knows no numbers.

use std::sync::Arc;

use proto::indicator::{
    catalogue::Catalogue,
    definition::{Definition, Direction, IndicatorCode},
    derived::Derived,
    dimension::DimensionCode,
    kind::Kind,
};

use super::request::{Asked, Derivation, INDICATOR_LIMIT, Measure, MemberFilter, Refusal, Request};

/// The measures that `request` asks for, in its order.
pub fn resolve(request: &Request, catalogue: &Catalogue) -> Result<Vec<Measure>, Refusal> {
    let count = request.indicators.len();
    if count == 0 || count > INDICATOR_LIMIT {
        return Err(Refusal::IndicatorCount(count));
    }
    for (at, filter) in request.filters.iter().enumerate() {
        let mut before = request.filters[..at].iter();
        if before.any(|earlier| earlier.dimension == filter.dimension) {
            return Err(Refusal::FilteredTwice(filter.dimension.clone()));
        }
    }
    let asked = request.indicators.iter();
    asked
        .map(|asked| measure(asked, request, catalogue))
        .collect()
}

fn measure(asked: &Asked, request: &Request, catalogue: &Catalogue) -> Result<Measure, Refusal> {
    let (code, revision) = (&asked.code, asked.revision);
    let counted_as = catalogue.by_code(code, revision);
    let derived_as = catalogue.derived_by_code(code, revision);
    match (counted_as, derived_as) {
        (Some(old), Some(derived)) if derived.revision > old.revision => {
            derived_measure(derived, request, catalogue)
        }
        (Some(definition), _) => counted(definition, request, catalogue),
        (None, Some(derived)) => derived_measure(derived, request, catalogue),
        (None, None) => Err(unknown(asked, catalogue)),
    }
}

fn unknown(asked: &Asked, catalogue: &Catalogue) -> Refusal {
    let code = &asked.code;
    let counted = catalogue.definitions().map(|d| (&d.code, d.revision));
    let derived = catalogue.all_derived().map(|d| (&d.code, d.revision));
    let all = counted.chain(derived);
    let mut known: Vec<u32> = all
        .filter(|(held, _)| held.as_str() == code)
        .map(|(_, revision)| revision.0)
        .collect();
    known.sort_unstable();
    let known: Vec<String> = known.iter().map(u32::to_string).collect();
    match asked.revision {
        Some(revision) if !known.is_empty() => Refusal::UnknownRevision {
            code: code.clone(),
            revision: revision.0,
            known: known.join(", "),
        },
        _ => Refusal::UnknownIndicator(code.chars().take(40).collect()),
    }
}

fn counted(
    definition: &Definition,
    request: &Request,
    catalogue: &Catalogue,
) -> Result<Measure, Refusal> {
    let (code, breakdowns) = (&definition.code, &definition.breakdowns);
    Ok(Measure {
        code: code.to_string(),
        id: definition.id,
        revision: definition.revision,
        kind: definition.released_kind(),
        base: definition.protection.base(),
        base_grain: definition.base_grain,
        coarser_grains: definition.coarser_grains.clone(),
        higher_is_better: higher_is_better(definition.direction),
        filters: filters(code, breakdowns, request, catalogue)?,
        breakdown: breakdown(code, breakdowns, request)?,
        absent: Arc::default(),
        observed: (definition.fold)
            .is_observed()
            .then(|| Arc::new(definition.fold.clone())),
        derivation: None,
    })
}

/// What the divisor is not broken down by, it counts in whole. The derived
/// indicator itself need not be in the catalogue.
pub fn derived_measure(
    derived: &Derived,
    request: &Request,
    catalogue: &Catalogue,
) -> Result<Measure, Refusal> {
    let (code, breakdowns) = (&derived.code, &derived.breakdowns);
    let terms = derived.formula.terms().iter().map(|term| {
        let missing = || Refusal::UnknownIndicator(term.code.to_string());
        let definition = term.definition(catalogue).ok_or_else(missing)?;
        let has = |dimension: &str| definition.breakdown_position(dimension).is_some();
        let mut narrowed = request.clone();
        narrowed.filters.retain(|filter| has(&filter.dimension));
        narrowed
            .group
            .breakdown
            .take_if(|dimension| !has(dimension));
        counted(definition, &narrowed, catalogue)
    });
    let derivation = Derivation {
        formula: derived.formula.clone(),
        terms: terms.collect::<Result<_, _>>()?,
    };
    Ok(Measure {
        code: code.to_string(),
        id: derived.id,
        revision: derived.revision,
        kind: Kind::Ratio,
        base: None,
        base_grain: derived.base_grain,
        coarser_grains: derived.coarser_grains.clone(),
        higher_is_better: higher_is_better(derived.direction),
        filters: filters(code, breakdowns, request, catalogue)?,
        breakdown: breakdown(code, breakdowns, request)?,
        absent: Arc::default(),
        observed: None,
        derivation: Some(Arc::new(derivation)),
    })
}

const fn higher_is_better(direction: Direction) -> Option<bool> {
    match direction {
        Direction::Higher => Some(true),
        Direction::Lower => Some(false),
        Direction::Context => None,
    }
}

fn filters(
    code: &IndicatorCode,
    breakdowns: &[DimensionCode],
    request: &Request,
    catalogue: &Catalogue,
) -> Result<Vec<(usize, Vec<u16>)>, Refusal> {
    let filters = request.filters.iter();
    let filters = filters.map(|filter| {
        let at = position(code, breakdowns, &filter.dimension)?;
        Ok((at, members(filter, catalogue)?))
    });
    filters
        .filter(|filter| !matches!(filter, Ok((_, members)) if members.is_empty()))
        .collect()
}

fn breakdown(
    code: &IndicatorCode,
    breakdowns: &[DimensionCode],
    request: &Request,
) -> Result<Option<usize>, Refusal> {
    let asked = request.group.breakdown.as_ref();
    asked
        .map(|dimension| position(code, breakdowns, dimension))
        .transpose()
}

fn position(
    code: &IndicatorCode,
    breakdowns: &[DimensionCode],
    dimension: &str,
) -> Result<usize, Refusal> {
    let mut codes = breakdowns.iter();
    let found = codes.position(|held| held.as_str() == dimension);
    found.ok_or_else(|| {
        let known = breakdowns.iter().map(DimensionCode::as_str);
        Refusal::UnknownDimension {
            code: code.to_string(),
            dimension: dimension.chars().take(40).collect(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    })
}

fn members(filter: &MemberFilter, catalogue: &Catalogue) -> Result<Vec<u16>, Refusal> {
    let dimension = catalogue.dimension(&filter.dimension);
    let ids = filter.members.iter().map(|member| {
        let id = dimension.map(|dimension| dimension.member_id(member));
        let known =
            id.filter(|id| dimension.is_some_and(|dimension| dimension.member_code(*id).is_some()));
        known.ok_or_else(|| Refusal::UnknownMember {
            dimension: filter.dimension.clone(),
            member: member.chars().take(40).collect(),
        })
    });
    let mut ids: Vec<u16> = ids.collect::<Result<_, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Group;
    use proto::place::Place;

    #[test]
    fn codes_become_measures_or_a_refusal_that_says_what_there_is() {
        let first = include_str!("../../../../deploy/catalogue/first.toml");
        let catalogue = Catalogue::from_toml(first).unwrap();
        let asked = |code: &str, filters: &[(&str, &[&str])], breakdown: Option<&str>| {
            let (code, revision) = match code.split_once('@') {
                Some((code, revision)) => (code, Some(revision.parse().unwrap())),
                None => (code, None),
            };
            let request = Request {
                indicators: vec![Asked {
                    code: code.into(),
                    revision: revision.map(proto::indicator::cell::Revision),
                }],
                place: Place::COUNTRY,
                from: "202601".parse().unwrap(),
                to: "202601".parse().unwrap(),
                grain: None,
                group: Group {
                    breakdown: breakdown.map(str::to_owned),
                    ..Group::default()
                },
                filters: filters
                    .iter()
                    .map(|(dimension, members)| MemberFilter {
                        dimension: (*dimension).into(),
                        members: members.iter().map(|m| (*m).to_owned()).collect(),
                    })
                    .collect(),
                comparisons: vec![],
                rank: None,
                register_date: None,
            };
            resolve(&request, &catalogue)
        };
        let filters = [("origin", &["phone", "counter"][..]), ("grid", &["007"])];
        let measure = asked("QS.R02", &filters, Some("category"))
            .unwrap()
            .remove(0);
        assert_eq!(measure.filters, [(1, vec![2, 3]), (2, vec![7])]);
        assert_eq!(measure.breakdown, Some(0));
        assert_eq!(measure.higher_is_better, Some(true));
        let open = asked("QS.R02", &[("grid", &[])], None).unwrap().remove(0);
        assert!(open.filters.is_empty());

        let refused = |result: Result<Vec<Measure>, Refusal>| result.unwrap_err().to_string();
        assert_eq!(
            refused(asked("QS.R99", &[], None)),
            "indicator \"QS.R99\" is not in the catalogue"
        );
        assert_eq!(
            refused(asked("QS.R02@9", &[], None)),
            "indicator \"QS.R02\" has no revision 9; it has 1"
        );
        assert_eq!(
            refused(asked("QS.R02", &[], Some("age"))),
            "indicator \"QS.R02\" has no breakdown \"age\"; it has category, origin, grid"
        );
        assert_eq!(
            refused(asked("QS.R02", &[("origin", &["pigeon"])], None)),
            "dimension \"origin\" has no member \"pigeon\""
        );
        let twice = [("grid", &["001"][..]), ("grid", &["002"])];
        assert!(refused(asked("QS.R02", &twice, None)).contains("twice"));
    }
}
