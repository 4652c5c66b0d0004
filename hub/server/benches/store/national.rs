//! A country's question: 620,573 communities × one indicator × one month by
//! province, over a column as the cache keeps it. Codes are made up, evenly
//! over 31 provinces; the count is the real one of 2023.

use std::{convert::Infallible, sync::Arc, time::Instant};

use hub_domain::{
    query::{Asked, Column, ColumnId, Columns, Group, Request, Roster, World, answer, resolve},
    register::Register,
};
use jiff::tz::TimeZone;
use proto::{
    indicator::{accumulator::Accumulator, cell::Breakdown},
    place::{Level, Place},
};

use super::{
    load::{catalogue, code, month, now},
    ms, row,
};

const COMMUNITIES: u64 = 620_573;
const PROVINCES: u64 = 31;

struct One(Arc<Column>);

impl Columns for One {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        Ok(vec![self.0.clone(); ids.len()])
    }
}

pub fn ask() {
    let each = COMMUNITIES / PROVINCES + 1;
    let places = (0..COMMUNITIES).map(|at| {
        let (province, within) = (at / each + 11, at % each + 1);
        Place::from_aligned(
            province * 10_000_000_000_000 + within * 1_000,
            Level::Community,
        )
        .expect("a community")
    });
    let places: Vec<Place> = places.collect();
    let mut column = Column::default();
    for (at, place) in (0..).zip(&places) {
        let state = Accumulator::Count(at % 50 + 1).encode();
        let pushed = column.push(*place, Breakdown::new([1]), state.kind, &state.bytes);
        pushed.expect("ascending");
    }
    column.shrink();
    row(
        "5 national",
        "column MiB",
        column.size_bytes() as f64 / f64::from(1 << 20),
    );
    let column = One(Arc::new(column));
    let register = Register::default();
    let roster = Roster::new(&register, places.iter().map(|place| (*place, Some(now()))));
    let request = Request {
        indicators: vec![Asked {
            code: code(2),
            revision: None,
        }],
        place: Place::COUNTRY,
        from: month(0),
        to: month(0),
        grain: None,
        group: Group {
            place: Some(Level::Province),
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    };
    let measures = resolve(&request, &catalogue()).expect("a known indicator");
    let world = World {
        register: &register,
        roster: &roster,
        zone: &TimeZone::UTC,
        now: now(),
    };
    let mut taken = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let rows = answer(&request, &measures, world, &column).expect("an answer");
        taken.push(start.elapsed());
        let total: f64 = rows.iter().map(|row| row.value.number).sum();
        let want: u64 = (0..COMMUNITIES).map(|at| at % 50 + 1).sum();
        assert_eq!((rows.len() as u64, total), (PROVINCES, want as f64));
    }
    taken.sort_unstable();
    row("5 national", "p50 ms", ms(taken[taken.len() / 2]));
    row("5 national", "worst ms", ms(taken[taken.len() - 1]));
}
