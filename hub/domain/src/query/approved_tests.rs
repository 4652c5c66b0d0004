//! What was approved and what is now, over random changes: the revisions between
//! them come to their difference, at every community and in sum.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;
use proto::{
    indicator::{
        accumulator::Accumulator,
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
        kind::Kind,
    },
    period::{Grain, Period},
    place::{Level, Place},
};

use super::super::{
    tests::{A, B, C, three_communities},
    *,
};
use crate::{
    event::Asked as AskedBy,
    period::{Book, CellRevision, Late, Lateness, Proposal},
};

const SERIES: (IndicatorId, Revision) = (IndicatorId(7), Revision(1));
const DAYS: [&str; 3] = ["20260103", "20260117", "20260131"];

/// A hub's cells, and what its store would have kept of their changes.
#[derive(Clone, Default)]
struct Held {
    cells: BTreeMap<(Period, Place, Breakdown), Cell>,
    revisions: Vec<CellRevision>,
    book: Book,
    seq: u64,
}

#[derive(Clone, Debug)]
struct Change {
    community: usize,
    day: usize,
    member: u16,
    /// Numerator and what the denominator has more; `None`: removed.
    ratio: Option<(u8, u8)>,
}

impl Held {
    fn change(&mut self, change: &Change) {
        self.seq += 1;
        let place: Place = [A, B, C][change.community].parse().unwrap();
        let key = CellKey {
            indicator: SERIES.0,
            revision: SERIES.1,
            period: DAYS[change.day].parse().unwrap(),
            breakdown: Breakdown::new([change.member]),
        };
        let state = match change.ratio {
            None => CellState::removed(),
            Some((numerator, more)) => Accumulator::Ratio {
                numerator: numerator.into(),
                denominator: u128::from(numerator) + u128::from(more),
            }
            .encode(),
        };
        let cell = Cell {
            key,
            order: Order {
                lineage: 1,
                seq: self.seq,
            },
            state,
        };
        let at = (key.period, place, key.breakdown);
        let before = self.cells.insert(at, cell.clone());
        let late = Late {
            at: now(),
            uncounted: Vec::new(),
        };
        let zone = TimeZone::UTC;
        let lateness = Lateness::new(&self.book, &late, self.seq, place, Some(now()), &zone);
        let revision = lateness.judge(&key, before.as_ref(), Some(&cell));
        self.revisions.extend(revision);
    }

    fn lock(&mut self, silent: &[&str]) {
        self.seq += 1;
        let asked = AskedBy {
            by: "operator/li".parse().unwrap(),
            request: "r-1".parse().unwrap(),
        };
        let proposal = Proposal {
            period: "202601".parse().unwrap(),
            indicators: Vec::new(),
            series: vec![SERIES],
            note: String::new(),
            expected: 3,
            silent: silent
                .iter()
                .map(|code| code.parse::<Place>().unwrap().aligned())
                .collect(),
            after: self.seq,
        };
        let today = "2026-03-01".parse().unwrap();
        let event = self.book.propose(asked, proposal, now(), today).unwrap();
        self.book.apply(&event);
    }

    /// Rows by community, and in whole, each with what was approved.
    fn rows(&self) -> Vec<Row> {
        let register = three_communities();
        let heard = [A, B, C].map(|code| (code.parse().unwrap(), Some(now())));
        let roster = Roster::new(&register, heard);
        let world = World {
            register: &register,
            roster: &roster,
            zone: &TimeZone::UTC,
            now: now(),
        };
        let measures = [measure()];
        let mut all = Vec::new();
        for level in [None, Some(Level::Community)] {
            let request = request(level);
            let mut rows = answer(&request, &measures, world, self).unwrap();
            approve(&mut rows, &request, &measures, world, &self.book, self).unwrap();
            all.append(&mut rows);
        }
        all
    }

    /// Numerators and denominators that the revisions add at `place`, or in whole.
    fn added(&self, place: Option<Place>) -> (i64, i64) {
        let mut sum = (0, 0);
        let here = |one: &&CellRevision| place.is_none_or(|place| place == one.community);
        for revision in self.revisions.iter().filter(here) {
            for (state, sign) in [(&revision.after, 1), (&revision.before, -1)] {
                let value = Value::of_cell(state.as_ref(), None).unwrap();
                sum.0 += sign * value.numerator;
                sum.1 += sign * value.denominator;
            }
        }
        sum
    }
}

