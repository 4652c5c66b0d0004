//! One test per way of ending, and what each means for the next attempt.

use std::time::Duration;

use proto::{
    identity::Nonce,
    sync::{
        end::Reason,
        head::JournalPoint,
        limits,
        uplink::{Down, Drain, Up, Welcome},
    },
};

use super::{
    super::{
        Phase,
        action::{Action, Connection, Ticket},
    },
    bench::{Bench, cell},
};

#[test]
fn a_drain_finishes_says_bye_and_comes_back_within_its_window() {
    let mut bench = Bench::new(3);
    let (to, batch) = bench.streaming();
    let window = Duration::from_secs(40);
    let drain = Drain {
        reconnect_window: window,
    };
    bench.hear(to, Down::Drain(drain));
    assert!(!bench.sent().contains(&Up::Bye), "the batch is still out");
    bench.ack(to, &batch);
    assert_eq!(bench.sent(), [Up::Bye]);
    assert_eq!(bench.uplink.phase(), Phase::Idle);
    assert!(bench.uplink.next_deadline().since(bench.now) <= window);
}

#[test]
fn without_staying_connected_a_round_ends_with_bye_and_rests_to_its_slot() {
    let mut bench = Bench::with(3, |config| config.stays_connected = false);
    let (to, batch) = bench.streaming();
    bench.ack(to, &batch);
    assert!(!bench.sent().contains(&Up::Bye), "the verdict is awaited");
    bench.hear(to, Down::Agreed { through: 3 });
    assert!(bench.sent().contains(&Up::Bye));
    let rest = bench.uplink.next_deadline().since(bench.now);
    assert!(rest <= Duration::from_secs(3600));
}

#[test]
fn endings_lead_where_the_table_says() {
    let hour = limits::PROBE * 4 / 5..=limits::PROBE * 6 / 5;
    let soon = Duration::from_millis(500)..=limits::BACKOFF_MIN;
    for (reason, phase, delay) in [
        (None, Phase::Backoff, &soon),
        (Some(Reason::Superseded), Phase::Backoff, &soon),
        (Some(Reason::CursorGap), Phase::Backoff, &soon),
        (Some(Reason::Busy), Phase::Backoff, &soon),
        (Some(Reason::StoreFailed), Phase::Backoff, &soon),
        (Some(Reason::Malformed), Phase::Backoff, &soon),
        (Some(Reason::EpochStale), Phase::Quarantined, &hour),
        (Some(Reason::NotEnrolled), Phase::Blocked, &hour),
        (Some(Reason::Revoked), Phase::Blocked, &hour),
        (Some(Reason::VersionUnsupported), Phase::Blocked, &hour),
    ] {
        let mut bench = Bench::new(3);
        let to = bench.greeted();
        bench.end(to, reason, None);
        assert_eq!(bench.uplink.phase(), phase, "{reason:?}");
        let waits = bench.uplink.next_deadline().since(bench.now);
        assert!(delay.contains(&waits), "{reason:?}: {waits:?}");
        bench.expire();
        assert_eq!(bench.uplink.phase(), Phase::Connect, "{reason:?}");
    }
}

#[test]
fn the_hubs_wish_is_a_minimum() {
    let mut bench = Bench::new(3);
    let to = bench.greeted();
    let wish = Duration::from_secs(90);
    bench.end(to, Some(Reason::Busy), Some(wish));
    assert!(bench.uplink.next_deadline().since(bench.now) >= wish);
}

#[test]
fn what_is_malformed_is_halved_at_once_until_one_cell_is_named() {
    let mut bench = Bench::new(4);
    let (to, batch) = bench.streaming();
    assert_eq!(batch.cells.len(), 4);
    bench.end(to, Some(Reason::Malformed), None);
    let (to, batch) = bench.streaming();
    assert_eq!(batch.cells.len(), 2);
    bench.end(to, Some(Reason::Malformed), None);
    let (to, batch) = bench.streaming();
    assert_eq!(batch.cells.len(), 1);
    bench.end(to, Some(Reason::Malformed), None);
    let (_, batch) = bench.streaming();
    assert_eq!((batch.cells.len(), batch.withheld.len()), (0, 1));
    assert_eq!(batch.withheld[0].key, cell(1, 1).key);
    assert_eq!(batch.through, 1);
}

