//! Cells and refused cells as stored.

use hub_domain::sync::line::{Marker, MarkerRetry};
use proto::{
    indicator::{
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        columns::{self, Packer},
    },
    pb::sync::Cells,
    period::Period,
    sync::uplink::RejectReason,
};

use super::{
    Unreadable,
    part::{StoredTime, fixed},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredMarker {
    /// 20 bytes: [`CellKey::to_bytes`].
    #[prost(bytes = "vec", tag = "1")]
    pub key: Vec<u8>,
    #[prost(uint32, tag = "2")]
    pub lineage: u32,
    #[prost(uint64, tag = "3")]
    pub seq: u64,
    /// 16 bytes, big-endian.
    #[prost(bytes = "vec", tag = "4")]
    pub hash: Vec<u8>,
    #[prost(uint32, tag = "5")]
    pub reason: u32,
    /// Neither of the two: only when the cell changes.
    #[prost(uint64, optional, tag = "6")]
    pub past_catalogue: Option<u64>,
    #[prost(message, optional, tag = "7")]
    pub retry_at: Option<StoredTime>,
}

pub fn pack(cells: &[Cell]) -> Vec<Cells> {
    let mut packed = Vec::new();
    let mut packer = Packer::default();
    for cell in cells {
        if !packer.push(cell) {
            packed.push(std::mem::take(&mut packer).finish());
            packer.push(cell);
        }
    }
    if packer.count() > 0 {
        packed.push(packer.finish());
    }
    packed
}

pub fn unpack(packed: &[Cells]) -> Result<Vec<Cell>, Unreadable> {
    let mut cells = Vec::new();
    for message in packed {
        let decoded = columns::decode(message);
        cells.append(&mut decoded.map_err(|cause| Unreadable::of("cells")(&cause))?);
    }
    Ok(cells)
}

impl From<&(CellKey, Marker)> for StoredMarker {
    fn from((key, marker): &(CellKey, Marker)) -> StoredMarker {
        StoredMarker {
            key: key.to_bytes().to_vec(),
            lineage: marker.order.lineage,
            seq: marker.order.seq,
            hash: marker.hash.to_be_bytes().to_vec(),
            reason: marker.reason as u32,
            past_catalogue: match marker.retry {
                MarkerRetry::PastCatalogue(seq) => Some(seq),
                _ => None,
            },
            retry_at: match marker.retry {
                MarkerRetry::At(at) => Some(at.into()),
                _ => None,
            },
        }
    }
}

impl TryFrom<&StoredMarker> for (CellKey, Marker) {
    type Error = Unreadable;

    fn try_from(stored: &StoredMarker) -> Result<(CellKey, Marker), Unreadable> {
        let mut reasons = RejectReason::ALL.into_iter();
        let reason = reasons.find(|reason| *reason as u32 == stored.reason);
        let retry = match (stored.past_catalogue, stored.retry_at) {
            (Some(seq), _) => MarkerRetry::PastCatalogue(seq),
            (None, Some(at)) => MarkerRetry::At(at.try_into()?),
            (None, None) => MarkerRetry::OnChange,
        };
        let marker = Marker {
            order: Order {
                lineage: stored.lineage,
                seq: stored.seq,
            },
            hash: u128::from_be_bytes(fixed(&stored.hash, "hash")?),
            reason: reason.ok_or_else(|| Unreadable::field("reason"))?,
            retry,
        };
        Ok((cell_key(&stored.key)?, marker))
    }
}

pub fn markers(stored: &[StoredMarker]) -> Result<Vec<(CellKey, Marker)>, Unreadable> {
    stored.iter().map(TryInto::try_into).collect()
}

pub fn cell_key(bytes: &[u8]) -> Result<CellKey, Unreadable> {
    let bytes: [u8; 20] = fixed(bytes, "cell key")?;
    let word =
        |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let period = Period::from_number(word(8)).map_err(|_| Unreadable::field("period"))?;
    Ok(CellKey {
        indicator: IndicatorId(word(0)),
        revision: Revision(word(4)),
        period,
        breakdown: Breakdown(u64::from(word(12)) << 32 | u64::from(word(16))),
    })
}
