//! What a batch may and may not do, and the invariant that spares a read per
//! cell, against a model that does read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proto::{identity::StoreId, indicator::cell::Order, sync::uplink::Withheld};

use super::*;
use crate::sync::{
    line::Cause,
    samples::{All, Below1000, at, batch, cell, head, key},
};

fn line(acked: u64) -> Line {
    Line {
        epoch: 3,
        lineage: 1,
        acked,
        ..Line::default()
    }
}

fn offer(line: &mut Line, batch: Batch) -> Result<Accepted, Refusal> {
    let accepted = decide_batch(line, 3, batch, &Below1000, at(0))?;
    line.accept(&accepted);
    Ok(accepted)
}

#[test]
fn cells_after_the_cursor_are_taken_and_the_cursor_moves_through() {
    let mut line = line(10);
    let accepted = offer(
        &mut line,
        batch(10, 20, vec![cell(1, 12, 0), cell(2, 15, 0)]),
    )
    .unwrap();
    assert_eq!(accepted.cells.len(), 2);
    assert_eq!(line.acked, 20);
    let ack = accepted.ack(at(0));
    assert_eq!((ack.through, ack.applied, ack.stale), (20, 2, 0));
}

#[test]
fn a_batch_brings_the_journal_on_and_never_back() {
    let mut line = Line {
        store_id: Some(StoreId([7; 16])),
        ..line(10)
    };
    let of_journal = |from, size, root| Batch {
        journal_head: Some(head(size, root)),
        ..batch(from, from + 1, Vec::new())
    };
    offer(&mut line, of_journal(10, 20, 1)).unwrap();
    offer(&mut line, of_journal(11, 25, 2)).unwrap();
    // One without says nothing.
    offer(&mut line, batch(12, 13, Vec::new())).unwrap();
    assert_eq!(line.journal_head, Some(head(25, 2)));
    for (size, root) in [(24, 2), (25, 3)] {
        let refusal = offer(&mut line, of_journal(13, size, root)).unwrap_err();
        let Refusal::Parted(quarantine) = &refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!(quarantine.cause, Cause::Parted { size, known: 25 });
        assert_eq!(refusal.end().reason, Some(Reason::EpochStale));
        assert_eq!(line.acked, 13);
    }
    line.store_id = Some(StoreId([8; 16]));
    let foreign = offer(&mut line, of_journal(13, 26, 4));
    assert!(matches!(foreign, Err(Refusal::Malformed(_))), "{foreign:?}");
}

#[test]
fn an_empty_batch_is_a_bookmark() {
    let mut line = line(10);
    let bookmark = Batch {
        complete_until: Some(at(-5)),
        ..batch(10, 14, vec![])
    };
    offer(&mut line, bookmark).unwrap();
    assert_eq!((line.acked, line.complete_until), (14, Some(at(-5))));
}

#[test]
fn completeness_never_lies_in_the_future() {
    let mut line = line(10);
    let ahead = Batch {
        complete_until: Some(at(3600)),
        ..batch(10, 10, vec![])
    };
    offer(&mut line, ahead).unwrap();
    assert_eq!(line.complete_until, Some(at(0)));
}

#[test]
fn another_epoch_commits_nothing() {
    for epoch in [2, 4] {
        let refusal = decide_batch(&line(10), epoch, batch(10, 20, vec![]), &Below1000, at(0));
        assert_eq!(refusal, Err(Refusal::Superseded { epoch, current: 3 }));
    }
}

#[test]
fn replayed_and_skipping_batches_name_the_cursor() {
    let mut line = line(10);
    let first = batch(10, 20, vec![cell(1, 12, 0)]);
    offer(&mut line, first.clone()).unwrap();
    let gap = |from| Refusal::CursorGap { from, expected: 20 };
    assert_eq!(offer(&mut line, first), Err(gap(10)));
    assert_eq!(offer(&mut line, batch(30, 40, vec![])), Err(gap(30)));
    assert_eq!(line.acked, 20);
}

#[test]
fn malformed_batches_are_named() {
    let mut other_lineage = cell(1, 12, 0);
    other_lineage.order.lineage = 2;
    let withheld = Batch {
        withheld: vec![Withheld::from(&cell(1, 21, 0))],
        ..batch(10, 20, vec![])
    };
    let twice = Batch {
        withheld: vec![Withheld::from(&cell(1, 11, 0))],
        ..batch(10, 20, vec![cell(1, 12, 0)])
    };
    let many = (0..501).map(|n| cell(n, 11 + u64::from(n), 0)).collect();
    for (bad, what) in [
        (batch(10, 9, vec![]), "through: before from"),
        (batch(10, 600, many), "cells: more than 500"),
        (
            batch(10, 20, vec![cell(1, 12, 0), cell(2, 12, 0)]),
            "cells: not in ascending order of seq",
        ),
        (
            batch(10, 20, vec![cell(1, 21, 0)]),
            "cells: a seq past through",
        ),
        (withheld, "withheld: a seq outside from and through"),
        (twice, "cells: a key twice"),
        (batch(10, 20, vec![other_lineage]), "lineage: not granted"),
    ] {
        assert_eq!(offer(&mut line(10), bad), Err(Refusal::Malformed(what)));
    }
}

