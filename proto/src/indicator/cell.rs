//! A cell: one accumulator of one indicator for one period and one combination
//! of breakdown members, in the order in which its node wrote it. Its place is
//! the node's; its state stays as canonical bytes, so that kinds newer than
//! this build pass through untouched.

use sha2::{Digest as _, Sha256};

use crate::period::Period;

/// An indicator's permanent number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorId(pub u32);

/// A definition's revision, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u32);

/// Up to four members, 16 bits each, in the definition's order of breakdowns,
/// the first in the lowest bits. 0: the definition has no such breakdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Breakdown(pub u64);

/// A fact's member that the catalogue does not list.
pub const OTHER_MEMBER: u16 = u16::MAX;

impl Breakdown {
    pub const MAX: usize = 4;

    pub fn new(members: impl IntoIterator<Item = u16>) -> Breakdown {
        let packed = members.into_iter().take(Breakdown::MAX).enumerate();
        Breakdown(packed.fold(0, |sum, (at, member)| sum | u64::from(member) << (16 * at)))
    }

    pub const fn member(self, at: usize) -> u16 {
        (self.0 >> (16 * at)) as u16
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    pub indicator: IndicatorId,
    pub revision: Revision,
    pub period: Period,
    pub breakdown: Breakdown,
}

/// Which write of a cell is newer. The hub grants the lineage; the node counts
/// the sequence, one per cell change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order {
    pub lineage: u32,
    pub seq: u64,
}

/// A kind of accumulator and its canonical bytes; kind 0 is a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellState {
    pub kind: u32,
    pub bytes: Box<[u8]>,
}

impl CellState {
    pub fn removed() -> CellState {
        CellState {
            kind: 0,
            bytes: Box::default(),
        }
    }

    pub fn is_removed(&self) -> bool {
        self.kind == 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub key: CellKey,
    pub order: Order,
    pub state: CellState,
}

impl CellKey {
    /// 20 bytes, big-endian: indicator, revision, period, breakdown.
    pub fn to_bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&self.indicator.0.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.revision.0.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.period.number().to_be_bytes());
        bytes[12..].copy_from_slice(&self.breakdown.0.to_be_bytes());
        bytes
    }
}

impl Cell {
    /// Hash of key, order and canonical state: equal order with another hash is
    /// an alarm.
    pub fn hash(&self) -> u128 {
        let mut hasher = Sha256::new();
        hasher.update(self.key.to_bytes());
        hasher.update(self.order.lineage.to_be_bytes());
        hasher.update(self.order.seq.to_be_bytes());
        hasher.update(self.state.kind.to_be_bytes());
        hasher.update(&self.state.bytes);
        let digest = hasher.finalize();
        digest[..16]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u128::from(*byte))
    }
}
