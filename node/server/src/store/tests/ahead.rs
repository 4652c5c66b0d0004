//! A change of the catalogue that was counted beside the writer.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::store::ahead::{Ahead, Progress};
use crate::store::verify::verify;

fn lived(cases: i64) -> Town {
    let town = Town::new();
    let resident = super::tokens::resident(&town, "wx-1");
    for number in 0..cases {
        town.live_through_a_case(resident, number * 8);
    }
    town
}

fn count(town: &Town, items: Vec<Item>) -> (Option<Ahead>, Vec<Progress>) {
    let (stop, mut told) = (CancellationToken::new(), Vec::new());
    let tell = |progress| told.push(progress);
    let change = everything(items);
    let ahead = town.store().count_ahead(&change, &stop, tell).unwrap();
    (ahead, told)
}

fn take(town: &Town, items: Vec<Item>, ahead: Option<Ahead>) {
    let answer = town.ask(Command::Activate {
        now: at(0),
        change: everything(items),
        ahead: ahead.map(Box::new),
    });
    assert!(matches!(answer, Answer::Activated(applied) if applied == Applied::default()));
}

/// A rebuild reads every record, and counts nothing ahead.
fn agrees_with_its_journal(mut town: Town) {
    town.close();
    let verified = verify(town.path(), &setup(), |_| {}).unwrap();
    assert_eq!(
        (verified.differences, &verified.unusable),
        (0, &None),
        "{:?}",
        verified.named
    );
}

#[test]
fn what_was_counted_ahead_and_what_came_meanwhile_is_all_there_is() {
    for meanwhile in [0, 5] {
        let town = lived(200);
        let (ahead, told) = count(&town, first_items());
        let last = told.last().unwrap();
        assert_eq!(
            (last.records, last.of),
            (last.of, ahead.as_ref().unwrap().through)
        );
        assert!(told.len() > 1, "in stretches: {told:?}");
        for number in 0..meanwhile {
            town.live_through_a_case(1, 2_000 + number * 8);
        }
        take(&town, first_items(), ahead);
        town.live_through_a_case(1, 3_000);
        agrees_with_its_journal(town);
    }
}

#[test]
fn what_was_counted_for_another_change_is_not_used() {
    let town = lived(3);
    let fewer: Vec<Item> = first_items().into_iter().take(4).collect();
    let (ahead, _) = count(&town, fewer);
    take(&town, first_items(), ahead);
    agrees_with_its_journal(town);
}

#[test]
fn nothing_is_counted_where_nothing_is_new_or_all_is_over() {
    let town = lived(3);
    let stop = CancellationToken::new();
    stop.cancel();
    let change = everything(first_items());
    let ahead = town.store().count_ahead(&change, &stop, |_| ());
    assert!(ahead.unwrap().is_none());
    town.activate();
    let (ahead, told) = count(&town, first_items());
    assert!(ahead.is_none() && told.is_empty());
}
