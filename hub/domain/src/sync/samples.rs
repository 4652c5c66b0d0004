//! Cells, greetings and rules for this module's tests.

use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Order, Revision},
    sync::{
        head::{JournalHead, JournalPoint},
        uplink::{Batch, Hello, RejectReason, Rejection, Retry},
    },
};

use super::batch::Rules;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub fn key(n: u32) -> CellKey {
    CellKey {
        indicator: IndicatorId(n),
        revision: Revision(1),
        period: "202609".parse().unwrap(),
        breakdown: Breakdown::new([1]),
    }
}

pub fn cell(n: u32, seq: u64, value: u8) -> Cell {
    Cell {
        key: key(n),
        order: Order { lineage: 1, seq },
        state: CellState {
            kind: 1,
            bytes: Box::new([value]),
        },
    }
}

pub fn batch(from: u64, through: u64, cells: Vec<Cell>) -> Batch {
    Batch {
        from,
        through,
        cells,
        ..Batch::default()
    }
}

pub fn hello(epoch: u64, nonce: u8) -> Hello {
    Hello {
        protocol_min: 1,
        protocol_max: 1,
        store_id: StoreId([7; 16]),
        lineage: u32::from(epoch > 0),
        epoch,
        nonce: Nonce([nonce; 16]),
        head_seq: 100,
        acked_hint: 0,
        seen_hub_incarnation: 1,
        catalogue_seq: 0,
        node_time: at(0),
        software: "test".into(),
        starts: Vec::new(),
        journal_head: None,
        shown: None,
    }
}

/// Of the store that [`hello`] is of.
pub fn head(size: u64, root: u8) -> Box<JournalHead> {
    Box::new(JournalHead {
        log: StoreId([7; 16]),
        point: JournalPoint {
            size,
            root: [root; 32],
        },
        chain: [0; 32],
        time_ms: 0,
        public_key: [0; 32],
        signature: [0; 64],
        release: None,
    })
}

/// Knows indicators below 1000; asks for the others past catalogue seq 5.
pub struct Below1000;

impl Rules for Below1000 {
    fn judge(&self, cell: &Cell) -> Result<(), Rejection> {
        if cell.key.indicator.0 < 1000 {
            return Ok(());
        }
        Err(Rejection {
            reason: RejectReason::UnknownIndicator,
            retry: Retry::PastCatalogue(5),
        })
    }
}

pub struct All;

impl Rules for All {
    fn judge(&self, _: &Cell) -> Result<(), Rejection> {
        Ok(())
    }
}
