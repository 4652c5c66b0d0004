//! Value states, coverage, comparisons, rankings, refusals: one table each.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use jiff::{Timestamp, civil::date, tz::TimeZone};
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

pub(super) const A: &str = "510115001001";
pub(super) const B: &str = "510115001002";
pub(super) const C: &str = "510115002001";

fn place(code: &str) -> Place {
    code.parse().unwrap()
}

fn period(code: &str) -> Period {
    code.parse().unwrap()
}

fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

struct Hub {
    register: Register,
    roster: Roster,
    kind: Kind,
    direction: Option<bool>,
    columns: BTreeMap<ColumnId, Column>,
    now: Timestamp,
}

impl Columns for Hub {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        let found = ids
            .iter()
            .map(|id| Arc::new(self.columns.get(id).cloned().unwrap_or_default()));
        Ok(found.collect())
    }
}

/// Three communities in two streets, A and B of one type.
pub(super) fn three_communities() -> Register {
    let row = |code: &str, kind: &str| ListRow {
        code: code.into(),
        name: code.into(),
        street: "s".into(),
        kind: kind.into(),
        ..ListRow::default()
    };
    let rows = [row(A, "expert"), row(B, "expert"), row(C, "upscale")];
    let mut register = Register::default();
    let imported = register.import(&rows, date(2026, 1, 1)).unwrap();
    imported
        .events
        .iter()
        .for_each(|event| register.apply(event));
    register
}

/// Those three; days end at UTC midnight.
fn hub(kind: Kind, watermarks: [Option<&str>; 3]) -> Hub {
    let register = three_communities();
    let heard = [A, B, C].into_iter().zip(watermarks);
    let heard = heard.map(|(code, until)| (place(code), until.map(at)));
    Hub {
        roster: Roster::new(&register, heard),
        register,
        kind,
        direction: Some(true),
        columns: BTreeMap::new(),
        now: at("2026-06-15T12:00:00Z"),
    }
}

fn id(code: &str) -> ColumnId {
    ColumnId {
        indicator: IndicatorId(1),
        revision: Revision(1),
        period: period(code),
    }
}

impl Hub {
    /// Cells of one month, in place order.
    fn with(mut self, month: &str, cells: &[(&str, u16, Accumulator)]) -> Hub {
        let column = self.columns.entry(id(month)).or_default();
        for (code, member, cell) in cells {
            let state = cell.encode();
            let breakdown = Breakdown::new([*member]);
            column
                .push(place(code), breakdown, state.kind, &state.bytes)
                .unwrap();
        }
        self
    }

    fn measure(&self) -> Measure {
        Measure {
            code: "T.1".into(),
            id: IndicatorId(1),
            revision: Revision(1),
            kind: self.kind,
            base: None,
            base_grain: Grain::Month,
            coarser_grains: vec![Grain::Quarter],
            higher_is_better: self.direction,
            filters: vec![],
            breakdown: None,
            absent: Default::default(),
            observed: None,
            derivation: None,
        }
    }

    fn try_ask(&self, request: &Request) -> Result<Vec<Row>, Refusal> {
        let world = World {
            register: &self.register,
            roster: &self.roster,
            zone: &TimeZone::UTC,
            now: self.now,
        };
        match answer(request, &[self.measure()], world, self) {
            Ok(rows) => Ok(rows),
            Err(Unanswered::Refused(refusal)) => Err(refusal),
            Err(other) => panic!("{other}"),
        }
    }

    fn ask(&self, request: &Request) -> Vec<Row> {
        self.try_ask(request).unwrap()
    }
}

fn of(from: &str, to: &str) -> Request {
    Request {
        indicators: vec![],
        place: Place::COUNTRY,
        from: period(from),
        to: period(to),
        grain: None,
        group: Group::default(),
        filters: vec![],
        comparisons: vec![],
        rank: None,
        register_date: None,
    }
}

fn by_community(from: &str, to: &str) -> Request {
    Request {
        group: Group {
            place: Some(Level::Community),
            period: true,
            ..Group::default()
        },
        ..of(from, to)
    }
}

fn count(n: u128) -> Accumulator {
    Accumulator::Count(n)
}

