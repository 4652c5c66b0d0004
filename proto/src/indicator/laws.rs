//! The laws of the algebra, for every kind (design section 4; sync reference
//! property 18): identity, commutative, associative, canonical bytes, places
//! folded in any shape, and a level's rule about time.

use proptest::prelude::*;

use crate::indicator::{
    accumulator::{Accumulator, Change, Level, Mismatch, Stock},
    cell::CellState,
    kind::Kind,
    rounded::Rounded,
};

fn change(kind: Kind) -> BoxedStrategy<Change> {
    let value = prop_oneof![-3i64..20, any::<i64>()];
    match kind {
        Kind::Count => Just(Change::Count).boxed(),
        Kind::Sum => value.prop_map(Change::Add).boxed(),
        Kind::Ratio => any::<(bool, bool)>()
            .prop_map(|(numerator, denominator)| Change::Ratio {
                numerator,
                denominator,
            })
            .boxed(),
        Kind::Mean | Kind::Range | Kind::Quantile => value.prop_map(Change::Observe).boxed(),
        Kind::Histogram => (0u16..8).prop_map(Change::Bucket).boxed(),
        Kind::Level => (0i64..6, value)
            .prop_map(|(at_ms, value)| Change::Set { at_ms, value })
            .boxed(),
        Kind::Distinct => "[a-z]{1,8}"
            .prop_map(|code| Change::Member(code.into()))
            .boxed(),
        Kind::RoundedCount | Kind::RoundedRatio | Kind::RoundedHistogram => {
            unreachable!("facts do not fold into it")
        }
    }
}

fn folded(kind: Kind, changes: &[Change]) -> Accumulator {
    let mut accumulator = Accumulator::empty(kind);
    for change in changes {
        accumulator.apply(change).unwrap();
    }
    accumulator
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select([&Kind::ALL[..], &Kind::ROUNDED].concat())
}

fn accumulator(kind: Kind) -> BoxedStrategy<Accumulator> {
    let number = prop_oneof![Just(0u128), 0u128..40, 0..1u128 << 80];
    let numbers = prop::array::uniform4(number);
    let rounded = |rounded| Accumulator::Rounded(rounded);
    match kind {
        Kind::RoundedCount => numbers
            .prop_map(move |[count, variance, ..]| rounded(Rounded::Count { count, variance }))
            .boxed(),
        Kind::RoundedRatio => numbers
            .prop_map(move |all| {
                let [
                    numerator,
                    denominator,
                    numerator_variance,
                    denominator_variance,
                ] = all;
                rounded(Rounded::Ratio {
                    numerator,
                    denominator,
                    numerator_variance,
                    denominator_variance,
                })
            })
            .boxed(),
        Kind::RoundedHistogram => numbers
            .prop_map(move |[variance, buckets @ ..]| {
                let mut buckets = buckets.to_vec();
                while buckets.last() == Some(&0) {
                    buckets.pop();
                }
                let variance = if buckets.is_empty() { 0 } else { variance };
                rounded(Rounded::Histogram { buckets, variance })
            })
            .boxed(),
        kind => prop::collection::vec(change(kind), 0..12)
            .prop_map(move |changes| folded(kind, &changes))
            .boxed(),
    }
}

fn several(count: usize) -> impl Strategy<Value = (Kind, Vec<Accumulator>)> {
    any_kind().prop_flat_map(move |kind| {
        (
            Just(kind),
            prop::collection::vec(accumulator(kind), count..count + 1),
        )
    })
}

type Merge = fn(&mut Accumulator, &Accumulator) -> Result<(), Mismatch>;
const MERGES: [Merge; 2] = [Accumulator::merge_places, Accumulator::merge_periods];

fn merged(merge: Merge, a: &Accumulator, b: &Accumulator) -> Accumulator {
    let mut sum = a.clone();
    merge(&mut sum, b).unwrap();
    sum
}

