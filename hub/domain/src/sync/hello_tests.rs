//! Every row of the greeting's decision table, and what a copy of a store can
//! never do.

use proptest::prelude::*;
use proto::identity::StoreId;

use super::*;
use crate::sync::samples::{at, head, hello};

fn greet(line: &mut Line, hello: &Hello) -> Decision {
    let decision = decide_hello(line, hello, 1, at(0));
    match &decision {
        Decision::Granted(granted) => line.grant(granted),
        Decision::Quarantined { quarantine, .. } => line.sight(quarantine),
        _ => {}
    }
    decision
}

fn granted(line: &mut Line, hello: &Hello) -> Granted {
    match greet(line, hello) {
        Decision::Granted(granted) => granted,
        other => panic!("{other:?}"),
    }
}

fn cause(decision: Decision) -> Cause {
    match decision {
        Decision::Quarantined { quarantine, .. } => quarantine.cause,
        other => panic!("{other:?}"),
    }
}

/// A line whose node holds epoch 5.
fn settled() -> Line {
    Line {
        store_id: Some(StoreId([7; 16])),
        epoch: 5,
        lineage: 1,
        acked: 50,
        ..Line::default()
    }
}

#[test]
fn first_contact_is_granted_epoch_and_lineage_one() {
    let mut line = Line::default();
    let granted = granted(&mut line, &hello(0, 1));
    assert_eq!((granted.epoch, granted.lineage), (1, 1));
    assert_eq!(granted.hub_behind, None);
    assert_eq!(line.welcome(1, at(0)).epoch, 1);
}

#[test]
fn the_current_epoch_is_raised() {
    let mut line = settled();
    assert_eq!(granted(&mut line, &hello(5, 1)).epoch, 6);
    assert_eq!(line.epoch, 6);
}

#[test]
fn a_lost_answer_is_repeated_as_often_as_asked() {
    let mut line = settled();
    granted(&mut line, &hello(5, 1));
    for _ in 0..3 {
        assert_eq!(
            greet(&mut line, &hello(5, 1)),
            Decision::Repeated {
                unheard: Vec::new()
            }
        );
        assert_eq!(line.epoch, 6);
    }
    assert_eq!(line.quarantine, None);
}

#[test]
fn the_previous_epoch_with_another_nonce_is_a_copy() {
    let mut line = settled();
    granted(&mut line, &hello(5, 1));
    let copy = greet(&mut line, &hello(5, 2));
    assert_eq!(
        cause(copy),
        Cause::StaleEpoch {
            presented: 5,
            current: 6
        }
    );
    // The holder of the current epoch goes on.
    assert_eq!(granted(&mut line, &hello(6, 3)).epoch, 7);
}

#[test]
fn only_the_first_sighting_is_new() {
    let mut line = settled();
    for (nonce, expected) in [(1, true), (2, false)] {
        match greet(&mut line, &hello(4, nonce)) {
            Decision::Quarantined { is_new, .. } => assert_eq!(is_new, expected),
            other => panic!("{other:?}"),
        }
    }
}

/// A line whose store's journal was known up to 20.
fn known() -> Line {
    Line {
        journal_head: Some(head(20, 1)),
        ..settled()
    }
}

fn of_journal(size: u64, root: u8) -> Hello {
    Hello {
        journal_head: Some(head(size, root)),
        ..hello(5, 1)
    }
}

#[test]
fn a_journal_that_shrank_or_changed_within_its_epoch_is_another_history() {
    for (size, root) in [(19, 1), (20, 2)] {
        let mut line = known();
        let turned_away = greet(&mut line, &of_journal(size, root));
        assert_eq!(cause(turned_away), Cause::Parted { size, known: 20 });
        assert_eq!(line.epoch, 5);
        // Who has what the hub knows goes on.
        assert_eq!(granted(&mut line, &of_journal(20, 1)).epoch, 6);
    }
}

#[test]
fn a_journal_that_has_grown_shows_what_it_was() {
    let mut line = known();
    let grown = of_journal(30, 9);
    assert_eq!(greet(&mut line, &grown), Decision::Show { size: 20 });
    let showing = |size, root| Hello {
        shown: Some(head(size, root).point),
        ..grown.clone()
    };
    // Of a moment that is over: another batch was taken meanwhile.
    assert_eq!(
        greet(&mut line, &showing(19, 1)),
        Decision::Show { size: 20 }
    );
    let forked = greet(&mut line, &showing(20, 2));
    assert_eq!(
        cause(forked),
        Cause::Parted {
            size: 30,
            known: 20
        }
    );
    assert_eq!(granted(&mut line, &showing(20, 1)).epoch, 6);
    // What a greeting says is not known yet: a batch must come.
    assert_eq!(line.journal_head, Some(head(20, 1)));
}

#[test]
fn a_store_that_was_let_in_again_begins_a_journal_anew() {
    let mut line = known();
    let decided = crate::sync::reclaim::Decided {
        asked: crate::event::Asked {
            by: "operator/li".parse().unwrap(),
            request: "a".parse().unwrap(),
        },
        mode: proto::sync::uplink::ReclaimMode::Adopt,
        store_id: StoreId([7; 16]),
        presented_epoch: 5,
        epoch: 9,
        lineage: 2,
        at: at(0),
        is_done: false,
    };
    line.decide(&decided);
    let anew = Hello {
        epoch: 9,
        lineage: 2,
        ..of_journal(12, 3)
    };
    assert!(granted(&mut line, &anew).is_reclaimed);
    assert_eq!(line.journal_head, None);
}

