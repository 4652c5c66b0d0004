//! A repair makes the hub's bucket the node's, wipes nothing else, and happens
//! once a day.

use proptest::prelude::*;

use super::*;
use crate::sync::samples::{All, Below1000, at, cell};

fn line(acked: u64) -> Line {
    Line {
        epoch: 3,
        lineage: 1,
        acked,
        ..Line::default()
    }
}

fn checkpoint(digest: &Digest) -> Checkpoint {
    Checkpoint {
        count: digest.count(),
        root: digest.root(),
    }
}

fn listing(through: u64, mut cells: Vec<Cell>) -> Listing {
    cells.sort_by_key(|cell| cell.key);
    Listing {
        bucket: digest::bucket_of(&cells[0].key),
        through,
        cells,
        withheld: Vec::new(),
        last: true,
    }
}

/// Cells that share a bucket.
fn together(count: usize) -> Vec<u32> {
    let bucket = digest::bucket_of(&cell(0, 1, 0).key);
    (0..)
        .filter(|n| digest::bucket_of(&cell(*n, 1, 0).key) == bucket)
        .take(count)
        .collect()
}

#[test]
fn equal_digests_agree_and_others_start_one_repair_a_day() {
    let (mut ours, mut theirs) = (Digest::default(), Digest::default());
    ours.add(&cell(1, 1, 0));
    theirs.add(&cell(1, 1, 0));
    let mut line = line(10);
    let verdict = |line: &Line, theirs: &Digest, minutes: i64| {
        compare(line, &ours, &checkpoint(theirs), at(minutes * 60))
    };
    assert_eq!(verdict(&line, &theirs, 0), Comparison::Agreed);
    theirs.add(&cell(2, 2, 0));
    assert_eq!(verdict(&line, &theirs, 0), Comparison::Repair);
    assert!(begins(&line, at(0)));
    line.repaired_at = Some(at(0));
    for (minutes, expected) in [
        (9, Comparison::Repair),
        (10, Comparison::Alarm),
        (24 * 60 - 1, Comparison::Alarm),
        (24 * 60, Comparison::Repair),
    ] {
        assert_eq!(verdict(&line, &theirs, minutes), expected, "{minutes}");
    }
    assert!(!begins(&line, at(24 * 3600 - 1)));
    assert!(begins(&line, at(24 * 3600)));
}

#[test]
fn a_listing_counts_only_where_it_was_taken() {
    let offer = |epoch, through| {
        let listing = listing(through, vec![cell(0, 5, 0)]);
        decide_listing(&line(10), epoch, listing, &Below1000, at(0))
    };
    assert!(offer(3, 10).is_ok());
    assert!(matches!(offer(3, 9), Err(Refusal::CursorGap { .. })));
    assert!(matches!(offer(2, 10), Err(Refusal::Superseded { .. })));
}

#[test]
fn listings_that_are_none_are_named() {
    let good = together(2);
    let stranger = (0..900)
        .find(|n| digest::bucket_of(&cell(*n, 1, 0).key) != digest::bucket_of(&cell(0, 1, 0).key))
        .unwrap();
    let base = listing(10, vec![cell(good[0], 5, 0), cell(good[1], 6, 0)]);
    let with = |cells: Vec<Cell>| Listing {
        cells,
        ..base.clone()
    };
    let mut ungranted = cell(good[0], 5, 0);
    ungranted.order.lineage = 9;
    for (bad, what) in [
        (
            with(vec![base.cells[1].clone(), base.cells[0].clone()]),
            "listing: not in ascending order of key",
        ),
        (
            with(vec![cell(stranger, 5, 0)]),
            "listing: a cell of another bucket",
        ),
        (
            with(vec![cell(good[0], 11, 0)]),
            "listing: a seq past through",
        ),
        (with(vec![ungranted]), "lineage: not granted"),
    ] {
        let refusal = decide_listing(&line(10), 3, bad, &Below1000, at(0));
        assert_eq!(refusal, Err(Refusal::Malformed(what)));
    }
}

