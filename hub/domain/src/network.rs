//! What a hub says of itself as indicators: how many communities have joined, how
//! many report in time, how many numbers are asked for once (article, Wenjiang:
//! one line down). Knows no cell and reads no clock.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use proto::{
    indicator::{
        cell::Revision,
        definition::{Definition, IndicatorCode},
    },
    period::{Grain, Period},
    place::Place,
};

use crate::{
    asks::{Ask, Standing},
    catalogue::Log,
    overlap::{Relation, overlap},
    period::GRACE_DAYS,
    register::Register,
    sync::line::Line,
};

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
pub fn joined(register: &Register, enrolled: &BTreeMap<Place, Timestamp>, day: Date) -> Share {
    share(
        register.open_on(Place::COUNTRY, day).map(|of| of.code),
        |code| enrolled.contains_key(&code),
    )
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
    let midnight = |days: i64| {
        let day = month.last_day().saturating_add((days + 1).days());
        zone.to_timestamp(day.into()).unwrap_or(Timestamp::MAX)
    };
    let (ended_at, due_at) = (midnight(0), midnight(GRACE_DAYS));
    let expected = register.expected(Place::COUNTRY, month).map(|of| of.code);
    let due = expected.filter(|code| enrolled.get(code).is_some_and(|at| *at < ended_at));
    share(due, |code| {
        let mut reached = lines.get(&code).into_iter().flat_map(|line| &line.reached);
        let first = reached.find(|reached| reached.month >= month);
        first.is_some_and(|reached| reached.at <= due_at)
    })
}

/// WJ.N03 一数一源率: of the numbers that are collected, those that no other one
/// gives already.
pub fn asked_once(log: &Log, asks: &[Ask]) -> Share {
    let catalogue = log.catalogue();
    let is_live = |code: &IndicatorCode, revision: Revision| {
        asks.iter().any(|ask| {
            let is_asked = matches!(ask.standing, Standing::Collected | Standing::Ending(_));
            is_asked && ask.code == *code && ask.revision == revision
        })
    };
    let live = catalogue.definitions();
    let live = live.filter(|of| is_live(&of.code, of.revision));
    share(live, |of: &Arc<Definition>| {
        let others = overlap(of, catalogue).into_iter();
        let mut others = others.filter(|other| other.code != of.code);
        !others.any(|other| {
            other.relation <= Relation::Answered && is_live(&other.code, other.revision)
        })
    })
}

