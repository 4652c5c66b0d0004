//! Replay, relist, window and heartbeat of the catalogue's way down.

use proto::{identity::LogId, sync::downlink::ItemKind};

use super::*;

const NOW: Instant = Instant::START;
const LOG: LogId = LogId([9; 16]);

fn cursor(seq: u64) -> Cursor {
    Cursor { log_id: LOG, seq }
}

fn items(seqs: std::ops::RangeInclusive<u64>) -> Vec<Item> {
    let item = |seq| {
        let payload = Box::new([seq as u8]);
        Item::new(
            cursor(seq),
            format!("indicator/{seq}"),
            ItemKind::Indicator,
            payload,
        )
    };
    seqs.map(item).collect()
}

fn outputs(downlink: &mut Downlink) -> Vec<Output> {
    std::iter::from_fn(|| downlink.poll_output()).collect()
}

fn opened(head: u64, at: Option<Cursor>) -> Downlink {
    let mut downlink = Downlink::new(NOW, cursor(head), None);
    downlink.handle_receipt(NOW, Receipt::Open(at));
    downlink
}

fn ack(seq: u64) -> Receipt {
    Receipt::Ack(Taken {
        seq,
        ..Taken::default()
    })
}

fn ended(downlink: &mut Downlink) -> End {
    match outputs(downlink).pop() {
        Some(Output::Close(Some(end))) => end,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_known_cursor_is_replayed_from() {
    let mut downlink = opened(5, Some(cursor(2)));
    assert_eq!(
        outputs(&mut downlink),
        [Output::Read {
            after: 2,
            limit: 64
        }]
    );
    downlink.handle_items(NOW, items(3..=5));
    let said = outputs(&mut downlink);
    assert_eq!(said.len(), 4);
    assert_eq!(said[3], Output::Reply(Issue::CaughtUp(cursor(5))));
}

#[test]
fn a_node_that_has_all_is_told_so_and_hears_what_comes_later() {
    let mut downlink = opened(5, Some(cursor(5)));
    let caught_up = Output::Reply(Issue::CaughtUp(cursor(5)));
    assert_eq!(outputs(&mut downlink), [caught_up]);
    downlink.handle_receipt(NOW, ack(5));
    outputs(&mut downlink);
    downlink.handle_head(NOW, 6);
    assert_eq!(
        outputs(&mut downlink),
        [Output::Read {
            after: 5,
            limit: 64
        }]
    );
}

#[test]
fn first_contact_another_log_and_a_cursor_past_the_head_are_listed_anew() {
    let other = Cursor {
        log_id: LogId([1; 16]),
        seq: 2,
    };
    for at in [None, Some(other), Some(cursor(6))] {
        let mut downlink = opened(5, at);
        assert_eq!(outputs(&mut downlink), [Output::List], "{at:?}");
        downlink.handle_set(NOW, 5, items(4..=5));
        let said = outputs(&mut downlink);
        let relist = Relist {
            cursor: cursor(5),
            items: 2,
        };
        assert_eq!(said[0], Output::Reply(Issue::Relist(relist)));
        assert_eq!(said.len(), 4);
    }
}

#[test]
fn a_relist_counts_when_it_arrived_and_then_not_again_for_ten_minutes() {
    let mut downlink = opened(5, None);
    downlink.handle_set(NOW, 5, items(4..=5));
    assert!(!outputs(&mut downlink).contains(&Output::Relisted));
    downlink.handle_receipt(NOW, ack(5));
    assert!(outputs(&mut downlink).contains(&Output::Relisted));
    for (after, allowed) in [(599, false), (600, true)] {
        let now = NOW + std::time::Duration::from_secs(after);
        let mut again = Downlink::new(now, cursor(5), Some(NOW));
        again.handle_receipt(now, Receipt::Open(None));
        if allowed {
            assert_eq!(outputs(&mut again), [Output::List]);
        } else {
            let end = ended(&mut again);
            assert_eq!(end.reason, Some(Reason::Busy));
            assert!(end.retry_after.is_some());
        }
    }
}

#[test]
fn what_is_not_acknowledged_keeps_to_the_window() {
    let mut downlink = opened(200, Some(cursor(0)));
    outputs(&mut downlink);
    downlink.handle_items(NOW, items(1..=64));
    assert_eq!(outputs(&mut downlink).len(), 64, "and no further read");
    downlink.handle_receipt(NOW, ack(10));
    let read = Output::Read {
        after: 64,
        limit: 10,
    };
    assert_eq!(outputs(&mut downlink).pop(), Some(read));
}

#[test]
fn silence_is_filled_and_not_borne() {
    let mut downlink = opened(5, Some(cursor(5)));
    outputs(&mut downlink);
    let mut beats = 0;
    while let Some(at) = downlink.next_deadline() {
        downlink.handle_deadline(at);
        for output in outputs(&mut downlink) {
            match output {
                Output::Reply(Issue::CaughtUp(_)) => beats += 1,
                Output::Close(Some(end)) => assert_eq!(end.reason, None),
                other => panic!("{other:?}"),
            }
        }
        assert!(at.since(NOW) <= limits::SILENCE);
    }
    assert_eq!(beats, 2);
    let mut silent = Downlink::new(NOW, cursor(5), None);
    let by = silent.next_deadline().unwrap();
    assert_eq!(by.since(NOW), limits::HELLO_WAIT);
    silent.handle_deadline(by);
    assert_eq!(ended(&mut silent).reason, None);
}

#[test]
fn what_a_node_may_not_say_is_malformed() {
    let mut early = Downlink::new(NOW, cursor(5), None);
    early.handle_receipt(NOW, ack(1));
    assert_eq!(ended(&mut early).reason, Some(Reason::Malformed));
    let mut twice = opened(5, Some(cursor(5)));
    twice.handle_receipt(NOW, Receipt::Open(None));
    assert_eq!(ended(&mut twice).reason, Some(Reason::Malformed));
}
