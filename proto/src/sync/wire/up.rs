//! What a node says.

use super::{
    InvalidMessage, TooLarge, invalid,
    parts::{cells, read_cells, read_id, read_timestamp, read_withheld, timestamp},
};
use crate::{
    digest::{BUCKETS, Bucket},
    pb::sync::{self as pb, uplink_request::Message},
    sync::{
        head::JournalHead,
        limits,
        uplink::{Batch, Checkpoint, Demand, Hello, Listing, StartId, Sums, Up},
    },
};

impl TryFrom<&Up> for pb::UplinkRequest {
    type Error = TooLarge;

    fn try_from(up: &Up) -> Result<pb::UplinkRequest, TooLarge> {
        let message = match up {
            Up::Hello(hello) => Message::Hello(hello.into()),
            Up::Batch(batch) => Message::Batch(batch.try_into()?),
            Up::Demand(demand) => Message::Demand(pb::Demand {
                waiting: demand.waiting,
                returned_bytes: demand.returned_bytes,
            }),
            Up::Sums(sums) => Message::DigestDetail(pb::DigestDetail {
                sums: sums.buckets.iter().map(Into::into).collect(),
                through: sums.through,
                last: true,
                ..pb::DigestDetail::default()
            }),
            Up::Listing(listing) => Message::DigestDetail(pb::DigestDetail {
                bucket: Some(listing.bucket.into()),
                cells: cells(&listing.cells)?,
                last: listing.last,
                through: listing.through,
                withheld: listing.withheld.iter().map(Into::into).collect(),
                ..pb::DigestDetail::default()
            }),
            Up::More => Message::More(pb::More {}),
            Up::Bye => Message::Bye(pb::Bye {}),
        };
        Ok(pb::UplinkRequest {
            message: Some(message),
        })
    }
}

impl TryFrom<pb::UplinkRequest> for Up {
    type Error = InvalidMessage;

    fn try_from(request: pb::UplinkRequest) -> Result<Up, InvalidMessage> {
        let message = request.message;
        Ok(
            match message.ok_or_else(|| invalid("message", "want one"))? {
                Message::Hello(hello) => Up::Hello(hello.try_into()?),
                Message::Batch(batch) => Up::Batch(batch.try_into()?),
                Message::Demand(demand) => Up::Demand(Demand {
                    waiting: demand.waiting,
                    returned_bytes: demand.returned_bytes,
                }),
                Message::DigestDetail(detail) => read_detail(detail)?,
                Message::More(pb::More {}) => Up::More,
                Message::Bye(pb::Bye {}) => Up::Bye,
            },
        )
    }
}

impl From<&Hello> for pb::Hello {
    fn from(hello: &Hello) -> pb::Hello {
        pb::Hello {
            protocol_min: hello.protocol_min,
            protocol_max: hello.protocol_max,
            features: Vec::new(),
            store_id: hello.store_id.0.to_vec().into(),
            lineage: hello.lineage,
            epoch: hello.epoch,
            nonce: hello.nonce.0.to_vec().into(),
            head_seq: hello.head_seq,
            acked_hint: hello.acked_hint,
            seen_hub_incarnation: hello.seen_hub_incarnation,
            catalogue_seq: hello.catalogue_seq,
            node_time: Some(timestamp(hello.node_time)),
            software: hello.software.clone(),
            starts: hello.starts.iter().map(|start| start.0).collect(),
            journal_head: hello.journal_head.as_deref().map(Into::into),
            shown: hello.shown.as_ref().map(Into::into),
        }
    }
}

/// Of a node's own description of its software.
const SOFTWARE_CHARS: usize = 80;

impl TryFrom<pb::Hello> for Hello {
    type Error = InvalidMessage;

