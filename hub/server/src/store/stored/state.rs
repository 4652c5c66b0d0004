//! What is known of a node's line, as the view keeps it.

use hub_domain::sync::line::{Agreed, Cause, Line, Quarantine};
use proto::identity::StoreId;

use super::{
    Unreadable,
    line::{StoredAgreed, StoredGranted},
    part::{StoredTime, fixed, optional_time, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredQuarantine {
    #[prost(message, optional, tag = "1")]
    pub since: Option<StoredTime>,
    /// 1 stale epoch, 2 other store, 3 head behind.
    #[prost(uint32, tag = "2")]
    pub cause: u32,
    #[prost(uint64, tag = "3")]
    pub presented: u64,
    #[prost(uint64, tag = "4")]
    pub current: u64,
    #[prost(bytes = "vec", tag = "5")]
    pub store_id: Vec<u8>,
}

/// A line in the view, without its markers: they have keys of their own.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLine {
    #[prost(message, optional, tag = "1")]
    pub granted: Option<StoredGranted>,
    #[prost(uint64, tag = "2")]
    pub acked: u64,
    #[prost(message, optional, tag = "3")]
    pub complete_until: Option<StoredTime>,
    #[prost(message, optional, tag = "4")]
    pub quarantine: Option<StoredQuarantine>,
    #[prost(message, optional, tag = "5")]
    pub repaired_at: Option<StoredTime>,
    #[prost(message, optional, tag = "6")]
    pub agreed: Option<StoredAgreed>,
}

impl From<&Quarantine> for StoredQuarantine {
    fn from(quarantine: &Quarantine) -> StoredQuarantine {
        let mut stored = StoredQuarantine {
            since: Some(quarantine.since.into()),
            ..StoredQuarantine::default()
        };
        match &quarantine.cause {
            Cause::StaleEpoch { presented, current } => {
                (stored.cause, stored.presented, stored.current) = (1, *presented, *current);
            }
            Cause::OtherStore { presented } => {
                (stored.cause, stored.store_id) = (2, presented.0.to_vec());
            }
            Cause::HeadBehind { head, acked } => {
                (stored.cause, stored.presented, stored.current) = (3, *head, *acked);
            }
        }
        stored
    }
}

impl TryFrom<StoredQuarantine> for Quarantine {
    type Error = Unreadable;

    fn try_from(stored: StoredQuarantine) -> Result<Quarantine, Unreadable> {
        let (presented, current) = (stored.presented, stored.current);
        Ok(Quarantine {
            since: time(stored.since)?,
            cause: match stored.cause {
                1 => Cause::StaleEpoch { presented, current },
                2 => Cause::OtherStore {
                    presented: StoreId(fixed(&stored.store_id, "store_id")?),
                },
                3 => Cause::HeadBehind {
                    head: presented,
                    acked: current,
                },
                _ => return Err(Unreadable::field("cause")),
            },
        })
    }
}

impl From<&Line> for StoredLine {
    fn from(line: &Line) -> StoredLine {
        let granted = line.store_id.zip(line.answered);
        StoredLine {
            granted: granted.map(|(store_id, answered)| StoredGranted {
                store_id: store_id.0.to_vec(),
                epoch: line.epoch,
                lineage: line.lineage,
                presented_epoch: answered.presented_epoch,
                nonce: answered.nonce.0.to_vec(),
                told: Some((&line.told).into()),
                hub_incarnation: 0,
            }),
            acked: line.acked,
            complete_until: line.complete_until.map(Into::into),
            quarantine: line.quarantine.as_ref().map(Into::into),
            repaired_at: line.repaired_at.map(Into::into),
            agreed: line.agreed.map(|agreed| StoredAgreed {
                through: agreed.through,
                at: Some(agreed.at.into()),
            }),
        }
    }
}

impl TryFrom<StoredLine> for Line {
    type Error = Unreadable;

    fn try_from(stored: StoredLine) -> Result<Line, Unreadable> {
        let mut line = Line::default();
        if let Some(granted) = stored.granted {
            line.grant(&granted.try_into()?);
        }
        line.acked = stored.acked;
        line.complete_until = optional_time(stored.complete_until)?;
        line.quarantine = stored.quarantine.map(TryInto::try_into).transpose()?;
        line.repaired_at = optional_time(stored.repaired_at)?;
        line.agreed = match stored.agreed {
            None => None,
            Some(agreed) => Some(Agreed {
                through: agreed.through,
                at: time(agreed.at)?,
            }),
        };
        Ok(line)
    }
}
