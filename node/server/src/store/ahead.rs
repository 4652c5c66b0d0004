//! Counts a change of the catalogue before the writer has it, so that a definition
//! that arrives at a node with a history does not hold its people up: what was
//! recorded until now is folded beside the writer, which folds only what came
//! meanwhile. Writes nothing; whoever is ended in mid-count counts again.

use std::{collections::BTreeSet, time::Duration};

use node_domain::{
    event::{Event, Reclaimed},
    indicators::{Evaluator, Tally},
};
use proto::{
    fact::Fact,
    indicator::{
        accumulator::Accumulator,
        catalogue::Catalogue,
        cell::{IndicatorId, Revision},
        definition::Definition,
        state::InvalidState,
    },
};
use proto_child::downlink::Change;
use tokio_util::sync::CancellationToken;

use super::{
    Store, fault::StoreFault, ledger::activate::changed, projection::held, record::Record,
};

/// So many records are read between two looks at who else wants the processor.
const STRETCH: u64 = 1_024;
/// Live work that waits is given so long before the next stretch.
const REST: Duration = Duration::from_millis(2);

pub type DefinitionKey = (IndicatorId, Revision);

/// What definitions come to by the journal's first `through` records.
pub struct Ahead {
    /// The catalogue once the change is taken.
    pub next: Catalogue,
    pub stale: BTreeSet<DefinitionKey>,
    pub tally: Tally,
    pub through: u64,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub records: u64,
    pub of: u64,
}

impl Store {
    /// `None`: there is nothing to count, or `stop` came. Reads the journal: blocks.
    pub fn count_ahead(
        &self,
        change: &Change,
        stop: &CancellationToken,
        mut tell: impl FnMut(Progress),
    ) -> Result<Option<Ahead>, StoreFault> {
        let before = held(&self.view)?;
        let next = changed(&before, change, self.residents);
        let stale = stale(&before, &next);
        if stale.is_empty() {
            return Ok(None);
        }
        let of = self.source.committed_seq();
        let mut counting = Counting::new(&next, self.zone.clone(), &stale);
        let mut through = 0;
        while through < of {
            if stop.is_cancelled() {
                return Ok(None);
            }
            if self.waiting() > 0 {
                std::thread::park_timeout(REST);
            }
            let until = of.min(through + STRETCH);
            counting.read(&self.source, through, until)?;
            through = until;
            tell(Progress {
                records: through,
                of,
            });
        }
        Ok(Some(Ahead {
            tally: counting.tally,
            next,
            stale,
            through,
        }))
    }
}

/// Folds records, as the writer would that meets them one by one.
pub struct Counting<'a> {
    evaluator: Evaluator,
    stale: &'a BTreeSet<DefinitionKey>,
    pub tally: Tally,
}

impl<'a> Counting<'a> {
    pub fn new(
        catalogue: &Catalogue,
        zone: jiff::tz::TimeZone,
        stale: &'a BTreeSet<DefinitionKey>,
    ) -> Counting<'a> {
        let wanted =
            |definition: &Definition| stale.contains(&(definition.id, definition.revision));
        Counting {
            evaluator: Evaluator::of(catalogue, zone, wanted),
            stale,
            tally: Tally::default(),
        }
    }

    /// The records after `after`, up to `through`, which are committed.
    pub fn read(
        &mut self,
        source: &journal::Source,
        after: u64,
        through: u64,
    ) -> Result<(), StoreFault> {
        let wanted = through.saturating_sub(after);
        if wanted == 0 {
            return Ok(());
        }
        for record in source.reader(after + 1)?.take(wanted as usize) {
            let record = record?;
            let read = Record::decode(&record.payload)
                .map_err(|detail| StoreFault::record(record.seq, detail))?;
            self.fold(record.seq, &read.entry.facts)?;
            if let Event::Reclaimed(reclaimed) = &read.entry.event {
                self.take_back(reclaimed)
                    .map_err(|invalid| StoreFault::record(record.seq, invalid))?;
            }
        }
        Ok(())
    }

    pub fn fold(&mut self, at: u64, facts: &[Fact]) -> Result<(), StoreFault> {
        let folded = facts
            .iter()
            .try_for_each(|fact| self.tally.fold(&self.evaluator, fact));
        folded.map_err(|mismatch| StoreFault::record(at, mismatch))
    }

    /// What came from the hub and no fact of the journal accounts for.
    fn take_back(&mut self, reclaimed: &Reclaimed) -> Result<(), InvalidState> {
        let (tally, stale) = (&mut self.tally, self.stale);
        let foreign = reclaimed.cells.iter().filter(|cell| cell.is_foreign);
        for cell in foreign.filter(|cell| stale.contains(&(cell.key.indicator, cell.key.revision)))
        {
            if let Some(exact) = &cell.exact {
                tally.exact.insert(cell.key, exact.clone());
            } else if cell.state.is_removed() {
                tally.cells.remove(&cell.key);
            } else {
                let state = Accumulator::decode(&cell.state)?;
                tally.cells.insert(cell.key, state);
            }
        }
        Ok(())
    }
}

/// Definitions that must be counted again: new ones, and those with a dimension
/// that is not what it was. What is withdrawn keeps its cells.
pub fn stale(before: &Catalogue, next: &Catalogue) -> BTreeSet<DefinitionKey> {
    let unchanged = |definition: &Definition| {
        before
            .definition(definition.id, definition.revision)
            .is_some()
            && before.dimensions_of(definition) == next.dimensions_of(definition)
    };
    let definitions = next.definitions();
    let stale = definitions.filter(|definition| !unchanged(definition));
    stale
        .map(|definition| (definition.id, definition.revision))
        .collect()
}
