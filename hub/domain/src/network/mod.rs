//! What a hub says of itself as indicators: how many communities have joined, how
//! many report in time, how many numbers are asked for once (article, Wenjiang:
//! one line down). Knows no cell and reads no clock.

mod net;

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use proto::{
    indicator::{cell::Revision, definition::IndicatorCode},
    period::{Grain, Period},
    place::Place,
};

use crate::{
    asks::{Ask, Standing},
    catalogue::Log,
    overlap::{Relation, overlap},
    period::GRACE_DAYS,
    query::midnight,
    register::Register,
    sync::line::Line,
};

pub use net::{Net, Observation};

/// Months of which a line remembers when they were whole.
pub const REMEMBERED: usize = 24;

/// Since `at`, by the hub's clock, a node is complete to the end of `month`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    pub month: Period,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub numerator: u32,
    pub denominator: u32,
}

/// What a batch that arrives at `now` reaches; `None` when no month ends between
/// the two watermarks.
pub fn reached(
    before: Option<Timestamp>,
    until: Option<Timestamp>,
    zone: &TimeZone,
    now: Timestamp,
) -> Option<Reached> {
    let whole = |until| {
        let day = zone.to_datetime(until).date();
        Period::containing(day, Grain::Month)?.previous()
    };
    let month = whole(until?)?;
    let is_new = before.and_then(whole).is_none_or(|old| old < month);
    is_new.then_some(Reached { month, at: now })
}

/// The last month whose numbers are due on `day`.
pub fn month_due(day: Date) -> Option<Period> {
    let day = day.checked_sub(GRACE_DAYS.days()).ok()?;
    Period::containing(day, Grain::Month)?.previous()
}

/// Whether lines remember of `month`, on `day`, when it was whole: it is running, or
/// one of the 23 before that.
pub fn is_remembered(month: Period, day: Date) -> bool {
    let running = Period::containing(day, Grain::Month);
    let oldest = running.and_then(Period::year_before);
    let gone = oldest.and_then(Period::year_before);
    month.grain() == Grain::Month && Some(month) <= running && Some(month) > gone
}

/// WJ.N01 接入社区率: of the communities open on `day`, those that have enrolled.
pub fn joined(
    register: &Register,
    enrolled: &BTreeMap<Place, Timestamp>,
    zone: &TimeZone,
    day: Date,
) -> Share {
    share(open(register, enrolled, zone, day))
}

/// The communities open on `day`, and whether each had enrolled before it ended.
fn open(
    register: &Register,
    enrolled: &BTreeMap<Place, Timestamp>,
    zone: &TimeZone,
    day: Date,
) -> impl Iterator<Item = (Place, bool)> {
    let ended_at = midnight(day.tomorrow().unwrap_or(day), zone);
    let open = register.open_on(Place::COUNTRY, day);
    open.map(move |of| {
        let since = enrolled.get(&of.code);
        (of.code, since.is_some_and(|since| *since < ended_at))
    })
}

/// WJ.N02 数据及时率: of the communities that should report `month`, having enrolled
/// before it ended, those that were complete to its end within [`GRACE_DAYS`].
pub fn in_time(
    register: &Register,
    enrolled: &BTreeMap<Place, Timestamp>,
    lines: &BTreeMap<Place, Line>,
    zone: &TimeZone,
    month: Period,
) -> Share {
    share(due(register, enrolled, lines, zone, month))
}

/// The communities that should report `month`, and whether each did in time.
fn due(
    register: &Register,
    enrolled: &BTreeMap<Place, Timestamp>,
    lines: &BTreeMap<Place, Line>,
    zone: &TimeZone,
    month: Period,
) -> impl Iterator<Item = (Place, bool)> {
    let after = |days: i64| midnight(month.last_day().saturating_add((days + 1).days()), zone);
    let (ended_at, due_at) = (after(0), after(GRACE_DAYS));
    let expected = register.expected(Place::COUNTRY, month).map(|of| of.code);
    let due = expected.filter(move |code| {
        enrolled
            .get(code)
            .is_some_and(|enrolled| *enrolled < ended_at)
    });
    due.map(move |code| {
        let mut reached = lines.get(&code).into_iter().flat_map(|line| &line.reached);
        let first = reached.find(|reached| reached.month >= month);
        (code, first.is_some_and(|reached| reached.at <= due_at))
    })
}

/// WJ.N03 一数一源率: of the numbers that are collected, those that no other one
/// gives already.
pub fn asked_once(log: &Log, asks: &[Ask]) -> Share {
    share(collected(log, asks))
}

/// The numbers that communities are asked for, and whether no other one gives each.
fn collected<'a>(log: &'a Log, asks: &'a [Ask]) -> impl Iterator<Item = (&'a Ask, bool)> {
    let catalogue = log.catalogue();
    let live = |code: &IndicatorCode, revision: Revision| {
        asks.iter().find(|ask| {
            let is_asked = matches!(ask.standing, Standing::Collected | Standing::Ending(_));
            is_asked && !ask.cost.is_derived && ask.code == *code && ask.revision == revision
        })
    };
    let asked = catalogue
        .definitions()
        .filter_map(move |of| Some((of, live(&of.code, of.revision)?)));
    asked.map(move |(of, ask)| {
        let others = overlap(of, catalogue).into_iter();
        let mut others = others.filter(|other| other.code != of.code);
        let is_given = others.any(|other| {
            other.relation <= Relation::Answered && live(&other.code, other.revision).is_some()
        });
        (ask, !is_given)
    })
}

fn share<T>(all: impl Iterator<Item = (T, bool)>) -> Share {
    let mut share = Share {
        numerator: 0,
        denominator: 0,
    };
    for (_, counts) in all {
        share.denominator += 1;
        share.numerator += u32::from(counts);
    }
    share
}

#[cfg(test)]
mod tests;