impl Columns for Held {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        let columns = ids.iter().map(|id| {
            let mut column = Column::default();
            for ((period, place, breakdown), cell) in &self.cells {
                if *period == id.period && !cell.state.is_removed() {
                    let state = &cell.state;
                    column
                        .push(*place, *breakdown, state.kind, &state.bytes)
                        .unwrap();
                }
            }
            Arc::new(column)
        });
        Ok(columns.collect())
    }
}

impl Revisions for Held {
    fn revisions(&self, base: Period, _: Place) -> Result<Arc<Vec<CellRevision>>, Infallible> {
        let of = self.revisions.iter().filter(|one| one.key.period == base);
        Ok(Arc::new(of.cloned().collect()))
    }
}

fn now() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

fn measure() -> Measure {
    Measure {
        code: "T.7".into(),
        id: SERIES.0,
        revision: SERIES.1,
        kind: Kind::Ratio,
        base: None,
        base_grain: Grain::Day,
        coarser_grains: vec![Grain::Month, Grain::Quarter],
        higher_is_better: None,
        filters: Vec::new(),
        breakdown: None,
        absent: Default::default(),
        observed: None,
        derivation: None,
    }
}

fn request(level: Option<Level>) -> Request {
    Request {
        indicators: Vec::new(),
        place: Place::COUNTRY,
        from: "202601".parse().unwrap(),
        to: "202601".parse().unwrap(),
        grain: None,
        group: Group {
            place: level,
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    }
}

fn change() -> impl Strategy<Value = Change> {
    let ratio = prop::option::weighted(0.8, (0..9u8, 0..9u8));
    (0..3usize, 0..3usize, 1..3u16, ratio).prop_map(|(community, day, member, ratio)| Change {
        community,
        day,
        member,
        // Nothing over nothing is no cell.
        ratio: ratio.filter(|ratio| *ratio != (0, 0)),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn revisions_come_to_the_difference_between_approved_and_present(
        before in prop::collection::vec(change(), 0..25),
        after in prop::collection::vec(change(), 0..25),
    ) {
        let mut held = Held::default();
        before.iter().for_each(|change| held.change(change));
        held.revisions.clear();
        held.lock(&[]);
        let then: Vec<Value> = held.rows().into_iter().map(|row| row.value).collect();
        after.iter().for_each(|change| held.change(change));
        let rows = held.rows();
        prop_assert_eq!(rows.len(), 4);
        for (row, then) in rows.iter().zip(then) {
            let approved = &row.approval.as_ref().unwrap().value;
            prop_assert_eq!(approved, &then);
            let added = held.added(row.key.place);
            prop_assert_eq!(row.value.numerator - approved.numerator, added.0);
            prop_assert_eq!(row.value.denominator - approved.denominator, added.1);
        }
    }
}

#[test]
fn who_had_not_reported_is_none_in_what_was_approved() {
    let mut held = Held::default();
    held.lock(&[B]);
    for row in held.rows().split_off(1) {
        let was_silent = row.key.place == Some(B.parse().unwrap());
        let approved = row.approval.unwrap().value.state;
        let want = match was_silent {
            true => State::None,
            false => State::NotApplicable,
        };
        assert_eq!((row.value.state, approved), (State::NotApplicable, want));
    }
}

#[test]
fn a_row_that_is_locked_in_part_has_no_approved_value() {
    let mut held = Held::default();
    held.lock(&[]);
    let register = three_communities();
    let roster = Roster::new(&register, []);
    let world = World {
        register: &register,
        roster: &roster,
        zone: &TimeZone::UTC,
        now: now(),
    };
    let quarter = Request {
        from: "2026Q1".parse().unwrap(),
        to: "2026Q1".parse().unwrap(),
        ..request(None)
    };
    let days = Request {
        grain: Some(Grain::Day),
        group: Group {
            period: true,
            ..Group::default()
        },
        ..request(None)
    };
    for (request, want) in [(quarter, 0), (days, 31)] {
        let measures = [measure()];
        let mut rows = answer(&request, &measures, world, &held).unwrap();
        approve(&mut rows, &request, &measures, world, &held.book, &held).unwrap();
        let locked = rows.iter().filter(|row| row.approval.is_some()).count();
        assert_eq!(locked, want);
    }
}
