//! What a child hub takes, merges and reports, each by itself; the whole tree
//! is under the simulator (tests/tree).

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    identity::LogId,
    indicator::{
        accumulator::{Accumulator, Level, Stock},
        catalogue::{Catalogue, Item},
        cell::{Breakdown, CellState},
    },
    place::Place,
    sync::{
        coverage::Coverage,
        downlink::{self, Cursor, ItemKind},
    },
};
use proto_child::downlink::Change;

use super::{Event, Tree, merge, report};
use crate::{
    query::{Column, Roster},
    register::Register,
};

fn first() -> Catalogue {
    Catalogue::from_toml(include_str!("../../../../deploy/catalogue/first.toml")).unwrap()
}

fn issued(seq: u64, item: &Item) -> downlink::Item {
    let cursor = Cursor {
        log_id: LogId([9; 16]),
        seq,
    };
    let kind = match item {
        Item::Definition(_) => ItemKind::Indicator,
        Item::Dimension(_) => ItemKind::Dimension,
        Item::Derived(_) => ItemKind::Derived,
    };
    downlink::Item::new(cursor, item.id().to_string(), kind, item.payload().into())
}

#[test]
fn what_the_parent_asks_for_is_published_below_or_refused_by_name() {
    let items: Vec<Item> = first().items().collect();
    let mut tree = Tree::default();
    let mut own = Catalogue::default();
    for (seq, item) in (1..).zip(&items) {
        let (taken, refused) = tree.take(&own, Change::Activate(issued(seq, item)));
        assert_eq!((taken.added.len(), refused.len()), (1, 0));
        own.take(item.clone()).unwrap();
        tree.apply(&Event::Taken(taken));
    }
    assert!(
        first()
            .definitions()
            .all(|held| tree.asks(held.id, held.revision))
    );
    let text = include_str!("../../../../deploy/catalogue/first.toml");
    let other = text.replacen("unit = \"件\"", "unit = \"宗\"", 1);
    let other = Catalogue::from_toml(&other).unwrap();
    let differs = other.items().find(|item| !items.contains(item)).unwrap();
    let before = tree.clone();
    let (taken, refused) = tree.take(&own, Change::Activate(issued(99, &differs)));
    assert_eq!(refused[0].reason, "ITEM_CONTRADICTS");
    assert_eq!(refused[0].item_id, differs.id().to_string());
    tree.apply(&Event::Taken(taken));
    assert_eq!(tree.asked_otherwise(&before), []);
    // What a relist leaves out is no longer asked for.
    let (taken, _) = tree.take(
        &own,
        Change::Replace {
            cursor: issued(100, &items[0]).cursor,
            items: vec![],
            refused: vec![],
        },
    );
    tree.apply(&Event::Taken(taken));
    assert!(!tree.asked_otherwise(&before).is_empty());
}

fn roster(codes: &[&str]) -> Roster {
    let heard = codes.iter().map(|code| (code.parse().unwrap(), None));
    Roster::new(&Register::default(), heard)
}

fn column(cells: &[(&str, u64, CellState)]) -> Arc<Column> {
    let mut column = Column::default();
    for (code, breakdown, state) in cells {
        let place: Place = code.parse().unwrap();
        let pushed = column.push(place, Breakdown(*breakdown), state.kind, &state.bytes);
        pushed.unwrap();
    }
    Arc::new(column)
}

const A: &str = "510115001001";
const B: &str = "510115001002";
const C: &str = "510115001003";

#[test]
fn stocks_are_the_latest_of_each_place_then_their_sum() {
    let set = |at_ms, value| {
        let stock = Stock {
            set_at_ms: at_ms,
            value,
        };
        Accumulator::Level(Level(Some(stock))).encode()
    };
    let january = column(&[(A, 1, set(10, 5)), (B, 1, set(11, 7)), (C, 1, set(1, 100))]);
    let march = column(&[(B, 1, set(30, 2)), (C, 1, set(31, 100))]);
    let last_day = "2026-03-31".parse().unwrap();
    let merged = merge::merged(&[january, march], &roster(&[A, B]), last_day).unwrap();
    assert_eq!(
        merged.cells[&Breakdown(1)],
        set(30, 7),
        "A keeps its 5, C is not ours"
    );
}

#[test]
fn an_unknown_kind_passes_untouched_and_is_never_merged() {
    let newer = |bytes: &[u8]| CellState {
        kind: 77,
        bytes: bytes.into(),
    };
    let states = column(&[
        (A, 1, newer(b"\xff\x00")),
        (A, 2, newer(b"x")),
        (B, 2, newer(b"y")),
    ]);
    let day = "2026-03-31".parse().unwrap();
    let merged = merge::merged(&[states], &roster(&[A, B]), day).unwrap();
    assert_eq!(merged.cells.len(), 1);
    assert_eq!(merged.cells[&Breakdown(1)], newer(b"\xff\x00"));
    assert_eq!(merged.unmerged, 1);
}

#[test]
fn what_is_gone_is_removed_once() {
    let one = Accumulator::Count(1).encode();
    let held = [(Breakdown(1), one.clone()), (Breakdown(2), one.clone())].into();
    let merged = [(Breakdown(2), one.clone())].into();
    let changes = merge::changes(&held, &merged);
    assert_eq!(changes, [(Breakdown(1), CellState::removed())]);
    let held = [(Breakdown(1), CellState::removed()), (Breakdown(2), one)].into();
    assert_eq!(merge::changes(&held, &merged), []);
}

#[test]
fn coverage_answers_as_the_watermarks_themselves_would() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-03-10T04:00:00Z");
    let marks = [
        "2026-02-28T15:59:59Z",
        "2026-02-28T16:00:00Z",
        "2026-02-28T16:00:01Z",
        "2026-03-10T03:20:00Z",
    ];
    let codes = [A, B, C, "510115001004"];
    let heard = codes.iter().zip(marks);
    let heard = heard.map(|(code, mark)| (code.parse().unwrap(), Some(at(mark))));
    let roster = Roster::new(&Register::default(), heard);
    let coverage = report::coverage(&roster, &zone, now);
    assert_eq!(coverage.communities(), 4);
    // Midnight of the first of March, and the moment after it.
    assert_eq!(coverage.reaching(at("2026-02-28T16:00:00Z")), 3);
    assert_eq!(coverage.reaching(at("2026-02-28T16:00:00.000000001Z")), 2);
    assert_eq!(coverage.reaching(at("2026-03-10T03:00:00Z")), 1);
}

#[test]
fn a_child_speaks_for_the_silent_communities_of_its_place() {
    let mut roster = roster(&[A, B, "510116001001"]);
    let child: Place = "510115".parse().unwrap();
    roster.hear_child(child, None);
    assert_eq!(roster.len(), 2);
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let below = Coverage::new([(Some(now), 5), (None, 2)]);
    roster.hear_child(child, Some(&below));
    let told = report::coverage(&roster, &TimeZone::UTC, now);
    assert_eq!((told.communities(), told.never), (8, 3));
}
