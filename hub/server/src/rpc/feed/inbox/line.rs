//! A stream that the hub opened. Knows no session.

use proto::pb::{centre as wire, hub as pb};
use proto_edge::problem::{Problem, explained};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use crate::rpc::feed::driver::{Line, Said};

pub struct Delivered {
    pub said: Streaming<wire::DeliverResponse>,
    pub batches: mpsc::Sender<wire::DeliverRequest>,
    /// Whoever dialled hangs up without a status.
    pub hang_up: CancellationToken,
    /// Why it ended, for the hub's own status.
    pub why: Option<String>,
}

impl Line for Delivered {
    async fn said(&mut self) -> Result<Option<Said>, Status> {
        use wire::deliver_response::Kind;
        let message = tokio::select! {
            () = self.hang_up.cancelled() => return Ok(None),
            message = self.said.message() => message,
        };
        match message {
            Ok(None) => {
                self.why = Some("中心已关闭 · closed by the centre".to_owned());
                Ok(None)
            }
            Ok(Some(message)) => Ok(Some(match message.kind {
                Some(Kind::Start(start)) => Said::Start(start),
                Some(Kind::Ack(ack)) => Said::Ack(ack),
                None => Said::Nothing,
            })),
            Err(status) => {
                self.why = Some(explained(&status));
                Err(status)
            }
        }
    }

    fn send(&mut self, batch: pb::FeedBatch) -> bool {
        let batch = Some(batch);
        !self.hang_up.is_cancelled()
            && self
                .batches
                .try_send(wire::DeliverRequest { batch })
                .is_ok()
    }

    fn end(&mut self, problem: Problem) {
        self.why = Some(explained(&problem.into()));
    }
}
