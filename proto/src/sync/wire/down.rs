//! What a hub answers on the uplink.

use super::{
    InvalidMessage, invalid,
    parts::{duration, read_duration, read_rejected, read_timestamp, timestamp},
};
use crate::{
    pb::sync::{self as pb, uplink_response::Message},
    sync::uplink::{Ack, DigestWant, Down, Drain, Welcome},
};

impl From<&Down> for pb::UplinkResponse {
    fn from(down: &Down) -> pb::UplinkResponse {
        let message = match down {
            Down::Welcome(welcome) => Message::Welcome(welcome.into()),
            Down::Ack(ack) => Message::Ack(pb::Ack {
                through: ack.through,
                applied: ack.applied,
                stale: ack.stale,
                rejected: ack.rejected.iter().map(Into::into).collect(),
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
        };
        pb::UplinkResponse {
            message: Some(message),
        }
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
            },
        )
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
