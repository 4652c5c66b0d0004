//! Definitions from and to their wire message, every mistake named.

use crate::{
    fact::network,
    indicator::{
        definition::{Definition, Fold, Protection, Selector, fold::read_fold, heading::Heading},
        dimension::DimensionCode,
        kind::Kind,
        mistake::{InvalidItem, Mistakes, Problem},
    },
    pb::types as pb,
    period::Grain,
};

/// The dimension below a community.
const GRID: &str = "grid";

impl TryFrom<pb::IndicatorDefinition> for Definition {
    type Error = InvalidItem;

    fn try_from(wire: pb::IndicatorDefinition) -> Result<Definition, InvalidItem> {
        let mut mistakes = Mistakes::default();
        let definition = read(&wire, &mut mistakes);
        mistakes.finish(&wire.code, definition)
    }
}

fn read(wire: &pb::IndicatorDefinition, mistakes: &mut Mistakes) -> Option<Definition> {
    let heading = Heading::read(wire, mistakes);
    if !wire.formula.is_empty() {
        mistakes.add("formula", Problem::NotUsed("what nodes count"));
    }
    let fold = read_fold(wire.accumulator.as_ref(), mistakes);
    let breakdowns = of_facts(heading.breakdowns, fold.as_ref(), mistakes);
    if let Some(fold) = fold.as_ref().filter(|fold| fold.is_observed()) {
        observable(wire, fold, mistakes);
    }
    let protection = match wire.protection() {
        pb::ProtectionClass::Unspecified => None,
        pb::ProtectionClass::A => Some(Protection::A),
        pb::ProtectionClass::B => Some(Protection::B),
        pb::ProtectionClass::C => Some(Protection::C),
    };
    match protection {
        None => mistakes.add("protection", Problem::Missing("A, B or C")),
        Some(protection) => {
            protectable(
                wire,
                protection,
                fold.as_ref(),
                heading.base_grain,
                mistakes,
            );
        }
    }
    Some(Definition {
        id: heading.id,
        code: heading.code?,
        revision: heading.revision,
        name: heading.name,
        unit: heading.unit,
        fold: fold?,
        base_grain: heading.base_grain?,
        coarser_grains: heading.coarser_grains,
        breakdowns,
        protection: protection?,
        direction: heading.direction?,
        owner: heading.owner,
        reason: heading.reason,
        legal_basis: heading.legal_basis,
        sunset: heading.sunset,
        centres: heading.centres,
    })
}

/// A hub tells of its own net in whole numbers, of communities and not of people.
fn observable(wire: &pb::IndicatorDefinition, fold: &Fold, mistakes: &mut Mistakes) {
    let of_nodes = |selector: &&Selector| !network::tells_of(selector.fact_type);
    if let Some(stray) = fold.selectors().find(of_nodes) {
        mistakes.add(
            "accumulator.denominator.fact_type",
            Problem::Malformed {
                found: stray.fact_type.code.to_owned(),
                want: "network.* above and below, or neither: hubs tell of those, nodes of others",
            },
        );
    }
    if !matches!(fold, Fold::Count(_) | Fold::Ratio { .. }) {
        mistakes.add(
            "accumulator.kind",
            Problem::Malformed {
                found: fold.kind().name().to_owned(),
                want: "count or ratio over network.*",
            },
        );
    }
    if wire.protection() != pb::ProtectionClass::A {
        mistakes.add("protection", Problem::Missing("A: network.* are no people"));
    }
    if !wire.breakdowns.is_empty() {
        mistakes.add("breakdowns", Problem::NotUsed("network.*"));
    }
}

/// What cannot be protected in its class is not asked for.
fn protectable(
    wire: &pb::IndicatorDefinition,
    protection: Protection,
    fold: Option<&Fold>,
    base_grain: Option<Grain>,
    mistakes: &mut Mistakes,
) {
    if protection == Protection::A {
        return;
    }
    let kind = fold.map(Fold::kind);
    // A distribution is a breakdown too.
    let is_coarse = protection == Protection::B || kind != Some(Kind::Histogram);
    // Records are what is counted and rounded, not what they measure.
    let is_share = matches!(fold, Some(Fold::Share { .. }));
    if let Some(kind) = kind
        && (kind.rounded().is_none() || !is_coarse || is_share)
    {
        let kinds = match protection {
            Protection::C => "count or ratio",
            _ => "count, ratio or histogram",
        };
        let kind = match is_share {
            true => "ratio over measures",
            false => kind.name(),
        };
        mistakes.add(
            "accumulator.kind",
            Problem::KindOfClass {
                class: protection,
                kind,
                kinds,
            },
        );
    }
    if protection == Protection::C {
        if !wire.breakdowns.is_empty() {
            mistakes.add("breakdowns", Problem::BreakdownOfClassC);
        }
        if base_grain.is_some_and(|grain| grain < Grain::Quarter) {
            mistakes.add("base_grain", Problem::GrainOfClassC);
        }
        return;
    }
    // How many live in a grid is known to nobody who could check it.
    if let Some(at) = wire.breakdowns.iter().position(|code| code == GRID) {
        mistakes.add(format!("breakdowns[{at}]"), Problem::GridOfClassB);
    }
}

/// Breakdowns that every fact type folded has.
fn of_facts(
    codes: Vec<(usize, DimensionCode)>,
    fold: Option<&Fold>,
    mistakes: &mut Mistakes,
) -> Vec<DimensionCode> {
    let mut breakdowns = Vec::new();
    for (at, code) in codes {
        let selectors = fold.into_iter().flat_map(Fold::selectors);
        let mut types = selectors.map(|selector| selector.fact_type);
        if let Some(without) = types.find(|ty| ty.dimension(code.as_str()).is_none()) {
            let found = format!("{code} of {}", without.code);
            let known = without.dimensions.join(", ");
            mistakes.add(
                format!("breakdowns[{at}]"),
                Problem::Unknown { found, known },
            );
        } else {
            breakdowns.push(code);
        }
    }
    breakdowns
}

impl From<&Definition> for pb::IndicatorDefinition {
    fn from(definition: &Definition) -> pb::IndicatorDefinition {
        let coarser = definition.coarser_grains.iter();
        pb::IndicatorDefinition {
            id: definition.id.0,
            code: definition.code.to_string(),
            revision: definition.revision.0,
            name_zh: definition.name.zh.clone(),
            name_en: definition.name.en.clone(),
            unit: definition.unit.clone(),
            accumulator: Some((&definition.fold).into()),
            base_grain: pb::Grain::from(definition.base_grain).into(),
            coarser_grains: coarser
                .map(|grain| pb::Grain::from(*grain).into())
                .collect(),
            breakdowns: definition
                .breakdowns
                .iter()
                .map(ToString::to_string)
                .collect(),
            protection: definition.protection as i32,
            direction: definition.direction as i32,
            owner: definition.owner.clone(),
            reason: definition.reason.clone(),
            sunset: definition
                .sunset
                .map_or_else(String::new, |day| day.to_string()),
            centres: definition.centres.iter().map(ToString::to_string).collect(),
            formula: String::new(),
            legal_basis: definition.legal_basis.clone().unwrap_or_default(),
        }
    }
}
