//! Plots: everybody has one before anybody has two; warnings; draws.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn garden(register: &str, plots: u16) -> Trial {
    let mut trial = started(RUIQUAN, body(register));
    let add = Action::AddPlots {
        count: plots,
        is_school: false,
    };
    trial.act(Actor::Staff, add).unwrap();
    trial.act(Actor::Staff, Action::OpenPlots).unwrap();
    trial
}

fn ask(trial: &mut Trial, by: u64) {
    let is_school = false;
    let asked = Action::Ask { by, is_school };
    trial.act(Actor::Staff, asked).unwrap();
}

fn allot(trial: &mut Trial, seed: u64) -> Result<(), Refusal> {
    trial.act(Actor::Staff, Action::Allot { seed })
}

fn change(plot: u16, change: PlotChange) -> Action {
    Action::ChangePlot { plot, change }
}

fn release(plot: u16, reason: &str) -> Action {
    let reason = reason.parse().unwrap();
    change(plot, PlotChange::Released { reason })
}

fn held(trial: &Trial) -> BTreeMap<u64, u32> {
    let mut held = BTreeMap::new();
    for holder in entry(trial).plots.iter().filter_map(|plot| plot.holder) {
        *held.entry(holder).or_default() += 1;
    }
    held
}

#[test]
pub(super) fn everybody_has_a_plot_before_anybody_has_two() {
    let mut trial = garden("gardens", 3);
    for by in [1, 2] {
        ask(&mut trial, by);
    }
    allot(&mut trial, 0).unwrap();
    assert_eq!(held(&trial), BTreeMap::from([(1, 1), (2, 1)]));
    // Household 1 is first in the queue, but 3 has none.
    ask(&mut trial, 1);
    ask(&mut trial, 3);
    allot(&mut trial, 0).unwrap();
    assert_eq!(held(&trial), BTreeMap::from([(1, 1), (2, 1), (3, 1)]));
    assert_eq!(reason(allot(&mut trial, 0)), "NOTHING_TO_ALLOT");
    trial.act(Actor::Staff, release(2, "given-back")).unwrap();
    allot(&mut trial, 0).unwrap();
    assert_eq!(held(&trial), BTreeMap::from([(1, 2), (3, 1)]));
    let twice = Action::Ask {
        by: 9,
        is_school: false,
    };
    trial.act(Actor::Staff, twice.clone()).unwrap();
    assert_eq!(reason(trial.act(Actor::Staff, twice)), "ALREADY_WAITING");
    trial.act(Actor::Staff, Action::Withdraw { by: 9 }).unwrap();
    let gone = trial.act(Actor::Staff, Action::Withdraw { by: 9 });
    assert_eq!(reason(gone), "NOT_WAITING");
}

#[test]
pub(super) fn a_neglected_plot_is_lost_when_the_warning_has_run() {
    let mut trial = garden("gardens", 1);
    ask(&mut trial, 1);
    allot(&mut trial, 0).unwrap();
    let unwarned = trial.act(Actor::Staff, release(1, "neglected"));
    assert_eq!(reason(unwarned), "PLOT_STATE");
    trial
        .act(Actor::Staff, change(1, PlotChange::Cultivated))
        .unwrap();
    trial
        .act(Actor::Staff, change(1, PlotChange::Warned))
        .unwrap();
    assert_eq!(Stock::of(entry(&trial)).0[5..], [1, 1, 1]);
    trial.pass_to("2026-03-15T15:59:59Z");
    let early = trial.act(Actor::Staff, release(1, "neglected"));
    assert_eq!(reason(early), "STILL_WARNED");
    trial.pass_to("2026-03-15T16:00:00Z");
    trial.act(Actor::Staff, release(1, "neglected")).unwrap();
    assert_eq!(Stock::of(entry(&trial)).0[5..], [1, 0, 0]);
    assert_eq!(trial.members("plot.released"), [",003,no,neglected"]);
    let told = trial.told();
    let last = [
        "PLOT_CLAIMED [Entry(1)]",
        "PLOT_WARNED [Entry(1)]",
        "PLOT_RELEASED+ [Entry(1)]",
    ];
    assert_eq!(told[told.len() - 3..], last);
}

#[test]
fn the_childrens_plots_are_not_for_households() {
    let mut trial = garden("gardens", 1);
    let school = Action::AddPlots {
        count: 10,
        is_school: true,
    };
    trial.act(Actor::Staff, school).unwrap();
    assert_eq!(
        Stock::of(entry(&trial)).0[5],
        1,
        "planned ones cannot be claimed"
    );
    trial.act(Actor::Staff, Action::OpenPlots).unwrap();
    for by in 1..=3 {
        ask(&mut trial, by);
    }
    let class = Action::Ask {
        by: 50,
        is_school: true,
    };
    trial.act(Actor::Staff, class).unwrap();
    allot(&mut trial, 0).unwrap();
    assert_eq!(held(&trial), BTreeMap::from([(1, 1), (50, 1)]));
    assert_eq!(entry(&trial).plots[1].holder, Some(50));
    let many = Action::AddPlots {
        count: 490,
        is_school: false,
    };
    assert_eq!(reason(trial.act(Actor::Staff, many)), "PLOTS_OUT_OF_RANGE");
}

#[test]
fn a_draw_follows_its_seed_and_the_seed_is_on_record() {
    let drawn = |seed| {
        let mut trial = garden("gardens-by-lot", 3);
        for by in 1..=12 {
            ask(&mut trial, by);
        }
        allot(&mut trial, seed).unwrap();
        held(&trial).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(drawn(1), drawn(1));
    let draws: std::collections::BTreeSet<_> = (1..=20).map(drawn).collect();
    assert!(draws.len() > 10, "{draws:?}");
}

proptest! {
    /// Whatever is asked for and given back: while somebody who waits has fewer
    /// plots than a holder of a plot that was just given out had, nobody got one
    /// before them.
    #[test]
    fn nobody_is_passed_over(
        steps in prop::collection::vec((0u8..3, 1u64..8), 1..60),
        by_lot in any::<bool>(),
    ) {
        let register = if by_lot { "gardens-by-lot" } else { "gardens" };
        let mut trial = garden(register, 4);
        for (step, by) in steps {
            match step {
                0 => {
                    let is_school = false;
                    let _ = trial.act(Actor::Staff, Action::Ask { by, is_school });
                }
                1 => {
                    let before = held(&trial);
                    if allot(&mut trial, by).is_err() {
                        continue;
                    }
                    let after = held(&trial);
                    let has = |held: &BTreeMap<u64, u32>, by| held.get(&by).copied().unwrap_or(0);
                    let most = after.iter().filter(|(by, now)| has(&before, **by) < **now);
                    let most = most.map(|(_, now)| *now).max().unwrap_or(0);
                    for waiting in &entry(&trial).asks {
                        prop_assert!(has(&after, waiting.by) + 1 >= most);
                    }
                }
                _ => {
                    let _ = trial.act(Actor::Staff, release(by as u16, "given-back"));
                }
            }
            let claimed = held(&trial).values().sum::<u32>();
            prop_assert_eq!(i64::from(claimed), Stock::of(entry(&trial)).0[6]);
        }
    }
}
