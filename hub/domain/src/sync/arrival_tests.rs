//! Stores that come from another hub, stores that come back from one, and nodes
//! of builds that say less.

use proto::identity::StoreId;

use super::*;
use crate::sync::samples::{at, head, hello};

/// Of a store whose cells bear lineage 4, and that has forgotten its old hub.
fn moved() -> Hello {
    Hello {
        lineage: 4,
        seen_hub_incarnation: 0,
        ..hello(0, 1)
    }
}

/// A line that was left at epoch 5.
fn left() -> Line {
    Line {
        store_id: Some(StoreId([7; 16])),
        epoch: 5,
        lineage: 4,
        acked: 50,
        journal_head: Some(head(20, 1)),
        ..Line::default()
    }
}

fn granted(decision: Decision) -> Granted {
    match decision {
        Decision::Granted(granted) => granted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_store_from_another_hub_keeps_its_lineage_and_raises_no_alarm() {
    let granted = granted(decide_hello(&Line::default(), &moved(), 1, at(0)));
    assert_eq!((granted.epoch, granted.lineage), (1, 4));
    assert_eq!((granted.hub_behind, granted.hub_incarnation), (None, 1));
}

#[test]
fn a_store_that_comes_back_stands_as_its_line_was_left() {
    let line = left();
    // Without a word from an operator it is one of two copies.
    let copy = decide_hello(&line, &moved(), 1, at(0));
    assert!(matches!(copy, Decision::Quarantined { .. }), "{copy:?}");
    let back = returning(&line, &moved());
    let back = granted(decide_hello(&line, &back, 1, at(0)));
    assert_eq!((back.epoch, back.lineage, back.hub_behind), (6, 4, None));
    // Its journal and its head are looked at as anybody's.
    for (name, hello) in [
        (
            "lost what was acknowledged",
            Hello {
                head_seq: 49,
                ..moved()
            },
        ),
        (
            "another history",
            Hello {
                journal_head: Some(head(20, 2)),
                ..moved()
            },
        ),
    ] {
        let decision = decide_hello(&line, &returning(&line, &hello), 1, at(0));
        assert!(
            matches!(decision, Decision::Quarantined { .. }),
            "{name}: {decision:?}"
        );
    }
    // Who knows an epoch says it, and is believed no more than before.
    assert_eq!(returning(&line, &hello(4, 2)), hello(4, 2));
}

#[test]
fn a_node_of_a_build_without_heads_is_judged_by_its_epoch_alone() {
    let of_before = hello(5, 1);
    assert_eq!(
        (of_before.journal_head.is_none(), of_before.starts.len()),
        (true, 0)
    );
    let line = Line {
        lineage: 1,
        ..left()
    };
    assert_eq!(granted(decide_hello(&line, &of_before, 1, at(0))).epoch, 6);
    let stale = decide_hello(&line, &hello(4, 1), 1, at(0));
    assert!(matches!(stale, Decision::Quarantined { .. }), "{stale:?}");
}
