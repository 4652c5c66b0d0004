//! Staging, verifying, activating, refusing; relists whole or not at all.

use proptest::prelude::*;
use proto::{
    identity::LogId,
    sync::{
        downlink::{Cursor, Issue, Item, ItemKind, Receipt, Refused, Relist, Taken},
        end::{End, Reason},
        instant::Instant,
        limits,
    },
};

use super::*;

const LOG: LogId = LogId([9; 16]);

fn cursor(seq: u64) -> Cursor {
    Cursor { log_id: LOG, seq }
}

fn item(seq: u64) -> Item {
    let id = format!("indicator/{seq}");
    Item::new(cursor(seq), id, ItemKind::Indicator, Box::new([seq as u8]))
}

struct Bench {
    machine: Downlink,
    now: Instant,
    to: Connection,
}

impl Bench {
    fn open(at: Option<Cursor>) -> Bench {
        let config = Config {
            name: "community/510115001001".into(),
            reconnect_window: Duration::ZERO,
        };
        let mut bench = Bench {
            machine: Downlink::new(Instant::START, &config, at, 7),
            now: Instant::START,
            to: Connection(0),
        };
        bench.reopen();
        bench
    }

    fn reopen(&mut self) {
        while self.machine.phase() != Phase::Connect {
            self.expire();
        }
        let connect = self.actions().into_iter().find_map(|action| match action {
            Action::Connect(to) => Some(to),
            _ => None,
        });
        self.to = connect.unwrap();
        self.machine.handle_connected(self.now, self.to);
        let open = Receipt::Open(self.machine.cursor());
        assert_eq!(self.actions(), [Action::Send(self.to, open)]);
    }

    fn expire(&mut self) {
        self.now = self.now.max(self.machine.next_deadline());
        self.machine.handle_deadline(self.now);
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.machine.poll_action()).collect()
    }

    fn hear(&mut self, issue: Issue) -> Vec<Action> {
        self.machine.handle_received(self.now, self.to, issue);
        self.actions()
    }

    fn applied(&mut self, ticket: u64, refused: Vec<Refused>) -> Vec<Action> {
        self.machine
            .handle_applied(self.now, Ticket(ticket), refused);
        self.actions()
    }
}

fn acked(actions: &[Action]) -> Option<&Taken> {
    actions.iter().find_map(|action| match action {
        Action::Send(_, Receipt::Ack(taken)) => Some(taken),
        _ => None,
    })
}

#[test]
fn items_are_applied_one_after_the_other_and_acknowledged_when_durable() {
    let mut bench = Bench::open(Some(cursor(4)));
    let first = bench.hear(Issue::Item(item(5)));
    assert_eq!(first, [Action::Apply(Ticket(1), Change::Activate(item(5)))]);
    assert!(bench.hear(Issue::Item(item(7))).is_empty());
    assert_eq!(bench.machine.cursor(), Some(cursor(4)), "not durable yet");
    let next = bench.applied(1, Vec::new());
    assert_eq!(acked(&next).unwrap().seq, 5);
    assert_eq!(
        next.last(),
        Some(&Action::Apply(Ticket(2), Change::Activate(item(7))))
    );
    assert_eq!(bench.machine.cursor(), Some(cursor(5)));
}

#[test]
fn a_damaged_payload_is_refused_by_name_and_skipped() {
    let mut bench = Bench::open(Some(cursor(4)));
    let mut damaged = item(5);
    damaged.payload = Box::new([99]);
    let actions = bench.hear(Issue::Item(damaged));
    let [Action::Apply(_, Change::Skip(at, refused))] = actions.as_slice() else {
        panic!("{actions:?}");
    };
    assert_eq!((*at, refused.reason.as_str()), (cursor(5), "HASH_MISMATCH"));
    let actions = bench.applied(1, Vec::new());
    assert_eq!(acked(&actions).unwrap().refused.len(), 1);
    assert_eq!(bench.machine.cursor(), Some(cursor(5)));
}

#[test]
fn what_the_store_cannot_take_is_told_to_the_hub() {
    let mut bench = Bench::open(Some(cursor(4)));
    bench.hear(Issue::Item(item(5)));
    let refused = Refused {
        seq: 5,
        item_id: "indicator/5".into(),
        reason: "KIND_UNSUPPORTED".into(),
        detail: String::new(),
    };
    let actions = bench.applied(1, vec![refused.clone()]);
    assert_eq!(acked(&actions).unwrap().refused, [refused]);
}

#[test]
fn a_relist_replaces_the_whole_set_with_its_last_item_and_not_before() {
    let mut bench = Bench::open(None);
    let relist = Relist {
        cursor: cursor(9),
        items: 2,
    };
    assert!(bench.hear(Issue::Relist(relist)).is_empty());
    assert!(bench.hear(Issue::Item(item(3))).is_empty());
    let actions = bench.hear(Issue::Item(item(8)));
    let [
        Action::Apply(
            ticket,
            Change::Replace {
                cursor: at, items, ..
            },
        ),
    ] = actions.as_slice()
    else {
        panic!("{actions:?}");
    };
    assert_eq!((*at, items.len()), (cursor(9), 2));
    let ticket = ticket.0;
    assert_eq!(acked(&bench.applied(ticket, Vec::new())).unwrap().seq, 9);
    // Replay goes on from there.
    assert_eq!(bench.hear(Issue::Item(item(10))).len(), 1);
}