#[test]
fn words_of_the_hub_make_no_batch_a_suspect() {
    for reason in [Reason::Busy, Reason::StoreFailed, Reason::Superseded] {
        let mut bench = Bench::new(4);
        for _ in 0..5 {
            let (to, batch) = bench.streaming();
            assert_eq!(batch.cells.len(), 4);
            bench.end(to, Some(reason), None);
        }
    }
}

#[test]
fn a_hub_that_holds_more_than_the_store_gets_no_cell() {
    let mut bench = Bench::new(3);
    bench.online(10);
    assert_eq!(bench.uplink.phase(), Phase::Backoff);
    assert!(bench.sent().iter().all(|up| matches!(up, Up::Hello(_))));
    // The grant is kept: the next greeting is of the current epoch.
    assert_eq!(bench.uplink.standing().epoch, 1);
}

#[test]
fn a_welcome_below_what_is_held_is_a_fault() {
    let mut bench = Bench::new(3);
    let (to, _) = bench.streaming();
    bench.end(to, None, None);
    let to = bench.greeted();
    let lower = Welcome {
        epoch: 1,
        ..bench.welcome(0)
    };
    bench.hear(to, Down::Welcome(lower));
    assert_eq!(bench.uplink.phase(), Phase::Backoff);
}

/// A greeting whose hub wants to be shown the first eight records' root.
fn asked_to_show(bench: &mut Bench) -> (Connection, Ticket) {
    let to = bench.greeted();
    bench.sent();
    bench.hear(to, Down::Show { size: 8 });
    let ticket = bench.take(|action| match action {
        Action::Root(ticket, 8) => Some(*ticket),
        _ => None,
    });
    (to, ticket)
}

#[test]
fn what_the_journal_was_is_shown_in_the_same_greeting() {
    let mut bench = Bench::new(3);
    let (to, ticket) = asked_to_show(&mut bench);
    // An answer to something else changes nothing.
    let other = Ticket(ticket.0 + 9);
    bench.uplink.handle_root(bench.now, other, Some([1; 32]));
    assert!(bench.sent().is_empty());
    bench.uplink.handle_root(bench.now, ticket, Some([1; 32]));
    let [Up::Hello(hello)] = &bench.sent()[..] else {
        panic!("want one greeting");
    };
    let shown = JournalPoint {
        size: 8,
        root: [1; 32],
    };
    assert_eq!((hello.shown, hello.nonce), (Some(shown), Nonce([9; 16])));
    let welcome = bench.welcome(0);
    bench.hear(to, Down::Welcome(welcome));
    bench.store();
}

#[test]
fn records_that_are_not_there_cannot_be_shown() {
    let mut bench = Bench::new(3);
    let (_, ticket) = asked_to_show(&mut bench);
    bench.uplink.handle_root(bench.now, ticket, None);
    assert_eq!(bench.uplink.phase(), Phase::Backoff);
    assert!(bench.sent().is_empty());
}

#[test]
fn what_comes_late_from_another_connection_changes_nothing() {
    let mut bench = Bench::new(3);
    let (old, batch) = bench.streaming();
    bench.end(old, None, None);
    let new = bench.greeted();
    assert_ne!(old, new);
    bench.ack(old, &batch);
    bench.hear(old, Down::Agreed { through: 3 });
    bench.end(old, Some(Reason::Revoked), None);
    assert_eq!(bench.uplink.phase(), Phase::HelloSent);
    assert_eq!(bench.uplink.agreed(), None);
}

#[test]
fn an_operator_need_not_wait() {
    let mut bench = Bench::new(3);
    let to = bench.greeted();
    bench.end(to, Some(Reason::Revoked), None);
    bench.uplink.wake(bench.now);
    assert_eq!(bench.uplink.next_deadline(), bench.now);
}
