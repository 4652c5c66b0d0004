//! What an operator decided about a quarantined store, as stored.

use hub_domain::sync::reclaim::Decided;
use proto::{identity::StoreId, sync::uplink::ReclaimMode};

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, fixed, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredDecided {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    /// 1 adopt, 2 restate.
    #[prost(uint32, tag = "2")]
    pub mode: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub store_id: Vec<u8>,
    #[prost(uint64, tag = "4")]
    pub presented_epoch: u64,
    #[prost(uint64, tag = "5")]
    pub epoch: u64,
    #[prost(uint32, tag = "6")]
    pub lineage: u32,
    #[prost(message, optional, tag = "7")]
    pub at: Option<StoredTime>,
    #[prost(bool, tag = "8")]
    pub is_done: bool,
}

impl From<&Decided> for StoredDecided {
    fn from(decided: &Decided) -> StoredDecided {
        StoredDecided {
            asked: Some((&decided.asked).into()),
            mode: decided.mode as u32,
            store_id: decided.store_id.0.to_vec(),
            presented_epoch: decided.presented_epoch,
            epoch: decided.epoch,
            lineage: decided.lineage,
            at: Some(decided.at.into()),
            is_done: decided.is_done,
        }
    }
}

impl TryFrom<StoredDecided> for Decided {
    type Error = Unreadable;

    fn try_from(stored: StoredDecided) -> Result<Decided, Unreadable> {
        Ok(Decided {
            asked: asked(stored.asked)?,
            mode: match stored.mode {
                1 => ReclaimMode::Adopt,
                2 => ReclaimMode::Restate,
                _ => return Err(Unreadable::field("mode")),
            },
            store_id: StoreId(fixed(&stored.store_id, "store_id")?),
            presented_epoch: stored.presented_epoch,
            epoch: stored.epoch,
            lineage: stored.lineage,
            at: time(stored.at)?,
            is_done: stored.is_done,
        })
    }
}