fn ratio(numerator: u128, denominator: u128) -> Accumulator {
    Accumulator::Ratio {
        numerator,
        denominator,
    }
}

const DONE: Option<&str> = Some("2026-06-15T00:00:00Z");

#[test]
fn value_states_are_told_apart() {
    let state = |hub: Hub, month| hub.ask(&of(month, month))[0].value.state;
    let all = [DONE; 3];
    assert_eq!(state(hub(Kind::Count, all), "202605"), State::Zero);
    assert_eq!(state(hub(Kind::Count, [None; 3]), "202605"), State::None);
    assert_eq!(state(hub(Kind::Ratio, all), "202605"), State::NotApplicable);
    assert_eq!(state(hub(Kind::Level, all), "202605"), State::None);
    let counted = |all| hub(Kind::Count, all).with("202605", &[(A, 0, count(4))]);
    assert_eq!(state(counted(all), "202605"), State::Value);
    let behind = [Some("2026-05-20T00:00:00Z"), None, None];
    assert_eq!(state(counted(behind), "202605"), State::Stale);
    let rate = |n, d| hub(Kind::Ratio, all).with("202605", &[(A, 0, ratio(n, d))]);
    assert_eq!(state(rate(0, 3), "202605"), State::Zero);
    assert_eq!(state(rate(1, 3), "202605"), State::Value);
}

#[test]
fn coverage_counts_whoever_reached_the_end_of_a_finished_period() {
    let hub = hub(
        Kind::Count,
        [
            Some("2026-06-01T00:00:00Z"),
            Some("2026-05-31T23:59:59Z"),
            None,
        ],
    );
    let coverage = hub.ask(&of("202605", "202605"))[0].coverage;
    assert_eq!((coverage.reporting, coverage.expected), (1, 3));
    assert_eq!(coverage.oldest_watermark, None);
    let street = Request {
        place: place("510115001"),
        ..of("202605", "202605")
    };
    let coverage = hub.ask(&street)[0].coverage;
    assert_eq!((coverage.reporting, coverage.expected), (1, 2));
    assert_eq!(coverage.oldest_watermark, Some(at("2026-05-31T23:59:59Z")));
}

#[test]
fn a_running_period_is_reported_by_whoever_was_heard_in_it() {
    let watermarks = [
        Some("2026-06-10T00:00:00Z"),
        Some("2026-06-01T00:00:00Z"),
        None,
    ];
    let rows = hub(Kind::Count, watermarks).ask(&by_community("202606", "202606"));
    let states: Vec<_> = rows.iter().map(|row| row.value.state).collect();
    assert_eq!(states, [State::Zero, State::None, State::None]);
}

#[test]
fn a_community_that_closed_needs_to_report_only_until_then() {
    let mut hub = hub(Kind::Count, [Some("2026-05-10T00:00:00Z"), DONE, DONE]);
    let closed = ListRow {
        code: A.into(),
        name: A.into(),
        street: "s".into(),
        closed: "2026-05-10".into(),
        successors: B.into(),
        ..ListRow::default()
    };
    let imported = hub.register.import(&[closed], date(2026, 6, 1)).unwrap();
    imported
        .events
        .iter()
        .for_each(|event| hub.register.apply(event));
    let watermarks = [A, B, C].map(|code| (place(code), hub.roster.watermark(place(code))));
    hub.roster = Roster::new(&hub.register, watermarks);
    let hub = hub.with("202605", &[(A, 0, count(1)), (B, 0, count(2))]);

    let coverage = hub.ask(&of("202605", "202605"))[0].coverage;
    assert_eq!((coverage.reporting, coverage.expected), (3, 3));
    assert_eq!(hub.ask(&by_community("202606", "202606")).len(), 2);

    let then = hub.ask(&by_community("202605", "202605"));
    let numbers: Vec<_> = then.iter().map(|row| row.value.number).collect();
    assert_eq!(numbers, [1.0, 2.0, 0.0]);
    let now = hub.ask(&Request {
        register_date: Some(date(2026, 6, 1)),
        ..by_community("202605", "202605")
    });
    let numbers: Vec<_> = now.iter().map(|row| row.value.number).collect();
    assert_eq!(numbers, [3.0, 0.0], "A counts to its successor");
    assert_eq!(now[0].coverage.expected, 2);
}

