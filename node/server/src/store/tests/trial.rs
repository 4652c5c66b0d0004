//! A dry run: counted as if it were taken, and nothing is.

use proto::indicator::catalogue::Item as Parsed;
use proto::pb::types as pb;
use proto::sync::trial::Trial;
use proto::sync::wire::trial::dry_run;

use super::*;
use crate::store::keyspace::Space;
use crate::store::keyspace::catalogue::Items;
use crate::store::keyspace::cell::Cells;

/// As the shipped QS.R01, under another number, changed.
fn like_reports(id: u32, change: impl FnOnce(&mut pb::IndicatorDefinition)) -> Parsed {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    let reports = catalogue.by_code("QS.R01", None).unwrap();
    let mut wire = pb::IndicatorDefinition::from(&**reports);
    (wire.id, wire.code) = (id, format!("NEW.N{id}"));
    change(&mut wire);
    Parsed::from_definition(wire).unwrap()
}

fn try_out(town: &Town, items: &[Parsed]) -> Applied {
    let cursor = Cursor {
        log_id: LogId([7; 16]),
        seq: 11,
    };
    let payload = dry_run(5, items).into();
    let item = Item::new(cursor, "dry-run/5".into(), ItemKind::DryRun, payload);
    let change = Change::Activate(item);
    match town.ask(Command::Activate {
        now: at(0),
        change,
        ahead: None,
    }) {
        Answer::Activated(applied) => applied,
        _ => unreachable!(),
    }
}

/// Cells and catalogue as they are stored.
fn held(town: &Town) -> Vec<(Vec<u8>, Vec<u8>)> {
    let tags = [Cells::TAG, Items::TAG];
    let rows = town.rows().into_iter();
    rows.filter(|(key, _)| tags.contains(&key[0])).collect()
}

#[test]
fn a_dry_run_counts_what_taking_would_release_and_takes_nothing() {
    let town = protection::busy();
    let before = held(&town);
    let exact = like_reports(7000, |_| {});
    let protected = like_reports(7001, |wire| {
        wire.protection = 2;
        wire.base_grain = 6;
        wire.coarser_grains.clear();
        wire.breakdowns.clear();
    });
    let unheard = like_reports(7002, |wire| {
        let of = wire.accumulator.as_mut().unwrap().of.as_mut().unwrap();
        of.fact_type = "election.seated".into();
        wire.breakdowns.clear();
    });
    let applied = try_out(&town, &[exact, protected, unheard]);
    assert_eq!(applied.refused, []);
    let [trial]: [Trial; 1] = applied.trials.try_into().unwrap();
    assert_eq!(
        (trial.rollout, &trial.unrecorded[..]),
        (5, &["election.seated".into()][..])
    );
    assert!(trial.facts > 100, "{}", trial.facts);
    let [exact, protected, unheard] = &trial.counts[..] else {
        panic!("{:?}", trial.counts);
    };
    let shipped = town.view().all::<Cells>().filter(|found| {
        let (key, _) = found.as_ref().unwrap();
        key.indicator.0 == 1
    });
    assert_eq!(
        (exact.cells, exact.smallest),
        (shipped.count() as u64, Some(1))
    );
    assert_eq!(
        (protected.cells, protected.smallest.map(|n| n % 5)),
        (1, Some(0))
    );
    assert_eq!((unheard.cells, unheard.smallest), (0, None));
    assert_eq!(held(&town), before);
}

#[test]
fn what_a_node_would_refuse_it_says_and_does_not_count() {
    let setup = Setup {
        residents: Some(39),
        ..setup()
    };
    let dir = tempfile::tempdir().unwrap();
    create(dir.path()).unwrap();
    let Opened { store, running, .. } = open(dir.path(), &setup).unwrap();
    let protected = like_reports(7001, |wire| {
        wire.protection = 2;
        wire.breakdowns.clear();
    });
    let cursor = Cursor {
        log_id: LogId([7; 16]),
        seq: 1,
    };
    let payload = dry_run(6, &[protected]).into();
    let item = Item::new(cursor, "dry-run/6".into(), ItemKind::DryRun, payload);
    let change = Change::Activate(item);
    let asked = store.ask_blocking(Command::Activate {
        now: at(0),
        change,
        ahead: None,
    });
    let Answer::Activated(applied) = asked.unwrap() else {
        unreachable!()
    };
    let count = &applied.trials[0].counts[0];
    assert!(count.refusal.contains("39 residents"), "{}", count.refusal);
    assert_eq!((count.cells, count.smallest), (0, None));
    drop(store);
    running.join().unwrap();
}
