//! Catalogue items from the hub: those that this build can take are journalled,
//! the others named to the hub and skipped.

use std::time::Instant;

use jiff::Timestamp;
use journal::Appender;
use node_domain::event::{Activation, ActiveItem, Event};
use node_domain::indicators::{TooFew, large_enough};
use proto::indicator::catalogue::{Catalogue, Item as Parsed, ItemId};
use proto::sync::downlink::{Applied, Item, ItemKind, Refused};
use proto::sync::trial::Trial;
use proto::sync::wire::trial::DryRun;
use proto_child::downlink::{Change, Offering};

use super::Ledger;
use crate::store::ahead::Ahead;
use crate::store::fault::StoreFault;
use crate::store::keyspace::catalogue::StoredItem;
use crate::store::projection::parse_item;

impl Ledger {
    pub(super) fn activate(
        &mut self,
        now: Timestamp,
        change: Change,
        ahead: Option<Box<Ahead>>,
        log: &mut Appender<'_>,
    ) -> Result<Applied, StoreFault> {
        let Offering {
            cursor,
            replaces_all,
            items: offered,
            mut refused,
        } = change.into();
        let mut catalogue = match replaces_all {
            true => Catalogue::default(),
            false => self.projection.catalogue().clone(),
        };
        let (mut items, mut trials) = (Vec::new(), Vec::new());
        for item in offered {
            let (seq, item_id) = (item.cursor.seq, item.item_id.clone());
            let outcome = match item.kind {
                ItemKind::DryRun => match self.try_out(&item.payload)? {
                    Ok(trial) => {
                        trials.push(trial);
                        continue;
                    }
                    Err(refusal) => Err(refusal),
                },
                _ => take(&mut catalogue, item, self.residents),
            };
            match outcome {
                Ok(active) => items.push(active),
                Err((reason, detail)) => refused.push(Refused {
                    seq,
                    item_id,
                    reason: reason.to_owned(),
                    detail,
                }),
            }
        }
        let now = self.now(now);
        let activation = Activation {
            cursor,
            replaces_all,
            items,
        };
        self.projection.counted_ahead(ahead);
        self.note(now, Event::Activated(activation), log)?;
        Ok(Applied { refused, trials })
    }

    /// Counts definitions once, by the facts that there are, and takes none.
    fn try_out(&self, payload: &[u8]) -> Result<Result<Trial, (&'static str, String)>, StoreFault> {
        let asked = match DryRun::from_payload(payload) {
            Ok(asked) => asked,
            Err(invalid) => return Ok(Err(("PAYLOAD_INVALID", invalid.to_string()))),
        };
        let mut catalogue = self.projection.catalogue().clone();
        let mut wanted = Vec::new();
        let mut counts = asked.beyond;
        for item in asked.items {
            if let Parsed::Definition(definition) = &item {
                let refusal = large_enough(definition, self.residents).err();
                wanted.push((definition.clone(), refusal.map(|few| few.to_string())));
            }
            if let Err(invalid) = catalogue.take(item) {
                return Ok(Err(("ITEM_CONTRADICTS", invalid.to_string())));
            }
        }
        let started = Instant::now();
        let counted = self.projection.try_out(&catalogue, &wanted)?;
        counts.extend(counted.counts);
        Ok(Ok(Trial {
            rollout: asked.rollout,
            facts: counted.facts,
            took_ms: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            counts,
            unrecorded: counted.unrecorded,
        }))
    }
}

/// The catalogue once `change` is taken, without what this node refuses.
pub fn changed(before: &Catalogue, change: &Change, residents: Option<u32>) -> Catalogue {
    let offer = Offering::from(change.clone());
    let mut catalogue = match offer.replaces_all {
        true => Catalogue::default(),
        false => before.clone(),
    };
    for item in offer.items {
        // Named to the hub when the writer has it.
        let _ = take(&mut catalogue, item, residents);
    }
    catalogue
}

fn take(
    catalogue: &mut Catalogue,
    item: Item,
    residents: Option<u32>,
) -> Result<ActiveItem, (&'static str, String)> {
    let id: ItemId = item
        .item_id
        .parse()
        .map_err(|invalid| ("ITEM_ID_INVALID", to_text(invalid)))?;
    let active = ActiveItem {
        item_id: item.item_id,
        kind: item.kind,
        payload: item.payload,
    };
    match active.kind {
        ItemKind::Retired => {
            catalogue.retire(&id);
            return Ok(active);
        }
        ItemKind::Derived => {
            let detail = "derived indicators are worked out at the hub".to_owned();
            return Err(("KIND_UNSUPPORTED", detail));
        }
        ItemKind::DryRun => return Err(("KIND_UNSUPPORTED", "a dry run is no item".to_owned())),
        ItemKind::Unknown(kind) => return Err(("KIND_UNSUPPORTED", format!("item kind {kind}"))),
        ItemKind::Indicator | ItemKind::Dimension => {}
    }
    let parsed =
        parse_item(&StoredItem::from(&active)).map_err(|detail| ("PAYLOAD_INVALID", detail))?;
    if parsed.id() != id {
        return Err(("ITEM_ID_INVALID", format!("the payload is {}", parsed.id())));
    }
    if let Parsed::Definition(definition) = &parsed
        && let Err(few) = large_enough(definition, residents)
    {
        let reason = match few {
            TooFew::Unknown => "POPULATION_UNKNOWN",
            TooFew::Residents { .. } => "POPULATION_TOO_SMALL",
        };
        return Err((reason, few.to_string()));
    }
    catalogue
        .take(parsed)
        .map_err(|invalid| ("ITEM_CONTRADICTS", invalid.to_string()))?;
    Ok(active)
}

fn to_text(invalid: proto::indicator::catalogue::InvalidItemId) -> String {
    invalid.to_string()
}
