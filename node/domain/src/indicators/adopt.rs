//! What a restored node's cells come to when it takes its hub's newer ones back:
//! the hub's state of each, and on top what the node recorded since. Knows
//! neither why it was restored nor what a session is.

use std::collections::BTreeMap;

use proto::indicator::{
    accumulator::{Accumulator, Mismatch},
    cell::{Cell, CellKey, CellState},
    kind::Kind,
    rounded::Base,
    state::InvalidState,
};

use super::{Draw, Exact, Shape, Tally};

/// A cell as it is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub key: CellKey,
    pub state: CellState,
    /// Its state is not what the node's own facts come to.
    pub is_foreign: bool,
    /// Of a protected cell that is foreign: what is counted on from.
    pub exact: Option<Exact>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptFault {
    #[error("{0:?}: the hub's state cannot be read: {1}")]
    State(CellKey, InvalidState),
    #[error("{0:?}: {1}")]
    Merge(CellKey, Mismatch),
}

/// What a store knows of its own history when the hub's parts from it.
pub struct Histories<'a, D> {
    /// What the facts recorded since the parting come to by themselves.
    pub since: &'a Tally,
    /// Protected cells as they are now, of all facts.
    pub exact: &'a BTreeMap<CellKey, Exact>,
    /// What a protected cell is rounded to; `None` for every other.
    pub base: &'a dyn Fn(&CellKey) -> Option<Base>,
    pub draw: &'a D,
}

/// `own`: every cell of the node as released. `hub`: every cell that the hub
/// holds of it. Ascending by key.
pub fn adopt<D: Draw>(
    own: impl IntoIterator<Item = (CellKey, CellState)>,
    hub: impl IntoIterator<Item = Cell>,
    histories: &Histories<'_, D>,
) -> Result<Vec<Adopted>, AdoptFault> {
    let own: BTreeMap<CellKey, CellState> = own.into_iter().collect();
    let hub: BTreeMap<CellKey, CellState> =
        hub.into_iter().map(|cell| (cell.key, cell.state)).collect();
    let mut adopted = Vec::with_capacity(own.len().max(hub.len()));
    for (key, state) in &hub {
        adopted.push(histories.grown(*key, state, own.get(key))?);
    }
    // What the hub never held, or refused, is the node's alone.
    let alone = own.into_iter().filter(|(key, _)| !hub.contains_key(key));
    adopted.extend(alone.map(|(key, state)| Adopted {
        key,
        state,
        is_foreign: false,
        exact: None,
    }));
    adopted.sort_unstable_by_key(|adopted| adopted.key);
    Ok(adopted)
}

