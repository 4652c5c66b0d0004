//! Any sequence of what may happen, in any order, sensible or not: the machine
//! stays armed, keeps to its credit, and never passes a cell by.

use std::time::Duration;

use proptest::prelude::*;
use proto::{
    identity::Nonce,
    sync::{
        end::{End, Reason},
        limits,
        uplink::{Ack, Batch, Down, Drain, Up},
    },
};

use super::{
    super::{Phase, action::*},
    bench::{Bench, cell, wall},
};

#[derive(Clone, Debug)]
enum Step {
    Expire,
    Grow(u8),
    /// Does what was asked for, the oldest first.
    Obey,
    Credit(u16),
    Ack,
    StrayAck(u64),
    Agree,
    Drain,
    End(Option<Reason>),
    Catalogue,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reason = prop_oneof![
        3 => Just(None),
        1 => proptest::sample::select(&Reason::ALL).prop_map(Some),
    ];
    let step = prop_oneof![
        3 => Just(Step::Expire),
        2 => (1u8..60).prop_map(Step::Grow),
        10 => Just(Step::Obey),
        3 => (0u16..8000).prop_map(Step::Credit),
        5 => Just(Step::Ack),
        1 => (0u64..50).prop_map(Step::StrayAck),
        1 => Just(Step::Agree),
        1 => Just(Step::Drain),
        1 => reason.prop_map(Step::End),
        1 => Just(Step::Catalogue),
    ];
    proptest::collection::vec(step, 1..120)
}

/// What the hub would know.
#[derive(Default)]
struct Hub {
    connection: Option<Connection>,
    epoch: u64,
    cursor: u64,
    received: u64,
    credit: u64,
    waiting: Vec<Batch>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn the_machine_stays_armed_within_credit_and_passes_nothing_by(steps in steps()) {
        let mut bench = Bench::new(5);
        let mut hub = Hub::default();
        let mut pending: Vec<Action> = Vec::new();
        for step in steps {
            apply(&mut bench, &mut hub, &mut pending, &step);
            for action in bench.drain() {
                if let Action::Send(to, up) = &action
                    && hub.connection == Some(*to)
                {
                    listen(&mut bench, &mut hub, up)?;
                }
                pending.push(action);
            }
            let longest = match bench.uplink.phase() {
                Phase::Blocked | Phase::Quarantined => limits::PROBE * 6 / 5,
                _ => limits::BACKOFF_MAX * 3 / 2,
            };
            let armed = bench.uplink.next_deadline();
            prop_assert!(armed.since(bench.now) <= longest);
        }
    }
}

fn listen(bench: &mut Bench, hub: &mut Hub, up: &Up) -> Result<(), TestCaseError> {
    match up {
        Up::Batch(batch) => {
            prop_assert!(batch.cost() <= hub.credit, "more than its credit");
            hub.credit -= batch.cost();
            prop_assert_eq!(batch.from, hub.received, "not where the last one ended");
            hub.received = batch.through;
            hub.waiting.push(batch.clone());
            prop_assert!(hub.waiting.len() <= limits::IN_FLIGHT);
            let fresh = batch.cells.iter().map(|cell| cell.order.seq);
            let named = batch.withheld.iter().map(|cell| cell.order.seq);
            let mut seqs: Vec<u64> = fresh.chain(named).filter(|s| *s > batch.from).collect();
            seqs.sort_unstable();
            let stored = bench.cells.iter().map(|cell| cell.order.seq);
            let expected: Vec<u64> = stored
                .filter(|seq| *seq > batch.from && *seq <= batch.through)
                .collect();
            prop_assert_eq!(seqs, expected, "a cell was passed by");
        }
        Up::Demand(demand) => {
            prop_assert!(demand.returned_bytes <= hub.credit);
            hub.credit -= demand.returned_bytes;
        }
        _ => {}
    }
    Ok(())
}

fn apply(bench: &mut Bench, hub: &mut Hub, pending: &mut Vec<Action>, step: &Step) {
    let now = bench.now;
    match step {
        Step::Expire => bench.expire(),
        Step::Grow(count) => {
            for _ in 0..*count {
                let seq = bench.cells.last().map_or(0, |cell| cell.order.seq) + 1;
                bench.cells.push(cell(seq as u32, seq));
            }
            bench
                .uplink
                .handle_head(bench.now, bench.cells.len() as u64);
        }
        Step::Obey if pending.is_empty() => {}
        Step::Obey => match pending.remove(0) {
            Action::Mint(ticket) => {
                let nonce = Nonce([ticket.0 as u8; 16]);
                bench.uplink.handle_minted(now, ticket, nonce);
            }
            Action::Store(ticket, _) => bench.uplink.handle_stored(now, ticket),
            Action::Connect(to) => {
                *hub = Hub {
                    connection: Some(to),
                    epoch: hub.epoch,
                    cursor: hub.cursor,
                    received: hub.cursor,
                    ..Hub::default()
                };
                bench.uplink.handle_connected(now, to, wall());
            }
            Action::Send(to, Up::Hello(hello)) if hub.connection == Some(to) => {
                hub.epoch = hub.epoch.max(hello.epoch + 1);
                let mut welcome = bench.welcome(hub.cursor);
                welcome.epoch = hub.epoch;
                bench.hear(to, Down::Welcome(welcome));
            }
            Action::Scan(ticket, scan) => {
                let scanned = bench.answer(&scan);
                bench.uplink.handle_scanned(now, ticket, scanned);
            }
            _ => {}
        },
        _ => speak(bench, hub, step),
    }
}

fn speak(bench: &mut Bench, hub: &mut Hub, step: &Step) {
    let Some(to) = hub.connection else {
        return;
    };
    let is_welcomed = matches!(
        bench.uplink.phase(),
        Phase::Streaming | Phase::Checkpoint | Phase::Idle
    );
    match step {
        Step::Credit(bytes) if is_welcomed => {
            let bytes = u64::from(*bytes) * 8;
            hub.credit += bytes;
            bench.hear(to, Down::Credit { bytes });
        }
        Step::Ack if !hub.waiting.is_empty() => {
            let batch = hub.waiting.remove(0);
            hub.cursor = hub.cursor.max(batch.through);
            bench.ack(to, &batch);
        }
        Step::StrayAck(through) => {
            let ack = Ack {
                through: *through,
                applied: 77,
                ..Ack::default()
            };
            bench.hear(to, Down::Ack(ack));
            hub.connection = None;
        }
        Step::Agree => bench.hear(
            to,
            Down::Agreed {
                through: hub.cursor,
            },
        ),
        Step::Drain => {
            let reconnect_window = Duration::from_secs(5);
            bench.hear(to, Down::Drain(Drain { reconnect_window }));
        }
        Step::End(reason) => {
            let end = End {
                reason: *reason,
                ..End::default()
            };
            bench.uplink.handle_ended(bench.now, to, end);
            hub.connection = None;
        }
        Step::Catalogue => bench.uplink.handle_catalogue(bench.now, 9),
        _ => {}
    }
}
