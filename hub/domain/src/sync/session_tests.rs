//! Every row of the session's table, then anything a node may send.

use proptest::prelude::*;
use proto::sync::uplink::{Checkpoint, Demand, Withheld};

use super::*;
use crate::sync::samples::{at, batch, cell, hello};

const NOW: Instant = Instant::START;

fn outputs(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll_output()).collect()
}

fn welcome() -> Welcome {
    Welcome {
        protocol: 1,
        hub_incarnation: 1,
        epoch: 3,
        lineage: 1,
        acked: 10,
        hub_time: at(0),
        rejected: Vec::new(),
        released: None,
    }
}

fn welcomed() -> Session {
    let mut session = Session::new(NOW, 7);
    session.handle_up(NOW, Up::Hello(hello(2, 1)));
    session.handle_greeted(NOW, Ok(Greeting::Welcome(welcome())));
    outputs(&mut session);
    session
}

fn with_credit(bytes: u64) -> Session {
    let mut session = welcomed();
    session.handle_credit(bytes);
    outputs(&mut session);
    session
}

fn ended(session: &mut Session) -> Option<Reason> {
    let last = outputs(session).pop();
    let Some(Output::Close(Some(end))) = last else {
        panic!("not closed: {last:?}");
    };
    assert_eq!(session.phase(), Phase::Closed);
    assert_eq!(session.next_deadline(), None);
    end.reason
}

fn demand(waiting: bool, returned_bytes: u64) -> Up {
    Up::Demand(Demand {
        waiting,
        returned_bytes,
    })
}

#[test]
fn a_greeting_goes_to_the_writer_and_its_answer_to_the_node() {
    let mut session = Session::new(NOW, 7);
    assert_eq!(session.phase(), Phase::HelloPending);
    session.handle_up(NOW, Up::Hello(hello(2, 1)));
    assert_eq!(outputs(&mut session), [Output::Greet(hello(2, 1))]);
    session.handle_greeted(NOW, Ok(Greeting::Welcome(welcome())));
    let reply = Output::Reply(Down::Welcome(welcome()));
    assert_eq!(outputs(&mut session), [reply]);
    assert_eq!(session.phase(), Phase::Admitted);
    session.handle_credit(100);
    assert_eq!(session.phase(), Phase::Active);
}

#[test]
fn a_refused_greeting_ends_the_session_with_its_reason() {
    let mut session = Session::new(NOW, 7);
    session.handle_up(NOW, Up::Hello(hello(2, 1)));
    let end = End::of(Reason::EpochStale, None, "stale");
    session.handle_greeted(NOW, Err(end));
    assert_eq!(ended(&mut session), Some(Reason::EpochStale));
}

#[test]
fn what_a_node_may_not_say_is_malformed() {
    let big = batch(10, 20, vec![cell(1, 11, 0)]);
    let listing = Listing {
        bucket: 1,
        through: 10,
        cells: Vec::new(),
        withheld: Vec::new(),
        last: true,
    };
    let sums = Sums {
        through: 10,
        buckets: Vec::new(),
    };
    for up in [
        Up::Hello(hello(3, 2)),
        Up::Batch(big),
        demand(true, 1),
        Up::Sums(sums),
        Up::Listing(listing),
    ] {
        let mut session = welcomed();
        session.handle_up(NOW, up.clone());
        assert_eq!(ended(&mut session), Some(Reason::Malformed), "{up:?}");
    }
    for up in [Up::Bye, demand(false, 0), Up::Batch(batch(0, 0, vec![]))] {
        let mut session = Session::new(NOW, 7);
        session.handle_up(NOW, up);
        assert_eq!(ended(&mut session), Some(Reason::Malformed));
    }
    let mut session = Session::new(NOW, 7);
    session.handle_up(NOW, Up::Hello(hello(2, 1)));
    session.handle_up(NOW, Up::Batch(batch(0, 0, vec![])));
    assert_eq!(ended(&mut session), Some(Reason::Malformed));
}

#[test]
fn an_acknowledgement_leaves_only_after_the_writer_has_answered() {
    let mut session = with_credit(1000);
    let offered = batch(10, 20, vec![cell(1, 11, 0)]);
    let cost = offered.cost();
    session.handle_up(NOW, Up::Batch(offered.clone()));
    assert_eq!(outputs(&mut session), [Output::Commit(3, offered)]);
    let ack = Ack {
        through: 20,
        applied: 1,
        ..Ack::default()
    };
    session.handle_committed(Ok(ack.clone()));
    let settled = Output::Settle { bytes: cost };
    let reply = Output::Reply(Down::Ack(ack));
    assert_eq!(outputs(&mut session), [settled, reply]);
}

