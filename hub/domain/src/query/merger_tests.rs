//! Two communities of Wenjiang merge in the middle of 2023: a year, its months and
//! its streets, as it was then and as it is now.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::Accumulator,
        cell::{Breakdown, IndicatorId, Revision},
        kind::Kind,
    },
    period::{Grain, Period},
    place::{Level, Place},
};

use super::*;
use crate::register::{Register, Row as ListRow};

const CODES: &str = include_str!("../../../../tests/data/wenjiang-2023.csv");
const EAST: &str = "510115001003";
const SOUTH: &str = "510115001004";
const MERGED: &str = "510115001901";
const MERGED_ON: &str = "2023-07-01";

fn place(code: &str) -> Place {
    code.parse().unwrap()
}

struct Hub {
    register: Register,
    roster: Roster,
    columns: BTreeMap<ColumnId, Arc<Column>>,
}

impl Columns for Hub {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        let found = ids.iter().map(|id| self.columns.get(id).cloned());
        Ok(found.map(Option::unwrap_or_default).collect())
    }
}

/// The code list of 2023, in which the two merged into a third. Every community
/// has one report in each month of which it saw a day, and has said so.
fn wenjiang() -> Hub {
    let listed = CODES.lines().skip(1).map(|line| {
        let mut fields = line.split(',').map(str::to_owned);
        let mut next = || fields.next().unwrap();
        let (code, name, street) = (next(), next(), next());
        let is_gone = code == EAST || code == SOUTH;
        ListRow {
            closed: if is_gone {
                MERGED_ON.into()
            } else {
                String::new()
            },
            successors: if is_gone {
                MERGED.into()
            } else {
                String::new()
            },
            code,
            name,
            street,
            ..ListRow::default()
        }
    });
    let merged = ListRow {
        code: MERGED.into(),
        name: "东南街社区".into(),
        street: "柳城街道".into(),
        opened: MERGED_ON.into(),
        ..ListRow::default()
    };
    let rows: Vec<ListRow> = listed.chain([merged]).collect();
    assert_eq!(rows.len(), 96, "95 of the list, and the new one");
    let mut register = Register::default();
    let imported = register
        .import(&rows, "2024-01-10".parse().unwrap())
        .unwrap();
    imported
        .events
        .iter()
        .for_each(|event| register.apply(event));
    let done: Timestamp = "2024-01-05T00:00:00Z".parse().unwrap();
    let midyear: Timestamp = "2023-06-30T16:00:00Z".parse().unwrap();
    let all: Vec<Place> = register
        .inside(Place::COUNTRY)
        .map(|held| held.code)
        .collect();
    // Nobody heard of the two after they had ended.
    let heard = all.iter().map(|code| {
        let is_gone = *code == place(EAST) || *code == place(SOUTH);
        (*code, Some(if is_gone { midyear } else { done }))
    });
    let roster = Roster::new(&register, heard);
    let mut columns = BTreeMap::new();
    for month in 1..=12 {
        let period: Period = format!("2023{month:02}").parse().unwrap();
        let mut column = Column::default();
        for community in register.expected(Place::COUNTRY, period) {
            let one = Accumulator::Count(1).encode();
            column
                .push(community.code, Breakdown::new([0]), one.kind, &one.bytes)
                .unwrap();
        }
        let id = ColumnId {
            indicator: IndicatorId(1),
            revision: Revision(1),
            period,
        };
        columns.insert(id, Arc::new(column));
    }
    Hub {
        register,
        roster,
        columns,
    }
}

impl Hub {
    fn ask(&self, period: &str, level: Option<Level>, register_date: Option<Date>) -> Vec<Row> {
        let request = Request {
            indicators: vec![],
            place: Place::COUNTRY,
            from: period.parse().unwrap(),
            to: period.parse().unwrap(),
            grain: None,
            group: Group {
                place: level,
                ..Group::default()
            },
            filters: vec![],
            comparisons: vec![],
            rank: None,
            register_date,
        };
        let measure = Measure {
            code: "T.1".into(),
            id: IndicatorId(1),
            revision: Revision(1),
            kind: Kind::Count,
            base: None,
            base_grain: Grain::Month,
            coarser_grains: vec![Grain::Quarter, Grain::Half, Grain::Year],
            higher_is_better: None,
            filters: vec![],
            breakdown: None,
            absent: Default::default(),
            observed: None,
            derivation: None,
        };
        let world = World {
            register: &self.register,
            roster: &self.roster,
            zone: &TimeZone::get("Asia/Shanghai").unwrap(),
            now: "2024-01-10T00:00:00Z".parse().unwrap(),
        };
        answer(&request, &[measure], world, self).unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// Number, reporting and expected of one community; `None`: it has no row.
    fn of(&self, code: &str, period: &str, date: Option<Date>) -> Option<(f64, u32, u32)> {
        let rows = self.ask(period, Some(Level::Community), date);
        let row = rows.iter().find(|row| row.key.place == Some(place(code)))?;
        Some((
            row.value.number,
            row.coverage.reporting,
            row.coverage.expected,
        ))
    }
}

#[test]
fn a_merger_in_mid_year_is_answered_as_then_and_as_now() {
    let (hub, now) = (wenjiang(), Some("2024-01-10".parse().unwrap()));
    // As then: the two until June, the third from July on.
    assert_eq!(hub.of(EAST, "202306", None), Some((1.0, 1, 1)));
    assert_eq!(hub.of(MERGED, "202306", None), None);
    assert_eq!(hub.of(EAST, "202307", None), None);
    assert_eq!(hub.of(MERGED, "202307", None), Some((1.0, 1, 1)));
    assert_eq!(hub.of(EAST, "2023", None), Some((6.0, 1, 1)));
    assert_eq!(hub.of(MERGED, "2023", None), Some((6.0, 1, 1)));
    // As now: the third has the history of both.
    assert_eq!(hub.of(EAST, "202306", now), None);
    assert_eq!(hub.of(MERGED, "202306", now), Some((2.0, 2, 2)));
    assert_eq!(hub.of(MERGED, "2023", now), Some((18.0, 3, 3)));
    // The district's sum is the same either way; who is expected follows the month.
    for date in [None, now] {
        let whole = |period: &str| hub.ask(period, None, date).remove(0);
        let coverage = |period: &str| whole(period).coverage;
        assert_eq!(whole("2023").value.number, f64::from(6 * 95 + 6 * 94));
        assert_eq!(
            (coverage("202306").reporting, coverage("202306").expected),
            (95, 95)
        );
        assert_eq!(
            (coverage("202307").reporting, coverage("202307").expected),
            (94, 94)
        );
        assert_eq!(
            (coverage("2023").reporting, coverage("2023").expected),
            (96, 96)
        );
    }
}

#[test]
fn coverage_is_never_above_the_whole() {
    let hub = wenjiang();
    let dates = ["2023-06-30", MERGED_ON, "2024-01-10"].map(|day| Some(day.parse().unwrap()));
    for date in dates.into_iter().chain([None]) {
        for level in [None, Some(Level::Street), Some(Level::Community)] {
            for period in [
                "202305", "202306", "202307", "2023Q2", "2023Q3", "2023S1", "2023",
            ] {
                let rows = hub.ask(period, level, date);
                assert!(!rows.is_empty());
                for row in rows {
                    let coverage = row.coverage;
                    assert!(coverage.expected > 0, "{period} {row:?}");
                    assert_eq!(coverage.reporting, coverage.expected, "{period} {row:?}");
                }
            }
        }
    }
}
