//! What a node's store does with the hub's terms, and what a store that came
//! back must hold. The first is told by starts, as a node is; the second knows
//! where the histories truly parted.

use std::collections::BTreeMap;

use proto::{
    indicator::cell::{Cell, CellKey, CellState},
    sync::uplink::{ReclaimMode, Since},
};
use proto_child::uplink::action::Reclaiming;

use crate::{
    cells,
    disk::{Disk, Parted},
    events::{Effect, Remade},
    plan::Planted,
};

pub fn remade(disk: &Disk, reclaiming: Reclaiming, planted: Option<Planted>) -> Remade {
    let parted = match reclaiming.since {
        Since::Beginning => Parted { facts: 0, seq: 0 },
        Since::Now => Parted {
            facts: disk.facts.len(),
            seq: disk.head,
        },
        Since::Start(id) => {
            let mut starts = disk.starts.iter();
            let start = starts
                .find(|start| start.id == id)
                .expect("a start of this store");
            Parted {
                facts: start.facts,
                seq: start.seq,
            }
        }
    };
    let parted = match planted {
        Some(Planted::MergeOfClones) => Parted { facts: 0, seq: 0 },
        _ => parted,
    };
    let own = own(disk);
    let acked = reclaiming.standing.acked;
    let cells = match reclaiming.mode {
        ReclaimMode::Adopt if acked > parted.seq => {
            grown(own, &reclaiming.cells, &disk.facts[parted.facts..])
        }
        _ => own,
    };
    let cells = match planted {
        Some(Planted::AdoptAndRestate) => entered_again(cells, &reclaiming.cells),
        _ => cells,
    };
    Remade {
        mode: reclaiming.mode,
        base: disk.head.max(acked),
        standing: reclaiming.standing,
        cells: cells.into_iter().collect(),
    }
}

/// What came back is entered from paper too.
fn entered_again(
    mut cells: BTreeMap<CellKey, CellState>,
    hub: &[Cell],
) -> BTreeMap<CellKey, CellState> {
    for cell in hub {
        let again = Effect::Add(cells::counted(&cell.state));
        let state = cells::after(cells.get(&cell.key), &again);
        cells.insert(cell.key, state);
    }
    cells
}

pub fn own(disk: &Disk) -> BTreeMap<CellKey, CellState> {
    let cells = disk.cells.values();
    cells.map(|cell| (cell.key, cell.state.clone())).collect()
}

/// The hub's states, then the facts on top; what the hub has not, as it is.
pub fn grown<'a>(
    own: BTreeMap<CellKey, CellState>,
    hub: impl IntoIterator<Item = &'a Cell>,
    since: &[(CellKey, Effect)],
) -> BTreeMap<CellKey, CellState> {
    let mut cells: BTreeMap<CellKey, CellState> = hub
        .into_iter()
        .map(|cell| (cell.key, cell.state.clone()))
        .collect();
    for (key, effect) in since {
        if let Some(state) = cells.get(key) {
            let state = cells::after(Some(state), effect);
            cells.insert(*key, state);
        }
    }
    for (key, state) in own {
        cells.entry(key).or_insert(state);
    }
    cells
}
