//! What a change of the catalogue means for cells: definitions that are new, or
//! whose dimensions have new members, are counted again from the whole journal.

use std::collections::BTreeSet;

use node_domain::event::{Activation, Event, Reclaimed};
use node_domain::indicators::{Evaluator, Tally};
use proto::fact::Fact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::{Catalogue, InvalidItemId, Item, ItemId, Taken};
use proto::indicator::cell::{CellKey, IndicatorId, Revision};
use proto::indicator::definition::Definition;
use proto::indicator::state::InvalidState;
use proto::pb::sync::ItemKind as WireKind;
use proto::sync::downlink::ItemKind;

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::keyspace::catalogue::{Items, StoredItem};
use crate::store::keyspace::cell::Cells;
use crate::store::keyspace::exact::ExactCells;
use crate::store::keyspace::link::{Link, LinkKey, Links};
use crate::store::keyspace::member::{self, Members};
use crate::store::record::Record;

type DefinitionKey = (IndicatorId, Revision);

pub fn parse_item(stored: &StoredItem) -> Result<Item, String> {
    let kind = WireKind::try_from(stored.kind).map_err(|error| error.to_string())?;
    Item::from_payload(kind, &stored.payload).map_err(|invalid| invalid.to_string())
}

impl Projection {
    pub(super) fn activate(
        &mut self,
        position: u64,
        activation: &Activation,
    ) -> Result<(), StoreFault> {
        let fault = |detail: String| StoreFault::record(position, detail);
        // All that was counted by the old catalogue, under the old catalogue.
        self.write_cells();
        let before = self.catalogue.clone();
        let mut next = match activation.replaces_all {
            true => Catalogue::default(),
            false => before.clone(),
        };
        let mut items: Vec<(String, Option<StoredItem>)> = Vec::new();
        if activation.replaces_all {
            let held = before.items().map(|item| (item.id().to_string(), None));
            items.extend(held);
        }
        for active in &activation.items {
            let id: ItemId = active
                .item_id
                .parse()
                .map_err(|invalid: InvalidItemId| fault(invalid.to_string()))?;
            if active.kind == ItemKind::Retired {
                next.retire(&id);
                items.push((active.item_id.clone(), None));
                continue;
            }
            let stored = StoredItem::from(active);
            let parsed = parse_item(&stored).map_err(fault)?;
            let taken = next.take(parsed);
            if taken.map_err(|invalid| fault(invalid.to_string()))? == Taken::Changed {
                items.push((active.item_id.clone(), Some(stored)));
            }
        }
        self.evaluator = Evaluator::new(&next, self.zone.clone());
        let stale = stale(&before, &next);
        self.catalogue = next;
        if !stale.is_empty() {
            self.count_again(position, &stale)?;
        }
        self.drain_cells();
        // With the last of the cells, so that a crash before counts again.
        for (id, stored) in items {
            match stored {
                Some(stored) => self.rows.put::<Items>(&id, &stored),
                None => self.rows.remove::<Items>(&id),
            }
        }
        self.rows
            .put::<Links>(&LinkKey::Downlink, &Link::Downlink(activation.cursor));
        Ok(())
    }

    fn count_again(
        &mut self,
        position: u64,
        stale: &BTreeSet<DefinitionKey>,
    ) -> Result<(), StoreFault> {
        let wanted =
            |definition: &Definition| stale.contains(&(definition.id, definition.revision));
        let evaluator = Evaluator::of(&self.catalogue, self.zone.clone(), wanted);
        let mut tally = Tally::default();
        let fold = |tally: &mut Tally, at: u64, facts: &[Fact]| {
            let folded = facts
                .iter()
                .try_for_each(|fact| tally.fold(&evaluator, fact));
            folded.map_err(|mismatch| StoreFault::record(at, mismatch))
        };
        let committed = self.source.committed_seq().min(position - 1);
        let records = self.source.reader(1)?;
        for record in records.take(committed as usize) {
            let record = record?;
            let read = Record::decode(&record.payload)
                .map_err(|detail| StoreFault::record(record.seq, detail))?;
            fold(&mut tally, record.seq, &read.entry.facts)?;
            if let Event::Reclaimed(reclaimed) = &read.entry.event {
                take_back(&mut tally, reclaimed, stale)
                    .map_err(|invalid| StoreFault::record(record.seq, invalid))?;
            }
        }
        for (at, facts) in &self.uncommitted {
            if *at > committed {
                fold(&mut tally, *at, facts)?;
            }
        }
        let counted = tally.cells.keys().chain(tally.exact.keys());
        let mut keys: BTreeSet<CellKey> = counted.copied().collect();
        let counted = tally.members.iter();
        let counted: BTreeSet<_> = counted
            .map(|(key, member)| (*key, member::hash(member)))
            .collect();
        for (indicator, revision) in stale {
            let mut from = indicator.0.to_be_bytes().to_vec();
            from.extend_from_slice(&revision.0.to_be_bytes());
            let mut to = indicator.0.to_be_bytes().to_vec();
            to.extend_from_slice(&(revision.0 + 1).to_be_bytes());
            for found in self.rows.entries::<Cells>(Some(&from), Some(&to)) {
                keys.insert(found?.0);
            }
            for found in self.rows.entries::<ExactCells>(Some(&from), Some(&to)) {
                keys.insert(found?.0);
            }
            for found in self.rows.entries::<Members>(Some(&from), Some(&to)) {
                let (of, _) = found?;
                if !counted.contains(&of) {
                    self.rows.remove::<Members>(&of);
                }
            }
        }
        for of in &counted {
            self.rows.put::<Members>(of, &position);
        }
        // In the order of keys, so that every rebuild counts alike.
        for key in keys {
            let definition = self.catalogue.definition(key.indicator, key.revision);
            match definition.and_then(|definition| definition.protection.base()) {
                None => {
                    let accumulator = tally.cells.remove(&key);
                    self.cells.replace(position, key, accumulator, &self.rows)?;
                }
                Some(base) => {
                    let exact = tally.exact.remove(&key);
                    self.cells.recount(position, key, base, exact, &self.rows)?;
                }
            }
        }
        Ok(())
    }
}

/// What came from the hub and no fact of the journal accounts for.
fn take_back(
    tally: &mut Tally,
    reclaimed: &Reclaimed,
    stale: &BTreeSet<DefinitionKey>,
) -> Result<(), InvalidState> {
    let foreign = reclaimed.cells.iter().filter(|cell| cell.is_foreign);
    for cell in foreign.filter(|cell| stale.contains(&(cell.key.indicator, cell.key.revision))) {
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

/// Definitions that must be counted again: new ones, and those with a dimension
/// that is not what it was. What is withdrawn keeps its cells.
fn stale(before: &Catalogue, next: &Catalogue) -> BTreeSet<DefinitionKey> {
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
