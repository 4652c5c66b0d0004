//! Comparisons: the same row a period or a year earlier, and the median of
//! the communities of the same type. Knows no stored cell.

use std::collections::{BTreeMap, HashMap};

use proto::{period::Period, place::Place};

use super::{
    answer::{Columns, Engine, Row, Table, Unanswered},
    request::{Comparison, Measure},
    span::Span,
    value::Value,
};
use crate::register::CommunityType;

/// Adds to every row what the question compares it with.
pub(super) fn compare<C: Columns>(
    engine: &mut Engine<'_, C>,
    measure: &Measure,
    spans: &[Span],
    rows: &mut [Row],
) -> Result<(), Unanswered<C::Fault>> {
    for comparison in engine.request.comparisons.clone() {
        if comparison == Comparison::TypeMedian {
            type_median(engine, measure, spans, rows)?;
        } else {
            earlier(engine, measure, comparison, rows)?;
        }
    }
    Ok(())
}

fn earlier<C: Columns>(
    engine: &mut Engine<'_, C>,
    measure: &Measure,
    comparison: Comparison,
    rows: &mut [Row],
) -> Result<(), Unanswered<C::Fault>> {
    let mut tables: HashMap<Period, Option<Table>> = HashMap::new();
    let place = engine.request.place;
    for row in rows {
        let Some(period) = row.period else { continue };
        if let std::collections::hash_map::Entry::Vacant(entry) = tables.entry(period) {
            let earlier = match comparison {
                Comparison::YearBefore => period.year_before(),
                _ => period.previous(),
            };
            let table = match earlier {
                Some(earlier) => {
                    let span = measure.span(&[earlier])?;
                    Some(engine.table(measure, &span, place)?)
                }
                None => None,
            };
            entry.insert(table);
        }
        let table = tables.get(&period).and_then(Option::as_ref);
        let value = table.and_then(|table| {
            let at = table.grouping.find(&row.key)?;
            Some(table.value(measure, at, row.member.unwrap_or(0)))
        });
        let value = value.unwrap_or_else(|| Value::of_number(None));
        row.compared.push((comparison, value));
    }
    Ok(())
}

fn type_median<C: Columns>(
    engine: &mut Engine<'_, C>,
    measure: &Measure,
    spans: &[Span],
    rows: &mut [Row],
) -> Result<(), Unanswered<C::Fault>> {
    type Numbers = BTreeMap<(CommunityType, u16), Vec<f64>>;
    let mut medians: HashMap<Option<Period>, Numbers> = HashMap::new();
    for span in spans {
        let table = engine.table(measure, span, Place::COUNTRY)?;
        let members: Vec<u16> = match measure.breakdown {
            None => vec![0],
            Some(_) => {
                let mut members: Vec<u16> = rows.iter().filter_map(|row| row.member).collect();
                members.sort_unstable();
                members.dedup();
                members
            }
        };
        let numbers = medians.entry(span.period).or_default();
        for (at, key) in table.grouping.keys.iter().enumerate() {
            let Some(kind) = type_of(engine, span, key.place) else {
                continue;
            };
            for member in &members {
                let value = table.value(measure, at, *member);
                if value.comparable() {
                    numbers
                        .entry((kind, *member))
                        .or_default()
                        .push(value.number);
                }
            }
        }
    }
    for row in rows {
        let span = spans.iter().find(|span| span.period == row.period);
        let kind = span.and_then(|span| type_of(engine, span, row.key.place));
        let numbers = medians
            .get_mut(&row.period)
            .zip(kind)
            .and_then(|(numbers, kind)| numbers.get_mut(&(kind, row.member.unwrap_or(0))));
        let value = Value::of_number(numbers.and_then(|numbers| median(numbers)));
        row.compared.push((Comparison::TypeMedian, value));
    }
    Ok(())
}

fn type_of<C: Columns>(
    engine: &Engine<'_, C>,
    span: &Span,
    place: Option<Place>,
) -> Option<CommunityType> {
    let day = engine.request.register_date.unwrap_or(span.last_day);
    engine.world.register.get(place?)?.described_on(day).kind
}

/// Of an even count, the mean of the two in the middle.
fn median(numbers: &mut [f64]) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(numbers[middle]),
        _ => Some((numbers[middle - 1] + numbers[middle]) / 2.0),
    }
}
