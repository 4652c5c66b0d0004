//! What may be locked, what is late, and why.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    identity::LogId,
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    place::Place,
};

use super::{
    Book, CellRevision, Event, Late, Lateness, LockNumber, Passed, Proposal, Refusal, Why, late,
};
use crate::{catalogue::Log, event::Asked, sync::line::Line};

const ONE: (IndicatorId, Revision) = (IndicatorId(1), Revision(1));
const TWO: (IndicatorId, Revision) = (IndicatorId(2), Revision(1));

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn node() -> Place {
    "510115003064".parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn asked() -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: "r-1".parse().unwrap(),
    }
}

fn proposal(period: &str, series: &[(IndicatorId, Revision)]) -> Proposal {
    Proposal {
        period: period.parse().unwrap(),
        indicators: Vec::new(),
        series: series.to_vec(),
        note: "已核".to_owned(),
        expected: 2,
        silent: BTreeSet::new(),
        after: 10,
    }
}

fn propose(book: &Book, proposal: Proposal) -> Result<Event, Refusal> {
    let today = "2026-03-02".parse().unwrap();
    book.propose(asked(), proposal, at("2026-03-02T00:00:00Z"), today)
}

fn locked(locks: &[(&str, &[(IndicatorId, Revision)])]) -> Book {
    let mut book = Book::default();
    for (period, series) in locks {
        let event = propose(&book, proposal(period, series)).unwrap();
        book.apply(&event);
    }
    book
}

fn reopen(book: &mut Book, number: u32) {
    let event = book.reopen(
        asked(),
        LockNumber(number),
        String::new(),
        at("2026-03-03T00:00:00Z"),
    );
    book.apply(&event.unwrap());
}

fn cell(period: &str, lineage: u32, count: Option<u128>) -> Cell {
    Cell {
        key: CellKey {
            indicator: ONE.0,
            revision: ONE.1,
            period: period.parse().unwrap(),
            breakdown: Breakdown::new([1]),
        },
        order: Order { lineage, seq: 5 },
        state: count.map_or_else(CellState::removed, |n| Accumulator::Count(n).encode()),
    }
}

#[test]
fn a_lock_holds_what_lies_inside_its_period_and_what_it_named() {
    let both = [TWO, ONE];
    let book = locked(&[("202602", &[ONE]), ("2026W05", &both), ("2025", &both)]);
    let lock_of = |series: (IndicatorId, Revision), base: &str| {
        let lock = book.lock_of(series.0, series.1, base.parse().unwrap());
        lock.map(|lock| lock.number.0)
    };
    for (series, base, want) in [
        (ONE, "202602", Some(1)),
        (ONE, "20260228", Some(1)),
        // Of two locks the first.
        (ONE, "20260201", Some(1)),
        (TWO, "20260201", Some(2)),
        (TWO, "20260228", None),
        (ONE, "20260301", None),
        (ONE, "2026Q1", None),
        (ONE, "2025Q4", Some(3)),
        ((ONE.0, Revision(2)), "20260228", None),
    ] {
        assert_eq!(lock_of(series, base), want, "{series:?} {base}");
    }
    assert!(book.touches("20260228".parse().unwrap()));
    assert!(!book.touches("20260301".parse().unwrap()));
}

#[test]
fn what_cannot_be_locked_is_refused() {
    let book = locked(&[("202602", &[ONE])]);
    let refused = |proposal| propose(&book, proposal).unwrap_err();
    // March has not ended, nor has the second of March.
    for running in ["202603", "2026Q1", "20260302"] {
        let running = proposal(running, &[ONE]);
        assert_eq!(refused(running.clone()), Refusal::NotOver(running.period));
    }
    let again = Refusal::AlreadyLocked(LockNumber(1));
    assert_eq!(refused(proposal("202602", &[ONE])), again);
    assert_eq!(refused(proposal("20260215", &[ONE])), again);
    let mut long = proposal("202601", &[ONE]);
    long.note = "长".repeat(501);
    assert_eq!(refused(long), Refusal::NoteTooLong);
    // More than is locked already, and wider.
    assert!(propose(&book, proposal("202602", &[ONE, TWO])).is_ok());
    assert!(propose(&book, proposal("2025", &[ONE])).is_ok());
    let unknown = book.reopen(
        asked(),
        LockNumber(9),
        String::new(),
        at("2026-03-03T00:00:00Z"),
    );
    assert_eq!(unknown.unwrap_err(), Refusal::UnknownLock(LockNumber(9)));
}

#[test]
fn a_reopened_period_is_locked_anew_under_another_number() {
    let mut book = locked(&[("202602", &[ONE])]);
    reopen(&mut book, 1);
    assert!(book.is_open());
    let again = book.reopen(
        asked(),
        LockNumber(1),
        String::new(),
        at("2026-03-03T00:00:00Z"),
    );
    assert_eq!(again.unwrap_err(), Refusal::AlreadyReopened(LockNumber(1)));
    let event = propose(&book, proposal("202602", &[ONE])).unwrap();
    book.apply(&event);
    let lock = book.lock_of(ONE.0, ONE.1, "202602".parse().unwrap());
    assert_eq!(lock.map(|lock| lock.number), Some(LockNumber(2)));
    let numbers: Vec<u32> = book.locks().map(|lock| lock.number.0).collect();
    assert_eq!(numbers, [1, 2], "what was reopened is remembered");
}

