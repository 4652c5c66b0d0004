//! Both directions of the downlink.

use super::{InvalidMessage, invalid, parts::read_id};
use crate::{
    pb::sync::{self as pb, downlink_request, downlink_response},
    sync::downlink::{Cursor, Issue, Item, ItemKind, Receipt, Refused, Relist, Taken},
};

impl From<&Receipt> for pb::DownlinkRequest {
    fn from(receipt: &Receipt) -> pb::DownlinkRequest {
        use downlink_request::Message;
        let message = match receipt {
            Receipt::Open(None) => Message::Open(pb::DownlinkOpen::default()),
            Receipt::Open(Some(cursor)) => Message::Open(pb::DownlinkOpen {
                log_id: cursor.log_id.0.to_vec().into(),
                seq: cursor.seq,
            }),
            Receipt::Ack(taken) => Message::Ack(pb::DownlinkAck {
                seq: taken.seq,
                refused: taken.refused.iter().map(Into::into).collect(),
                trials: taken.trials.iter().map(Into::into).collect(),
            }),
        };
        pb::DownlinkRequest {
            message: Some(message),
        }
    }
}

impl TryFrom<pb::DownlinkRequest> for Receipt {
    type Error = InvalidMessage;

    fn try_from(request: pb::DownlinkRequest) -> Result<Receipt, InvalidMessage> {
        use downlink_request::Message;
        let message = request.message;
        Ok(
            match message.ok_or_else(|| invalid("message", "want one"))? {
                Message::Open(open) if open.log_id.is_empty() => Receipt::Open(None),
                Message::Open(open) => {
                    Receipt::Open(Some(read_cursor("open.log_id", &open.log_id, open.seq)?))
                }
                Message::Ack(ack) => Receipt::Ack(Taken {
                    seq: ack.seq,
                    refused: ack.refused.into_iter().map(Refused::from).collect(),
                    trials: ack
                        .trials
                        .into_iter()
                        .map(TryInto::try_into)
                        .collect::<Result<_, _>>()?,
                }),
            },
        )
    }
}

impl From<&Refused> for pb::RefusedItem {
    fn from(refused: &Refused) -> pb::RefusedItem {
        pb::RefusedItem {
            seq: refused.seq,
            item_id: refused.item_id.clone(),
            reason: refused.reason.clone(),
            detail: refused.detail.clone(),
        }
    }
}

impl From<pb::RefusedItem> for Refused {
    fn from(refused: pb::RefusedItem) -> Refused {
        Refused {
            seq: refused.seq,
            item_id: refused.item_id,
            reason: refused.reason,
            detail: refused.detail,
        }
    }
}

impl From<&Issue> for pb::DownlinkResponse {
    fn from(issue: &Issue) -> pb::DownlinkResponse {
        use downlink_response::Message;
        let message = match issue {
            Issue::Item(item) => Message::Item(pb::Item {
                log_id: item.cursor.log_id.0.to_vec().into(),
                seq: item.cursor.seq,
                item_id: item.item_id.clone(),
                kind: wire_kind(item.kind),
                payload: item.payload.to_vec().into(),
                payload_hash: item.payload_hash.to_vec().into(),
            }),
            Issue::Relist(relist) => Message::Relist(pb::Relist {
                log_id: relist.cursor.log_id.0.to_vec().into(),
                through: relist.cursor.seq,
                items: relist.items,
            }),
            Issue::CaughtUp(cursor) => Message::CaughtUp(pb::CaughtUp {
                log_id: cursor.log_id.0.to_vec().into(),
                seq: cursor.seq,
            }),
        };
        pb::DownlinkResponse {
            message: Some(message),
        }
    }
}

impl TryFrom<pb::DownlinkResponse> for Issue {
    type Error = InvalidMessage;

    fn try_from(response: pb::DownlinkResponse) -> Result<Issue, InvalidMessage> {
        use downlink_response::Message;
        let message = response.message;
        Ok(
            match message.ok_or_else(|| invalid("message", "want one"))? {
                Message::Item(item) => {
                    let hash = item.payload_hash.as_ref().try_into();
                    Issue::Item(Item {
                        cursor: read_cursor("item.log_id", &item.log_id, item.seq)?,
                        item_id: item.item_id,
                        kind: read_kind(item.kind),
                        payload: item.payload.as_ref().into(),
                        payload_hash: hash
                            .map_err(|_| invalid("item.payload_hash", "want 32 bytes"))?,
                    })
                }
                Message::Relist(relist) => Issue::Relist(Relist {
                    cursor: read_cursor("relist.log_id", &relist.log_id, relist.through)?,
                    items: relist.items,
                }),
                Message::CaughtUp(at) => {
                    Issue::CaughtUp(read_cursor("caught_up.log_id", &at.log_id, at.seq)?)
                }
            },
        )
    }
}

fn wire_kind(kind: ItemKind) -> i32 {
    match kind {
        ItemKind::Indicator => pb::ItemKind::Indicator.into(),
        ItemKind::Dimension => pb::ItemKind::Dimension.into(),
        ItemKind::Derived => pb::ItemKind::Derived.into(),
        ItemKind::DryRun => pb::ItemKind::DryRun.into(),
        ItemKind::Retired => pb::ItemKind::Retired.into(),
        ItemKind::Unknown(kind) => kind,
    }
}

fn read_kind(kind: i32) -> ItemKind {
    match pb::ItemKind::try_from(kind) {
        Ok(pb::ItemKind::Indicator) => ItemKind::Indicator,
        Ok(pb::ItemKind::Dimension) => ItemKind::Dimension,
        Ok(pb::ItemKind::Derived) => ItemKind::Derived,
        Ok(pb::ItemKind::DryRun) => ItemKind::DryRun,
        Ok(pb::ItemKind::Retired) => ItemKind::Retired,
        Ok(pb::ItemKind::Unspecified) | Err(_) => ItemKind::Unknown(kind),
    }
}

fn read_cursor(field: &'static str, log_id: &[u8], seq: u64) -> Result<Cursor, InvalidMessage> {
    Ok(Cursor {
        log_id: read_id(field, log_id)?,
        seq,
    })
}
