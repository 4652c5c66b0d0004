//! Small counts about people cannot be worked back (promise 4): an attacker who
//! reads every number that a hub shows, over three tiers, nine overlapping
//! catchments and eight weeks in which counts only grow, against the nodes' own
//! release, and against weak ones that it must break.
//!
//! `TONGXIN_PROTECTION_DISTRICTS=n` attacks more; `TONGXIN_SEED=n` repeats.

#[path = "protection/attacker.rs"]
mod attacker;
#[path = "protection/district.rs"]
mod district;
#[allow(dead_code, reason = "this campaign needs only some of it")]
#[path = "harness/random.rs"]
mod random;

use std::collections::BTreeSet;

use hub_domain::query::{Coverage, Measure, State, Value};
use node_domain::indicators::{Exact, Shape};
use proto::indicator::accumulator::{Accumulator, Change};
use proto::indicator::cell::{IndicatorId, Revision};
use proto::indicator::kind::Kind;
use proto::indicator::rounded::Base;
use proto::period::Grain;

use district::{District, Scheme, Secret, WEEKS, merged};
use random::Random;

/// Feasible counts that a small one keeps, at least.
const HIDDEN_AMONG: usize = 5;
/// Counts that must not be worked back.
const SMALL: std::ops::RangeInclusive<i64> = 1..=7;

#[derive(Debug, Default)]
struct Outcome {
    attacked: usize,
    recovered: usize,
    fewest: usize,
}

fn attacked(base: Base, scheme: Scheme, districts: usize, random: &mut Random) -> Outcome {
    let mut outcome = Outcome {
        fewest: usize::MAX,
        ..Outcome::default()
    };
    for _ in 0..districts {
        let district = District::new(base, scheme, 3, random);
        let feasible = attacker::attack(&district);
        for (series, sets) in district.series.iter().zip(&feasible) {
            for (count, set) in series.true_counts.iter().zip(sets) {
                assert!(set.contains(count), "{scheme:?}: {count} is not in {set:?}");
                if SMALL.contains(count) {
                    outcome.attacked += 1;
                    outcome.recovered += usize::from(set.len() < HIDDEN_AMONG);
                    outcome.fewest = outcome.fewest.min(set.len());
                }
            }
        }
    }
    outcome
}

#[test]
fn no_small_count_is_worked_back() {
    let mut random = Random(random::seed("protection"));
    let districts = random::count("TONGXIN_PROTECTION_DISTRICTS", 1_000);
    for base in [Base::Five, Base::Ten] {
        let outcome = attacked(base, Scheme::Released, districts, &mut random);
        eprintln!("{base:?}: {outcome:?}");
        assert!(outcome.attacked > 10 * districts, "{outcome:?}");
        assert_eq!(outcome.recovered, 0, "{base:?}: {outcome:?}");
    }
}

/// The attack can succeed: each weakness gives something away.
#[test]
fn weak_releases_are_broken() {
    let mut random = Random(random::seed("weak protection"));
    for scheme in [
        Scheme::FreshPerRecord,
        Scheme::FreshPerAsk,
        Scheme::Nearest,
        Scheme::ExactTotal,
    ] {
        let outcome = attacked(Base::Five, scheme, 50, &mut random);
        eprintln!("{scheme:?}: {outcome:?}");
        assert!(outcome.recovered > 0, "{scheme:?}: {outcome:?}");
    }
}

fn pair(numerator: bool) -> Change {
    Change::Ratio {
        numerator,
        denominator: true,
    }
}

/// Numerator and denominator of the same people. Rounded side by side, that one
/// is part of the other narrows both; rounded as parts and added, it does not.
#[test]
fn a_ratio_gives_away_neither_its_share_nor_the_rest() {
    let mut random = Random(random::seed("protected ratio"));
    let within = |released: i64, count: i64| (released - count).abs() < 5;
    let (mut fewest, mut weak) = (usize::MAX, usize::MAX);
    for _ in 0..20_000 {
        let (share, rest) = (random.below(8) as i64, random.below(8) as i64);
        let secret = Secret(random.next());
        let mut exact = Exact::empty(Shape::Ratio);
        for at in 0..share + rest {
            let first = random.next();
            exact.apply(&pair(at < share), || first).expect("a ratio");
        }
        let released = exact.released(Base::Five, &secret);
        let (above, below) = released.as_ref().map_or((0, 0), |released| {
            let (above, below) = released.fraction().expect("a ratio");
            (above as i64, below.cast_signed() as i64)
        });
        assert!(above <= below);
        let all = || (0..30).flat_map(|share| (0..30).map(move |rest| (share, rest)));
        let possible: Vec<(i64, i64)> = all()
            .filter(|(share, rest)| within(above, *share) && within(below - above, *rest))
            .collect();
        assert!(possible.contains(&(share, rest)));
        type Part = fn(&(i64, i64)) -> i64;
        let parts: [Part; 3] = [|pair| pair.0, |pair| pair.1, |pair| pair.0 + pair.1];
        for part in parts {
            let values: BTreeSet<i64> = possible.iter().map(part).collect();
            fewest = fewest.min(values.len());
        }
        let beside = |count: i64, draw| Base::Five.round(count as u64, draw) as i64;
        let (above, below) = (
            beside(share, random.next()),
            beside(share + rest, random.next()),
        );
        let possible = all()
            .filter(|(share, rest)| within(above, *share) && within(below, share + rest))
            .map(|(share, _)| share);
        weak = weak.min(possible.collect::<BTreeSet<_>>().len());
    }
    eprintln!("ratio: {fewest} feasible, side by side {weak}");
    assert!(fewest >= HIDDEN_AMONG);
    assert!(weak < HIDDEN_AMONG, "the weak one is not broken");
}

