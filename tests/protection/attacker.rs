//! Whoever reads everything that the hub shows, knows the scheme, and has time:
//! exact algebra on the released numbers, then integer bounds on the true ones,
//! drawn tight over sums of places and over weeks until nothing moves.

use std::collections::{BTreeMap, BTreeSet};

use proto::indicator::rounded::Base;

use crate::district::{District, Published, Scheme, WEEKS, number};

/// Least and greatest true count.
type Bounds = (i64, i64);

/// Per series and week, the counts that are possible.
pub type Feasible = Vec<[BTreeSet<i64>; WEEKS]>;

/// The released number of every series, solved for from sums: each is a
/// difference of what was published, found by peeling known series off.
pub fn solve(published: &[Published], series: usize, week: usize) -> Vec<i64> {
    let mut known: BTreeMap<usize, i64> = BTreeMap::new();
    let sums: Vec<&Published> = published
        .iter()
        .filter(|sum| sum.week == week && !sum.exact)
        .collect();
    while known.len() < series {
        let before = known.len();
        for sum in &sums {
            let mut unknown = sum.of.iter().filter(|at| !known.contains_key(*at));
            if let (Some(one), None) = (unknown.next(), unknown.next()) {
                let others = sum.of.iter().filter_map(|at| known.get(at));
                let rest = number(&sum.sum) - others.sum::<i64>();
                known.insert(*one, rest);
            }
        }
        assert!(known.len() > before, "the sums do not give every cell");
    }
    known.into_values().collect()
}

/// What one released number allows, under each value of what is not known.
fn windows(scheme: Scheme, base: Base, released: i64, answers: &[i64]) -> Vec<Bounds> {
    let base = base.get() as i64;
    let around = |least: i64, greatest: i64| ((released + least).max(0), released + greatest);
    match scheme {
        // One draw for all weeks: each is one window, and all weeks share it.
        Scheme::Released | Scheme::ExactTotal => (0..base)
            .map(|draw| around(-draw, base - 1 - draw))
            .collect(),
        Scheme::FreshPerRecord => vec![around(1 - base, base - 1)],
        Scheme::Nearest => vec![around(-(base / 2), base - 1 - base / 2)],
        Scheme::FreshPerAsk => {
            let all = answers.iter().chain([&released]);
            let least = all.clone().max().expect("one") + 1 - base;
            let greatest = all.min().expect("one") + base - 1;
            vec![(least.max(0), greatest)]
        }
    }
}

/// Counts only grow. `false`: no counts are possible.
fn grow(bounds: &mut [Bounds; WEEKS]) -> bool {
    for week in 1..WEEKS {
        bounds[week].0 = bounds[week].0.max(bounds[week - 1].0);
    }
    for week in (1..WEEKS).rev() {
        bounds[week - 1].1 = bounds[week - 1].1.min(bounds[week].1);
    }
    bounds.iter().all(|(least, greatest)| least <= greatest)
}

/// Bounds that a sum puts on its parts.
fn squeeze(all: &mut [[Bounds; WEEKS]], sum: &Published, slack: i64) -> bool {
    let (of, week) = (&sum.of, sum.week);
    let shown = number(&sum.sum);
    let (low, high) = (shown - slack, shown + slack);
    let least: i64 = of.iter().map(|at| all[*at][week].0).sum();
    let greatest: i64 = of.iter().map(|at| all[*at][week].1).sum();
    let mut moved = false;
    for at in of {
        let (a, b) = all[*at][week];
        let tighter = (a.max(low - (greatest - b)), b.min(high - (least - a)));
        if tighter != (a, b) {
            all[*at][week] = tighter;
            moved = true;
        }
    }
    moved
}

pub fn attack(district: &District) -> Feasible {
    let published = district.published();
    let base = district.base.get() as i64;
    let count = district.series.len();
    let solved: Vec<Vec<i64>> = (0..WEEKS)
        .map(|week| solve(&published, count, week))
        .collect();
    // Each series by itself: under every draw, what all its weeks allow.
    let mut possible: Feasible = Vec::with_capacity(count);
    for (at, series) in district.series.iter().enumerate() {
        let per_week: Vec<Vec<Bounds>> = (0..WEEKS)
            .map(|week| {
                let answers = &series.answers[week];
                windows(district.scheme, district.base, solved[week][at], answers)
            })
            .collect();
        let mut sets: [BTreeSet<i64>; WEEKS] = Default::default();
        let under =
            |draw: usize| -> [Bounds; WEEKS] { std::array::from_fn(|week| per_week[week][draw]) };
        for mut bounds in (0..per_week[0].len()).map(under) {
            if grow(&mut bounds) {
                for (set, (least, greatest)) in sets.iter_mut().zip(bounds) {
                    set.extend(least..=greatest);
                }
            }
        }
        possible.push(sets);
    }
    // All together.
    let hull = |set: &BTreeSet<i64>| {
        let ends = set.first().zip(set.last());
        ends.map_or((1, 0), |(least, greatest)| (*least, *greatest))
    };
    let mut all: Vec<[Bounds; WEEKS]> = possible
        .iter()
        .map(|sets| std::array::from_fn(|week| hull(&sets[week])))
        .collect();
    for _ in 0..100 {
        let mut moved = false;
        for sum in &published {
            let slack = match sum.exact {
                true => 0,
                false => (base - 1) * sum.of.len() as i64,
            };
            moved |= squeeze(&mut all, sum, slack);
        }
        let sound = all.iter_mut().all(grow);
        assert!(sound, "the attacker rules out the truth");
        if !moved {
            break;
        }
    }
    for (sets, bounds) in possible.iter_mut().zip(&all) {
        for (set, (least, greatest)) in sets.iter_mut().zip(bounds) {
            set.retain(|count| (least..=greatest).contains(&count));
        }
    }
    possible
}
