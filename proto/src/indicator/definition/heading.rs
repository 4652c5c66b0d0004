//! What counted and derived indicators have in common, read from the wire.
//! Knows neither facts nor formulas.

use jiff::civil::Date;

use crate::{
    identity::Label,
    indicator::{
        cell::{Breakdown, IndicatorId, Revision},
        definition::{Direction, IndicatorCode},
        dimension::{DimensionCode, Name},
        mistake::{Mistakes, Problem},
    },
    pb::types as pb,
    period::Grain,
};

const GRAIN: &str = "day, week, month, quarter, half or year";

/// `None` comes with a mistake.
pub(in crate::indicator) struct Heading {
    pub id: IndicatorId,
    pub code: Option<IndicatorCode>,
    pub revision: Revision,
    pub name: Name,
    pub unit: String,
    pub base_grain: Option<Grain>,
    pub coarser_grains: Vec<Grain>,
    pub breakdowns: Vec<(usize, DimensionCode)>,
    pub direction: Option<Direction>,
    pub owner: String,
    pub reason: String,
    pub legal_basis: Option<String>,
    pub sunset: Option<Date>,
    pub centres: Vec<Label>,
}

impl Heading {
    pub fn read(wire: &pb::IndicatorDefinition, mistakes: &mut Mistakes) -> Heading {
        let id = mistakes.number("id", wire.id, "a number above 0, permanent");
        let code = mistakes.parsed("code", &wire.code, "a code such as QS.R02");
        let revision = mistakes.number("revision", wire.revision, "a number from 1");
        let name = Name {
            zh: mistakes.text("name_zh", &wire.name_zh, "a Chinese name"),
            en: mistakes.text("name_en", &wire.name_en, "an English name"),
        };
        let unit = mistakes.text("unit", &wire.unit, "a unit, such as 件 or %");
        let base_grain = Grain::try_from(wire.base_grain()).ok();
        if base_grain.is_none() {
            mistakes.add("base_grain", Problem::Missing(GRAIN));
        }
        let coarser_grains = read_coarser(wire, base_grain, mistakes);
        let breakdowns = read_breakdowns(&wire.breakdowns, mistakes);
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
        let legal_basis = match wire.legal_basis.as_str() {
            "" => None,
            basis => Some(mistakes.text("legal_basis", basis, "a law or an order")),
        };
        let centres = wire.centres.iter().enumerate().map(|(at, centre)| {
            let field = format!("centres[{at}]");
            mistakes.parsed(&field, centre, "a centre's code: a-z, 0-9, '-'")
        });
        let centres: Vec<_> = centres.collect();
        Heading {
            id: IndicatorId(id),
            code,
            revision: Revision(revision),
            name,
            unit,
            base_grain,
            coarser_grains,
            breakdowns,
            direction,
            owner: mistakes.text("owner", &wire.owner, "the office that asks"),
            reason: mistakes.text("reason", &wire.reason, "why it is asked"),
            legal_basis,
            sunset,
            centres: centres.into_iter().flatten().collect(),
        }
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

/// Each code with its place in the list, once.
fn read_breakdowns(codes: &[String], mistakes: &mut Mistakes) -> Vec<(usize, DimensionCode)> {
    if codes.len() > Breakdown::MAX {
        let found = codes.len() as u64;
        let want = "at most 4 breakdowns";
        mistakes.add("breakdowns", Problem::OutOfRange { found, want });
    }
    let mut breakdowns: Vec<(usize, DimensionCode)> = Vec::new();
    for (at, code) in codes.iter().enumerate() {
        let field = format!("breakdowns[{at}]");
        let Some(code) = mistakes.parsed::<DimensionCode>(&field, code, "a dimension's code")
        else {
            continue;
        };
        if breakdowns.iter().any(|(_, held)| *held == code) {
            mistakes.add(field, Problem::Twice(code.to_string()));
        } else {
            breakdowns.push((at, code));
        }
    }
    breakdowns
}