#[test]
fn rankings_follow_the_direction_and_leave_out_what_is_not_known() {
    let rated = |direction| Hub {
        direction,
        ..hub(Kind::Ratio, [DONE, DONE, Some("2026-01-01T00:00:00Z")]).with(
            "202605",
            &[
                (A, 0, ratio(1, 4)),
                (B, 0, ratio(3, 4)),
                (C, 0, ratio(1, 1)),
            ],
        )
    };
    let ranked = |hub: Hub, order| -> Vec<(String, u32)> {
        let request = Request {
            rank: Some(Rank { order, limit: 2 }),
            ..by_community("202605", "202605")
        };
        let rows = hub.ask(&request);
        let named = |row: &Row| (row.key.place.unwrap().to_string(), row.rank);
        rows.iter().map(named).collect()
    };
    let order = |first: &str, second: &str| vec![(first.to_owned(), 1), (second.to_owned(), 2)];
    let (up, down) = (Some(true), Some(false));
    assert_eq!(ranked(rated(up), RankOrder::Top), order(B, A));
    assert_eq!(ranked(rated(up), RankOrder::Bottom), order(A, B));
    assert_eq!(ranked(rated(down), RankOrder::Top), order(A, B));
    assert_eq!(ranked(rated(None), RankOrder::Top), order(B, A));
    let tied = hub(Kind::Count, [DONE; 3]);
    assert_eq!(
        ranked(tied, RankOrder::Top),
        vec![(A.to_owned(), 1), (B.to_owned(), 1)]
    );
}

#[test]
fn comparisons_look_back_and_at_the_same_type() {
    let hub = hub(Kind::Count, [DONE; 3])
        .with("202505", &[(A, 0, count(7))])
        .with("202604", &[(A, 0, count(2))])
        .with(
            "202605",
            &[(A, 0, count(5)), (B, 0, count(8)), (C, 0, count(90))],
        );
    let request = Request {
        comparisons: vec![
            Comparison::PreviousPeriod,
            Comparison::YearBefore,
            Comparison::TypeMedian,
        ],
        place: place(A),
        ..by_community("202605", "202605")
    };
    let rows = hub.ask(&request);
    let compared: Vec<_> = rows[0]
        .compared
        .iter()
        .map(|(_, value)| value.number)
        .collect();
    assert_eq!(compared, [2.0, 7.0, 6.5]);
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let hub = hub(Kind::Count, [DONE; 3]);
    let refused = |request: Request| hub.try_ask(&request).unwrap_err();
    let weekly = refused(of("2026W05", "2026W06"));
    assert_eq!(weekly.reason(), "GRAIN_NOT_ALLOWED");
    assert!(
        weekly.to_string().ends_with("allowed: month, quarter"),
        "{weekly}"
    );
    let reasons = [
        (refused(of("202605", "202604")), "PERIOD_RANGE"),
        (refused(of("2026", "2026")), "GRAIN_NOT_ALLOWED"),
        (
            refused(Request {
                grain: Some(Grain::Quarter),
                ..of("202601", "202603")
            }),
            "RANGE_GRAIN",
        ),
        (refused(of("190001", "219901")), "TOO_MANY_PERIODS"),
        (
            refused(Request {
                comparisons: vec![Comparison::YearBefore],
                ..of("202601", "202603")
            }),
            "COMPARISON_RANGE",
        ),
        (
            refused(Request {
                comparisons: vec![Comparison::TypeMedian],
                ..of("202601", "202601")
            }),
            "COMPARISON_PLACE",
        ),
        (
            refused(Request {
                rank: Some(Rank {
                    order: RankOrder::Top,
                    limit: 0,
                }),
                ..of("202601", "202601")
            }),
            "RANK_LIMIT",
        ),
    ];
    for (refusal, reason) in reasons {
        assert_eq!(refusal.reason(), reason, "{refusal}");
        assert!(!refusal.field().is_empty());
    }
}
