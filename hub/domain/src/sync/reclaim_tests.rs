//! What an operator may decide, and to whom the terms are held out.

use proto::sync::uplink::StartId;

use super::*;
use crate::sync::{
    hello::{Decision as Greeted, decide_hello},
    samples::{at, hello},
};

fn asked(request: &str) -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: request.parse().unwrap(),
    }
}

fn told(epoch: u64, nonce: u8, starts: &[u64]) -> Hello {
    Hello {
        starts: starts.iter().copied().map(StartId).collect(),
        ..hello(epoch, nonce)
    }
}

fn greet(line: &mut Line, hello: &Hello) -> Greeted {
    let decision = decide_hello(line, hello, 1, at(0));
    match &decision {
        Greeted::Granted(granted) => line.grant(granted),
        Greeted::Quarantined { quarantine, is_new } if *is_new => line.sight(quarantine),
        Greeted::Repeated { unheard } => line.hear(unheard),
        _ => {}
    }
    decision
}

/// Epoch 3 is held by a store of starts 1 and 2; one of before, start 1, was
/// restored and started anew as 9.
fn quarantined() -> (Line, Hello) {
    let mut line = Line::default();
    for (epoch, starts) in [(0, &[1][..]), (1, &[1]), (2, &[1, 2])] {
        greet(&mut line, &told(epoch, epoch as u8, starts));
    }
    let restored = told(1, 77, &[1, 9]);
    assert!(matches!(
        greet(&mut line, &restored),
        Greeted::Quarantined { is_new: true, .. }
    ));
    (line, restored)
}

fn decided(line: &mut Line, mode: ReclaimMode) -> Decided {
    match decide_reclaim(line, asked("a"), mode, at(1)).unwrap() {
        Decision::Record(decided) => {
            line.decide(&decided);
            decided
        }
        Decision::Repeat(_) => panic!("not decided before"),
    }
}

#[test]
fn nothing_is_decided_about_a_line_in_order() {
    let refused = decide_reclaim(&Line::default(), asked("a"), ReclaimMode::Adopt, at(0));
    assert_eq!(refused, Err(Refusal::NotQuarantined));
}

#[test]
fn one_decision_and_not_the_other_too() {
    let (mut line, _) = quarantined();
    let first = decided(&mut line, ReclaimMode::Adopt);
    let again = decide_reclaim(&line, asked("b"), ReclaimMode::Adopt, at(2));
    assert_eq!(again, Ok(Decision::Repeat(first)));
    let other = decide_reclaim(&line, asked("c"), ReclaimMode::Restate, at(2));
    assert_eq!(other, Err(Refusal::DecidedOtherwise(ReclaimMode::Adopt)));
}

#[test]
fn the_terms_are_held_out_to_the_store_that_was_meant() {
    let (mut line, restored) = quarantined();
    let terms = decided(&mut line, ReclaimMode::Adopt);
    let Greeted::Reclaim(offered) = greet(&mut line, &restored) else {
        panic!("want terms");
    };
    assert_eq!(
        (offered.epoch, offered.lineage),
        (terms.epoch, terms.lineage)
    );
    assert_eq!(offered.since, Since::Start(StartId(9)));
    // Who held the current epoch until now is fenced off.
    let holder = greet(&mut line, &told(3, 5, &[1, 2]));
    assert!(matches!(holder, Greeted::Quarantined { .. }), "{holder:?}");

    let anew = Hello {
        lineage: offered.lineage,
        ..told(offered.epoch, 6, &[1, 9])
    };
    let Greeted::Granted(granted) = greet(&mut line, &anew) else {
        panic!("want a grant");
    };
    assert!(granted.is_reclaimed && granted.hub_behind.is_none());
    assert_eq!(
        (granted.epoch, granted.lineage),
        (offered.epoch + 1, offered.lineage)
    );
    assert!(line.sweeps && line.quarantine.is_none());
    // A copy of the store that came back is one more that did not.
    let copy = greet(
        &mut line,
        &Hello {
            lineage: offered.lineage,
            ..told(offered.epoch, 8, &[1, 9, 10])
        },
    );
    assert!(matches!(copy, Greeted::Quarantined { .. }), "{copy:?}");
    let repeat = decide_reclaim(&line, asked("a"), ReclaimMode::Adopt, at(9));
    assert!(matches!(repeat, Ok(Decision::Repeat(_))), "{repeat:?}");
}

#[test]
fn where_history_parts_is_the_first_start_never_heard_of() {
    let (line, restored) = quarantined();
    let starts = |starts: &[u64]| since(&line, &told(1, 77, starts));
    assert_eq!(since(&line, &restored), Some(Since::Start(StartId(9))));
    assert_eq!(starts(&[1, 2]), Some(Since::Now));
    assert_eq!(starts(&[2, 8, 9]), Some(Since::Start(StartId(8))));
    assert_eq!(starts(&[8, 9]), None);
    let other = Hello {
        store_id: StoreId([8; 16]),
        ..restored
    };
    assert_eq!(since(&line, &other), Some(Since::Beginning));
}

#[test]
fn a_store_without_a_known_start_can_only_restate() {
    let (mut line, restored) = quarantined();
    decided(&mut line, ReclaimMode::Adopt);
    line.starts.clear();
    let refused = greet(&mut line, &restored);
    let Greeted::Quarantined { quarantine, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(quarantine.cause, Cause::NothingShared);
    let restate = decide_reclaim(&line, asked("d"), ReclaimMode::Restate, at(3));
    let Ok(Decision::Record(restate)) = restate else {
        panic!("{restate:?}");
    };
    line.decide(&restate);
    assert!(matches!(greet(&mut line, &restored), Greeted::Reclaim(_)));
}

#[test]
fn a_start_told_with_a_repeated_greeting_is_heard() {
    let mut line = Line::default();
    greet(&mut line, &told(0, 1, &[1]));
    let again = greet(&mut line, &told(0, 1, &[1, 2]));
    assert_eq!(
        again,
        Greeted::Repeated {
            unheard: vec![StartId(2)]
        }
    );
    assert_eq!(line.starts, [StartId(1), StartId(2)]);
}

#[test]
fn a_store_restored_once_more_is_decided_about_anew() {
    let (mut line, _) = quarantined();
    let first = decided(&mut line, ReclaimMode::Restate);
    let older = told(0, 78, &[9]);
    assert!(matches!(
        greet(&mut line, &older),
        Greeted::Quarantined { is_new: true, .. }
    ));
    let second = decide_reclaim(&line, asked("e"), ReclaimMode::Adopt, at(3));
    let Ok(Decision::Record(second)) = second else {
        panic!("{second:?}");
    };
    assert!(second.epoch > first.epoch);
    line.decide(&second);
    assert!(matches!(greet(&mut line, &older), Greeted::Reclaim(_)));
}
