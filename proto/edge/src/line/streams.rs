//! The streams of one direction: at most one is current, and one that was left
//! has a moment to bring out its last words. Every message comes with the name
//! of its connection. Knows neither message nor machine.

use std::{future::Future, time::Duration};

use proto::sync::end::End;
use proto_child::uplink::action::Connection;
use tokio::{sync::mpsc, task::JoinSet, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status, Streaming, transport::Channel};

use crate::problem::{explained, reason_of, retry_after};

/// Said and not yet taken by the transport: more than any credit allows.
const SAID: usize = 64;
/// Heard and not yet handled; the hub waits behind it.
const HEARD: usize = 16;
/// For the last words of a stream that is left.
const FAREWELL: Duration = Duration::from_secs(2);

pub struct Heard<R> {
    pub connection: Connection,
    pub what: What<R>,
}

pub enum What<R> {
    /// The hub took the call.
    Connected,
    Message(R),
    Ended(End),
}

/// `S` is said, `R` is heard.
pub struct Streams<S, R> {
    current: Option<Current<S>>,
    tasks: JoinSet<()>,
    hear: mpsc::Sender<Heard<R>>,
    heard: mpsc::Receiver<Heard<R>>,
}

struct Current<S> {
    connection: Connection,
    say: mpsc::Sender<S>,
    leave: CancellationToken,
}

impl<S, R> Default for Streams<S, R> {
    fn default() -> Streams<S, R> {
        let (hear, heard) = mpsc::channel(HEARD);
        Streams {
            current: None,
            tasks: JoinSet::new(),
            hear,
            heard,
        }
    }
}

impl<S, R> Streams<S, R>
where
    S: Send + 'static,
    R: Send + 'static,
{
    /// `call`: makes the call on the channel with what will be said.
    pub fn connect<F, C>(&mut self, connection: Connection, channel: Channel, call: C)
    where
        C: FnOnce(Channel, ReceiverStream<S>) -> F,
        F: Future<Output = Result<Response<Streaming<R>>, Status>> + Send + 'static,
    {
        self.leave();
        while self.tasks.try_join_next().is_some() {}
        let (say, said) = mpsc::channel(SAID);
        let leave = CancellationToken::new();
        let answered = call(channel.clone(), ReceiverStream::new(said));
        let (hear, left) = (self.hear.clone(), leave.clone());
        self.tasks.spawn(async move {
            converse(connection, answered, hear, left).await;
            drop(channel);
        });
        self.current = Some(Current {
            connection,
            say,
            leave,
        });
    }

    /// `false`: the transport does not keep up, or the stream is over.
    pub fn say(&mut self, to: Connection, message: S) -> bool {
        let current = self.current.as_ref();
        let current = current.filter(|current| current.connection == to);
        current.is_some_and(|current| current.say.try_send(message).is_ok())
    }

    pub fn disconnect(&mut self, from: Connection) {
        if self.current.as_ref().is_some_and(|c| c.connection == from) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        if let Some(current) = self.current.take() {
            current.leave.cancel();
        }
    }

    pub async fn next(&mut self) -> Option<Heard<R>> {
        self.heard.recv().await
    }

    /// Leaves, and waits for the last words.
    pub async fn close(mut self) {
        self.leave();
        drop(self.heard);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn converse<R>(
    connection: Connection,
    answered: impl Future<Output = Result<Response<Streaming<R>>, Status>>,
    hear: mpsc::Sender<Heard<R>>,
    leave: CancellationToken,
) {
    // Nobody hears once the driver is gone, and then nothing is left to do.
    let tell = async |what| hear.send(Heard { connection, what }).await.is_ok();
    let mut stream = match leave.run_until_cancelled(answered).await {
        None => return,
        Some(Ok(response)) => response.into_inner(),
        Some(Err(status)) => {
            tell(What::Ended(end_of(&status))).await;
            return;
        }
    };
    if !tell(What::Connected).await {
        return;
    }
    while let Some(heard) = leave.run_until_cancelled(stream.message()).await {
        let what = match heard {
            Ok(Some(message)) => What::Message(message),
            Ok(None) => What::Ended(End::fault("the hub closed the stream")),
            Err(status) => What::Ended(end_of(&status)),
        };
        let is_over = matches!(what, What::Ended(_));
        if !tell(what).await || is_over {
            return;
        }
    }
    // Its sender is dropped, so the hub hears the end after the last words.
    let silence = async { while let Ok(Some(_)) = stream.message().await {} };
    let _ = timeout(FAREWELL, silence).await;
}

/// By our ErrorInfo alone; a status without it is a transport fault, whatever
/// its code.
pub fn end_of(status: &Status) -> End {
    End {
        reason: reason_of(status).and_then(|reason| reason.parse().ok()),
        retry_after: retry_after(status),
        detail: explained(status),
    }
}

#[cfg(test)]
mod tests {
    use crate::problem::Problem;
    use proto::sync::end::Reason;
    use tonic::Code;

    use super::*;

    #[test]
    fn only_our_own_reasons_count() {
        let problem = Problem::new(Code::Unavailable, "REVOKED", "revoked", "已吊销");
        let end = end_of(&problem.retry_after(Duration::from_secs(7)).into());
        assert_eq!(end.reason, Some(Reason::Revoked));
        assert_eq!(end.retry_after, Some(Duration::from_secs(7)));
        for status in [
            Status::permission_denied("REVOKED"),
            Problem::new(Code::Aborted, "SOMETHING_NEW", "new", "新").into(),
        ] {
            assert_eq!(end_of(&status).reason, None);
        }
    }
}
