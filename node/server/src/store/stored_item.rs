//! Items of the catalogue as records and rows keep them. Knows no record.

use node_domain::event::ActiveItem;
use proto::sync::downlink::ItemKind;

use super::keyspace::catalogue::StoredItem;

impl From<&ActiveItem> for StoredItem {
    fn from(item: &ActiveItem) -> StoredItem {
        StoredItem {
            item_id: item.item_id.clone(),
            kind: match item.kind {
                ItemKind::Indicator => 1,
                ItemKind::Dimension => 2,
                ItemKind::Retired => 3,
                ItemKind::Derived => 4,
                ItemKind::DryRun => 5,
                ItemKind::Unknown(number) => number,
            },
            payload: item.payload.to_vec(),
        }
    }
}

impl From<StoredItem> for ActiveItem {
    fn from(stored: StoredItem) -> ActiveItem {
        ActiveItem {
            item_id: stored.item_id,
            kind: match stored.kind {
                1 => ItemKind::Indicator,
                2 => ItemKind::Dimension,
                3 => ItemKind::Retired,
                4 => ItemKind::Derived,
                5 => ItemKind::DryRun,
                number => ItemKind::Unknown(number),
            },
            payload: stored.payload.into(),
        }
    }
}
