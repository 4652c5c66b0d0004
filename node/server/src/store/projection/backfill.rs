//! What a change of the catalogue means for cells: definitions that are new, or
//! whose dimensions have new members, are counted again from the whole journal.

use std::collections::BTreeSet;

use node_domain::event::Activation;
use node_domain::indicators::Evaluator;
use proto::indicator::catalogue::{Catalogue, InvalidItemId, Item, ItemId, Taken};
use proto::indicator::cell::CellKey;
use proto::pb::sync::ItemKind as WireKind;
use proto::sync::downlink::ItemKind;

use super::Projection;
use crate::store::ahead::{Counting, DefinitionKey, stale};
use crate::store::fault::StoreFault;
use crate::store::keyspace::catalogue::{Items, StoredItem};
use crate::store::keyspace::cell::Cells;
use crate::store::keyspace::exact::ExactCells;
use crate::store::keyspace::link::{Link, LinkKey, Links};
use crate::store::keyspace::member::{self, Members};
use crate::store::view::View;

pub fn parse_item(stored: &StoredItem) -> Result<Item, String> {
    let kind = WireKind::try_from(stored.kind).map_err(|error| error.to_string())?;
    Item::from_payload(kind, &stored.payload).map_err(|invalid| invalid.to_string())
}

/// The catalogue as `view` holds it.
pub fn held(view: &View) -> Result<Catalogue, StoreFault> {
    let mut catalogue = Catalogue::default();
    for found in view.all::<Items>() {
        let (id, stored) = found?;
        let fault = |detail: String| StoreFault::row("catalogue", id.as_bytes(), detail);
        let taken = catalogue.take(parse_item(&stored).map_err(fault)?);
        taken.map_err(|invalid| fault(invalid.to_string()))?;
    }
    Ok(catalogue)
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
        let committed = self.source.committed_seq().min(position - 1);
        let mut counting = Counting::new(&self.catalogue, self.zone.clone(), stale);
        let mut counted = 0;
        let ahead = self.ahead.take().filter(|ahead| {
            (&ahead.next, &ahead.stale) == (&self.catalogue, stale) && ahead.through <= committed
        });
        if let Some(ahead) = ahead {
            (counting.tally, counted) = (ahead.tally, ahead.through);
        }
        counting.read(&self.source, counted, committed)?;
        for (at, facts) in &self.uncommitted {
            if *at > committed {
                counting.fold(*at, facts)?;
            }
        }
        let mut tally = counting.tally;
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
