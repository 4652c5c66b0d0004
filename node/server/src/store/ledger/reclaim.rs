//! A restored or copied store comes back, on the terms that an operator chose:
//! every cell is journalled anew, with the hub's newer states or without.

use std::collections::BTreeMap;

use jiff::Timestamp;
use journal::Appender;
use node_domain::event::{Event, Reclaimed};
use node_domain::indicators::{Adopted, Evaluator, Exact, Histories, Tally, adopt};
use proto::indicator::cell::{Cell, CellKey, CellState};
use proto::indicator::kind::Kind;
use proto::sync::limits;
use proto::sync::uplink::{ReclaimMode, Since};
use proto_child::uplink::action::Reclaiming;

use super::Ledger;
use crate::store::fault::StoreFault;
use crate::store::record::Record;

/// Where a store's history parts from the one that the hub knew.
struct Parting {
    /// Records from here on are the store's own.
    position: u64,
    /// Changes of cells before it.
    cell_seq: u64,
}

impl Ledger {
    /// `Err`: why it cannot be, for people; nothing was written.
    pub(super) fn reclaim(
        &mut self,
        now: Timestamp,
        reclaiming: Reclaiming,
        log: &mut Appender<'_>,
    ) -> Result<Result<u64, String>, StoreFault> {
        let Reclaiming {
            mode,
            since,
            standing,
            cells: hub,
        } = reclaiming;
        self.projection.write_cells();
        let Some(parting) = self.parting(since)? else {
            return Ok(Err(
                "the start that the hub names is not of this store".to_owned()
            ));
        };
        let own = self.projection.cells(None);
        let own = own.map(|found| found.map(|(key, stored)| (key, stored.state)));
        let own = own.collect::<Result<Vec<(CellKey, CellState)>, StoreFault>>()?;
        // Up to the parting both have the same; what the hub has not seen past
        // its cursor is here.
        let is_lacking = standing.acked > parting.cell_seq;
        let cells = match mode {
            ReclaimMode::Adopt if is_lacking => match self.adopted(own, hub, &parting)? {
                Ok(cells) => cells,
                Err(detail) => return Ok(Err(detail)),
            },
            _ => own.into_iter().map(kept).collect(),
        };
        if cells.len() > limits::RECLAIM_CELLS {
            return Ok(Err(format!(
                "{} cells are more than one record takes",
                cells.len()
            )));
        }
        let base = self.projection.cell_seq().max(standing.acked);
        let reclaimed = Reclaimed {
            mode,
            standing,
            base,
            cells,
        };
        let now = self.now(now);
        self.note(now, Event::Reclaimed(reclaimed), log)?;
        Ok(Ok(self.projection.cell_seq()))
    }

    fn parting(&self, since: Since) -> Result<Option<Parting>, StoreFault> {
        Ok(match since {
            Since::Beginning => Some(Parting {
                position: 1,
                cell_seq: 0,
            }),
            Since::Now => Some(Parting {
                position: self.projection.head().position + 1,
                cell_seq: self.projection.cell_seq(),
            }),
            Since::Start(id) => {
                let starts = self.projection.starts()?;
                let start = starts.into_iter().find(|start| start.id == id);
                start.map(|start| Parting {
                    position: start.position,
                    cell_seq: start.cell_seq,
                })
            }
        })
    }

    fn adopted(
        &self,
        own: Vec<(CellKey, CellState)>,
        hub: Vec<Cell>,
        parting: &Parting,
    ) -> Result<Result<Vec<Adopted>, String>, StoreFault> {
        let since = self.counted_since(parting.position)?;
        let exact = self.projection.exact_cells();
        let exact = exact.map(|found| found.map(|(key, stored)| (key, stored.exact)));
        let exact = exact.collect::<Result<BTreeMap<CellKey, Exact>, StoreFault>>()?;
        let catalogue = self.projection.catalogue();
        let histories = Histories {
            since: &since,
            exact: &exact,
            base: &|key| {
                let definition = catalogue.definition(key.indicator, key.revision)?;
                definition.protection.base()
            },
            draw: &self.projection.keys().rounding(),
        };
        Ok(adopt(own, hub, &histories).map_err(|fault| fault.to_string()))
    }

    /// What the records from `position` on come to by themselves. A member of a
    /// set that was counted before counts no more.
    fn counted_since(&self, position: u64) -> Result<Tally, StoreFault> {
        let catalogue = self.projection.catalogue();
        let zone = self.projection.zone();
        let all = Evaluator::new(catalogue, zone.clone());
        let sets = Evaluator::of(catalogue, zone.clone(), |definition| {
            definition.fold.kind() == Kind::Distinct
        });
        let mut tally = Tally::default();
        for record in self.projection.source().reader(1)? {
            let record = record?;
            let facts = Record::decode_facts(&record.payload)
                .map_err(|detail| StoreFault::record(record.seq, detail))?;
            let is_since = record.seq >= position;
            let evaluator = if is_since { &all } else { &sets };
            for fact in &facts {
                let folded = tally.fold(evaluator, fact);
                folded.map_err(|mismatch| StoreFault::record(record.seq, mismatch))?;
            }
            if record.seq + 1 == position {
                tally.cells.clear();
                tally.exact.clear();
            }
        }
        Ok(tally)
    }
}

fn kept((key, state): (CellKey, CellState)) -> Adopted {
    Adopted {
        key,
        state,
        is_foreign: false,
        exact: None,
    }
}