fn share<T>(all: impl Iterator<Item = T>, counts: impl Fn(T) -> bool) -> Share {
    let mut share = Share {
        numerator: 0,
        denominator: 0,
    };
    for one in all {
        share.denominator += 1;
        share.numerator += u32::from(counts(one));
    }
    share
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proto::{
        identity::LogId,
        indicator::catalogue::{Catalogue, Item},
        pb::types as pb,
    };

    use super::*;
    use crate::{asks, register::Row, rollout::Rollouts};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Period {
        text.parse().unwrap()
    }

    fn zone() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(8))
    }

    #[test]
    fn a_month_is_reached_when_its_last_day_is_over_in_the_district() {
        let now = at("2026-04-02T00:00:00Z");
        let of = |before: Option<&str>, until: Option<&str>| {
            let found = reached(before.map(at), until.map(at), &zone(), now);
            found.map(|reached| reached.month.to_string())
        };
        let march = Some("202603".to_owned());
        assert_eq!(of(None, Some("2026-03-31T16:00:00Z")), march);
        assert_eq!(
            of(Some("2026-03-31T15:59:59Z"), Some("2026-03-31T16:00:00Z")),
            march
        );
        assert_eq!(
            of(Some("2026-03-31T16:00:00Z"), Some("2026-04-01T16:00:00Z")),
            None
        );
        // After a time away only the last is said: the earlier ones are as whole.
        assert_eq!(
            of(Some("2026-01-05T00:00:00Z"), Some("2026-04-01T16:00:00Z")),
            march
        );
        assert_eq!(of(Some("2026-01-05T00:00:00Z"), None), None);
    }

    #[test]
    fn a_month_is_due_seven_days_after_its_end() {
        assert_eq!(month_due(date(2026, 4, 7)), Some(month("202602")));
        assert_eq!(month_due(date(2026, 4, 8)), Some(month("202603")));
    }

    #[test]
    fn two_years_are_remembered() {
        for (text, is_so) in [
            ("202604", true),
            ("202605", false),
            ("202405", true),
            ("202404", false),
            ("2025", false),
        ] {
            assert_eq!(
                is_remembered(month(text), date(2026, 4, 8)),
                is_so,
                "{text}"
            );
        }
    }

    /// Five communities, of which the fifth closed in February.
    fn register() -> Register {
        let row = |number: u32| Row {
            code: format!("51011500100{number}"),
            name: format!("第{number}社区"),
            street: "柳城街道".to_owned(),
            closed: ["", "2026-02-20"][usize::from(number == 5)].to_owned(),
            ..Row::default()
        };
        let rows: Vec<Row> = (1..=5).map(row).collect();
        let mut register = Register::default();
        let imported = register.import(&rows, date(2026, 3, 1)).unwrap();
        let events = imported.events.iter();
        events.for_each(|event| register.apply(event));
        register
    }

    #[test]
    fn whoever_has_joined_should_report_within_seven_days() {
        let register = register();
        let code = |number: u32| -> Place { format!("51011500100{number}").parse().unwrap() };
        let enrolled: BTreeMap<Place, Timestamp> = [
            (code(1), at("2026-01-10T00:00:00Z")),
            (code(2), at("2026-01-10T00:00:00Z")),
            // After March had ended in the district, and not in Greenwich.
            (code(3), at("2026-03-31T16:00:00Z")),
            (code(5), at("2026-01-10T00:00:00Z")),
        ]
        .into();
        let (numerator, denominator) = (3, 4);
        assert_eq!(
            joined(&register, &enrolled, date(2026, 4, 1)),
            Share {
                numerator,
                denominator
            }
        );

        let line = |reached: &[(&str, &str)]| Line {
            reached: reached
                .iter()
                .map(|(of, when)| Reached {
                    month: month(of),
                    at: at(when),
                })
                .collect(),
            ..Line::default()
        };
        let said = |first: &str| {
            let lines = [
                (
                    code(1),
                    line(&[("202602", "2026-03-01T00:00:00Z"), ("202603", first)]),
                ),
                (code(2), line(&[("202604", "2026-05-01T00:00:00Z")])),
            ]
            .into();
            let of = |text| in_time(&register, &enrolled, &lines, &zone(), month(text));
            let both = [of("202602"), of("202603")];
            both.map(|share| (share.numerator, share.denominator))
        };
        assert_eq!(said("2026-04-07T16:00:00Z"), [(1, 3), (1, 2)]);
        assert_eq!(said("2026-04-07T16:00:00.001Z"), [(1, 3), (0, 2)]);
    }

    #[test]
    fn a_number_that_another_gives_is_not_asked_once() {
        let first = Catalogue::from_toml(include_str!("../../../deploy/catalogue/first.toml"));
        let first = first.unwrap();
        let mut items: Vec<Item> = first
            .dimensions()
            .map(|of| Item::Dimension(Arc::clone(of)))
            .collect();
        let mut ask = |of: &str, id: u32, code: &str, sunset: &str| {
            let mut wire = pb::IndicatorDefinition::from(&**first.by_code(of, None).unwrap());
            (wire.id, wire.code, wire.sunset) = (id, code.to_owned(), sunset.to_owned());
            items.push(Item::from_definition(wire).unwrap());
        };
        ask("QS.R01", 7001, "NEW.N01", "");
        ask("QS.R02", 7002, "NEW.N02", "");
        ask("QS.R01", 7003, "NEW.N03", "2026-06-30");
        let mut log = Log::new(LogId([7; 16]));
        log.apply(&items);
        let on = |day| {
            let asks = asks::register(&log, &Rollouts::default(), day);
            let share = asked_once(&log, &asks);
            (share.numerator, share.denominator)
        };
        assert_eq!(on(date(2026, 6, 30)), (1, 3), "two are one number");
        assert_eq!(on(date(2026, 7, 1)), (2, 2), "one of them is over");
    }
}
