//! Definitions from and to their wire message, every mistake named.

use crate::{
    indicator::{
        cell::{Breakdown, IndicatorId, Revision},
        definition::{Definition, Direction, Fold, Protection, fold::read_fold},
        dimension::{DimensionCode, Name},
        kind::Kind,
        mistake::{InvalidItem, Mistakes, Problem},
    },
    pb::types as pb,
    period::Grain,
};

/// The dimension below a community.
const GRID: &str = "grid";

const GRAIN: &str = "day, week, month, quarter, half or year";

impl TryFrom<pb::IndicatorDefinition> for Definition {
    type Error = InvalidItem;

    fn try_from(wire: pb::IndicatorDefinition) -> Result<Definition, InvalidItem> {
        let mut mistakes = Mistakes::default();
        let definition = read(&wire, &mut mistakes);
        mistakes.finish(&wire.code, definition)
    }
}

fn read(wire: &pb::IndicatorDefinition, mistakes: &mut Mistakes) -> Option<Definition> {
    let id = mistakes.number("id", wire.id, "a number above 0, permanent");
    let code = mistakes.parsed("code", &wire.code, "a code such as QS.R02");
    let revision = mistakes.number("revision", wire.revision, "a number from 1");
    let name = Name {
        zh: mistakes.text("name_zh", &wire.name_zh, "a Chinese name"),
        en: mistakes.text("name_en", &wire.name_en, "an English name"),
    };
    let unit = mistakes.text("unit", &wire.unit, "a unit, such as 件 or %");
    let fold = read_fold(wire.accumulator.as_ref(), mistakes);
    let base_grain = Grain::try_from(wire.base_grain()).ok();
    if base_grain.is_none() {
        mistakes.add("base_grain", Problem::Missing(GRAIN));
    }
    let coarser_grains = read_coarser(wire, base_grain, mistakes);
    let breakdowns = read_breakdowns(&wire.breakdowns, fold.as_ref(), mistakes);
    let protection = match wire.protection() {
        pb::ProtectionClass::Unspecified => None,
        pb::ProtectionClass::A => Some(Protection::A),
        pb::ProtectionClass::B => Some(Protection::B),
        pb::ProtectionClass::C => Some(Protection::C),
    };
    match protection {
        None => mistakes.add("protection", Problem::Missing("A, B or C")),
        Some(protection) => protectable(wire, protection, fold.as_ref(), base_grain, mistakes),
    }
    let direction = match wire.direction() {
        pb::Direction::Unspecified => None,
        pb::Direction::Higher => Some(Direction::Higher),
        pb::Direction::Lower => Some(Direction::Lower),
        pb::Direction::Context => Some(Direction::Context),
    };
    if direction.is_none() {
        mistakes.add("direction", Problem::Missing("higher, lower or context"));
    }
    let sunset = match wire.sunset.as_str() {
        "" => None,
        date => mistakes.parsed("sunset", date, "an ISO date such as 2027-12-31"),
    };
    let centres = wire.centres.iter().enumerate().map(|(at, centre)| {
        let field = format!("centres[{at}]");
        mistakes.parsed(&field, centre, "a centre's code: a-z, 0-9, '-'")
    });
    let centres: Vec<_> = centres.collect();
    let owner = mistakes.text("owner", &wire.owner, "the office that asks");
    let reason = mistakes.text("reason", &wire.reason, "why it is asked");
    Some(Definition {
        id: IndicatorId(id),
        code: code?,
        revision: Revision(revision),
        name,
        unit,
        fold: fold?,
        base_grain: base_grain?,
        coarser_grains,
        breakdowns,
        protection: protection?,
        direction: direction?,
        owner,
        reason,
        sunset,
        centres: centres.into_iter().flatten().collect(),
    })
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

fn read_coarser(
    wire: &pb::IndicatorDefinition,
    base: Option<Grain>,
    mistakes: &mut Mistakes,
) -> Vec<Grain> {
    let mut grains = Vec::new();
    for (at, grain) in wire.coarser_grains().enumerate() {
        let field = format!("coarser_grains[{at}]");
        match Grain::try_from(grain) {
            Err(_) => mistakes.add(field, Problem::Missing(GRAIN)),
            Ok(grain) if grains.contains(&grain) => {
                mistakes.add(field, Problem::Twice(format!("{grain:?}").to_lowercase()));
            }
            Ok(grain) if base.is_some_and(|base| grain <= base) => {
                let found = format!("{grain:?}").to_lowercase();
                let want = "a grain coarser than base_grain";
                mistakes.add(field, Problem::Malformed { found, want });
            }
            Ok(grain) => grains.push(grain),
        }
    }
    grains
}

fn read_breakdowns(
    codes: &[String],
    fold: Option<&Fold>,
    mistakes: &mut Mistakes,
) -> Vec<DimensionCode> {
    if codes.len() > Breakdown::MAX {
        let found = codes.len() as u64;
        let want = "at most 4 breakdowns";
        mistakes.add("breakdowns", Problem::OutOfRange { found, want });
    }
    let mut breakdowns: Vec<DimensionCode> = Vec::new();
    for (at, code) in codes.iter().enumerate() {
        let field = format!("breakdowns[{at}]");
        let Some(code) = mistakes.parsed::<DimensionCode>(&field, code, "a dimension's code")
        else {
            continue;
        };
        let selectors = fold.into_iter().flat_map(Fold::selectors);
        let mut types = selectors.map(|selector| selector.fact_type);
        if let Some(without) = types.find(|ty| ty.dimension(code.as_str()).is_none()) {
            let found = format!("{code} of {}", without.code);
            let known = without.dimensions.join(", ");
            mistakes.add(field, Problem::Unknown { found, known });
        } else if breakdowns.contains(&code) {
            mistakes.add(field, Problem::Twice(code.to_string()));
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
        }
    }
}