proptest! {
    #[test]
    fn both_merges_are_commutative_monoids((kind, three) in several(3)) {
        let [a, b, c] = <[Accumulator; 3]>::try_from(three).unwrap();
        for merge in MERGES {
            let empty = Accumulator::empty(kind);
            prop_assert_eq!(merged(merge, &a, &empty), a.clone());
            prop_assert_eq!(merged(merge, &empty, &a), a.clone());
            prop_assert_eq!(merged(merge, &a, &b), merged(merge, &b, &a));
            let left = merged(merge, &merged(merge, &a, &b), &c);
            let right = merged(merge, &a, &merged(merge, &b, &c));
            prop_assert_eq!(left.encode(), right.encode());
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn states_survive_a_round_trip((_, one) in several(1)) {
        let state = one[0].encode();
        prop_assert_eq!(Accumulator::decode(&state), Ok(one[0].clone()));
        prop_assert_eq!(one[0].is_empty(), state.bytes.is_empty());
    }

    #[test]
    fn order_of_facts_leaves_no_trace_in_the_bytes(
        (kind, changes, shuffled) in kind().prop_flat_map(|kind| {
            let changes = prop::collection::vec(change(kind), 0..12);
            changes.prop_flat_map(move |changes| {
                (Just(kind), Just(changes.clone()), Just(changes).prop_shuffle())
            })
        }),
    ) {
        prop_assert_eq!(folded(kind, &changes).encode(), folded(kind, &shuffled).encode());
    }

    /// Streets of communities give what all communities give at once.
    #[test]
    fn places_fold_to_the_same_in_any_shape((kind, leaves) in several(9), width in 1usize..5) {
        let fold = |parts: &[Accumulator]| parts.iter().fold(
            Accumulator::empty(kind), |sum, part| merged(Accumulator::merge_places, &sum, part));
        let streets: Vec<_> = leaves.chunks(width).map(fold).collect();
        prop_assert_eq!(fold(&streets).encode(), fold(&leaves).encode());
    }

    /// All but levels and distinct counts: places and facts commute, so a
    /// district's state is the fold of all its facts.
    #[test]
    fn merging_places_is_folding_all_facts(
        (kind, parts) in kind()
            .prop_filter("exact over places", |kind| !matches!(kind, Kind::Level | Kind::Distinct))
            .prop_flat_map(|kind| (Just(kind), prop::collection::vec(
                prop::collection::vec(change(kind), 0..6), 0..6))),
    ) {
        let mut places = Accumulator::empty(kind);
        for part in &parts {
            places.merge_places(&folded(kind, part)).unwrap();
        }
        prop_assert_eq!(places.encode(), folded(kind, &parts.concat()).encode());
    }

    /// Every place's last stock, added up.
    #[test]
    fn a_level_takes_the_latest_within_a_place_and_then_adds(
        places in prop::collection::vec(prop::collection::btree_map(0i64..1_000, -50i64..50, 0..5), 0..5),
    ) {
        let mut district = Accumulator::empty(Kind::Level);
        for periods in &places {
            let mut place = Accumulator::empty(Kind::Level);
            for (at_ms, value) in periods {
                let stock = Stock { set_at_ms: *at_ms, value: i128::from(*value) };
                place.merge_periods(&Accumulator::Level(Level(Some(stock)))).unwrap();
            }
            district.merge_places(&place).unwrap();
        }
        let last = places.iter().filter_map(|periods| periods.values().next_back());
        let known = places.iter().any(|periods| !periods.is_empty());
        prop_assert_eq!(district.number(), known.then(|| last.map(|value| i128::from(*value)).sum()));
    }

    #[test]
    fn unknown_kinds_pass_bit_by_bit_and_never_merge(
        kind in 13u32.., bytes in prop::collection::vec(any::<u8>(), 0..64), (_, one) in several(1),
    ) {
        let state = CellState { kind, bytes: bytes.into() };
        let unknown = Accumulator::decode(&state).unwrap();
        prop_assert_eq!(unknown.encode(), state.clone());
        for merge in MERGES {
            prop_assert_eq!(merge(&mut one[0].clone(), &unknown), Err(Mismatch::Unknown(kind)));
            let mut kept = unknown.clone();
            prop_assert_eq!(merge(&mut kept, &one[0]), Err(Mismatch::Unknown(kind)));
            prop_assert_eq!(kept.encode(), state.clone());
        }
    }
}

#[test]
fn other_kinds_and_changes_are_refused_and_change_nothing() {
    let mut count = Accumulator::Count(2);
    assert_eq!(
        count.merge_places(&Accumulator::Sum(1)),
        Err(Mismatch::Kinds(1, 2))
    );
    assert!(count.apply(&Change::Observe(1)).is_err());
    assert_eq!(count, Accumulator::Count(2));
}
