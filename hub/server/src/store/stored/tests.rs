//! Stored events: frozen bytes, round trips, refusal of what is newer or broken.

use hub_domain::{
    event::Founded,
    network::Reached,
    sync::{
        batch::Accepted,
        line::{Cause, Line, Quarantine},
    },
    tree::{
        self, Taken, Tree,
        assignment::{Assigned, Released},
    },
};
use jiff::Timestamp;
use proto::{
    identity::{LogId, Nonce, StoreId},
    indicator::{
        catalogue::{Catalogue, Item},
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    sync::{
        assignment::{Assignment, Claim, ClaimState},
        coverage::Coverage,
        downlink::Cursor,
        head::{JournalHead, JournalPoint, LastRelease},
    },
};
use proto_child::uplink::action::Standing;

use super::*;

fn founded() -> Event {
    Event::Founded(Founded {
        district: "wenjiang".parse().unwrap(),
        incarnation: 1,
        catalogue_log: LogId([7; 16]),
        zone: "Asia/Shanghai".to_owned(),
        at: "2026-03-01T04:00:00Z".parse().unwrap(),
    })
}

#[test]
fn the_bytes_are_frozen() {
    let hex: String = encode(&founded(), None)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "010a350a0877656e6a69616e6710011a1007070707070707070707070707070707220d417369612f5368616e676861692a060880e79d9a0d"
    );
}

fn district() -> Place {
    "510115".parse().unwrap()
}

fn standing() -> Standing {
    Standing {
        store_id: StoreId([7; 16]),
        epoch: 3,
        lineage: 1,
        hub_incarnation: 1,
        nonce: Some(Nonce([9; 16])),
        acked: 5,
    }
}

fn coverage() -> Coverage {
    let at: Timestamp = "2026-03-01T04:00:00Z".parse().unwrap();
    Coverage::new([(Some(at), 3), (None, 2)])
}

#[test]
fn the_bytes_of_a_child_are_frozen() {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let event = |event| hex(&encode(&Event::Tree(event), None));
    assert_eq!(
        event(tree::Event::Placed(district())),
        "013a080880bcfabaa6fe73"
    );
    assert_eq!(
        event(tree::Event::Stood(standing())),
        "013a2e122c0a10070707070707070707070707070707071003180120012a10090909090909090909090909090909093005"
    );
    let mut tree = Tree::default();
    tree.apply(&tree::Event::Placed(district()));
    tree.apply(&tree::Event::Stood(standing()));
    tree.head = 12;
    let row = StoredTree::from(&tree).encode_to_vec();
    assert_eq!(
        hex(&row),
        "0880bcfabaa6fe73122c0a10070707070707070707070707070707071003180120012a10090909090909090909090909090909093005180c"
    );
    let mut read = Tree::default();
    StoredTree::decode(&*row)
        .unwrap()
        .put_into(&mut read)
        .unwrap();
    assert_eq!(read, tree);
    let stored = coverage::StoredCoverage::from(&coverage());
    assert_eq!(hex(&stored.encode_to_vec()), "0802120a0a060880e79d9a0d1003");
}

fn journal_head() -> JournalHead {
    JournalHead {
        log: StoreId([7; 16]),
        point: JournalPoint {
            size: 12,
            root: [4; 32],
        },
        chain: [5; 32],
        time_ms: 6,
        public_key: [7; 32],
        signature: [8; 64],
        release: None,
    }
}

fn parted() -> Quarantine {
    Quarantine {
        since: Timestamp::UNIX_EPOCH,
        cause: Cause::Parted { size: 7, known: 12 },
        store_id: StoreId([7; 16]),
        epoch: 3,
        lineage: 1,
        head_seq: 5,
    }
}

#[test]
fn a_line_keeps_its_journal_head_and_why_a_store_is_not_its_own() {
    let line = Line {
        store_id: Some(StoreId([7; 16])),
        journal_head: Some(Box::new(journal_head())),
        released: LastRelease {
            id: [9; 32],
            through: 10,
        },
        quarantine: Some(parted()),
        reached: vec![Reached {
            month: "202603".parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }],
        ..Line::default()
    };
    let row = StoredLine::from(&line).encode_to_vec();
    let read = StoredLine::decode(row.as_slice()).unwrap();
    assert_eq!(Line::try_from(read).unwrap(), line);
}

fn moved() -> Place {
    "510115003064".parse().unwrap()
}

fn told() -> tree::Event {
    let at: Timestamp = "2026-03-01T04:00:00Z".parse().unwrap();
    let said = |number, is_yours, asked_at| Assignment {
        community: moved(),
        number,
        is_yours,
        asked_at,
    };
    tree::Event::Told {
        said: vec![said(1, true, Some(at)), said(2, false, None)],
        at,
    }
}

