//! The questions of a district, one client, each with another indicator, month
//! or community than the one before.

use std::time::{Duration, Instant};

use hub_domain::query::{Asked, Group, Rank, RankOrder, Request, World, resolve};
use hub_server::store::Store;
use proto::place::{Level, Place};

use super::{
    load::{INDICATORS, MONTHS, code, community, month, now},
    ms, row,
};

const TIMES: u32 = 400;

pub fn ask(store: &Store, communities: usize) {
    let year = |n: u32| Request {
        from: month(0),
        to: month(MONTHS - 1),
        group: Group {
            period: true,
            ..Group::default()
        },
        ..one(n)
    };
    run(store, "1 a year by month", MONTHS as usize, year);
    run(store, "2 top ten of a month", 10, |n| Request {
        group: by(Level::Community),
        rank: Some(Rank {
            order: RankOrder::Top,
            limit: 10,
        }),
        ..one(n)
    });
    run(store, "3 all of one community", INDICATORS as usize, |n| {
        Request {
            indicators: (1..=INDICATORS).map(asked).collect(),
            place: community(n as usize % communities),
            ..one(n)
        }
    });
    run(
        store,
        "4 a year by street, month",
        9 * MONTHS as usize,
        |n| Request {
            group: Group {
                place: Some(Level::Street),
                ..year(n).group
            },
            ..year(n)
        },
    );
}

fn one(n: u32) -> Request {
    let month = month(n * 5 % MONTHS);
    Request {
        indicators: vec![asked(n * 7 % INDICATORS + 1)],
        place: Place::COUNTRY,
        from: month,
        to: month,
        grain: None,
        group: Group::default(),
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    }
}

fn by(level: Level) -> Group {
    Group {
        place: Some(level),
        ..Group::default()
    }
}

fn asked(indicator: u32) -> Asked {
    Asked {
        code: code(indicator),
        revision: None,
    }
}

fn run(store: &Store, what: &str, rows: usize, question: impl Fn(u32) -> Request) {
    let mut taken: Vec<Duration> = Vec::new();
    for n in 0..TIMES {
        let request = question(n);
        let start = Instant::now();
        let catalogue = store.catalogue();
        let measures = resolve(&request, catalogue.catalogue()).expect("known indicators");
        let (register, roster) = (store.register(), store.roster());
        let world = World {
            register: &register,
            roster: &roster,
            zone: store.zone(),
            now: now(),
        };
        let answered = store.answer(&request, &measures, world).expect("an answer");
        taken.push(start.elapsed());
        assert_eq!(answered.len(), rows, "{what}");
        assert!(answered.iter().all(|row| row.value.number > 0.0), "{what}");
    }
    taken.sort_unstable();
    row(what, "p50 ms", ms(taken[taken.len() / 2]));
    row(what, "p99 ms", ms(taken[taken.len() * 99 / 100]));
}
