//! A catalogue as a TOML file. Keys are the fields of the wire messages, so one
//! check serves both and every mistake has its line.

use std::{fmt, ops::Range, sync::Arc};

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::{Catalogue, Item};
use crate::{
    indicator::{
        dimension::Dimension,
        mistake::{InvalidItem, Mistake},
    },
    pb::types as pb,
};

/// Every mistake of a file, by line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidCatalogue(pub Vec<LocatedMistake>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedMistake {
    /// From 1.
    pub line: usize,
    /// The item's code, and field and problem, or what the file's syntax lacks.
    pub text: String,
}

impl fmt::Display for InvalidCatalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}line {}: {}", mistake.line, mistake.text)?;
        }
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    dimension: Vec<DimensionTable>,
    indicator: Vec<IndicatorTable>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct DimensionTable {
    code: String,
    name_zh: String,
    name_en: String,
    numbered: bool,
    members: Vec<MemberTable>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct MemberTable {
    id: u32,
    code: String,
    name_zh: String,
    name_en: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct IndicatorTable {
    id: u32,
    code: String,
    revision: u32,
    name_zh: String,
    name_en: String,
    unit: String,
    accumulator: Option<AccumulatorTable>,
    base_grain: String,
    coarser_grains: Vec<String>,
    breakdowns: Vec<String>,
    protection: String,
    direction: String,
    owner: String,
    reason: String,
    sunset: String,
    centres: Vec<String>,
    formula: String,
    legal_basis: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct AccumulatorTable {
    kind: String,
    of: Option<SelectorTable>,
    denominator: Option<SelectorTable>,
    measure: String,
    denominator_measure: String,
    bucket_bounds: Vec<i64>,
    dimension: String,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct SelectorTable {
    fact_type: String,
    filter: String,
}

impl Catalogue {
    pub fn from_toml(text: &str) -> Result<Catalogue, InvalidCatalogue> {
        let not_toml = |error: toml::de::Error| {
            let line = line_of(text, error.span());
            let text = error.message().to_owned();
            InvalidCatalogue(vec![LocatedMistake { line, text }])
        };
        let file: File = toml::from_str(text).map_err(not_toml)?;
        let tree = DeTable::parse(text).map_err(not_toml)?;
        let mut catalogue = Catalogue::default();
        let mut mistakes = Vec::new();
        let mut refuse = |list, at, invalid: InvalidItem| {
            mistakes.extend(invalid.mistakes.iter().map(|mistake| LocatedMistake {
                line: line_of(text, Some(span_of(tree.get_ref(), list, at, mistake))),
                text: format!("{}: {mistake}", invalid.code),
            }));
        };
        for (at, table) in file.dimension.into_iter().enumerate() {
            let item = Dimension::try_from(pb::Dimension::from(table));
            let taken = item.and_then(|item| catalogue.take(Item::Dimension(Arc::new(item))));
            taken.map_or_else(|invalid| refuse("dimension", at, invalid), |_| ());
        }
        let indicators = file
            .indicator
            .into_iter()
            .map(pb::IndicatorDefinition::from);
        let (derived, counted): (Vec<_>, Vec<_>) = indicators
            .enumerate()
            .partition(|(_, wire)| !wire.formula.is_empty());
        // Those that are derived after those that they may be derived of.
        for (at, wire) in counted.into_iter().chain(derived) {
            let taken = Item::from_definition(wire).and_then(|item| {
                catalogue.complete_in_file(&item)?;
                catalogue.take(item)
            });
            taken.map_or_else(|invalid| refuse("indicator", at, invalid), |_| ());
        }
        if mistakes.is_empty() {
            Ok(catalogue)
        } else {
            mistakes.sort_by_key(|mistake| mistake.line);
            Err(InvalidCatalogue(mistakes))
        }
    }
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let before = text
        .get(..span.map_or(0, |span| span.start))
        .unwrap_or(text);
    before.matches('\n').count() + 1
}

/// Where a mistake's field stands, or the nearest table around it.
fn span_of(tree: &DeTable<'_>, list: &str, at: usize, mistake: &Mistake) -> Range<usize> {
    let path = mistake.field.split(['.', '[']);
    let steps = path.map(|step| step.trim_end_matches(']'));
    let at = at.to_string();
    let mut steps = [list, &at].into_iter().chain(steps);
    let first = steps.next().and_then(|step| tree.get(step));
    let Some(mut here) = first else {
        return 0..0;
    };
    for step in steps {
        let next = match here.get_ref() {
            DeValue::Table(table) => table.get(step),
            DeValue::Array(array) => step.parse().ok().and_then(|at: usize| array.get(at)),
            _ => None,
        };
        match next {
            Some(next) => here = next,
            None => break,
        }
    }
    here.span()
}

/// The number of `<prefix>_<NAME>`; 0, unspecified, for a name that is none.
fn number_named<E: Into<i32>>(from_name: fn(&str) -> Option<E>, prefix: &str, name: &str) -> i32 {
    from_name(&format!("{prefix}_{}", name.to_ascii_uppercase())).map_or(0, Into::into)
}

fn grain(name: &str) -> i32 {
    number_named(pb::Grain::from_str_name, "GRAIN", name)
}

impl From<DimensionTable> for pb::Dimension {
    fn from(table: DimensionTable) -> pb::Dimension {
        let members = table.members.into_iter().map(|member| pb::DimensionMember {
            id: member.id,
            code: member.code,
            name_zh: member.name_zh,
            name_en: member.name_en,
        });
        pb::Dimension {
            code: table.code,
            name_zh: table.name_zh,
            name_en: table.name_en,
            numbered: table.numbered,
            members: members.collect(),
        }
    }
}

impl From<SelectorTable> for pb::Selector {
    fn from(table: SelectorTable) -> pb::Selector {
        pb::Selector {
            fact_type: table.fact_type,
            filter: table.filter,
        }
    }
}

impl From<AccumulatorTable> for pb::AccumulatorSpec {
    fn from(table: AccumulatorTable) -> pb::AccumulatorSpec {
        let kind = pb::AccumulatorKind::from_str_name;
        pb::AccumulatorSpec {
            kind: number_named(kind, "ACCUMULATOR_KIND", &table.kind),
            of: table.of.map(Into::into),
            denominator: table.denominator.map(Into::into),
            measure: table.measure,
            denominator_measure: table.denominator_measure,
            bucket_bounds: table.bucket_bounds,
            dimension: table.dimension,
        }
    }
}

impl From<IndicatorTable> for pb::IndicatorDefinition {
    fn from(table: IndicatorTable) -> pb::IndicatorDefinition {
        let class = pb::ProtectionClass::from_str_name;
        let direction = pb::Direction::from_str_name;
        pb::IndicatorDefinition {
            id: table.id,
            code: table.code,
            revision: table.revision,
            name_zh: table.name_zh,
            name_en: table.name_en,
            unit: table.unit,
            accumulator: table.accumulator.map(Into::into),
            base_grain: grain(&table.base_grain),
            coarser_grains: table
                .coarser_grains
                .iter()
                .map(|name| grain(name))
                .collect(),
            breakdowns: table.breakdowns,
            protection: number_named(class, "PROTECTION_CLASS", &table.protection),
            direction: number_named(direction, "DIRECTION", &table.direction),
            owner: table.owner,
            reason: table.reason,
            sunset: table.sunset,
            centres: table.centres,
            formula: table.formula,
            legal_basis: table.legal_basis,
        }
    }
}
