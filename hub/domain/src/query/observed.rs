//! Indicators of the net itself: what a hub tells of it, folded into rows when the
//! question is asked. Knows no column.

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    fact::Fact,
    indicator::{
        accumulator::{Accumulator, Change},
        definition::{Fold, Selector},
    },
    period::Period,
};

use super::{
    coverage::Coverage,
    grouping::Grouping,
    request::Measure,
    roster::Roster,
    span::Span,
    tally::{Tally, Unreadable},
};
use crate::network::Observation;

/// Rolled up to the rows of `grouping`. What is of the hub as a whole is of every
/// row: what it asks for, it asks for everywhere.
pub fn tally(
    observations: &[Observation],
    measure: &Measure,
    fold: &Fold,
    span: &Span,
    (grouping, roster): (&Grouping, &Roster),
    zone: &TimeZone,
) -> Result<Tally, Unreadable> {
    let mut tally = Tally::default();
    for Observation { place, fact } in observations {
        let Some(change) = change(fold, fact) else {
            continue;
        };
        let day = zone.to_datetime(fact.occurred_at).date();
        let base = Period::containing(day, measure.base_grain);
        if !base.is_some_and(|base| span.bases.contains(&base)) {
            continue;
        }
        let of_place = place.map(|place| {
            let slot = roster.codes().binary_search(&place.aligned()).ok()?;
            grouping.row_of(slot)
        });
        let rows = match of_place {
            None => 0..grouping.keys.len(),
            Some(None) => continue,
            Some(Some(row)) => row..row + 1,
        };
        let mut cell = Accumulator::empty(measure.kind);
        let place = place.map_or(0, |place| place.aligned());
        let unreadable = |cause| Unreadable::Kind { place, cause };
        cell.apply(&change).map_err(unreadable)?;
        for row in rows {
            tally
                .merge((row, 0), measure.kind, &cell)
                .map_err(unreadable)?;
        }
    }
    Ok(tally)
}

/// The hub sees all of its own nodes, whether they report or not; what is below a
/// child hub it does not see.
pub fn coverage(
    grouping: &Grouping,
    roster: &Roster,
    span: &Span,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<Coverage> {
    let mut rows = vec![Coverage::default(); grouping.keys.len()];
    let has_begun = span.starts_at(zone) <= now;
    for (slot, row) in grouping.members() {
        if roster.opened(slot) > span.last_day || roster.closed(slot) <= span.first_day {
            continue;
        }
        let child = roster.child_at(slot).map(|child| child.communities());
        let is_seen = has_begun && child.is_none();
        let watermark = is_seen.then_some(now);
        let coverage = &mut rows[row];
        coverage.oldest_watermark = match coverage.expected {
            0 => watermark,
            _ => coverage.oldest_watermark.min(watermark),
        };
        coverage.expected = coverage.expected.saturating_add(child.unwrap_or(1));
        coverage.reporting += u32::from(is_seen);
    }
    rows
}

/// What the fact does to its cell; a definition over what hubs tell is a count or
/// a ratio.
fn change(fold: &Fold, fact: &Fact) -> Option<Change> {
    let counts = |of: &Selector| of.fact_type.id == fact.fact_type && of.filter.lets_through(fact);
    match fold {
        Fold::Count(of) => counts(of).then_some(Change::Count),
        Fold::Ratio {
            numerator,
            denominator,
        } => {
            let (numerator, denominator) = (counts(numerator), counts(denominator));
            (numerator || denominator).then_some(Change::Ratio {
                numerator,
                denominator,
            })
        }
        _ => None,
    }
}
