//! Whether a hub holds what a node's journal gives: cell by cell, byte by byte; and
//! where a journal is not what was signed. Knows neither journal nor hub.

use std::ops::RangeInclusive;

use proto::{
    indicator::cell::{Cell, CellKey},
    sync::head::JournalPoint,
};

/// One cell about which the two do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub key: CellKey,
    /// `None`: the hub has none.
    pub held: Option<Cell>,
    /// `None`: the journal gives none.
    pub replayed: Option<Cell>,
}

/// Both ascending by key.
pub fn compare(held: &[Cell], replayed: &[Cell]) -> Vec<Finding> {
    let (mut held, mut replayed) = (held.iter().peekable(), replayed.iter().peekable());
    let mut findings = Vec::new();
    loop {
        let key = match (held.peek(), replayed.peek()) {
            (None, None) => return findings,
            (Some(one), None) | (None, Some(one)) => one.key,
            (Some(one), Some(other)) => one.key.min(other.key),
        };
        let held = held.next_if(|cell| cell.key == key);
        let replayed = replayed.next_if(|cell| cell.key == key);
        if held != replayed {
            findings.push(Finding {
                key,
                held: held.cloned(),
                replayed: replayed.cloned(),
            });
        }
    }
}

/// In which records something was changed, left out or added: those between the last
/// signed point that the journal bears out and the first that it does not. `None`: it
/// bears all of them out. `signed`: as they came. `root`: of the journal's first so
/// many records; `None` when it has not so many.
pub fn changed(
    signed: &[JournalPoint],
    root: impl Fn(u64) -> Option<[u8; 32]>,
) -> Option<RangeInclusive<u64>> {
    let is_borne_out = |point: &&JournalPoint| root(point.size) == Some(point.root);
    let first = signed.iter().find(|point| !is_borne_out(point))?;
    let before = signed.iter().take_while(is_borne_out);
    let last = before.map(|point| point.size).max().unwrap_or(0);
    Some(last + 1..=first.size)
}

#[cfg(test)]
mod tests {
    use proto::indicator::cell::{Breakdown, CellState, IndicatorId, Order, Revision};

    use super::*;

    fn cell(indicator: u32, seq: u64, state: u8) -> Cell {
        Cell {
            key: CellKey {
                indicator: IndicatorId(indicator),
                revision: Revision(1),
                period: "202603".parse().expect("a period"),
                breakdown: Breakdown::default(),
            },
            order: Order { lineage: 1, seq },
            state: CellState {
                kind: 1,
                bytes: [state].into(),
            },
        }
    }

    #[test]
    fn a_change_lies_between_two_signed_points() {
        let point = |size| JournalPoint {
            size,
            root: [size as u8; 32],
        };
        let signed = [point(10), point(20), point(30)];
        let as_signed = |size| Some([size as u8; 32]);
        assert_eq!(changed(&signed, as_signed), None);
        assert_eq!(changed(&[], |_| None), None);
        let from_15 = |size| (size < 15).then_some([size as u8; 32]).or(Some([0; 32]));
        assert_eq!(changed(&signed, from_15), Some(11..=20));
        let shorter = |size| (size < 25).then_some([size as u8; 32]);
        assert_eq!(changed(&signed, shorter), Some(21..=30));
        assert_eq!(changed(&signed, |_| None), Some(1..=10));
    }

    #[test]
    fn every_cell_that_differs_is_named_once() {
        let replayed = [cell(1, 1, 5), cell(2, 2, 5), cell(3, 3, 5), cell(5, 5, 5)];
        assert_eq!(compare(&replayed, &replayed), []);
        assert_eq!(compare(&[], &[]), []);
        // Another state, another order, one that is missing, one too many.
        let held = [cell(1, 1, 6), cell(2, 9, 5), cell(4, 4, 5), cell(5, 5, 5)];
        let found = compare(&held, &replayed);
        let named: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.key.indicator.0,
                    one.held.is_some(),
                    one.replayed.is_some(),
                )
            })
            .collect();
        assert_eq!(
            named,
            [
                (1, true, true),
                (2, true, true),
                (3, false, true),
                (4, true, false),
            ]
        );
    }
}