#[test]
fn missing_older_and_damaged_cells_are_replaced_and_extras_removed() {
    let n = together(6);
    let listed = decide_listing(
        &line(20),
        3,
        listing(
            20,
            vec![
                cell(n[0], 1, 0),
                cell(n[1], 12, 0),
                cell(n[2], 3, 0),
                cell(n[3], 4, 0),
                cell(n[4], 5, 0),
            ],
        ),
        &All,
        at(0),
    )
    .unwrap();
    let held = [
        cell(n[0], 1, 0),
        cell(n[1], 2, 0),
        cell(n[2], 3, 99),
        cell(n[3], 14, 0),
        cell(n[5], 6, 0),
    ];
    let mended = mend(
        held.iter().map(|cell| (cell.key, cell.order, cell.hash())),
        &listed,
    );
    let key = |at: usize| cell(n[at], 1, 0).key;
    let mut replaced: Vec<CellKey> = mended.replace.iter().map(|cell| cell.key).collect();
    replaced.sort();
    let mut expected = vec![key(1), key(2), key(4)];
    expected.sort();
    assert_eq!(replaced, expected);
    assert_eq!(mended.conflicts, [key(2)]);
    assert_eq!(mended.ahead, [key(3)]);
    assert_eq!(mended.remove, [key(5)]);
}

#[test]
fn markers_of_the_bucket_become_those_of_the_listing() {
    let mut line = line(20);
    let gone = cell(1000, 1, 0);
    let rejection = Below1000.judge(&gone).unwrap_err();
    line.rejected
        .insert(gone.key, Marker::of(&gone, rejection, at(0)));
    let elsewhere = (1001..2000)
        .map(|n| cell(n, 2, 0))
        .find(|cell| digest::bucket_of(&cell.key) != digest::bucket_of(&gone.key))
        .unwrap();
    line.rejected
        .insert(elsewhere.key, Marker::of(&elsewhere, rejection, at(0)));
    let empty = Listing {
        bucket: digest::bucket_of(&gone.key),
        through: 20,
        cells: Vec::new(),
        withheld: Vec::new(),
        last: true,
    };
    let listed = decide_listing(&line, 3, empty, &Below1000, at(0)).unwrap();
    line.list(&listed);
    assert_eq!(
        line.rejected.keys().collect::<Vec<_>>(),
        [&elsewhere.key],
        "only the bucket's own"
    );
}

proptest! {
    #[test]
    fn after_a_repair_the_bucket_is_the_nodes(
        node in proptest::collection::btree_map(0usize..12, (1u64..20, 0u8..2), 0..12),
        hub in proptest::collection::btree_map(0usize..12, (1u64..20, 0u8..2), 0..12),
    ) {
        let n = together(12);
        let cells = |side: &std::collections::BTreeMap<usize, (u64, u8)>| -> Vec<Cell> {
            let mut cells: Vec<Cell> = side
                .iter()
                .map(|(at, (seq, value))| cell(n[*at], *seq, *value))
                .collect();
            cells.sort_by_key(|cell| cell.key);
            cells
        };
        let (node, held) = (cells(&node), cells(&hub));
        let listing = Listing {
            bucket: digest::bucket_of(&cell(n[0], 1, 0).key),
            through: 20,
            cells: node.clone(),
            withheld: Vec::new(),
            last: true,
        };
        let listed = decide_listing(&line(20), 3, listing, &All, at(0)).unwrap();
        let mended = mend(held.iter().map(|c| (c.key, c.order, c.hash())), &listed);
        let mut after: std::collections::BTreeMap<CellKey, Cell> =
            held.iter().map(|c| (c.key, c.clone())).collect();
        for cell in mended.replace {
            let before = after.insert(cell.key, cell.clone());
            prop_assert!(before.is_none_or(|before| before.order <= cell.order));
        }
        for key in &mended.remove {
            after.remove(key);
        }
        for cell in &node {
            let held = &after[&cell.key];
            prop_assert!(held == cell || mended.ahead.contains(&cell.key));
        }
        prop_assert_eq!(after.len(), node.len());
    }
}
