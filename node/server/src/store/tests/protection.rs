//! Numbers about people: what was counted stays, what is released is rounded,
//! once for the same records, after every kind of end.

use std::collections::BTreeMap;
use std::fs;

use node_domain::indicators::Exact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::cell::{Cell, CellKey, CellState};
use proto::indicator::kind::Kind;
use proto::indicator::rounded::{Base, Rounded};
use proto::sync::uplink::{ReclaimMode, Since};
use proto_child::uplink::action::{Attach, Reclaiming, Scan, Standing};

use super::*;
use crate::store::keyspace::cell::Cells;
use crate::store::keyspace::exact::{ExactCells, StoredExact};
use crate::store::keyspace::head::Heads;
use crate::store::keyspace::{self, Space};
use crate::store::view::{Table, ViewWriter};

const FIRST_PROTECTED: u32 = 901;
/// Hours to where [`fill`] ends.
pub(super) const LAST: i64 = 8 * 31 * 24;

fn base_of(key: &CellKey) -> Option<Base> {
    match key.indicator.0 {
        904 => Some(Base::Ten),
        FIRST_PROTECTED.. => Some(Base::Five),
        _ => None,
    }
}

fn exact(town: &Town) -> BTreeMap<CellKey, Exact> {
    let all = town.view().all::<ExactCells>();
    all.map(|found| found.map(|(key, stored)| (key, stored.exact)).unwrap())
        .collect()
}

/// Protected cells as they are kept for the line, removals left out.
fn released(town: &Town) -> BTreeMap<CellKey, CellState> {
    let all = town.view().all::<Cells>();
    let all = all.map(|found| found.map(|(key, stored)| (key, stored.state)).unwrap());
    all.filter(|(key, state)| base_of(key).is_some() && !state.is_removed())
        .collect()
}

/// What the exact cells must be released as.
fn expected(town: &Town) -> BTreeMap<CellKey, CellState> {
    let rounding = town.store().keys().rounding();
    let exact = exact(town).into_iter().filter_map(|(key, exact)| {
        let released = exact.released(base_of(&key).unwrap(), &rounding)?;
        Some((key, released.encode()))
    });
    exact.collect()
}

fn reopen(town: &mut Town) {
    town.close();
    town.open();
}

/// A busy month, and one case alone in each of the next.
fn fill(town: &Town) {
    let residents: Vec<u64> = (0..4)
        .map(|resident| tokens::resident(town, &format!("wx-{resident}")))
        .collect();
    for (round, resident) in (0..16).zip(residents.iter().cycle()) {
        town.live_through_a_case(*resident, round * 20);
    }
    for month in 1..9 {
        town.live_through_a_case(residents[0], month * 31 * 24);
    }
}

pub(super) fn busy() -> Town {
    let mut town = Town::new();
    town.activate();
    fill(&town);
    reopen(&mut town);
    town
}

