//! What several messages have in common.

use std::time::Duration;

use jiff::Timestamp;

use super::{InvalidMessage, TooLarge, invalid};
use crate::{
    digest::Bucket,
    indicator::{
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        columns,
    },
    pb::sync as pb,
    period::Period,
    sync::uplink::{RejectReason, Rejected, Rejection, Retry, Withheld},
};

pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    // Before 1970 a fraction counts backwards here, forwards on the wire.
    let (mut seconds, mut nanos) = (at.as_second(), at.subsec_nanosecond());
    if nanos < 0 {
        (seconds, nanos) = (seconds - 1, nanos + 1_000_000_000);
    }
    prost_types::Timestamp { seconds, nanos }
}

pub fn read_timestamp(
    field: &'static str,
    at: prost_types::Timestamp,
) -> Result<Timestamp, InvalidMessage> {
    let is_fraction = (0..1_000_000_000).contains(&at.nanos);
    let read = is_fraction.then(|| Timestamp::new(at.seconds, at.nanos).ok());
    read.flatten()
        .ok_or_else(|| invalid(field, "want a time between the years -9999 and 9999"))
}

pub fn duration(span: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(span.as_secs()).unwrap_or(i64::MAX),
        nanos: span.subsec_nanos().cast_signed(),
    }
}

pub fn read_duration(
    field: &'static str,
    span: prost_types::Duration,
) -> Result<Duration, InvalidMessage> {
    Duration::try_from(span).map_err(|_| invalid(field, "want a span that is not negative"))
}

/// No cells, no message.
pub fn cells(cells: &[Cell]) -> Result<Option<pb::Cells>, TooLarge> {
    if cells.is_empty() {
        return Ok(None);
    }
    let packed = columns::encode(cells).ok_or(TooLarge(cells.len()))?;
    Ok(Some(packed))
}

pub fn read_cells(cells: Option<&pb::Cells>) -> Result<Vec<Cell>, InvalidMessage> {
    cells.map_or(Ok(Vec::new()), |cells| {
        columns::decode(cells).map_err(|error| invalid("cells", error))
    })
}

pub fn read_id<T>(field: &'static str, bytes: &[u8]) -> Result<T, InvalidMessage>
where
    T: for<'a> TryFrom<&'a [u8], Error = crate::identity::WrongLength>,
{
    T::try_from(bytes).map_err(|wrong| invalid(field, wrong))
}

fn read_key(
    indicator: u32,
    revision: u32,
    period: u32,
    breakdown: u64,
) -> Result<CellKey, InvalidMessage> {
    Ok(CellKey {
        indicator: IndicatorId(indicator),
        revision: Revision(revision),
        period: Period::from_number(period).map_err(|error| invalid("period", error))?,
        breakdown: Breakdown(breakdown),
    })
}

impl From<&Withheld> for pb::WithheldCell {
    fn from(cell: &Withheld) -> pb::WithheldCell {
        pb::WithheldCell {
            indicator: cell.key.indicator.0,
            revision: cell.key.revision.0,
            period: cell.key.period.number(),
            breakdown: cell.key.breakdown.0,
            lineage: cell.order.lineage,
            seq: cell.order.seq,
            hash: cell.hash.to_be_bytes().to_vec().into(),
        }
    }
}

impl TryFrom<&pb::WithheldCell> for Withheld {
    type Error = InvalidMessage;

    fn try_from(cell: &pb::WithheldCell) -> Result<Withheld, InvalidMessage> {
        Ok(Withheld {
            key: read_key(cell.indicator, cell.revision, cell.period, cell.breakdown)?,
            order: Order {
                lineage: cell.lineage,
                seq: cell.seq,
            },
            hash: read_sum("withheld.hash", &cell.hash)?,
        })
    }
}

pub fn read_withheld(cells: &[pb::WithheldCell]) -> Result<Vec<Withheld>, InvalidMessage> {
    cells.iter().map(Withheld::try_from).collect()
}

impl From<&Rejected> for pb::RejectedCell {
    fn from(cell: &Rejected) -> pb::RejectedCell {
        let (retry_at_catalogue, retry_after) = match cell.rejection.retry {
            Retry::OnChange => (None, None),
            Retry::PastCatalogue(seq) => (Some(seq), None),
            Retry::After(span) => (None, Some(duration(span))),
        };
        pb::RejectedCell {
            indicator: cell.key.indicator.0,
            revision: cell.key.revision.0,
            period: cell.key.period.number(),
            breakdown: cell.key.breakdown.0,
            seq: cell.seq,
            reason: cell.rejection.reason as i32,
            retry_at_catalogue,
            retry_after,
        }
    }
}

impl TryFrom<&pb::RejectedCell> for Rejected {
    type Error = InvalidMessage;

    fn try_from(cell: &pb::RejectedCell) -> Result<Rejected, InvalidMessage> {
        let known = RejectReason::ALL
            .into_iter()
            .find(|reason| *reason as i32 == cell.reason);
        let retry = match (cell.retry_at_catalogue, cell.retry_after) {
            (Some(seq), _) => Retry::PastCatalogue(seq),
            (None, Some(span)) => Retry::After(read_duration("rejected.retry_after", span)?),
            (None, None) => Retry::OnChange,
        };
        Ok(Rejected {
            key: read_key(cell.indicator, cell.revision, cell.period, cell.breakdown)?,
            seq: cell.seq,
            rejection: Rejection {
                // A reason of a later hub: its retry says all that matters.
                reason: known.unwrap_or(RejectReason::Shape),
                retry,
            },
        })
    }
}

pub fn read_rejected(cells: &[pb::RejectedCell]) -> Result<Vec<Rejected>, InvalidMessage> {
    cells.iter().map(Rejected::try_from).collect()
}

impl From<&Bucket> for pb::DigestBucket {
    fn from(bucket: &Bucket) -> pb::DigestBucket {
        pb::DigestBucket {
            count: bucket.count,
            sum: bucket.sum.to_be_bytes().to_vec().into(),
        }
    }
}

impl TryFrom<&pb::DigestBucket> for Bucket {
    type Error = InvalidMessage;

    fn try_from(bucket: &pb::DigestBucket) -> Result<Bucket, InvalidMessage> {
        Ok(Bucket {
            count: bucket.count,
            sum: read_sum("sums.sum", &bucket.sum)?,
        })
    }
}

fn read_sum(field: &'static str, bytes: &[u8]) -> Result<u128, InvalidMessage> {
    let sum = bytes.try_into().map(u128::from_be_bytes);
    sum.map_err(|_| invalid(field, "want 16 bytes"))
}
