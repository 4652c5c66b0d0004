//! The oracle: answers recomputed from raw facts with plain loops over plain
//! integers, without columns, groupings, tallies or accumulators' merges, and
//! held against the engine at every level, grain and kind.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
};

use jiff::{Timestamp, ToSpan as _, civil::date, tz::TimeZone};
use proptest::prelude::*;
use proto::{
    indicator::{
        accumulator::{Accumulator, Change},
        cell::{Breakdown, IndicatorId, Revision},
        kind::Kind,
    },
    period::{Grain, Period},
    place::{Level, Place},
};

use super::*;
use crate::register::{Register, Row as ListRow};

/// One thing that happened: `day` counts from 2025-12-01.
#[derive(Clone, Debug)]
struct Leaf {
    community: usize,
    day: i32,
    member: u16,
    value: i64,
    good: bool,
}

const COMMUNITIES: [&str; 8] = [
    "110108017017",
    "110108017018",
    "320114001005",
    "510107001001",
    "510115001001",
    "510115001002",
    "510115003064",
    "510115003065",
];

const BOUNDS: [i64; 3] = [0, 10, 50];

struct Kept(BTreeMap<ColumnId, Arc<Column>>);

impl Columns for Kept {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        let found = ids
            .iter()
            .map(|id| self.0.get(id).cloned().unwrap_or_default());
        Ok(found.collect())
    }
}

fn day_of(leaf: &Leaf) -> jiff::civil::Date {
    date(2025, 12, 1) + leaf.day.days()
}

fn set_at_ms(leaf: &Leaf) -> i64 {
    i64::from(leaf.day) * 86_400_000
}

/// What a node would have sent: leaves folded into base cells.
fn columns(leaves: &[Leaf], kind: Kind, base: Grain) -> Kept {
    let mut cells: BTreeMap<(Period, Place, u16), (Accumulator, BTreeSet<i64>)> = BTreeMap::new();
    for leaf in leaves {
        let period = Period::containing(day_of(leaf), base).unwrap();
        let place = COMMUNITIES[leaf.community].parse().unwrap();
        let entry = cells.entry((period, place, leaf.member));
        let (cell, seen) = entry.or_insert_with(|| (Accumulator::empty(kind), BTreeSet::new()));
        let change = match kind {
            Kind::Count => Change::Count,
            Kind::Sum => Change::Add(leaf.value),
            Kind::Ratio => Change::Ratio {
                numerator: leaf.good,
                denominator: true,
            },
            Kind::Mean | Kind::Range | Kind::Quantile => Change::Observe(leaf.value),
            Kind::Histogram => Change::Bucket(bucket(leaf.value) as u16),
            Kind::Level => Change::Set {
                at_ms: set_at_ms(leaf),
                value: leaf.value,
            },
            Kind::Distinct if !seen.insert(leaf.value) => continue,
            Kind::Distinct => Change::Member("x".into()),
            Kind::RoundedCount | Kind::RoundedRatio | Kind::RoundedHistogram => {
                unreachable!("facts do not fold into it")
            }
        };
        cell.apply(&change).unwrap();
    }
    let mut kept: BTreeMap<ColumnId, Column> = BTreeMap::new();
    for ((period, place, member), (cell, _)) in &cells {
        let id = ColumnId {
            indicator: IndicatorId(7),
            revision: Revision(1),
            period: *period,
        };
        let state = cell.encode();
        let column = kept.entry(id).or_default();
        column
            .push(*place, Breakdown::new([*member]), state.kind, &state.bytes)
            .unwrap();
    }
    Kept(
        kept.into_iter()
            .map(|(id, column)| (id, Arc::new(column)))
            .collect(),
    )
}

fn bucket(value: i64) -> usize {
    BOUNDS
        .iter()
        .position(|bound| value <= *bound)
        .unwrap_or(BOUNDS.len())
}