    fn try_from(hello: pb::Hello) -> Result<Hello, InvalidMessage> {
        let time = hello.node_time;
        let time = time.ok_or_else(|| invalid("hello.node_time", "want the node's time"))?;
        if hello.starts.len() > limits::STARTS {
            return Err(invalid("hello.starts", "want at most 64"));
        }
        Ok(Hello {
            protocol_min: hello.protocol_min,
            protocol_max: hello.protocol_max,
            store_id: read_id("hello.store_id", &hello.store_id)?,
            lineage: hello.lineage,
            epoch: hello.epoch,
            nonce: read_id("hello.nonce", &hello.nonce)?,
            head_seq: hello.head_seq,
            acked_hint: hello.acked_hint,
            seen_hub_incarnation: hello.seen_hub_incarnation,
            catalogue_seq: hello.catalogue_seq,
            node_time: read_timestamp("hello.node_time", time)?,
            software: hello.software.chars().take(SOFTWARE_CHARS).collect(),
            starts: hello.starts.into_iter().map(StartId).collect(),
            journal_head: read_head(hello.journal_head)?,
            shown: hello.shown.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<&Batch> for pb::Batch {
    type Error = TooLarge;

    fn try_from(batch: &Batch) -> Result<pb::Batch, TooLarge> {
        Ok(pb::Batch {
            from: batch.from,
            through: batch.through,
            cells: cells(&batch.cells)?,
            checkpoint: batch.checkpoint.map(|checkpoint| pb::Checkpoint {
                count: checkpoint.count,
                root: checkpoint.root.to_vec().into(),
            }),
            complete_until: batch.complete_until.map(timestamp),
            withheld: batch.withheld.iter().map(Into::into).collect(),
            coverage: batch.coverage.as_ref().map(Into::into),
            journal_head: batch.journal_head.as_deref().map(Into::into),
        })
    }
}

impl TryFrom<pb::Batch> for Batch {
    type Error = InvalidMessage;

    fn try_from(batch: pb::Batch) -> Result<Batch, InvalidMessage> {
        let until = batch.complete_until;
        let until = until.map(|at| read_timestamp("batch.complete_until", at));
        Ok(Batch {
            from: batch.from,
            through: batch.through,
            cells: read_cells(batch.cells.as_ref())?,
            withheld: read_withheld(&batch.withheld)?,
            checkpoint: batch.checkpoint.map(read_checkpoint).transpose()?,
            complete_until: until.transpose()?,
            coverage: batch.coverage.map(TryInto::try_into).transpose()?,
            journal_head: read_head(batch.journal_head)?,
        })
    }
}

fn read_head(head: Option<pb::JournalHead>) -> Result<Option<Box<JournalHead>>, InvalidMessage> {
    let head = head.map(JournalHead::try_from).transpose()?;
    Ok(head.map(Box::new))
}

fn read_checkpoint(checkpoint: pb::Checkpoint) -> Result<Checkpoint, InvalidMessage> {
    let root = checkpoint.root.as_ref().try_into();
    Ok(Checkpoint {
        count: checkpoint.count,
        root: root.map_err(|_| invalid("batch.checkpoint.root", "want 32 bytes"))?,
    })
}

fn read_detail(detail: pb::DigestDetail) -> Result<Up, InvalidMessage> {
    let Some(bucket) = detail.bucket else {
        let buckets: Result<Vec<Bucket>, InvalidMessage> =
            detail.sums.iter().map(TryInto::try_into).collect();
        return match buckets? {
            buckets if buckets.len() == BUCKETS => Ok(Up::Sums(Sums {
                through: detail.through,
                buckets,
            })),
            _ => Err(invalid("digest_detail.sums", "want 256")),
        };
    };
    let bucket = u8::try_from(bucket);
    let listing = Listing {
        bucket: bucket.map_err(|_| invalid("digest_detail.bucket", "want 0 to 255"))?,
        through: detail.through,
        cells: read_cells(detail.cells.as_ref())?,
        withheld: read_withheld(&detail.withheld)?,
        last: detail.last,
    };
    match listing.cells.len() + listing.withheld.len() {
        count if count <= limits::BATCH_CELLS => Ok(Up::Listing(listing)),
        _ => Err(invalid("digest_detail.cells", "want at most 500")),
    }
}
