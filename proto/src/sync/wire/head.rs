//! A journal's head on the wire.

use super::{InvalidMessage, invalid, parts::read_id};
use crate::{
    pb::sync as pb,
    sync::head::{JournalHead, JournalPoint},
};

impl From<&JournalHead> for pb::JournalHead {
    fn from(head: &JournalHead) -> pb::JournalHead {
        pb::JournalHead {
            log_id: head.log.0.to_vec().into(),
            point: Some((&head.point).into()),
            chain: head.chain.to_vec().into(),
            time_ms: head.time_ms,
            public_key: head.public_key.to_vec().into(),
            signature: head.signature.to_vec().into(),
        }
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