/// The number, from leaves alone; `None`: no leaf counts.
fn expected(leaves: &[&Leaf], earlier: &[&Leaf], kind: Kind, base: Grain) -> Option<Vec<i128>> {
    let values = || leaves.iter().map(|leaf| i128::from(leaf.value));
    if kind == Kind::Level {
        let mut stocks: BTreeMap<(usize, u16), (i32, i64)> = BTreeMap::new();
        for leaf in earlier.iter().chain(leaves) {
            let stock = stocks
                .entry((leaf.community, leaf.member))
                .or_insert((leaf.day, leaf.value));
            *stock = (*stock).max((leaf.day, leaf.value));
        }
        let sum = stocks.values().map(|(_, value)| i128::from(*value)).sum();
        return (!stocks.is_empty()).then(|| vec![sum]);
    }
    if leaves.is_empty() {
        return None;
    }
    let count = leaves.len() as i128;
    Some(match kind {
        Kind::Count => vec![count],
        Kind::Sum => vec![values().sum()],
        Kind::Ratio => vec![
            leaves.iter().filter(|leaf| leaf.good).count() as i128,
            count,
        ],
        Kind::Mean => vec![values().sum(), count],
        Kind::Range => vec![values().min()?, values().max()?],
        Kind::Histogram => {
            let mut buckets = vec![0; BOUNDS.len() + 1];
            leaves
                .iter()
                .for_each(|leaf| buckets[bucket(leaf.value)] += 1);
            buckets
        }
        Kind::RoundedCount | Kind::RoundedRatio | Kind::RoundedHistogram => return None,
        Kind::Quantile => {
            let mut sorted: Vec<i128> = values().collect();
            sorted.sort_unstable();
            sorted
        }
        Kind::Distinct => {
            let cell = |leaf: &&Leaf| {
                let period = Period::containing(day_of(leaf), base);
                (leaf.community, leaf.member, period, leaf.value)
            };
            let members: BTreeSet<_> = leaves.iter().map(cell).collect();
            vec![members.len() as i128]
        }
        Kind::Level => return None,
    })
}

fn agrees(kind: Kind, value: &Value, want: Option<&[i128]>) -> bool {
    let number = |n: i128| value.number == n as f64;
    let i = |n: i64| i128::from(n);
    match (kind, want) {
        (Kind::Count | Kind::Sum | Kind::Distinct, None) => value.state == State::Zero,
        (Kind::Level, None) => value.state == State::None,
        (_, None) => value.state == State::NotApplicable,
        (Kind::Ratio | Kind::Mean, Some(w)) => {
            (i(value.numerator), i(value.denominator)) == (w[0], w[1])
                && value.number == w[0] as f64 / w[1] as f64
        }
        (Kind::Range, Some(w)) => (i(value.minimum), i(value.maximum)) == (w[0], w[1]),
        (Kind::Histogram, Some(w)) => {
            let padded = |at: usize| i(value.buckets.get(at).copied().unwrap_or(0));
            (0..w.len()).all(|at| padded(at) == w[at]) && value.buckets.len() <= w.len()
        }
        (Kind::Quantile, Some(w)) => {
            let near = |got: i64, at: usize| (i(got) - w[at]).abs() * 100 <= w[at].abs() + 100;
            let (low, high) = ((w.len() - 1) / 2, w.len() / 2);
            near(value.quantiles[1], low) || near(value.quantiles[1], high)
        }
        (_, Some(w)) => number(w[0]) && (value.state == State::Zero) == (w[0] == 0),
    }
}

fn register() -> Register {
    let kinds = ["old-estate", "upscale", "expert"];
    let rows: Vec<ListRow> = (0..)
        .zip(COMMUNITIES)
        .map(|(at, code)| ListRow {
            code: code.into(),
            name: format!("社区{at}"),
            street: "街道".into(),
            kind: kinds[at % 3].into(),
            ..ListRow::default()
        })
        .collect();
    let mut register = Register::default();
    let imported = register.import(&rows, date(2025, 1, 1)).unwrap();
    imported
        .events
        .iter()
        .for_each(|event| register.apply(event));
    register
}

fn leaf() -> impl Strategy<Value = Leaf> {
    (0..8usize, 0..150i32, 1..4u16, -5..90i64, any::<bool>()).prop_map(
        |(community, day, member, value, good)| Leaf {
            community,
            day,
            member,
            value,
            good,
        },
    )
}