#[test]
fn a_journal_of_another_store_is_malformed() {
    let mut line = known();
    let other = Hello {
        store_id: StoreId([8; 16]),
        ..of_journal(20, 1)
    };
    assert!(matches!(greet(&mut line, &other), Decision::Malformed(_)));
}

#[test]
fn another_store_is_never_merged() {
    let mut line = settled();
    for epoch in [0, 5, 9] {
        let other = Hello {
            store_id: StoreId([8; 16]),
            ..hello(epoch, 1)
        };
        assert!(matches!(
            cause(greet(&mut line, &other)),
            Cause::OtherStore { .. }
        ));
    }
}

#[test]
fn a_higher_epoch_means_that_the_hub_went_back() {
    let mut line = settled();
    let presented = Hello {
        lineage: 3,
        acked_hint: 70,
        seen_hub_incarnation: 4,
        ..hello(9, 1)
    };
    let granted = granted(&mut line, &presented);
    assert_eq!((granted.epoch, granted.lineage), (10, 4));
    assert_eq!(granted.hub_incarnation, 5);
    let behind = granted.hub_behind.unwrap();
    assert_eq!((behind.acked_hint, behind.acked), (70, 50));
    assert_eq!(
        greet(&mut line, &presented),
        Decision::Repeated {
            unheard: Vec::new()
        }
    );
}

#[test]
fn an_acknowledgement_that_the_hub_lost_is_noticed_within_an_epoch() {
    let mut line = settled();
    let presented = Hello {
        acked_hint: 51,
        ..hello(5, 1)
    };
    let granted = granted(&mut line, &presented);
    assert_eq!((granted.epoch, granted.lineage), (6, 1));
    assert!(granted.hub_behind.is_some());
    assert_eq!(granted.hub_incarnation, 2);
}

#[test]
fn one_going_back_raises_the_incarnation_once() {
    let behind = |incarnation| {
        let presented = Hello {
            acked_hint: 51,
            ..hello(5, 1)
        };
        match decide_hello(&settled(), &presented, incarnation, at(0)) {
            Decision::Granted(granted) => granted.hub_incarnation,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(behind(1), 2);
    assert_eq!(behind(2), 2);
}

#[test]
fn a_store_that_lost_acknowledged_cells_stays_out_even_when_it_has_grown() {
    let mut line = settled();
    let short = Hello {
        head_seq: 49,
        ..hello(5, 1)
    };
    let expected = Cause::HeadBehind {
        head: 49,
        acked: 50,
    };
    assert_eq!(cause(greet(&mut line, &short)), expected);
    assert_eq!(cause(greet(&mut line, &hello(5, 2))), expected);
    assert_eq!(line.epoch, 5);
}

#[test]
fn a_greeting_repeated_after_more_was_acknowledged_is_no_loss() {
    let mut line = settled();
    granted(&mut line, &hello(5, 1));
    line.acked = 200;
    assert_eq!(
        greet(&mut line, &hello(5, 1)),
        Decision::Repeated {
            unheard: Vec::new()
        }
    );
    // The next one tells a short store from a late repetition.
    assert!(matches!(
        cause(greet(&mut line, &hello(6, 2))),
        Cause::HeadBehind { .. }
    ));
}

#[test]
fn a_lower_lineage_is_stale_unless_it_asks_for_the_lost_answer() {
    let mut line = Line {
        lineage: 2,
        ..settled()
    };
    assert!(matches!(
        cause(greet(&mut line, &hello(5, 1))),
        Cause::StaleEpoch { .. }
    ));
}

#[test]
fn versions_that_do_not_meet_are_refused() {
    for (min, max) in [(2, 3), (0, 0)] {
        let presented = Hello {
            protocol_min: min,
            protocol_max: max,
            ..hello(5, 1)
        };
        let decision = decide_hello(&settled(), &presented, 1, at(0));
        assert!(matches!(decision, Decision::Unsupported { .. }));
    }
}

#[test]
fn the_last_epoch_is_refused_with_words() {
    let decision = decide_hello(&settled(), &hello(u64::MAX, 1), 1, at(0));
    assert_eq!(decision, Decision::Malformed("epoch: past the last"));
}

/// What one of two copies of a store remembers.
#[derive(Clone, Copy)]
struct Copy {
    epoch: u64,
    nonce: Option<u8>,
    is_out: bool,
}

proptest! {
    // Two live copies greet in any order, any of their answers lost: as soon as
    // each has been answered once, at most one of them is still let in.
    #[test]
    fn of_two_copies_one_is_shut_out(steps in proptest::collection::vec((0usize..2, any::<bool>()), 1..40)) {
        let mut line = settled();
        let mut copies = [Copy { epoch: 5, nonce: None, is_out: false }; 2];
        let mut fresh = 0u8;
        let mut answered = [false; 2];
        for (who, is_lost) in steps {
            let copy = &mut copies[who];
            let nonce = *copy.nonce.get_or_insert_with(|| { fresh += 1; fresh });
            let decision = greet(&mut line, &hello(copy.epoch, nonce));
            if is_lost {
                continue;
            }
            answered[who] = true;
            match decision {
                Decision::Granted(_) | Decision::Repeated { .. } => {
                    prop_assert!(!copy.is_out, "a copy came back");
                    copy.epoch = line.epoch;
                    copy.nonce = None;
                }
                Decision::Quarantined { .. } => copy.is_out = true,
                other => panic!("{other:?}"),
            }
            let current = copies.iter().filter(|copy| copy.epoch == line.epoch).count();
            prop_assert!(current <= 1);
        }
        if line.quarantine.is_none() {
            prop_assert!(!(answered[0] && answered[1]), "neither was noticed");
        }
    }
}
