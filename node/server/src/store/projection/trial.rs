//! A dry run: definitions counted once by the facts that there are. Changes
//! nothing, and says no more than taking them would release.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_domain::indicators::{Evaluator, Tally};
use proto::fact::FactTypeId;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;
use proto::indicator::cell::CellKey;
use proto::indicator::definition::Definition;
use proto::sync::trial::{TrialCount, UNRECORDED};

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::record::Record;

/// What definitions came to.
pub struct Counted {
    pub facts: u64,
    pub counts: Vec<TrialCount>,
    /// Fact types that are asked for and of which there is none.
    pub unrecorded: Vec<String>,
}

/// A definition, and why this node would not take it.
pub type Wanted = (Arc<Definition>, Option<String>);

impl Projection {
    /// `catalogue`: with the definitions that are `wanted` and their dimensions.
    pub fn try_out(&self, catalogue: &Catalogue, wanted: &[Wanted]) -> Result<Counted, StoreFault> {
        let is_wanted = |definition: &Definition| {
            let mut wanted = wanted.iter();
            wanted.any(|(of, _)| (of.id, of.revision) == (definition.id, definition.revision))
        };
        let evaluator = Evaluator::of(catalogue, self.zone.clone(), is_wanted);
        let mut tally = Tally::default();
        let (mut facts, mut seen) = (0, BTreeSet::<FactTypeId>::new());
        let committed = self.source.committed_seq();
        let records = self.source.reader(1)?;
        for record in records.take(committed as usize) {
            let record = record?;
            let read = Record::decode(&record.payload)
                .map_err(|detail| StoreFault::record(record.seq, detail))?;
            for fact in &read.entry.facts {
                facts += 1;
                seen.insert(fact.fact_type);
                let folded = tally.fold(&evaluator, fact);
                folded.map_err(|mismatch| StoreFault::record(record.seq, mismatch))?;
            }
        }
        let counts = wanted.iter().map(|wanted| self.came_to(wanted, &tally));
        let selectors = wanted.iter().flat_map(|(of, _)| of.fold.selectors());
        let types: BTreeSet<_> = selectors
            .filter(|of| !seen.contains(&of.fact_type.id))
            .map(|of| of.fact_type.code.to_owned())
            .collect();
        Ok(Counted {
            facts,
            counts: counts.collect(),
            unrecorded: types.into_iter().take(UNRECORDED).collect(),
        })
    }

    fn came_to(&self, (definition, refusal): &Wanted, tally: &Tally) -> TrialCount {
        let is_its =
            |key: &CellKey| (key.indicator, key.revision) == (definition.id, definition.revision);
        let released: Vec<Accumulator> = match definition.protection.base() {
            None => {
                let cells = tally.cells.iter().filter(|(key, _)| is_its(key));
                cells.map(|(_, cell)| cell.clone()).collect()
            }
            Some(base) => {
                let cells = tally.exact.iter().filter(|(key, _)| is_its(key));
                cells
                    .filter_map(|(_, exact)| self.cells.release(exact, base))
                    .collect()
            }
        };
        // What would not be taken is not told of either.
        let told: &[Accumulator] = match refusal {
            Some(_) => &[],
            None => &released[..],
        };
        TrialCount {
            code: definition.code.clone(),
            revision: definition.revision,
            cells: told.len() as u64,
            smallest: told.iter().filter_map(least).min(),
            refusal: refusal.clone().unwrap_or_default(),
        }
    }
}

/// How many a cell speaks of, at least; `None`: it does not say how many.
fn least(cell: &Accumulator) -> Option<u64> {
    let many = match cell.fraction() {
        Some((above, below)) if !matches!(cell, Accumulator::Mean { .. }) => {
            above.unsigned_abs().min(below)
        }
        Some((_, observed)) => observed,
        None if matches!(cell, Accumulator::Sum(_) | Accumulator::Level(_)) => return None,
        None => cell
            .observed()
            .or_else(|| cell.number().map(i128::unsigned_abs))?,
    };
    Some(u64::try_from(many).unwrap_or(u64::MAX))
}