fn assigned() -> tree::Event {
    let assigned = |number, holder| Assigned {
        community: moved(),
        number,
        holder,
        asked_at: None,
    };
    tree::Event::Assigned(vec![assigned(1, Some(district())), assigned(2, None)])
}

fn released() -> tree::Event {
    tree::Event::Released(Released {
        asked: hub_domain::event::Asked {
            by: "operator/li".parse().unwrap(),
            request: "r-1".parse().unwrap(),
        },
        node: moved(),
        at: "2026-03-01T04:00:00Z".parse().unwrap(),
    })
}

#[test]
fn the_bytes_of_assignments_are_frozen() {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let event = |event| hex(&encode(&Event::Tree(event), None));
    assert_eq!([told(), assigned(), released()].map(event), FROZEN);
    let wanted = ClaimState::Wanted {
        asked_at: "2026-03-01T04:00:00Z".parse().unwrap(),
    };
    let claim = |state| Claim {
        community: moved(),
        number: 7,
        state,
    };
    for (state, bytes) in [
        (ClaimState::Absent, "08c0bdb5bca6fe7310071801"),
        (wanted, "08c0bdb5bca6fe731007180222060880e79d9a0d"),
        (ClaimState::Counted, "08c0bdb5bca6fe7310071803"),
    ] {
        let stored = assignment::StoredClaim::from(&claim(state));
        assert_eq!(hex(&stored.encode_to_vec()), bytes);
        assert_eq!(Claim::try_from(stored).unwrap(), claim(state));
    }
}

const FROZEN: [&str; 3] = [
    "013a2da2012a0a1408c0bdb5bca6fe731001180122060880e79d9a0d0a0a08c0bdb5bca6fe73100212060880e79d9a0d",
    "013a23aa01200a1208c0bdb5bca6fe7310011880bcfabaa6fe730a0a08c0bdb5bca6fe731002",
    "013a27b201240a120a0b6f70657261746f722f6c691203722d3110c0bdb5bca6fe731a060880e79d9a0d",
];

#[test]
fn events_survive_a_round_trip() {
    let node: Place = "510115003064".parse().unwrap();
    let accepted = Accepted {
        from: 3,
        through: 9,
        stale: 2,
        coverage: Some(coverage()),
        journal_head: Some(Box::new(journal_head())),
        ..Accepted::default()
    };
    let catalogue = include_str!("../../../../../deploy/catalogue/first.toml");
    let catalogue = Catalogue::from_toml(catalogue).unwrap();
    let items: Vec<Item> = catalogue.items().take(3).collect();
    let taken = Taken {
        cursor: Cursor {
            log_id: LogId([3; 16]),
            seq: 4,
        },
        replaces_all: true,
        added: vec![items[0].clone(), items[2].clone()],
        retired: vec![items[1].id()],
        items,
    };
    let merged = Cell {
        key: CellKey {
            indicator: IndicatorId(1),
            revision: Revision(1),
            period: "202603".parse().unwrap(),
            breakdown: Breakdown::new([3]),
        },
        order: Order { lineage: 1, seq: 9 },
        state: CellState::removed(),
    };
    for event in [
        founded(),
        Event::Restored {
            incarnation: 9,
            at: Timestamp::UNIX_EPOCH,
        },
        Event::Line(node, LineEvent::Accepted(accepted)),
        Event::Line(node, LineEvent::Sighted(parted())),
        Event::Tree(tree::Event::Placed(district())),
        Event::Tree(tree::Event::Stood(standing())),
        Event::Tree(tree::Event::Merged(vec![merged])),
        Event::Tree(tree::Event::Taken(taken)),
        Event::Tree(told()),
        Event::Tree(assigned()),
        Event::Tree(released()),
    ] {
        let record = encode(&event, None);
        let read = decode(&record).unwrap();
        assert_eq!(
            std::mem::discriminant(&read),
            std::mem::discriminant(&event)
        );
        assert_eq!(encode(&read, None), record);
    }
}

#[test]
fn what_cannot_be_read_is_a_fault() {
    let mut newer = encode(&founded(), None);
    newer[0] = FORMAT + 1;
    assert_eq!(decode(&newer).unwrap_err(), Unreadable::Newer(FORMAT + 1));
    for broken in [&[][..], &[FORMAT], &[FORMAT, 0x0a, 0x7f]] {
        assert!(matches!(decode(broken), Err(Unreadable::Malformed(_))));
    }
}