#[test]
fn a_relist_that_breaks_off_changes_nothing() {
    let mut bench = Bench::open(Some(cursor(4)));
    let relist = Relist {
        cursor: cursor(9),
        items: 2,
    };
    bench.hear(Issue::Relist(relist));
    bench.hear(Issue::Item(item(3)));
    let end = End::fault("cut");
    bench.machine.handle_ended(bench.now, bench.to, end);
    bench.actions();
    assert_eq!(bench.machine.cursor(), Some(cursor(4)));
    bench.reopen();
}

#[test]
fn a_second_relist_within_ten_minutes_is_waited_out() {
    let mut bench = Bench::open(None);
    let relist = Relist {
        cursor: cursor(9),
        items: 0,
    };
    bench.hear(Issue::Relist(relist));
    bench.applied(1, Vec::new());
    let relisted = bench.now;
    bench.hear(Issue::Relist(relist));
    assert_eq!(bench.machine.phase(), Phase::Resting);
    assert!(bench.machine.next_deadline().since(relisted) >= limits::RELIST_EVERY);
}

#[test]
fn items_that_do_not_follow_are_a_fault() {
    let other = Item {
        cursor: Cursor {
            log_id: LogId([1; 16]),
            seq: 5,
        },
        ..item(5)
    };
    for wrong in [item(4), item(3), other] {
        let mut bench = Bench::open(Some(cursor(4)));
        bench.hear(Issue::Item(wrong));
        assert_eq!(bench.machine.phase(), Phase::Resting);
        assert_eq!(bench.machine.cursor(), Some(cursor(4)));
    }
}

#[test]
fn a_heartbeat_is_answered_with_the_cursor() {
    let mut bench = Bench::open(Some(cursor(4)));
    let actions = bench.hear(Issue::CaughtUp(cursor(4)));
    assert_eq!(acked(&actions).unwrap().seq, 4);
}

#[test]
fn endings_lead_where_the_table_says() {
    for (reason, phase) in [
        (None, Phase::Resting),
        (Some(Reason::Busy), Phase::Resting),
        (Some(Reason::Revoked), Phase::Blocked),
        (Some(Reason::NotEnrolled), Phase::Blocked),
        (Some(Reason::VersionUnsupported), Phase::Blocked),
    ] {
        let mut bench = Bench::open(None);
        let end = End {
            reason,
            ..End::default()
        };
        bench.machine.handle_ended(bench.now, bench.to, end);
        assert_eq!(bench.machine.phase(), phase, "{reason:?}");
        bench.expire();
        assert_eq!(bench.machine.phase(), Phase::Connect);
    }
}

#[test]
fn silence_ends_the_session_and_a_late_store_is_still_heard() {
    let mut bench = Bench::open(Some(cursor(4)));
    bench.hear(Issue::Item(item(5)));
    bench.expire();
    assert_eq!(bench.machine.phase(), Phase::Resting);
    bench.expire();
    assert_eq!(
        bench.machine.phase(),
        Phase::Resting,
        "the store owes an answer"
    );
    bench.actions();
    bench.applied(1, Vec::new());
    assert_eq!(bench.machine.cursor(), Some(cursor(5)));
    bench.reopen();
}

proptest! {
    // Whatever arrives in whatever order, one change is applied at a time, and
    // the cursor is where the store is.
    #[test]
    fn only_a_relist_takes_the_cursor_back(
        steps in proptest::collection::vec((0u8..7, 1u64..30), 1..80)
    ) {
        let mut bench = Bench::open(Some(cursor(1)));
        let mut owed = Vec::new();
        let mut before = bench.machine.cursor();
        let mut is_relist = false;
        for (step, n) in steps {
            let mut next_is_relist = is_relist;
            let actions = match step {
                0..3 => bench.hear(Issue::Item(item(n))),
                3 => bench.hear(Issue::CaughtUp(cursor(n))),
                4 => {
                    let at = before.map_or(n, |before| before.seq + n);
                    bench.hear(Issue::Relist(Relist { cursor: cursor(at), items: (n % 3) as u32 }))
                }
                5 if !owed.is_empty() => {
                    let Ticket(ticket) = owed.remove(0);
                    bench.applied(ticket, Vec::new())
                }
                _ => {
                    bench.expire();
                    bench.actions()
                }
            };
            for action in actions {
                match action {
                    Action::Apply(ticket, change) => {
                        next_is_relist = matches!(change, Change::Replace { .. });
                        owed.push(ticket);
                        prop_assert_eq!(owed.len(), 1, "one change at a time");
                    }
                    Action::Connect(to) => {
                        bench.to = to;
                        bench.machine.handle_connected(bench.now, to);
                    }
                    _ => {}
                }
            }
            let after = bench.machine.cursor();
            prop_assert!(is_relist || before.map(|c| c.seq) <= after.map(|c| c.seq));
            is_relist = next_is_relist;
            before = after;
            let wait = bench.machine.next_deadline().since(bench.now);
            prop_assert!(wait <= limits::BACKOFF_MAX * 3 / 2);
        }
    }
}
