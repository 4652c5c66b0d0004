//! Whether a hub holds what a node's journal gives: cell by cell, byte by byte. Knows
//! neither journal nor hub.

use proto::indicator::cell::{Cell, CellKey};

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