impl<D: Draw> Histories<'_, D> {
    fn grown(
        &self,
        key: CellKey,
        hub: &CellState,
        own: Option<&CellState>,
    ) -> Result<Adopted, AdoptFault> {
        if let Some(base) = (self.base)(&key) {
            return self.regrown(key, hub, own, base);
        }
        let state = match self.since.cells.get(&key) {
            None => hub.clone(),
            Some(more) => grown(&key, hub, more)?,
        };
        Ok(Adopted {
            key,
            is_foreign: own != Some(&state),
            state,
            exact: None,
        })
    }

    /// A protected cell. When the store's own facts before the parting come to
    /// what the hub holds, they are what it was counted from; otherwise some are
    /// lost for good, and what was released of them stands beside the later ones.
    fn regrown(
        &self,
        key: CellKey,
        hub: &CellState,
        own: Option<&CellState>,
        base: Base,
    ) -> Result<Adopted, AdoptFault> {
        let (now, since) = (self.exact.get(&key), self.since.exact.get(&key));
        let before = match (now, since) {
            (Some(now), Some(since)) => Some(now.before(since)),
            (now, _) => now.cloned(),
        };
        let held = (!hub.is_removed()).then_some(hub);
        let released = before.and_then(|before| before.released(base, self.draw));
        if released.map(|released| released.encode()).as_ref() == held {
            return Ok(Adopted {
                key,
                state: own.unwrap_or(hub).clone(),
                is_foreign: false,
                exact: None,
            });
        }
        let held = held.map(Accumulator::decode).transpose();
        let held = held.map_err(|invalid| AdoptFault::State(key, invalid))?;
        let kind = held.as_ref().map(Accumulator::kind_number);
        let kind = kind.and_then(|kind| Kind::try_from(kind).ok());
        let shape = kind.and_then(Shape::of).or(now.map(Exact::shape));
        let foreign = match held {
            None => None,
            Some(Accumulator::Rounded(rounded)) => Some(rounded),
            Some(other) => {
                let rounded = Kind::RoundedCount.number();
                let mismatch = Mismatch::Kinds(other.kind_number(), rounded);
                return Err(AdoptFault::Merge(key, mismatch));
            }
        };
        let exact = since.cloned().or(shape.map(Exact::empty));
        let exact = exact.map(|exact| exact.on_top_of(foreign));
        let released = exact
            .as_ref()
            .and_then(|exact| exact.released(base, self.draw));
        Ok(Adopted {
            key,
            state: released.map_or_else(CellState::removed, |released| released.encode()),
            is_foreign: true,
            exact,
        })
    }
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
        accumulator::{Change, Distinct, Level, Stock},
        cell::{Breakdown, IndicatorId, Order, Revision},
        rounded::Rounded,
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

    struct Plain;

    impl Draw for Plain {
        fn draw(&self, first: u64) -> u64 {
            first
        }
    }

    fn adopted(
        own: &[(CellKey, CellState)],
        hub: &[Cell],
        since: &Tally,
        exact: &BTreeMap<CellKey, Exact>,
    ) -> Result<Vec<Adopted>, AdoptFault> {
        let histories = Histories {
            since,
            exact,
            base: &|key| (key.indicator.0 >= 100).then_some(Base::Five),
            draw: &Plain,
        };
        adopt(own.to_vec(), hub.to_vec(), &histories)
    }

    fn counted(cells: impl IntoIterator<Item = (CellKey, Accumulator)>) -> Tally {
        Tally {
            cells: cells.into_iter().collect(),
            ..Tally::default()
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
        let since = counted([
            (key(1), Accumulator::Count(2)),
            (key(2), Accumulator::Count(1)),
            (key(4), level(50, 7)),
            (key(5), Accumulator::Count(3)),
        ]);
        let adopted = adopted(&own, &held, &since, &BTreeMap::new()).unwrap();
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
        let since = counted([(key(1), set(2, 1))]);
        let held = [hub(1, set(9, 1).encode())];
        let adopted = adopted(&[], &held, &since, &BTreeMap::new()).unwrap();
        assert_eq!(adopted[0].state, set(11, 2).encode());
    }

    #[test]
    fn what_does_not_merge_is_named() {
        let since = counted([(key(1), Accumulator::Sum(1))]);
        let held = [hub(1, Accumulator::Count(1).encode())];
        let fault = adopted(&[], &held, &since, &BTreeMap::new());
        assert!(matches!(fault, Err(AdoptFault::Merge(at, _)) if at == key(1)));
    }

    fn records(count: u64, first: u64) -> Exact {
        let mut exact = Exact::empty(Shape::Count);
        for _ in 0..count {
            exact.apply(&Change::Count, || first).unwrap();
        }
        exact
    }

    fn released(count: u128) -> CellState {
        let variance = if count == 5 { 20 } else { 4 };
        Accumulator::Rounded(Rounded::Count { count, variance }).encode()
    }

    #[test]
    fn a_protected_cell_goes_on_from_what_it_was_counted_from() {
        // Seven records of which two came since: five before, as the hub holds.
        let own = [(key(100), released(10)), (key(101), released(5))];
        let held = [hub(100, released(5)), hub(101, released(20))];
        let exact = BTreeMap::from([(key(100), records(7, 4)), (key(101), records(6, 0))]);
        let mut since = Tally::default();
        since.exact.insert(key(100), records(2, 9));
        since.exact.insert(key(101), records(6, 4));
        let adopted = adopted(&own, &held, &since, &exact).unwrap();
        assert_eq!(adopted[0].state, released(10));
        assert_eq!((adopted[0].is_foreign, &adopted[0].exact), (false, &None));
        // The hub's 20 are of records that are lost; six more round to 10.
        let Rounded::Count { count, variance } = (match Accumulator::decode(&adopted[1].state) {
            Ok(Accumulator::Rounded(rounded)) => rounded,
            other => panic!("{other:?}"),
        }) else {
            panic!("a count")
        };
        assert_eq!((count, variance, adopted[1].is_foreign), (30, 8, true));
        let exact = adopted[1].exact.as_ref().unwrap();
        let later = exact.released(Base::Five, &Plain).unwrap();
        assert_eq!(later.encode(), adopted[1].state, "counted on from there");
    }

    #[test]
    fn what_the_hub_was_told_is_gone_stays_gone() {
        let own = [(key(100), released(5))];
        let exact = BTreeMap::from([(key(100), records(6, 0))]);
        let held = [hub(100, CellState::removed())];
        let adopted = adopted(&own, &held, &Tally::default(), &exact).unwrap();
        assert_eq!(adopted[0].state, CellState::removed());
        assert_eq!(adopted[0].exact, Some(Exact::empty(Shape::Count)));
    }
}
