//! What communities write: every kind of accumulator, removals, and cells of a
//! kind that no build knows yet.

use std::collections::BTreeMap;

use hub_domain::query::midnight;
use jiff::{Timestamp, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::{Accumulator, Change, Distinct},
        cell::{Breakdown, CellKey, CellState, IndicatorId, Revision},
        kind::Kind,
    },
    period::Period,
    sync::jitter::Jitter,
};

use crate::outbox::Outbox;

pub const KINDS: [Kind; 7] = [
    Kind::Count,
    Kind::Sum,
    Kind::Ratio,
    Kind::Mean,
    Kind::Quantile,
    Kind::Level,
    Kind::Distinct,
];
/// Its cells have a kind newer than this build.
pub const NEWER: u32 = 99;
pub const NEWER_KIND: u32 = 77;
pub const MONTHS: [&str; 4] = ["202601", "202602", "202603", "202604"];

#[derive(Default)]
pub struct Leaf {
    cells: BTreeMap<CellKey, Accumulator>,
    /// How many facts it has counted, and by when.
    counted: Vec<(Timestamp, u128)>,
}

impl Leaf {
    /// The next write.
    pub fn write(&mut self, rng: &mut Jitter, wall: Timestamp, number: usize, outbox: &mut Outbox) {
        let pick = rng.next_u64() % 16;
        let kind = match pick {
            0..8 => KINDS[pick as usize % KINDS.len()],
            8 => {
                let bytes = rng.next_u64().to_be_bytes();
                let state = CellState {
                    kind: NEWER_KIND,
                    bytes: bytes.into(),
                };
                return outbox.put(key(NEWER, MONTHS[0], number as u64 + 1), state);
            }
            _ => KINDS[(rng.next_u64() % KINDS.len() as u64) as usize],
        };
        let month = MONTHS[(rng.next_u64() % MONTHS.len() as u64) as usize];
        let key = key(kind.number(), month, 1 + rng.next_u64() % 3);
        if pick == 9 && kind != Kind::Count {
            if self.cells.remove(&key).is_some() {
                outbox.put(key, CellState::removed());
            }
            return;
        }
        let value = (rng.next_u64() % 2000) as i64 - 1000;
        let cell = self.cells.entry(key);
        let cell = cell.or_insert_with(|| Accumulator::empty(kind));
        if let Accumulator::Distinct(distinct) = cell {
            let total = distinct.total + 1;
            *distinct = Distinct { total, parts: 1 };
        } else {
            cell.apply(&change(kind, value, set_at_ms(key.period, wall)))
                .expect("its kind's change");
        }
        outbox.put(key, cell.encode());
        if kind == Kind::Count {
            let before = self.counted.last().map_or(0, |(_, count)| *count);
            self.counted.push((wall, before + 1));
        }
    }

    /// Facts that it had counted before `at`.
    pub fn counted_before(&self, at: Timestamp) -> u128 {
        let after = self.counted.partition_point(|(when, _)| *when < at);
        after.checked_sub(1).map_or(0, |last| self.counted[last].1)
    }
}

/// A stock is set within the period that it is of, at each moment once.
fn set_at_ms(period: Period, wall: Timestamp) -> i64 {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let begun = midnight(period.first_day(), &TimeZone::UTC);
    begun.as_millisecond() + wall.as_millisecond() % DAY_MS
}

fn change(kind: Kind, value: i64, at_ms: i64) -> Change {
    match kind {
        Kind::Count => Change::Count,
        Kind::Sum => Change::Add(value),
        Kind::Ratio => Change::Ratio {
            numerator: value > 0,
            denominator: true,
        },
        Kind::Level => Change::Set { at_ms, value },
        _ => Change::Observe(value),
    }
}

pub fn key(indicator: u32, month: &str, breakdown: u64) -> CellKey {
    CellKey {
        indicator: IndicatorId(indicator),
        revision: Revision(1),
        period: month.parse().expect("a month"),
        breakdown: Breakdown(breakdown),
    }
}