const LEVELS: [Option<Level>; 6] = [
    None,
    Some(Level::Province),
    Some(Level::City),
    Some(Level::District),
    Some(Level::Street),
    Some(Level::Community),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn roll_up_equals_recomputation_from_raw_facts(
        leaves in prop::collection::vec(leaf(), 0..120),
        kind in prop::sample::select(Kind::ALL.to_vec()),
        (base, grain) in prop::sample::select(vec![
            (Grain::Day, Grain::Day), (Grain::Day, Grain::Week), (Grain::Day, Grain::Month),
            (Grain::Week, Grain::Month), (Grain::Week, Grain::Quarter), (Grain::Month, Grain::Month),
            (Grain::Month, Grain::Quarter), (Grain::Month, Grain::Half), (Grain::Day, Grain::Year),
        ]),
        level in prop::sample::select(LEVELS.to_vec()),
        apart in any::<(bool, bool, bool)>(),
        inside in prop::sample::select(vec!["", "51", "510115", "510115001", "110108017018"]),
        only in prop::option::of(1..4u16),
    ) {
        let (by_type, by_period, by_member) = apart;
        let register = register();
        let zone = TimeZone::UTC;
        let now: Timestamp = "2027-06-01T00:00:00Z".parse().unwrap();
        let heard = COMMUNITIES.map(|code| (code.parse().unwrap(), Some(now)));
        let roster = Roster::new(&register, heard);
        let last = Period::containing(date(2026, 3, 1), grain).unwrap();
        let first = Period::containing(date(2026, 1, 15), grain).unwrap();
        let request = Request {
            indicators: vec![],
            place: inside.parse().unwrap(),
            from: first,
            to: last,
            grain: None,
            group: Group {
                place: level,
                community_type: by_type,
                period: by_period,
                breakdown: by_member.then(|| "d".to_owned()),
            },
            filters: vec![],
            comparisons: vec![],
            rank: None,
            register_date: None,
        };
        let measure = Measure {
            code: "T.1".into(),
            id: IndicatorId(7),
            revision: Revision(1),
            kind,
            base: None,
            base_grain: base,
            coarser_grains: Grain::ALL.to_vec(),
            higher_is_better: Some(true),
            filters: only.map(|member| (0, vec![member])).into_iter().collect(),
            breakdown: by_member.then_some(0),
            absent: Default::default(),
            observed: None,
            derivation: None,
        };
        let world = World { register: &register, roster: &roster, zone: &zone, now };
        let kept = columns(&leaves, kind, base);
        let rows = answer(&request, std::slice::from_ref(&measure), world, &kept).unwrap();

        let mut explained = 0;
        for row in &rows {
            let in_row = |leaf: &&Leaf| {
                let code = COMMUNITIES[leaf.community];
                let kind = register.get(code.parse().unwrap()).unwrap().description().kind;
                code.starts_with(inside)
                    && row.key.place.is_none_or(|place| code.starts_with(&place.to_string()))
                    && row.key.community_type.is_none_or(|wanted| wanted == kind)
                    && only.is_none_or(|only| leaf.member == only)
                    && row.member.is_none_or(|member| leaf.member == member)
            };
            let period_of = |leaf: &&Leaf| {
                Period::containing(day_of(leaf), base).unwrap().within(grain).unwrap()
            };
            let counted: Vec<&Leaf> = leaves.iter().filter(in_row)
                .filter(|leaf| match row.period {
                    Some(period) => period_of(leaf) == period,
                    None => (first..=last).contains(&period_of(leaf)),
                })
                .collect();
            let start = row.period.unwrap_or(first);
            let earlier: Vec<&Leaf> = leaves.iter().filter(in_row)
                .filter(|leaf| period_of(leaf) < start)
                .collect();
            explained += counted.len();
            let want = expected(&counted, &earlier, kind, base);
            prop_assert!(agrees(kind, &row.value, want.as_deref()), "{row:?}\nwant {want:?}");
        }
        let counted = leaves.iter().filter(|leaf| {
            let period = Period::containing(day_of(leaf), base).unwrap().within(grain).unwrap();
            COMMUNITIES[leaf.community].starts_with(inside)
                && (first..=last).contains(&period)
                && only.is_none_or(|only| leaf.member == only)
        }).count();
        prop_assert_eq!(explained, counted, "every fact is in exactly one row");
    }
}