#[test]
fn a_refused_batch_settles_and_ends_and_later_answers_say_nothing() {
    let mut session = with_credit(1000);
    for from in [10, 20] {
        session.handle_up(NOW, Up::Batch(batch(from, from + 10, vec![])));
    }
    outputs(&mut session);
    session.handle_committed(Err(End::of(Reason::CursorGap, None, "gap")));
    assert_eq!(ended(&mut session), Some(Reason::CursorGap));
    session.handle_committed(Ok(Ack::default()));
    assert_eq!(outputs(&mut session), [Output::Settle { bytes: 0 }]);
}

#[test]
fn a_fifth_batch_in_flight_is_malformed() {
    let mut session = welcomed();
    for n in 0..4 {
        session.handle_up(NOW, Up::Batch(batch(10 + n, 11 + n, vec![])));
    }
    assert_eq!(session.phase(), Phase::Admitted);
    session.handle_up(NOW, Up::Batch(batch(14, 15, vec![])));
    assert_eq!(ended(&mut session), Some(Reason::Malformed));
}

#[test]
fn a_demand_is_always_answered() {
    let mut session = with_credit(100);
    session.handle_up(NOW, demand(true, 60));
    let asked = Output::Demand {
        waiting: true,
        returned_bytes: 60,
    };
    let here = Output::Reply(Down::Credit { bytes: 0 });
    assert_eq!(outputs(&mut session), [asked, here]);
    session.handle_up(NOW, demand(false, 41));
    assert_eq!(ended(&mut session), Some(Reason::Malformed));
}

#[test]
fn a_listing_is_joined_and_only_the_wanted_buckets_are_taken() {
    let mut session = with_credit(10_000);
    let want = DigestWant::Buckets(vec![4]);
    session.handle_verdict(Verdict::Want(want.clone()));
    let asked = Output::Reply(Down::Want(want));
    assert_eq!(outputs(&mut session), [asked]);
    let part = |n: u32, last| Listing {
        bucket: 4,
        through: 10,
        cells: vec![cell(n, 1, 0)],
        withheld: vec![Withheld::from(&cell(n + 50, 2, 0))],
        last,
    };
    session.handle_up(NOW, Up::Listing(part(1, false)));
    let cost = part(1, false).cost();
    assert_eq!(outputs(&mut session), [Output::Settle { bytes: cost }]);
    session.handle_up(NOW, Up::Listing(part(2, true)));
    let whole = outputs(&mut session).pop();
    let Some(Output::List(3, whole)) = whole else {
        panic!("{whole:?}");
    };
    assert_eq!((whole.cells.len(), whole.withheld.len()), (2, 2));
    // Once is enough.
    session.handle_up(NOW, Up::Listing(part(3, true)));
    assert_eq!(ended(&mut session), Some(Reason::Malformed));
}

#[test]
fn sums_are_taken_once_they_were_asked_for() {
    let mut session = welcomed();
    session.handle_verdict(Verdict::Want(DigestWant::Sums));
    outputs(&mut session);
    let sums = Sums {
        through: 10,
        buckets: Vec::new(),
    };
    session.handle_up(NOW, Up::Sums(sums.clone()));
    let compare = Output::Compare(3, sums.clone());
    assert_eq!(outputs(&mut session), [compare]);
    session.handle_up(NOW, Up::Sums(sums));
    assert_eq!(ended(&mut session), Some(Reason::Malformed));
}

#[test]
fn every_state_ends_by_its_deadline() {
    let hello_wait = {
        let mut session = Session::new(NOW, 7);
        let by = session.next_deadline().unwrap();
        session.handle_deadline(by);
        assert_eq!(ended(&mut session), None);
        by.since(NOW)
    };
    assert_eq!(hello_wait, limits::HELLO_WAIT);

    let mut session = Session::new(NOW, 7);
    session.handle_up(NOW, Up::Hello(hello(2, 1)));
    let by = session.next_deadline().unwrap();
    session.handle_deadline(by);
    assert_eq!(ended(&mut session), Some(Reason::Busy));

    let mut session = welcomed();
    let by = session.next_deadline().unwrap();
    assert_eq!(by.since(NOW), limits::SILENCE);
    session.handle_deadline(by);
    assert_eq!(ended(&mut session), None);
}

