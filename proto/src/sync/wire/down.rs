//! What a hub answers on the uplink.

use super::{
    InvalidMessage, TooLarge,
    assignment::read_assignments,
    invalid,
    parts::{cells, duration, read_cells, read_duration, read_rejected, read_timestamp, timestamp},
};
use crate::{
    pb::sync::{self as pb, uplink_response::Message},
    sync::uplink::{
        Ack, DigestWant, Down, Drain, Reclaim, ReclaimMode, Returned, Since, StartId, Welcome,
    },
};

impl TryFrom<&Down> for pb::UplinkResponse {
    type Error = TooLarge;

    fn try_from(down: &Down) -> Result<pb::UplinkResponse, TooLarge> {
        let message = match down {
            Down::Welcome(welcome) => Message::Welcome(welcome.into()),
            Down::Ack(ack) => Message::Ack(pb::Ack {
                through: ack.through,
                applied: ack.applied,
                stale: ack.stale,
                rejected: ack.rejected.iter().map(Into::into).collect(),
                assignments: ack.assignments.iter().map(Into::into).collect(),
            }),
            Down::Credit { bytes } => Message::Credit(pb::Credit { bytes: *bytes }),
            Down::Want(want) => Message::DigestWant(pb::DigestWant {
                buckets: match want {
                    DigestWant::Sums => Vec::new(),
                    DigestWant::Buckets(buckets) => {
                        buckets.iter().map(|bucket| u32::from(*bucket)).collect()
                    }
                },
            }),
            Down::Agreed { through } => {
                let through = *through;
                Message::DigestAgreed(pb::DigestAgreed { through })
            }
            Down::Drain(drain) => Message::Drain(pb::Drain {
                reconnect_window: Some(duration(drain.reconnect_window)),
                reason: String::new(),
            }),
            Down::Reclaim(reclaim) => Message::Reclaim(reclaim.into()),
            Down::Returned(returned) => Message::Returned(pb::Returned {
                cells: cells(&returned.cells)?,
                last: returned.last,
            }),
            Down::Show { size } => Message::Show(pb::Show { size: *size }),
        };
        Ok(pb::UplinkResponse {
            message: Some(message),
        })
    }
}

impl TryFrom<pb::UplinkResponse> for Down {
    type Error = InvalidMessage;

    fn try_from(response: pb::UplinkResponse) -> Result<Down, InvalidMessage> {
        let message = response.message;
        Ok(
            match message.ok_or_else(|| invalid("message", "want one"))? {
                Message::Welcome(welcome) => Down::Welcome(welcome.try_into()?),
                Message::Ack(ack) => Down::Ack(Ack {
                    through: ack.through,
                    applied: ack.applied,
                    stale: ack.stale,
                    rejected: read_rejected(&ack.rejected)?,
                    assignments: read_assignments(&ack.assignments)?,
                }),
                Message::Credit(credit) => Down::Credit {
                    bytes: credit.bytes,
                },
                Message::DigestWant(want) => Down::Want(read_want(&want)?),
                Message::DigestAgreed(agreed) => Down::Agreed {
                    through: agreed.through,
                },
                Message::Drain(drain) => Down::Drain(Drain {
                    reconnect_window: read_duration(
                        "drain.reconnect_window",
                        drain.reconnect_window.unwrap_or_default(),
                    )?,
                }),
                Message::Reclaim(reclaim) => Down::Reclaim(reclaim.try_into()?),
                Message::Returned(returned) => Down::Returned(Returned {
                    cells: read_cells(returned.cells.as_ref())?,
                    last: returned.last,
                }),
                Message::Show(show) => Down::Show { size: show.size },
            },
        )
    }
}

impl From<&Reclaim> for pb::Reclaim {
    fn from(reclaim: &Reclaim) -> pb::Reclaim {
        let (since, start) = match reclaim.since {
            Since::Beginning => (pb::ReclaimSince::Beginning, 0),
            Since::Start(start) => (pb::ReclaimSince::Start, start.0),
            Since::Now => (pb::ReclaimSince::Now, 0),
        };
        pb::Reclaim {
            mode: reclaim.mode as i32,
            epoch: reclaim.epoch,
            lineage: reclaim.lineage,
            acked: reclaim.acked,
            hub_incarnation: reclaim.hub_incarnation,
            since: since.into(),
            start,
        }
    }
}

impl TryFrom<pb::Reclaim> for Reclaim {
    type Error = InvalidMessage;

    /// Neither a mode nor a beginning of a later hub can be guessed.
    fn try_from(reclaim: pb::Reclaim) -> Result<Reclaim, InvalidMessage> {
        Ok(Reclaim {
            mode: match reclaim.mode() {
                pb::ReclaimMode::Adopt => ReclaimMode::Adopt,
                pb::ReclaimMode::Restate => ReclaimMode::Restate,
                pb::ReclaimMode::Unspecified => {
                    return Err(invalid("reclaim.mode", "want adopt or restate"));
                }
            },
            epoch: reclaim.epoch,
            lineage: reclaim.lineage,
            acked: reclaim.acked,
            hub_incarnation: reclaim.hub_incarnation,
            since: match reclaim.since() {
                pb::ReclaimSince::Beginning => Since::Beginning,
                pb::ReclaimSince::Start => Since::Start(StartId(reclaim.start)),
                pb::ReclaimSince::Now => Since::Now,
                pb::ReclaimSince::Unspecified => {
                    return Err(invalid("reclaim.since", "want beginning, start or now"));
                }
            },
        })
    }
}

impl From<&Welcome> for pb::Welcome {
    fn from(welcome: &Welcome) -> pb::Welcome {
        pb::Welcome {
            hub_incarnation: welcome.hub_incarnation,
            epoch: welcome.epoch,
            lineage: welcome.lineage,
            acked: welcome.acked,
            // Everybody begins with none and waits for a turn.
            credit_bytes: 0,
            features: Vec::new(),
            hub_time: Some(timestamp(welcome.hub_time)),
            protocol: welcome.protocol,
            rejected: welcome.rejected.iter().map(Into::into).collect(),
            released: welcome.released.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<pb::Welcome> for Welcome {
    type Error = InvalidMessage;

    fn try_from(welcome: pb::Welcome) -> Result<Welcome, InvalidMessage> {
        let time = welcome.hub_time;
        let time = time.ok_or_else(|| invalid("welcome.hub_time", "want the hub's time"))?;
        Ok(Welcome {
            protocol: welcome.protocol,
            hub_incarnation: welcome.hub_incarnation,
            epoch: welcome.epoch,
            lineage: welcome.lineage,
            acked: welcome.acked,
            hub_time: read_timestamp("welcome.hub_time", time)?,
            rejected: read_rejected(&welcome.rejected)?,
            released: welcome.released.map(TryInto::try_into).transpose()?,
        })
    }
}

fn read_want(want: &pb::DigestWant) -> Result<DigestWant, InvalidMessage> {
    if want.buckets.is_empty() {
        return Ok(DigestWant::Sums);
    }
    if !want.buckets.is_sorted_by(|a, b| a < b) {
        return Err(invalid("digest_want.buckets", "want them ascending"));
    }
    let buckets: Result<Vec<u8>, _> = want.buckets.iter().map(|b| u8::try_from(*b)).collect();
    buckets
        .map(DigestWant::Buckets)
        .map_err(|_| invalid("digest_want.buckets", "want 0 to 255"))
}