#[test]
fn periods_pass_by_the_civil_day_and_the_grace() {
    let passed = |grace| Passed::by(Some(at("2026-02-07T16:30:00Z")), &zone(), grace);
    for (period, now, later) in [
        ("202601", true, true),
        ("20260131", true, true),
        ("20260201", true, false),
        ("20260207", true, false),
        // In the district the eighth has begun.
        ("20260208", false, false),
        ("202602", false, false),
        ("2026W05", true, false),
        ("2025", true, true),
    ] {
        let period = period.parse().unwrap();
        let found = (passed(0).has(period), passed(7).has(period));
        assert_eq!(found, (now, later), "{period}");
    }
    assert!(!Passed::by(None, &zone(), 0).has("1999".parse().unwrap()));
}

/// What becomes of one change, by its node's watermark.
fn judged(
    book: &Book,
    watermark: Option<&str>,
    before: Option<&Cell>,
    after: Option<&Cell>,
    uncounted: &[(IndicatorId, Revision)],
) -> Option<CellRevision> {
    let late = Late {
        at: at("2026-03-05T00:00:00Z"),
        uncounted: uncounted.to_vec(),
    };
    let key = after.or(before).unwrap().key;
    let watermark = watermark.map(at);
    Lateness::new(book, &late, 12, node(), watermark, &zone()).judge(&key, before, after)
}

#[test]
fn the_reason_follows_from_what_arrives() {
    let open = Book::default();
    let book = locked(&[("202602", &[ONE])]);
    let (long, soon, never) = (
        Some("2026-03-20T00:00:00Z"),
        Some("2026-03-02T00:00:00Z"),
        None,
    );
    let of = |lineage, count| Some(cell("20260210", lineage, count));
    use Why::*;
    for (book, watermark, before, after, uncounted, want) in [
        (
            &open,
            long,
            of(1, Some(3)),
            of(1, Some(4)),
            &[][..],
            Some(LateEntry),
        ),
        (&open, long, None, of(1, Some(1)), &[], Some(LateEntry)),
        (
            &open,
            long,
            of(1, Some(3)),
            of(1, Some(2)),
            &[],
            Some(Correction),
        ),
        (
            &open,
            long,
            of(1, Some(3)),
            of(1, None),
            &[],
            Some(Correction),
        ),
        (
            &open,
            long,
            of(1, Some(3)),
            of(2, Some(4)),
            &[],
            Some(Restated),
        ),
        // The same number in another order is no revision.
        (&open, long, of(1, Some(3)), of(2, Some(3)), &[], None),
        (&open, long, None, of(1, None), &[], None),
        // Not locked, and not reported long before.
        (&open, never, None, of(1, Some(1)), &[], None),
        (
            &open,
            Some("2026-02-12T00:00:00Z"),
            None,
            of(1, Some(1)),
            &[],
            None,
        ),
        (&open, long, None, of(1, Some(1)), &[ONE], None),
        (&book, never, None, of(1, Some(1)), &[], Some(LateReport)),
        (
            &book,
            soon,
            of(1, Some(1)),
            of(1, Some(2)),
            &[],
            Some(LateEntry),
        ),
        (
            &book,
            long,
            None,
            of(1, Some(1)),
            &[ONE],
            Some(FirstCounted),
        ),
    ] {
        let found = judged(book, watermark, before.as_ref(), after.as_ref(), uncounted);
        let said = format!("{watermark:?} {before:?} {after:?}");
        assert_eq!(found.as_ref().map(|one| one.why), want, "{said}");
        let under = found.and_then(|one| one.lock).is_some();
        assert_eq!(under, want.is_some() && !book.is_open(), "{said}");
    }
}

#[test]
fn a_batch_says_once_that_it_is_late_and_what_was_not_counted_yet() {
    let first = include_str!("../../../../deploy/catalogue/first.toml");
    let catalogue = Catalogue::from_toml(first).unwrap();
    let mut log = Log::new(LogId([1; 16]));
    log.apply(&catalogue.items().collect::<Vec<_>>());
    let line = |watermark: &str, counted| Line {
        complete_until: Some(at(watermark)),
        counted,
        ..Line::default()
    };
    let said = |book: &Book, line: &Line, period: &str| {
        let cells = [cell("20260304", 1, Some(1)), cell(period, 1, Some(1))];
        late(
            book,
            line,
            node(),
            &log,
            &zone(),
            &cells,
            at("2026-03-05T00:00:00Z"),
        )
    };
    let (open, book) = (Book::default(), locked(&[("202602", &[ONE])]));
    let recent = line("2026-03-04T00:00:00Z", Some(log.head()));
    assert_eq!(said(&open, &recent, "20260228"), None);
    let found = said(&book, &recent, "20260228").unwrap();
    assert_eq!(found.uncounted, []);
    assert!(said(&open, &recent, "20260210").is_some());
    // The definition came to it after its last whole report.
    let behind = line("2026-03-04T00:00:00Z", Some(0));
    assert_eq!(said(&open, &behind, "20260210").unwrap().uncounted, [ONE]);
    let silent = line("2026-03-04T00:00:00Z", None);
    assert_eq!(said(&open, &silent, "20260210").unwrap().uncounted, []);
}