#[test]
fn only_rounded_numbers_go_to_the_line() {
    let town = busy();
    assert_eq!(released(&town), expected(&town));
    let (exact, released) = (exact(&town), released(&town));
    assert!(exact.len() > 5 && released.len() > 2, "{released:?}");
    assert!(
        exact.len() > released.len(),
        "small ones are not there at all"
    );
    let scan = Scan {
        after: 0,
        cells: 500,
        retry: exact.keys().copied().collect(),
        attach: Attach::Digest,
    };
    let command = Command::Scan {
        now: at(LAST + 900),
        scan,
    };
    let Answer::Scanned(scanned, _) = town.ask(command) else {
        unreachable!()
    };
    let mut seen = 0;
    for cell in scanned.cells.iter().chain(&scanned.retried) {
        let Some(base) = base_of(&cell.key) else {
            continue;
        };
        match Accumulator::decode(&cell.state) {
            Ok(Accumulator::Rounded(rounded)) => assert!(rounded.is_multiple_of(base)),
            other => panic!("{other:?}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 2 * released.len());
}

#[test]
fn orders_do_not_tell_how_many_facts_there_were() {
    let mut town = Town::new();
    let items = first_items();
    let protected = |item: &Item| item.item_id.contains("/T.") || item.kind == ItemKind::Dimension;
    town.replace(items.into_iter().filter(protected).collect());
    let resident = tokens::resident(&town, "wx-1");
    for hours in 0..40 {
        town.live_through_a_case(resident, hours);
    }
    reopen(&mut town);
    // One order for each multiple that was reached, and none besides.
    let steps = expected(&town).into_iter().map(|(key, state)| {
        let base = u128::from(base_of(&key).unwrap().get());
        let reached: u128 = match Accumulator::decode(&state) {
            Ok(Accumulator::Rounded(Rounded::Count { count, .. })) => count,
            // Every numerator of this one is in its denominator.
            Ok(Accumulator::Rounded(Rounded::Ratio { denominator, .. })) => denominator,
            Ok(Accumulator::Rounded(Rounded::Histogram { buckets, .. })) => buckets.iter().sum(),
            other => panic!("{other:?}"),
        };
        (reached / base) as u64
    });
    let marks = town.store().marks().borrow().clone();
    assert_eq!(marks.cell_seq, steps.sum::<u64>());
    assert!(marks.cell_seq > 20, "{}", marks.cell_seq);
}

#[test]
fn the_same_records_are_rounded_alike_whenever_the_definition_came() {
    let mut early = busy();
    let index = fs::read(early.path().join("keys/index")).unwrap();
    let mut late = Town::new();
    late.close();
    fs::write(late.path().join("keys/index"), index).unwrap();
    late.open();
    fill(&late);
    late.activate();
    reopen(&mut late);
    assert_eq!(released(&late), released(&early));
    assert_eq!(exact(&late), exact(&early));
    // Withdrawn and published again: counted anew, and the same.
    let before = released(&early);
    early.replace(Vec::new());
    early.activate();
    reopen(&mut early);
    assert_eq!(released(&early), before);
}

#[test]
fn a_small_community_takes_no_definition_about_people() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).unwrap();
    for (residents, reason, count) in [
        (None, Some("POPULATION_UNKNOWN"), 4),
        (Some(39), Some("POPULATION_TOO_SMALL"), 4),
        (Some(249), Some("POPULATION_TOO_SMALL"), 1),
        (Some(250), None, 0),
    ] {
        let setup = Setup {
            residents,
            ..setup()
        };
        let Opened { store, running, .. } = open(dir.path(), &setup).unwrap();
        let change = everything(first_items());
        let Answer::Activated(Applied { refused, .. }) = store
            .ask_blocking(Command::Activate {
                now: at(0),
                change,
                ahead: None,
            })
            .unwrap()
        else {
            unreachable!()
        };
        assert_eq!(refused.len(), count, "{residents:?}: {refused:?}");
        assert!(
            refused
                .iter()
                .all(|refused| Some(&*refused.reason) == reason)
        );
        drop(store);
        running.join().unwrap();
    }
}

/// Rows that had reached the disk before the head that says so: those of exact
/// cells are ahead by themselves, or with the released ones.
#[test]
fn rows_that_are_ahead_are_folded_again_to_the_same() {
    for ahead in [|_: usize| true, |_| false, |at| at % 2 == 0] {
        let mut town = busy();
        reopen(&mut town);
        let marks = town.store().marks().borrow().clone();
        let before: Vec<(CellKey, StoredExact)> = {
            let all = town.view().all::<ExactCells>();
            all.map(Result::unwrap).collect()
        };
        let resident = tokens::resident(&town, "wx-9");
        for hours in 0..12 {
            town.live_through_a_case(resident, LAST + hours * 3);
        }
        reopen(&mut town);
        let after = town.rows();
        assert!(
            after
                .iter()
                .filter(|(key, _)| key[0] == ExactCells::TAG)
                .count()
                > 5
        );
        town.close();
        {
            let (writer, _) = ViewWriter::open(&town.path().join("view")).unwrap();
            let mut head = writer.view().load::<Heads>(&()).unwrap().unwrap();
            (head.cells_position, head.cell_seq) = (marks.position, marks.cell_seq);
            let mut table = Table::default();
            let row = keyspace::row::<Heads>(&head);
            table.put(keyspace::key::<Heads>(&()), Some(row));
            for (at, (key, stored)) in before.iter().enumerate() {
                if !ahead(at) {
                    let row = keyspace::row::<ExactCells>(stored);
                    table.put(keyspace::key::<ExactCells>(key), Some(row));
                }
            }
            writer.publish(table);
            writer.seal().unwrap();
            writer.close().unwrap();
        }
        let opened = town.open();
        assert!(opened.rebuilt.is_none() && opened.replayed > 12 * 7);
        assert_eq!(released(&town), expected(&town));
        reopen(&mut town);
        assert!(town.rows() == after);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => fs::copy(entry.path(), to).map(drop).unwrap(),
        }
    }
}