#[test]
fn a_refused_cell_is_named_and_delays_no_other() {
    let mut line = line(10);
    let cells = vec![cell(1, 11, 0), cell(1000, 12, 0), cell(2, 13, 0)];
    let accepted = offer(&mut line, batch(10, 13, cells)).unwrap();
    let ack = accepted.ack(at(0));
    assert_eq!((ack.through, ack.applied), (13, 2));
    assert_eq!(ack.rejected[0].seq, 12);
    assert_eq!(line.rejected[&key(1000)].order.seq, 12);
    assert_eq!(line.welcome(1, at(0)).rejected, ack.rejected);
}

#[test]
fn a_refused_cell_comes_again_below_the_cursor() {
    let mut line = line(10);
    offer(&mut line, batch(10, 20, vec![cell(1000, 12, 0)])).unwrap();
    let again = batch(20, 20, vec![cell(1, 11, 0), cell(1000, 12, 0)]);
    let accepted = decide_batch(&line, 3, again, &All, at(0)).unwrap();
    // Cell 1 was never refused: whatever it is, it is no news.
    assert_eq!((accepted.cells.len(), accepted.stale), (1, 1));
    line.accept(&accepted);
    assert!(line.rejected.is_empty());
}

#[test]
fn a_withheld_cell_is_visible_until_it_changes() {
    let mut line = line(10);
    let named = Batch {
        withheld: vec![Withheld::from(&cell(5, 12, 0))],
        ..batch(10, 12, vec![])
    };
    let ack = offer(&mut line, named).unwrap().ack(at(0));
    assert_eq!(ack.rejected[0].rejection.reason, RejectReason::Withheld);
    assert_eq!(line.rejected.len(), 1);
    offer(&mut line, batch(12, 13, vec![cell(5, 13, 1)])).unwrap();
    assert!(line.rejected.is_empty());
}

#[test]
fn markers_have_a_limit() {
    let mut line = line(10);
    for n in 0..limits::MARKERS as u32 {
        let poison = cell(1000 + n, 1, 0);
        let rejection = Below1000.judge(&poison).unwrap_err();
        line.rejected
            .insert(poison.key, Marker::of(&poison, rejection, at(0)));
    }
    let more = batch(10, 20, vec![cell(900_000, 11, 0)]);
    assert_eq!(offer(&mut line, more), Err(Refusal::MarkersFull));
    offer(&mut line, batch(10, 20, vec![cell(1, 11, 0)])).unwrap();
}

proptest! {
    // Any batches, from a careless node: whatever is accepted is newer than what
    // its key holds, and counts add up.
    #[test]
    fn accepted_cells_are_newer_than_what_is_held(
        offers in proptest::collection::vec(
            (0u64..4, 0u64..8, proptest::collection::vec((990u32..1010, 0u64..40), 0..6)),
            1..60,
        )
    ) {
        let mut line = line(0);
        let mut held: BTreeMap<CellKey, Order> = BTreeMap::new();
        for (back, ahead, cells) in offers {
            let from = line.acked.saturating_sub(back / 2);
            let mut cells: Vec<Cell> = cells.into_iter().map(|(n, seq)| cell(n, seq, 0)).collect();
            cells.sort_by_key(|cell| cell.order.seq);
            cells.dedup_by_key(|cell| cell.order.seq);
            cells.retain(|cell| cell.order.seq <= from + ahead);
            let sent = cells.len() as u32;
            let before = line.clone();
            match offer(&mut line, batch(from, from + ahead, cells)) {
                Ok(accepted) => {
                    for cell in &accepted.cells {
                        let newer = held.get(&cell.key).is_none_or(|order| *order < cell.order);
                        prop_assert!(newer, "{cell:?} is not newer");
                        held.insert(cell.key, cell.order);
                    }
                    let ack = accepted.ack(at(0));
                    prop_assert_eq!(ack.applied + ack.stale + ack.rejected.len() as u32, sent);
                    prop_assert!(held.values().all(|order| order.seq <= line.acked));
                }
                Err(_) => prop_assert_eq!(&before, &line),
            }
        }
    }
}
