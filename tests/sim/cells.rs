//! What nodes write: counts mostly, removals, and cells that the hub or the
//! network cannot take.

use proto::{
    digest::Digest,
    indicator::{
        accumulator::Accumulator,
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    sync::{
        jitter::Jitter,
        uplink::{Checkpoint, RejectReason, Rejection, Retry},
    },
};

use hub_domain::sync::batch::Rules;

use crate::{events::Effect, plan::Plan};

/// Known to the hub from the start.
const INDICATORS: u64 = 6;
/// Known only once the catalogue says so.
pub const UNKNOWN: u32 = 90;
/// Its cells break the stream while their state begins like this.
pub const KILLER: u32 = 80;
const KILLING: u8 = 0xee;

pub fn key(indicator: u32, breakdown: u64) -> CellKey {
    CellKey {
        indicator: IndicatorId(indicator),
        revision: Revision(1),
        period: "202609".parse().expect("a period"),
        breakdown: Breakdown(breakdown),
    }
}

pub fn count(value: u64) -> CellState {
    Accumulator::Count(u128::from(value)).encode()
}

/// What a cell holds after a write.
pub fn after(before: Option<&CellState>, effect: &Effect) -> CellState {
    match effect {
        Effect::Put(state) => state.clone(),
        Effect::Add(more) => count(before.map_or(0, counted) + more),
    }
}

/// Nothing, for what is removed or is no count.
pub fn counted(state: &CellState) -> u64 {
    match Accumulator::decode(state) {
        Ok(Accumulator::Count(count)) => count as u64,
        _ => 0,
    }
}

/// The next write of a node.
pub fn draw(rng: &mut Jitter, plan: &Plan, wide: bool) -> (CellKey, Effect) {
    let kind = rng.next_u64() % 40;
    let breakdown = rng.next_u64() % if wide { 400 } else { 5 };
    let value = rng.next_u64() % 1000;
    match kind {
        0 if plan.has_unknown => (key(UNKNOWN, breakdown % 3), Effect::Add(value)),
        1 if plan.has_poison => {
            let bytes = Box::new([0xff, 0xff, value as u8]);
            (key(1, breakdown), Effect::Put(CellState { kind: 1, bytes }))
        }
        2 if plan.has_killers => {
            let bytes = Box::new([KILLING, value as u8]);
            let killer = CellState { kind: 1, bytes };
            (key(KILLER, breakdown % 2), Effect::Put(killer))
        }
        3..8 => (
            key((1 + rng.next_u64() % INDICATORS) as u32, breakdown),
            Effect::Put(CellState::removed()),
        ),
        _ => (
            key((1 + rng.next_u64() % INDICATORS) as u32, breakdown),
            Effect::Add(value),
        ),
    }
}

pub fn kills(cell: &Cell) -> bool {
    cell.key.indicator.0 == KILLER && cell.state.bytes.first() == Some(&KILLING)
}

pub fn cell(key: CellKey, lineage: u32, seq: u64, state: CellState) -> Cell {
    Cell {
        key,
        order: Order { lineage, seq },
        state,
    }
}

pub fn digest<'a>(cells: impl Iterator<Item = &'a Cell>) -> Digest {
    let mut digest = Digest::default();
    cells.for_each(|cell| digest.add(cell));
    digest
}

pub fn checkpoint(digest: &Digest) -> Checkpoint {
    Checkpoint {
        count: digest.count(),
        root: digest.root(),
    }
}

/// A digest as it should not be: equal states cancel out.
pub fn xor<'a>(cells: impl Iterator<Item = &'a Cell>) -> Checkpoint {
    let mut root = [0; 32];
    for cell in cells {
        let mut anonymous = cell.clone();
        anonymous.key = key(1, 0);
        anonymous.order = Order { lineage: 0, seq: 0 };
        let hash = anonymous.hash().to_be_bytes();
        root.iter_mut()
            .zip(hash)
            .for_each(|(byte, mixed)| *byte ^= mixed);
    }
    Checkpoint { count: 0, root }
}

/// What the hub's catalogue says of a cell.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    pub seq: u64,
    pub knows_unknown: bool,
}

impl Rules for Catalogue {
    fn judge(&self, cell: &Cell) -> Result<(), Rejection> {
        let refuse = |reason, retry| Err(Rejection { reason, retry });
        if cell.key.indicator.0 == UNKNOWN && !self.knows_unknown {
            return refuse(
                RejectReason::UnknownIndicator,
                Retry::PastCatalogue(self.seq),
            );
        }
        // A killer's bytes are another layer's trouble.
        let reads = cell.state.is_removed()
            || cell.key.indicator.0 == KILLER
            || Accumulator::decode(&cell.state).is_ok();
        if reads {
            Ok(())
        } else {
            refuse(RejectReason::MalformedState, Retry::OnChange)
        }
    }
}
