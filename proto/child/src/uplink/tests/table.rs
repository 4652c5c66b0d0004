//! One test per row of the machine's table.

use proto::sync::{
    limits,
    uplink::{Ack, DigestWant, Down, RejectReason, Rejected, Rejection, Retry, Up},
};

use super::{
    super::{Phase, action::*},
    bench::{Bench, cell},
};

#[test]
fn the_nonce_is_durable_before_the_greeting_bears_it() {
    let mut bench = Bench::new(3);
    let ticket = bench.mint();
    assert_eq!(bench.uplink.phase(), Phase::Connect);
    assert!(bench.drain().is_empty(), "nothing before it is minted");
    let nonce = proto::identity::Nonce([5; 16]);
    bench.uplink.handle_minted(bench.now, ticket, nonce);
    let to = bench.connection();
    bench
        .uplink
        .handle_connected(bench.now, to, super::bench::wall());
    let sent = bench.sent();
    let [Up::Hello(hello)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!((hello.nonce, hello.head_seq, hello.epoch), (nonce, 3, 0));
    assert_eq!(bench.uplink.phase(), Phase::HelloSent);
}

#[test]
fn the_nonce_is_kept_until_a_welcome_is_stored() {
    let mut bench = Bench::new(0);
    let to = bench.greeted();
    let first = bench.uplink.standing().nonce;
    bench.end(to, None, None);
    bench.greeted();
    assert_eq!(bench.uplink.standing().nonce, first);
    let mut bench = Bench::new(0);
    bench.online(0);
    assert_eq!(bench.uplink.standing().nonce, None);
    assert_eq!(bench.uplink.standing().epoch, 1);
}

#[test]
fn nothing_streams_before_the_grant_is_durable() {
    let mut bench = Bench::new(3);
    let to = bench.greeted();
    let welcome = bench.welcome(0);
    bench.hear(to, Down::Welcome(welcome));
    bench.hear(to, Down::Credit { bytes: 1 << 20 });
    let ticket = bench.store();
    assert!(bench.sent().iter().all(|up| matches!(up, Up::Hello(_))));
    bench.uplink.handle_stored(bench.now, ticket);
    bench.scan();
    assert_eq!(
        bench.batch().cells.len(),
        3,
        "credit that came early counts"
    );
}

#[test]
fn every_state_has_a_deadline_that_leads_to_another_attempt() {
    type Reach = fn(&mut Bench);
    let states: [(&str, Reach); 5] = [
        ("minting", |bench| {
            bench.mint();
        }),
        ("connecting", |bench| {
            bench.connecting();
        }),
        ("hello sent", |bench| {
            bench.greeted();
        }),
        ("storing", |bench| {
            let to = bench.greeted();
            let welcome = bench.welcome(0);
            bench.hear(to, Down::Welcome(welcome));
        }),
        ("scanning", |bench| {
            bench.online(0);
        }),
    ];
    for (name, reach) in states {
        let mut bench = Bench::new(3);
        reach(&mut bench);
        let before = bench.now;
        bench.expire();
        assert!(bench.now.since(before) <= limits::ACK_WAIT, "{name}");
        assert_eq!(bench.uplink.phase(), Phase::Backoff, "{name}");
        let again = bench.uplink.next_deadline();
        assert!(again.since(bench.now) <= limits::BACKOFF_MIN, "{name}");
    }
}

#[test]
fn a_missing_acknowledgement_ends_the_session() {
    let mut bench = Bench::new(3);
    bench.streaming();
    let before = bench.now;
    bench.expire();
    assert_eq!(bench.now.since(before), limits::ACK_WAIT);
    assert_eq!(bench.uplink.phase(), Phase::Backoff);
}

#[test]
fn a_silent_hub_is_left_though_its_socket_lives() {
    let mut bench = Bench::new(0);
    let (to, batch) = {
        let to = bench.online(0);
        bench.scan();
        (to, bench.batch())
    };
    bench.ack(to, &batch);
    bench.hear(to, Down::Agreed { through: 0 });
    assert_eq!(bench.uplink.phase(), Phase::Idle);
    let heard = bench.now;
    while bench.uplink.phase() != Phase::Backoff {
        bench.expire();
        // The store answers; the hub acknowledges nothing.
        for action in bench.drain() {
            if let Action::Scan(ticket, scan) = action {
                let scanned = bench.answer(&scan);
                bench.uplink.handle_scanned(bench.now, ticket, scanned);
            }
        }
        assert!(bench.now.since(heard) <= limits::SILENCE);
    }
}

#[test]
fn batches_follow_each_other_up_to_four() {
    let mut bench = Bench::new(5000);
    bench.online(0);
    let to = bench.connection_of();
    bench.hear(to, Down::Credit { bytes: 1 << 20 });
    let mut sent = Vec::new();
    for _ in 0..4 {
        bench.scan();
        sent.push(bench.batch());
    }
    let scans = |bench: &mut Bench| {
        let drained = bench.drain().into_iter();
        drained.filter(|a| matches!(a, Action::Scan(..))).count()
    };
    let spans: Vec<(u64, u64)> = sent.iter().map(|b| (b.from, b.through)).collect();
    assert_eq!(spans, [(0, 500), (500, 1000), (1000, 1500), (1500, 2000)]);
    assert_eq!(scans(&mut bench), 0, "a fifth waits for an ack");
    bench.ack(to, &sent[0]);
    assert_eq!(bench.scan().after, 2000);
}

#[test]
fn without_credit_the_node_asks_and_waits() {
    let mut bench = Bench::new(3);
    let to = bench.online(0);
    bench.scan();
    let sent = bench.sent();
    let [.., Up::Demand(demand)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(demand.waiting);
    bench.hear(to, Down::Credit { bytes: 0 });
    assert!(bench.sent().is_empty());
    bench.hear(to, Down::Credit { bytes: 10_000 });
    let batch = bench.batch();
    bench.ack(to, &batch);
    let sent = bench.sent();
    let [Up::Demand(demand)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(!demand.waiting);
    assert_eq!(demand.returned_bytes, 10_000 - batch.cost());
}

#[test]
fn a_demand_without_any_answer_ends_the_session() {
    // (credit in hand, cells at the store)
    for (name, credit, cells) in [("cells wait", 0, 3), ("credit goes back", 10_000, 3)] {
        let mut bench = Bench::new(cells);
        let to = bench.online(0);
        bench.scan();
        if credit > 0 {
            bench.hear(to, Down::Credit { bytes: credit });
            let batch = bench.batch();
            bench.ack(to, &batch);
            bench.hear(to, Down::Agreed { through: cells });
        }
        assert!(matches!(bench.sent().last(), Some(Up::Demand(_))), "{name}");
        let asked = bench.now;
        bench.expire();
        assert_eq!(bench.now.since(asked), limits::CREDIT_WAIT, "{name}");
        assert_eq!(bench.uplink.phase(), Phase::Backoff, "{name}");
    }
}

#[test]
fn a_node_in_the_queue_asks_again_and_stays_while_the_hub_answers() {
    let mut bench = Bench::new(3);
    let to = bench.online(0);
    bench.scan();
    bench.drain();
    let first = bench.now;
    for _ in 0..10 {
        bench.hear(to, Down::Credit { bytes: 0 });
        let asked = bench.now;
        bench.expire();
        assert_eq!(bench.now.since(asked), limits::CREDIT_WAIT);
        let sent = bench.sent();
        assert!(
            matches!(sent.as_slice(), [Up::Demand(demand)] if demand.waiting && demand.returned_bytes == 0),
            "{sent:?}"
        );
    }
    assert!(bench.now.since(first) > limits::SILENCE);
    assert_eq!(bench.uplink.phase(), Phase::Streaming);
    bench.hear(to, Down::Credit { bytes: 10_000 });
    assert_eq!(bench.batch().cells.len(), 3);
    bench.drain();
    bench.expire();
    assert_eq!(bench.uplink.phase(), Phase::Backoff, "no acknowledgement");
}

#[test]
fn the_head_carries_a_checkpoint_and_the_node_waits_for_the_word() {
    let mut bench = Bench::new(3);
    let (to, batch) = bench.streaming();
    assert!(batch.checkpoint.is_some() && batch.complete_until.is_some());
    bench.ack(to, &batch);
    assert_eq!(bench.uplink.phase(), Phase::Checkpoint);
    bench.hear(to, Down::Agreed { through: 3 });
    assert_eq!(bench.uplink.phase(), Phase::Idle);
    assert_eq!(bench.uplink.agreed(), Some(3));
}

#[test]
fn before_the_head_there_is_no_checkpoint() {
    let mut bench = Bench::new(501);
    let (_, batch) = bench.streaming();
    assert_eq!(batch.through, 500);
    assert_eq!((batch.checkpoint, batch.complete_until), (None, None));
}

#[test]
fn a_differing_digest_is_answered_with_sums_then_listings_then_a_checkpoint() {
    let mut bench = Bench::new(3);
    let (to, batch) = bench.streaming();
    bench.ack(to, &batch);
    bench.hear(to, Down::Want(DigestWant::Sums));
    assert_eq!(bench.scan().attach, Attach::Sums);
    assert!(matches!(bench.sent().last(), Some(Up::Sums(s)) if s.through == 3));
    assert_eq!(bench.uplink.phase(), Phase::Checkpoint);
    bench.hear(to, Down::Want(DigestWant::Buckets(vec![4, 9])));
    for bucket in [4, 9] {
        assert_eq!(bench.scan().attach, Attach::Bucket(bucket));
        let listing = bench.take(|action| match action {
            Action::Send(_, Up::Listing(listing)) => Some(listing.clone()),
            _ => None,
        });
        assert_eq!((listing.bucket, listing.last), (bucket, true));
    }
    assert_eq!(bench.scan().attach, Attach::Digest);
    assert!(bench.batch().checkpoint.is_some());
}

#[test]
fn an_acknowledgement_that_does_not_add_up_is_a_fault() {
    let wrong: [fn(&mut Ack); 2] = [|ack| ack.applied += 1, |ack| ack.through += 1];
    for spoil in wrong {
        let mut bench = Bench::new(3);
        let (to, batch) = bench.streaming();
        let mut ack = Ack {
            through: batch.through,
            applied: 3,
            ..Ack::default()
        };
        spoil(&mut ack);
        bench.hear(to, Down::Ack(ack));
        assert_eq!(bench.uplink.phase(), Phase::Backoff);
    }
}

#[test]
fn refused_cells_come_again_when_the_catalogue_is_past_the_named_seq() {
    let mut bench = Bench::new(3);
    let (to, batch) = bench.streaming();
    let refused = Rejected {
        key: cell(2, 2).key,
        seq: 2,
        rejection: Rejection {
            reason: RejectReason::UnknownIndicator,
            retry: Retry::PastCatalogue(7),
        },
    };
    let ack = Ack {
        through: batch.through,
        applied: 2,
        rejected: vec![refused],
        ..Ack::default()
    };
    bench.hear(to, Down::Ack(ack));
    assert_eq!(bench.uplink.refused_cells(), 1);
    bench.drain();
    bench.uplink.handle_catalogue(bench.now, 7);
    assert!(bench.drain().is_empty(), "not past it yet");
    bench.uplink.handle_catalogue(bench.now, 8);
    assert_eq!(bench.scan().retry, [cell(2, 2).key]);
    bench.hear(to, Down::Credit { bytes: 10_000 });
    let again = bench.batch();
    assert_eq!((again.from, again.through), (3, 3));
    assert_eq!(again.cells, [cell(2, 2)]);
    bench.ack(to, &again);
    assert_eq!(bench.uplink.refused_cells(), 0);
}

impl Bench {
    fn connection_of(&self) -> Connection {
        // The first attempt of this process.
        Connection(1)
    }
}
