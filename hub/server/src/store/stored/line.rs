//! What happens on a node's line, as stored.

use hub_domain::{
    event::LineEvent,
    sync::{
        batch::Accepted,
        hello::Granted,
        line::{Answered, Told},
        repair::Listed,
    },
};
use jiff::SignedDuration;
use proto::{
    identity::{Nonce, StoreId},
    pb::sync::Cells,
    place::Place,
    sync::uplink::StartId,
};

use super::{
    Unreadable,
    coverage::StoredCoverage,
    head::{StoredHead, head},
    marker::{StoredMarker, cell_key, markers, pack, unpack},
    network::StoredReached,
    part::{StoredTime, fixed, optional_time, place, time},
    period::StoredLate,
    reclaim::StoredDecided,
    release::StoredCountersignature,
    state::StoredQuarantine,
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLineEvent {
    /// [`Place::aligned`].
    #[prost(uint64, tag = "1")]
    pub community: u64,
    #[prost(oneof = "LineKind", tags = "2, 3, 4, 5, 6, 7, 8, 9")]
    pub kind: Option<LineKind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
#[allow(clippy::large_enum_variant, reason = "almost all are batches")]
pub enum LineKind {
    #[prost(message, tag = "2")]
    Granted(StoredGranted),
    #[prost(message, tag = "3")]
    Accepted(StoredAccepted),
    #[prost(message, tag = "4")]
    Listed(StoredListed),
    #[prost(message, tag = "5")]
    Sighted(StoredQuarantine),
    #[prost(message, tag = "6")]
    Agreed(StoredAgreed),
    #[prost(message, tag = "7")]
    RepairBegan(StoredTime),
    #[prost(message, tag = "8")]
    Decided(StoredDecided),
    #[prost(message, tag = "9")]
    Heard(StoredStarts),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredStarts {
    #[prost(fixed64, repeated, tag = "1")]
    pub starts: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredGranted {
    #[prost(bytes = "vec", tag = "1")]
    pub store_id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub epoch: u64,
    #[prost(uint32, tag = "3")]
    pub lineage: u32,
    #[prost(uint64, tag = "4")]
    pub presented_epoch: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub nonce: Vec<u8>,
    #[prost(message, optional, tag = "6")]
    pub told: Option<StoredTold>,
    #[prost(uint64, tag = "7")]
    pub hub_incarnation: u64,
    #[prost(bool, tag = "8")]
    pub is_reclaimed: bool,
    #[prost(fixed64, repeated, tag = "9")]
    pub starts: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTold {
    #[prost(message, optional, tag = "1")]
    pub at: Option<StoredTime>,
    #[prost(uint64, tag = "2")]
    pub head_seq: u64,
    #[prost(uint64, tag = "3")]
    pub catalogue_seq: u64,
    #[prost(string, tag = "4")]
    pub software: String,
    #[prost(sint64, tag = "5")]
    pub clock_skew_ms: i64,
    #[prost(uint32, tag = "6")]
    pub protocol: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAccepted {
    #[prost(uint64, tag = "1")]
    pub from: u64,
    #[prost(uint64, tag = "2")]
    pub through: u64,
    #[prost(message, optional, tag = "3")]
    pub complete_until: Option<StoredTime>,
    #[prost(uint32, tag = "4")]
    pub stale: u32,
    #[prost(message, repeated, tag = "5")]
    pub rejected: Vec<StoredMarker>,
    /// One message, but for cells that came in a message larger than we pack.
    #[prost(message, repeated, tag = "6")]
    pub cells: Vec<Cells>,
    #[prost(uint32, optional, tag = "7")]
    pub sweeps: Option<u32>,
    #[prost(message, optional, tag = "8")]
    pub coverage: Option<StoredCoverage>,
    #[prost(message, optional, tag = "9")]
    pub journal_head: Option<StoredHead>,
    #[prost(message, optional, tag = "70")]
    pub countersignature: Option<StoredCountersignature>,
    #[prost(message, optional, tag = "130")]
    pub late: Option<StoredLate>,
    #[prost(uint64, optional, tag = "131")]
    pub counted: Option<u64>,
    #[prost(message, optional, tag = "132")]
    pub reached: Option<StoredReached>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredListed {
    #[prost(uint32, tag = "1")]
    pub bucket: u32,
    #[prost(uint64, tag = "2")]
    pub through: u64,
    #[prost(message, repeated, tag = "3")]
    pub cells: Vec<Cells>,
    #[prost(message, repeated, tag = "4")]
    pub rejected: Vec<StoredMarker>,
    /// Cell keys, 20 bytes each.
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub cleared: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "130")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredAgreed {
    #[prost(uint64, tag = "1")]
    pub through: u64,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

impl StoredLineEvent {
    pub fn new(node: Place, event: &LineEvent, packed: Option<Cells>) -> StoredLineEvent {
        let kind = match event {
            LineEvent::Granted(granted) => LineKind::Granted(granted.into()),
            LineEvent::Accepted(accepted) => LineKind::Accepted(StoredAccepted {
                from: accepted.from,
                through: accepted.through,
                complete_until: accepted.complete_until.map(Into::into),
                stale: accepted.stale,
                rejected: accepted.rejected.iter().map(Into::into).collect(),
                cells: match packed {
                    Some(cells) if cells.count == 0 => Vec::new(),
                    Some(cells) => vec![cells],
                    None => pack(&accepted.cells),
                },
                sweeps: accepted.sweeps,
                coverage: accepted.coverage.as_ref().map(Into::into),
                journal_head: accepted.journal_head.as_deref().map(Into::into),
                countersignature: accepted.countersignature.as_ref().map(Into::into),
                late: accepted.late.as_ref().map(Into::into),
                counted: accepted.counted,
                reached: accepted.reached.map(Into::into),
            }),
            LineEvent::Listed(listed) => LineKind::Listed(StoredListed {
                bucket: listed.bucket.into(),
                through: listed.through,
                cells: pack(&listed.cells),
                rejected: listed.rejected.iter().map(Into::into).collect(),
                cleared: listed
                    .cleared
                    .iter()
                    .map(|k| k.to_bytes().to_vec())
                    .collect(),
                at: listed.at.map(Into::into),
            }),
            LineEvent::Sighted(quarantine) => LineKind::Sighted(quarantine.into()),
            LineEvent::Agreed { through, at } => LineKind::Agreed(StoredAgreed {
                through: *through,
                at: Some((*at).into()),
            }),
            LineEvent::RepairBegan { at } => LineKind::RepairBegan((*at).into()),
            LineEvent::Decided(decided) => LineKind::Decided(decided.into()),
            LineEvent::Heard(starts) => LineKind::Heard(StoredStarts {
                starts: starts.iter().map(|start| start.0).collect(),
            }),
        };
        StoredLineEvent {
            community: node.aligned(),
            kind: Some(kind),
        }
    }
}

impl TryFrom<StoredLineEvent> for (Place, LineEvent) {
    type Error = Unreadable;

    fn try_from(stored: StoredLineEvent) -> Result<(Place, LineEvent), Unreadable> {
        let kind = stored.kind.ok_or_else(|| Unreadable::field("kind"))?;
        let event = match kind {
            LineKind::Granted(granted) => LineEvent::Granted(granted.try_into()?),
            LineKind::Accepted(accepted) => LineEvent::Accepted(Accepted {
                from: accepted.from,
                through: accepted.through,
                cells: unpack(&accepted.cells)?,
                rejected: markers(&accepted.rejected)?,
                stale: accepted.stale,
                complete_until: optional_time(accepted.complete_until)?,
                sweeps: accepted.sweeps,
                coverage: accepted.coverage.map(TryInto::try_into).transpose()?,
                journal_head: head(accepted.journal_head)?,
                countersignature: accepted
                    .countersignature
                    .map(TryInto::try_into)
                    .transpose()?,
                late: accepted.late.map(TryInto::try_into).transpose()?,
                counted: accepted.counted,
                reached: accepted.reached.map(TryInto::try_into).transpose()?,
            }),
            LineKind::Listed(listed) => LineEvent::Listed(Listed {
                bucket: u8::try_from(listed.bucket).map_err(|_| Unreadable::field("bucket"))?,
                through: listed.through,
                cells: unpack(&listed.cells)?,
                rejected: markers(&listed.rejected)?,
                cleared: listed
                    .cleared
                    .iter()
                    .map(|key| cell_key(key))
                    .collect::<Result<_, _>>()?,
                at: optional_time(listed.at)?,
            }),
            LineKind::Sighted(quarantine) => LineEvent::Sighted(quarantine.try_into()?),
            LineKind::Agreed(agreed) => LineEvent::Agreed {
                through: agreed.through,
                at: time(agreed.at)?,
            },
            LineKind::RepairBegan(at) => LineEvent::RepairBegan { at: at.try_into()? },
            LineKind::Decided(decided) => LineEvent::Decided(decided.try_into()?),
            LineKind::Heard(heard) => {
                LineEvent::Heard(heard.starts.into_iter().map(StartId).collect())
            }
        };
        Ok((place(stored.community)?, event))
    }
}

impl From<&Granted> for StoredGranted {
    fn from(granted: &Granted) -> StoredGranted {
        StoredGranted {
            store_id: granted.store_id.0.to_vec(),
            epoch: granted.epoch,
            lineage: granted.lineage,
            presented_epoch: granted.answered.presented_epoch,
            nonce: granted.answered.nonce.0.to_vec(),
            told: Some((&granted.told).into()),
            hub_incarnation: granted.hub_incarnation,
            is_reclaimed: granted.is_reclaimed,
            starts: granted.starts.iter().map(|start| start.0).collect(),
        }
    }
}

impl TryFrom<StoredGranted> for Granted {
    type Error = Unreadable;

    fn try_from(stored: StoredGranted) -> Result<Granted, Unreadable> {
        let told = stored.told.ok_or_else(|| Unreadable::field("told"))?;
        Ok(Granted {
            store_id: StoreId(fixed(&stored.store_id, "store_id")?),
            epoch: stored.epoch,
            lineage: stored.lineage,
            answered: Answered {
                presented_epoch: stored.presented_epoch,
                nonce: Nonce(fixed(&stored.nonce, "nonce")?),
            },
            told: told.try_into()?,
            hub_incarnation: stored.hub_incarnation,
            hub_behind: None,
            is_reclaimed: stored.is_reclaimed,
            starts: stored.starts.into_iter().map(StartId).collect(),
        })
    }
}

impl TryFrom<StoredTold> for Told {
    type Error = Unreadable;

    fn try_from(told: StoredTold) -> Result<Told, Unreadable> {
        Ok(Told {
            at: optional_time(told.at)?,
            head_seq: told.head_seq,
            catalogue_seq: told.catalogue_seq,
            software: told.software,
            protocol: told.protocol,
            clock_skew: SignedDuration::from_millis(told.clock_skew_ms),
        })
    }
}

impl From<&Told> for StoredTold {
    fn from(told: &Told) -> StoredTold {
        let skew_ms = i64::try_from(told.clock_skew.as_millis());
        StoredTold {
            at: told.at.map(Into::into),
            head_seq: told.head_seq,
            catalogue_seq: told.catalogue_seq,
            software: told.software.clone(),
            clock_skew_ms: skew_ms.unwrap_or(i64::MAX),
            protocol: told.protocol,
        }
    }
}
