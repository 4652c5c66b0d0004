//! A journal's head on the wire.

use super::{InvalidMessage, invalid, parts::read_id};
use crate::{
    pb::sync as pb,
    place::{Level, Place},
    sync::{
        head::{JournalHead, JournalPoint, LastRelease, Release},
        uplink::Checkpoint,
    },
};

/// Longest name of a build, in bytes.
const SOFTWARE_BYTES: usize = 100;

impl From<&JournalHead> for pb::JournalHead {
    fn from(head: &JournalHead) -> pb::JournalHead {
        pb::JournalHead {
            log_id: head.log.0.to_vec().into(),
            point: Some((&head.point).into()),
            chain: head.chain.to_vec().into(),
            time_ms: head.time_ms,
            public_key: head.public_key.to_vec().into(),
            signature: head.signature.to_vec().into(),
            release: head.release.as_deref().map(Into::into),
        }
    }
}

impl From<&Release> for pb::Release {
    fn from(release: &Release) -> pb::Release {
        pb::Release {
            community: release.node.aligned(),
            records: release.records,
            previous: release.previous.to_vec().into(),
            lineage: release.lineage,
            through: release.through,
            cells: Some(pb::Checkpoint {
                count: release.cells.count,
                root: release.cells.root.to_vec().into(),
            }),
            catalogue_seq: release.catalogue_seq,
            software: release.software.clone(),
            signature: release.signature.to_vec().into(),
        }
    }
}

impl TryFrom<pb::Release> for Release {
    type Error = InvalidMessage;

    fn try_from(release: pb::Release) -> Result<Release, InvalidMessage> {
        let node = Place::reporting(release.community)
            .filter(|place| place.level() == Level::Community)
            .ok_or_else(|| invalid("release.community", "want a community"))?;
        if release.software.len() > SOFTWARE_BYTES {
            return Err(invalid("release.software", "want at most 100 bytes"));
        }
        let cells = release.cells;
        let cells = cells.ok_or_else(|| invalid("release.cells", "want one"))?;
        Ok(Release {
            node,
            records: release.records,
            previous: fixed("release.previous", &release.previous)?,
            lineage: release.lineage,
            through: release.through,
            cells: Checkpoint {
                count: cells.count,
                root: fixed("release.cells.root", &cells.root)?,
            },
            catalogue_seq: release.catalogue_seq,
            software: release.software,
            signature: fixed("release.signature", &release.signature)?,
        })
    }
}

impl TryFrom<pb::JournalHead> for JournalHead {
    type Error = InvalidMessage;

    fn try_from(head: pb::JournalHead) -> Result<JournalHead, InvalidMessage> {
        let point = head.point;
        let point = point.ok_or_else(|| invalid("journal_head.point", "want one"))?;
        Ok(JournalHead {
            log: read_id("journal_head.log_id", &head.log_id)?,
            point: point.try_into()?,
            chain: fixed("journal_head.chain", &head.chain)?,
            time_ms: head.time_ms,
            public_key: fixed("journal_head.public_key", &head.public_key)?,
            signature: fixed("journal_head.signature", &head.signature)?,
            release: head
                .release
                .map(|release| release.try_into().map(Box::new))
                .transpose()?,
        })
    }
}

impl From<&LastRelease> for pb::LastRelease {
    fn from(last: &LastRelease) -> pb::LastRelease {
        pb::LastRelease {
            id: last.id.to_vec().into(),
            through: last.through,
        }
    }
}

impl TryFrom<pb::LastRelease> for LastRelease {
    type Error = InvalidMessage;

    fn try_from(last: pb::LastRelease) -> Result<LastRelease, InvalidMessage> {
        Ok(LastRelease {
            id: fixed("welcome.released.id", &last.id)?,
            through: last.through,
        })
    }
}

impl From<&JournalPoint> for pb::JournalPoint {
    fn from(point: &JournalPoint) -> pb::JournalPoint {
        pb::JournalPoint {
            size: point.size,
            root: point.root.to_vec().into(),
        }
    }
}

impl TryFrom<pb::JournalPoint> for JournalPoint {
    type Error = InvalidMessage;

    fn try_from(point: pb::JournalPoint) -> Result<JournalPoint, InvalidMessage> {
        Ok(JournalPoint {
            size: point.size,
            root: fixed("journal_head.point.root", &point.root)?,
        })
    }
}

fn fixed<const N: usize>(field: &'static str, bytes: &[u8]) -> Result<[u8; N], InvalidMessage> {
    let read = bytes.try_into();
    read.map_err(|_| invalid(field, format_args!("want {N} bytes")))
}
