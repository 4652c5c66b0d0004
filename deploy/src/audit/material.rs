//! The material of an audit: what a hub says of one community, as plain values that
//! can be written down and read back. Judges nothing.

use proto::{
    digest::Bucket,
    indicator::{
        catalogue::{self, InvalidPayload},
        cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    pb::sync as wire,
    sync::head::JournalHead,
};
use serde::{Deserialize, Serialize};

use super::hex::Hex;

/// Of `bundle.json`; another one is refused.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug)]
pub struct Material {
    pub about: About,
    /// In the order in which the hub kept them.
    pub releases: Vec<Kept>,
    /// Ascending by key.
    pub cells: Vec<Cell>,
    pub items: Vec<Item>,
    /// 256: of all that the hub holds, whatever was asked for.
    pub buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub format: u32,
    pub district: String,
    pub community: String,
    pub zone: String,
    /// What was asked for; empty: all.
    pub period: String,
    pub indicator: String,
    pub lineage: u32,
    /// The hub holds, or has refused, every cell up to here.
    pub acked: u64,
    /// Up to where the release kept last goes.
    pub released_through: u64,
    pub refused_cells: u32,
    pub catalogue_seq: u64,
    pub exported_at: String,
}

/// A release with what the hub put under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: [u8; 32],
    pub head: JournalHead,
    pub countersigned_ms: u64,
    pub incarnation: u64,
    pub countersign_key: [u8; 32],
    pub countersignature: [u8; 64],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `indicator` or `dimension`.
    pub kind: String,
    pub code: String,
    /// The message `IndicatorDefinition` or `Dimension`.
    pub payload: Hex,
}

/// A line of `cells.jsonl`.
#[derive(Serialize, Deserialize)]
pub struct CellLine {
    pub indicator: u32,
    pub revision: u32,
    /// As people write it, such as 202603.
    pub period: String,
    pub breakdown: u64,
    pub lineage: u32,
    pub seq: u64,
    pub kind: u32,
    pub state: Hex,
}

impl Item {
    pub fn new(kind: wire::ItemKind, payload: &[u8]) -> Result<Item, InvalidPayload> {
        let (kind, code) = match catalogue::Item::from_payload(kind, payload)? {
            catalogue::Item::Definition(definition) => ("indicator", definition.code.to_string()),
            catalogue::Item::Derived(derived) => ("derived", derived.code.to_string()),
            catalogue::Item::Dimension(dimension) => ("dimension", dimension.code().to_string()),
        };
        Ok(Item {
            kind: kind.to_owned(),
            code,
            payload: Hex(payload.to_vec()),
        })
    }
}

impl From<&Cell> for CellLine {
    fn from(cell: &Cell) -> CellLine {
        CellLine {
            indicator: cell.key.indicator.0,
            revision: cell.key.revision.0,
            period: cell.key.period.to_string(),
            breakdown: cell.key.breakdown.0,
            lineage: cell.order.lineage,
            seq: cell.order.seq,
            kind: cell.state.kind,
            state: Hex(cell.state.bytes.to_vec()),
        }
    }
}

impl TryFrom<CellLine> for Cell {
    type Error = proto::period::InvalidPeriod;

    fn try_from(line: CellLine) -> Result<Cell, Self::Error> {
        Ok(Cell {
            key: CellKey {
                indicator: IndicatorId(line.indicator),
                revision: Revision(line.revision),
                period: line.period.parse()?,
                breakdown: Breakdown(line.breakdown),
            },
            order: Order {
                lineage: line.lineage,
                seq: line.seq,
            },
            state: CellState {
                kind: line.kind,
                bytes: line.state.0.into(),
            },
        })
    }
}
