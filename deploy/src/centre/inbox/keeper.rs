//! The one owner of what is stored: takes one stream at a time, the newest, and
//! acknowledges what is durable. Knows no connection.

use proto::pb::{centre as pb, hub::FeedAck};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use crate::{
    centre::follow::{sink::Sink, start, take},
    failure::Failure,
    locale, say,
};
use pb::deliver_response::Kind;

/// A stream that the hub opened.
pub struct Call {
    pub batches: Streaming<pb::DeliverRequest>,
    pub replies: mpsc::Sender<Result<pb::DeliverResponse, Status>>,
}

impl Call {
    /// `false`: the hub is gone, or takes no more replies.
    fn say(&self, kind: Kind) -> bool {
        let kind = Some(kind);
        let said = self.replies.try_send(Ok(pb::DeliverResponse { kind }));
        said.is_ok()
    }
}

pub struct Keeper {
    pub sink: Sink,
    pub calls: mpsc::Receiver<Call>,
}

impl Keeper {
    /// Until `stop`. A fault: what came cannot be stored, and nothing helps but
    /// somebody.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), Failure> {
        let mut newer = None;
        loop {
            let call = match newer.take() {
                Some(call) => call,
                None => tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    call = self.calls.recv() => match call {
                        Some(call) => call,
                        None => return Ok(()),
                    },
                },
            };
            newer = self.keep(call, &stop).await?;
        }
    }

    /// Until the stream ends, or a newer one has come: that one is returned.
    async fn keep(
        &mut self,
        mut call: Call,
        stop: &CancellationToken,
    ) -> Result<Option<Call>, Failure> {
        let mut can_go_on = call.say(Kind::Start(start(&self.sink)));
        while can_go_on {
            let taken = tokio::select! {
                taken = take(&mut call.batches, |message| message.batch) => taken,
                newer = self.calls.recv() => return Ok(newer),
                () = stop.cancelled() => return Ok(None),
            };
            let cursor = match &taken {
                Ok(taken) => taken.last().map(|last| last.cursor.clone()),
                Err(_) => None,
            };
            let (Ok(taken), Some(cursor)) = (&taken, cursor) else {
                let why = match taken {
                    Ok(_) => locale::pick("枢纽已关闭", "closed by the hub").to_owned(),
                    Err(status) => Failure::from_status(&status).text,
                };
                say!("递送中断：{}", "The delivery was cut: {}", why);
                return Ok(None);
            };
            self.sink.store(taken).await?;
            can_go_on = call.say(Kind::Ack(FeedAck { cursor }));
        }
        Ok(None)
    }
}
