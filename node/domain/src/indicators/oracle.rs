//! An oracle that counts facts without the engine, and agrees with it on random
//! histories in any order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use proto::{
    fact::{Fact, FactTypeId, case},
    indicator::{
        accumulator::Accumulator,
        cell::{CellState, OTHER_MEMBER},
    },
};

use super::{
    backfill,
    tests::{cells, evaluator},
};

const TYPES: [(FactTypeId, &[&str], usize); 8] = [
    (case::ACCEPTED, &[], 1),
    (case::FELL_DUE, &["on_time"], 0),
    (case::COMPLETED, &["outcome", "first"], 1),
    (case::RATED, &["level", "bad"], 0),
    (case::COMPLETION_RATED, &[], 0),
    (case::BAD_REVIEW_RIGHTED, &[], 0),
    (case::SETTLED, &["reopened"], 0),
    (case::REPORTED, &[], 0),
];

fn random_fact() -> impl Strategy<Value = Fact> {
    let category = prop::sample::select(vec!["noise", "parking", "unlisted"]);
    let grid = prop::sample::select(vec!["001", "015", ""]);
    let yes = prop::sample::select(vec!["yes", "no"]);
    // From the last days of 2025 on, 200 days.
    let at_s = 1_767_000_000i64..1_767_000_000 + 200 * 86_400;
    (
        0usize..TYPES.len(),
        at_s,
        category,
        grid,
        yes,
        0i64..2_000_000,
    )
        .prop_map(|(at, at_s, category, grid, yes, measure)| {
            let (fact_type, more, measures) = TYPES[at];
            let first = ["report", category, "online", grid];
            let members = first.into_iter().chain(more.iter().map(|_| yes));
            Fact {
                fact_type,
                occurred_at: Timestamp::from_second(at_s).unwrap(),
                members: members.map(Into::into).collect(),
                measures: vec![measure; measures].into(),
            }
        })
}

/// The seven indicators as sums of 0 and 1, straight from their description.
/// Eight hours stand for the zone, months by hand.
fn oracle(facts: &[Fact]) -> BTreeMap<(String, String, [u16; 3]), [u128; 6]> {
    let mut sums = BTreeMap::new();
    for fact in facts {
        let day = (fact.occurred_at + jiff::SignedDuration::from_hours(8)).to_string();
        let (year, month) = (&day[..4], &day[5..7]);
        let days = format!("{year}{month}{}", &day[8..10]);
        let months = format!("{year}{month}");
        let quarters = format!("{year}Q{}", month.parse::<u8>().unwrap().div_ceil(3));
        let category = match &*fact.members[1] {
            "noise" => 3,
            "parking" => 6,
            _ => OTHER_MEMBER,
        };
        let grid = fact.members[3].parse().unwrap_or(OTHER_MEMBER);
        let yes = fact.members.get(4).is_some_and(|member| **member == *"yes");
        let mut add = |code: &str, period: &String, slot: usize| {
            let key = (code.to_owned(), period.clone(), [category, 1, grid]);
            sums.entry(key).or_insert([0; 6])[slot] += 1;
        };
        match fact.fact_type {
            case::ACCEPTED => add("QS.R01", &days, 0),
            case::FELL_DUE => {
                add("QS.R02", &months, 1);
                if yes {
                    add("QS.R02", &months, 0);
                }
            }
            case::COMPLETED => {
                add("QS.R05", &months, 1);
                if yes {
                    let hours = fact.measures[0].cast_unsigned().div_ceil(3_600);
                    let slot = [2, 24, 72, 168, 360].iter().filter(|bound| hours > **bound);
                    add("QS.R03", &months, slot.count());
                }
            }
            case::RATED => {
                add("QS.R04", &months, 1);
                if yes {
                    add("QS.R04", &months, 0);
                    add("QS.R06", &quarters, 1);
                }
            }
            case::COMPLETION_RATED => add("QS.R05", &months, 0),
            case::BAD_REVIEW_RIGHTED => add("QS.R06", &quarters, 0),
            case::SETTLED => {
                add("QS.R07", &quarters, 1);
                if !yes {
                    add("QS.R07", &quarters, 0);
                }
            }
            _ => {}
        }
    }
    sums
}

proptest! {
    #[test]
    fn folding_fact_by_fact_equals_counting_all(facts in prop::collection::vec(random_fact(), 0..120)) {
        let evaluator = evaluator();
        // As a node keeps them: bytes, decoded and encoded again at every fact.
        let mut kept: BTreeMap<_, CellState> = BTreeMap::new();
        for fact in &facts {
            evaluator.fold(fact, |key, manner, change| {
                let state = kept.entry(key).or_insert_with(|| Accumulator::empty(manner.kind).encode());
                let mut accumulator = Accumulator::decode(state).unwrap();
                accumulator.apply(change).unwrap();
                *state = accumulator.encode();
            });
        }
        let backfilled = backfill(&evaluator, facts.iter().rev()).unwrap();
        let encoded = backfilled.cells.iter().map(|(key, cell)| (*key, cell.encode()));
        prop_assert_eq!(&kept, &encoded.collect::<BTreeMap<_, _>>());

        let found = cells(&evaluator, &facts).into_iter().map(|(code, period, breakdown, state)| {
            let accumulator = Accumulator::decode(&state).unwrap();
            let mut sums = [0; 6];
            match accumulator.fraction() {
                Some((above, below)) => (sums[0], sums[1]) = (above.cast_unsigned(), below),
                None => match accumulator.buckets() {
                    Some(buckets) => sums[..buckets.len()].copy_from_slice(buckets),
                    None => sums[0] = accumulator.number().unwrap().cast_unsigned(),
                },
            }
            ((code, period, [0, 1, 2].map(|at| breakdown.member(at))), sums)
        });
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), oracle(&facts));
    }
}