#[test]
fn a_restored_store_goes_on_from_what_its_hub_held() {
    let mut town = busy();
    town.close();
    let backup = tempfile::tempdir().unwrap();
    copy(town.path(), backup.path());
    town.open();
    town.store().mark_start(at(LAST)).unwrap();
    let lost = tokens::resident(&town, "wx-lost");
    // The clock of a store never goes back: all of it is in the last month.
    for round in 0..12 {
        town.live_through_a_case(lost, LAST + round);
    }
    reopen(&mut town);
    let hub: Vec<Cell> = {
        let all = town.view().all::<Cells>();
        all.map(|found| {
            let (key, stored) = found.unwrap();
            let (order, state) = (stored.order, stored.state);
            Cell { key, order, state }
        })
        .collect()
    };
    let acked = town.store().marks().borrow().cell_seq;
    let held = released(&town);
    town.close();
    for name in ["journal", "keys", "view"] {
        fs::remove_dir_all(town.path().join(name)).unwrap();
    }
    copy(backup.path(), town.path());
    town.open();
    town.store().mark_start(at(LAST + 100)).unwrap();
    let start = {
        let starts = town.view().load::<keyspace::start::Starts>(&()).unwrap();
        starts.unwrap().last().unwrap().id
    };
    let since = tokens::resident(&town, "wx-since");
    for round in 0..7 {
        town.live_through_a_case(since, LAST + 300 + round);
    }
    let standing = Standing {
        store_id: town.store().store_id(),
        epoch: 9,
        lineage: 2,
        hub_incarnation: 1,
        nonce: None,
        acked,
    };
    let reclaiming = Reclaiming {
        mode: ReclaimMode::Adopt,
        since: Since::Start(start),
        standing,
        cells: hub,
    };
    let command = Command::Reclaim {
        now: at(LAST + 390),
        reclaiming: Box::new(reclaiming),
    };
    assert!(matches!(town.ask(command), Answer::Reclaimed(Ok(_))));
    reopen(&mut town);
    assert_eq!(released(&town), expected(&town));
    // Nothing that the hub held is less than it was, and some has grown.
    let number = |state: &CellState| Accumulator::decode(state).unwrap().number();
    let counts = held
        .iter()
        .filter(|(_, state)| state.kind == Kind::RoundedCount.number());
    let adopted = released(&town);
    let grown = counts.filter(|(key, state)| number(&adopted[*key]) > number(state));
    assert!(grown.count() > 0);
    for (key, state) in &held {
        assert!(number(&adopted[key]) >= number(state), "{key:?}");
    }
    let foreign = exact(&town)
        .into_values()
        .filter(|exact| exact.encode().len() > 50);
    assert!(foreign.count() > 0, "some go on from the hub's");

    for round in 0..5 {
        town.live_through_a_case(since, LAST + 400 + round);
    }
    reopen(&mut town);
    assert_eq!(released(&town), expected(&town));
    let (rows, before) = (town.rows(), released(&town));
    town.close();
    fs::remove_dir_all(town.path().join("view")).unwrap();
    town.open();
    assert!(town.rows() == rows, "rebuilt from the journal");
    town.replace(Vec::new());
    town.activate();
    reopen(&mut town);
    assert_eq!(released(&town), before, "counted again from the journal");
}