#[test]
fn an_old_session_is_drained_and_may_finish() {
    let mut session = welcomed();
    let mut now = NOW;
    while session.phase() != Phase::Draining {
        now = session
            .next_deadline()
            .unwrap()
            .min(now + limits::HEARTBEAT);
        session.handle_deadline(now);
        session.handle_up(now, demand(false, 0));
    }
    let aged = limits::SESSION_AGE * 4 / 5..=limits::SESSION_AGE * 6 / 5;
    assert!(aged.contains(&now.since(NOW)));
    let said = outputs(&mut session);
    let drains = |o: &Output| matches!(o, Output::Reply(Down::Drain(_)));
    assert_eq!(said.iter().filter(|output| drains(output)).count(), 1);
    session.handle_up(now, Up::Batch(batch(10, 11, vec![])));
    session.handle_committed(Ok(Ack::default()));
    session.handle_up(now, Up::Bye);
    assert_eq!(outputs(&mut session).pop(), Some(Output::Close(None)));
}

#[test]
fn a_drained_node_that_stays_is_closed() {
    let mut session = welcomed();
    session.handle_drain(NOW, limits::RECONNECT_WINDOW);
    let by = session.next_deadline().unwrap();
    assert_eq!(by.since(NOW), limits::DRAIN_WAIT);
    session.handle_deadline(by);
    assert_eq!(ended(&mut session), None);
}

#[test]
fn a_newer_session_ends_it_from_any_state() {
    for reach in [
        || Session::new(NOW, 7),
        || {
            let mut session = Session::new(NOW, 7);
            session.handle_up(NOW, Up::Hello(hello(2, 1)));
            session
        },
        welcomed,
        || {
            let mut session = welcomed();
            session.handle_drain(NOW, limits::RECONNECT_WINDOW);
            session
        },
    ] {
        let mut session: Session = reach();
        session.handle_end(End::of(Reason::Superseded, None, "newer"));
        assert_eq!(ended(&mut session), Some(Reason::Superseded));
        session.handle_up(NOW, Up::Bye);
        session.handle_committed(Ok(Ack::default()));
        session.handle_credit(5);
        assert!(outputs(&mut session).is_empty());
    }
}

proptest! {
    // Whatever is sent and answered: one answer per batch, in order, no reply
    // after the end, never more taken than was granted.
    #[test]
    fn a_session_replies_only_what_the_writer_answered(
        steps in proptest::collection::vec((0u8..8, 0u64..300), 1..80)
    ) {
        let mut session = welcomed();
        let (mut granted, mut taken, mut committed, mut acked) = (0u64, 0u64, 0u64, 0u64);
        let mut through = 10;
        let mut is_closed = false;
        for (step, n) in steps {
            match step {
                0 => {
                    granted += if is_closed { 0 } else { n };
                    session.handle_credit(n);
                }
                1..4 => {
                    let cells = (0..n % 4).map(|i| cell(i as u32, through + i + 1, 0)).collect();
                    let mut offered = batch(through, through + 4, cells);
                    offered.checkpoint = Some(Checkpoint { count: 0, root: [0; 32] });
                    through += 4;
                    session.handle_up(NOW, Up::Batch(offered));
                }
                4 | 5 if acked < committed => {
                    acked += 1;
                    session.handle_committed(Ok(Ack { through: acked, ..Ack::default() }));
                }
                6 => session.handle_up(NOW, demand(n % 2 == 0, n)),
                7 if n < 20 => session.handle_drain(NOW, limits::RECONNECT_WINDOW),
                _ => {}
            }
            let mut replies = 0;
            for output in outputs(&mut session) {
                match output {
                    Output::Reply(reply) => {
                        prop_assert!(!is_closed, "said {reply:?} after the end");
                        if let Down::Ack(ack) = reply {
                            replies += 1;
                            prop_assert_eq!(ack.through, acked);
                        }
                    }
                    Output::Commit(epoch, batch) => {
                        prop_assert_eq!(epoch, 3);
                        committed += 1;
                        taken += batch.cost();
                    }
                    Output::Demand { returned_bytes, .. } => taken += returned_bytes,
                    Output::Close(_) => is_closed = true,
                    _ => {}
                }
                prop_assert!(taken <= granted);
                prop_assert!(committed - acked <= limits::IN_FLIGHT as u64);
            }
            prop_assert!(replies <= 1);
            prop_assert_eq!(session.phase() == Phase::Closed, is_closed);
        }
    }
}
