//! What a restored node's cells come to when it takes its hub's newer ones back:
//! the hub's state of each, and on top what the node recorded since. Knows
//! neither why it was restored nor what a session is.

use std::collections::BTreeMap;

use proto::indicator::{
    accumulator::{Accumulator, Mismatch},
    cell::{Cell, CellKey, CellState},
    state::InvalidState,
};

/// A cell as it is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub key: CellKey,
    pub state: CellState,
    /// Its state is not what the node's own facts come to.
    pub is_foreign: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptFault {
    #[error("{0:?}: the hub's state cannot be read: {1}")]
    State(CellKey, InvalidState),
    #[error("{0:?}: {1}")]
    Merge(CellKey, Mismatch),
}

/// `own`: every cell of the node. `hub`: every cell that the hub holds of it.
/// `since`: what the facts recorded since the histories parted come to by
/// themselves. Ascending by key.
pub fn adopt(
    own: impl IntoIterator<Item = (CellKey, CellState)>,
    hub: impl IntoIterator<Item = Cell>,
    since: &BTreeMap<CellKey, Accumulator>,
) -> Result<Vec<Adopted>, AdoptFault> {
    let own: BTreeMap<CellKey, CellState> = own.into_iter().collect();
    let hub: BTreeMap<CellKey, CellState> =
        hub.into_iter().map(|cell| (cell.key, cell.state)).collect();
    let mut adopted = Vec::with_capacity(own.len().max(hub.len()));
    for (key, state) in &hub {
        let state = match since.get(key) {
            None => state.clone(),
            Some(more) => grown(key, state, more)?,
        };
        let is_foreign = own.get(key) != Some(&state);
        adopted.push(Adopted {
            key: *key,
            state,
            is_foreign,
        });
    }
    // What the hub never held, or refused, is the node's alone.
    let alone = own.into_iter().filter(|(key, _)| !hub.contains_key(key));
    adopted.extend(alone.map(|(key, state)| Adopted {
        key,
        state,
        is_foreign: false,
    }));
    adopted.sort_unstable_by_key(|adopted| adopted.key);
    Ok(adopted)
}

/// Two stretches of one place's history: a stock is the later one's, everything
/// else adds up. Of two sets nobody can tell what they share.
fn grown(key: &CellKey, state: &CellState, more: &Accumulator) -> Result<CellState, AdoptFault> {
    if state.is_removed() {
        return Ok(more.encode());
    }
    let mut sum = Accumulator::decode(state).map_err(|invalid| AdoptFault::State(*key, invalid))?;
    let merged = sum.merge_periods(more);
    merged.map_err(|mismatch| AdoptFault::Merge(*key, mismatch))?;
    Ok(sum.encode())
}

#[cfg(test)]
mod tests {
    use proto::indicator::{
        accumulator::{Distinct, Level, Stock},
        cell::{Breakdown, IndicatorId, Order, Revision},
    };

    use super::*;

    fn key(n: u32) -> CellKey {
        CellKey {
            indicator: IndicatorId(n),
            revision: Revision(1),
            period: "202609".parse().unwrap(),
            breakdown: Breakdown(0),
        }
    }

    fn hub(n: u32, state: CellState) -> Cell {
        Cell {
            key: key(n),
            order: Order { lineage: 1, seq: 9 },
            state,
        }
    }

    fn level(at_ms: i64, value: i128) -> Accumulator {
        Accumulator::Level(Level(Some(Stock {
            set_at_ms: at_ms,
            value,
        })))
    }

    #[test]
    fn the_hubs_state_grows_by_what_came_since() {
        let own = [
            (key(1), Accumulator::Count(5).encode()),
            (key(2), Accumulator::Count(1).encode()),
            (key(4), level(50, 7).encode()),
        ];
        let held = [
            hub(1, Accumulator::Count(8).encode()),
            hub(3, Accumulator::Count(4).encode()),
            hub(4, level(90, 6).encode()),
            hub(5, CellState::removed()),
        ];
        let since = BTreeMap::from([
            (key(1), Accumulator::Count(2)),
            (key(2), Accumulator::Count(1)),
            (key(4), level(50, 7)),
            (key(5), Accumulator::Count(3)),
        ]);
        let adopted = adopt(own, held, &since).unwrap();
        let states: Vec<_> = adopted.iter().map(|a| (a.key, a.state.clone())).collect();
        assert_eq!(
            states,
            [
                (key(1), Accumulator::Count(10).encode()),
                (key(2), Accumulator::Count(1).encode()),
                (key(3), Accumulator::Count(4).encode()),
                (key(4), level(90, 6).encode()),
                (key(5), Accumulator::Count(3).encode()),
            ]
        );
        let foreign: Vec<bool> = adopted.iter().map(|a| a.is_foreign).collect();
        assert_eq!(foreign, [true, false, true, true, true]);
    }

    #[test]
    fn sets_that_were_parted_are_an_upper_bound() {
        let set = |total, parts| Accumulator::Distinct(Distinct { total, parts });
        let since = BTreeMap::from([(key(1), set(2, 1))]);
        let adopted = adopt([], [hub(1, set(9, 1).encode())], &since).unwrap();
        assert_eq!(adopted[0].state, set(11, 2).encode());
    }

    #[test]
    fn what_does_not_merge_is_named() {
        let since = BTreeMap::from([(key(1), Accumulator::Sum(1))]);
        let fault = adopt([], [hub(1, Accumulator::Count(1).encode())], &since);
        assert!(matches!(fault, Err(AdoptFault::Merge(at, _)) if at == key(1)));
    }
}