#[test]
fn sums_of_released_cells_agree_at_every_tier() {
    let mut random = Random(random::seed("protected sums"));
    for _ in 0..200 {
        let district = District::new(Base::Five, Scheme::Released, 6, &mut random);
        let published = district.published();
        for week in 0..WEEKS {
            let cells = district.series.iter().map(|one| &one.released[week]);
            let at_once = merged(cells);
            let by_streets = district.through_streets(week);
            assert_eq!(at_once.encode(), by_streets.encode());
            let mut sums = published.iter().filter(|sum| sum.week == week);
            let agree = sums.all(|sum| {
                let parts = sum.of.iter();
                let parts = parts.map(|at| district::number(&district.series[*at].released[week]));
                parts.sum::<i64>() == district::number(&sum.sum)
            });
            assert!(agree);
        }
    }
}

#[test]
fn the_same_records_asked_for_ten_thousand_times_give_one_answer() {
    let secret = Secret(7);
    for count in 1..40u64 {
        let answers: BTreeSet<Option<i128>> = (0..10_000)
            .map(|_| {
                // Counted anew each time, by whatever definition.
                let mut exact = Exact::empty(Shape::Count);
                for record in 0..count {
                    exact
                        .apply(&Change::Count, || 1_000 * count + record)
                        .expect("a count");
                }
                let released = exact.released(Base::Five, &secret);
                released.and_then(|released| released.number())
            })
            .collect();
        assert_eq!(answers.len(), 1, "{count}: {answers:?}");
    }
}

fn shown(base: Base, sum: &Accumulator) -> Value {
    let measure = Measure {
        code: "T.1".to_owned(),
        id: IndicatorId(1),
        revision: Revision(1),
        kind: Kind::RoundedCount,
        base: Some(base),
        base_grain: Grain::Quarter,
        coarser_grains: Vec::new(),
        higher_is_better: None,
        filters: Vec::new(),
        breakdown: None,
        absent: Default::default(),
        observed: None,
        derivation: None,
    };
    let coverage = Coverage {
        reporting: 12,
        expected: 12,
        oldest_watermark: None,
    };
    let merged = (!sum.is_empty()).then_some(sum);
    Value::of(merged, &measure, &coverage)
}

#[test]
fn numbers_are_within_three_standard_errors() {
    let mut random = Random(random::seed("protected errors"));
    for base in [Base::Five, Base::Ten] {
        // From sets of a few records in all to sets of hundreds.
        for busy in [1, 3, 12, 60] {
            let (mut within, mut all, mut hidden) = (0u32, 0u32, 0u32);
            for _ in 0..250 {
                let district = District::new(base, Scheme::Released, busy, &mut random);
                // One week of each: others are of the same draws.
                let week = random.below(WEEKS);
                for sum in district.published().iter().filter(|sum| sum.week == week) {
                    let value = shown(base, &sum.sum);
                    if value.state != State::Value {
                        assert_eq!((value.state, value.number), (State::Protected, 0.0));
                        hidden += 1;
                        continue;
                    }
                    let truth = sum
                        .of
                        .iter()
                        .map(|at| district.series[*at].true_counts[week]);
                    let error = (value.number - truth.sum::<i64>() as f64).abs();
                    all += 1;
                    within += u32::from(error <= 3.0 * value.standard_error);
                }
            }
            eprintln!("{base:?}, {busy} a week: {within} of {all} within, {hidden} hidden");
            assert!(all > 1_000, "{all}");
            assert!(
                f64::from(within) >= 0.99 * f64::from(all),
                "{within} of {all}"
            );
        }
    }
}
