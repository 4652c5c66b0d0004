//! A complete receiver of a centre's feed: follows, stores, acknowledges what is
//! stored, and begins again where it was after whatever cut it off. Knows no
//! format and no table.

mod files;
mod partition;
mod postgres;
mod row;
mod sink;
mod table;

use std::{sync::Arc, time::Duration};

use node_server::identity::credentials::Credentials;
use proto::{identity::Subject, pb::hub as pb};
use proto_edge::{clock::Clock, hub::feed_service_client::FeedServiceClient};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use crate::{
    cli::Follow,
    client,
    failure::{Exit, Failure},
    locale, renewal, say, service,
};
use sink::Sink;

/// Rows of one batch, and batches that may wait to be stored.
const ROWS: u32 = 2_500;
const WINDOW: u32 = 16;
/// What has come is stored when nothing more comes for so long.
const QUIET: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub fn follow(follow: &Follow) -> Result<(), Failure> {
    service::run(async |stop| {
        let credentials = Credentials::open(&follow.at.dir, Clock::system(0));
        let credentials = Arc::new(credentials.map_err(client::configuration)?);
        let holder = credentials.holder().map_err(client::configuration)?;
        let (Subject::Centre(centre) | Subject::Extension(centre)) = holder.identity.subject else {
            let text = crate::text!(
                "{}：{} 不是支持中心或扩展",
                "{}: {} is neither a support centre nor an extension",
                follow.at.dir.display(),
                holder.identity
            );
            return Err(Failure::new(Exit::Configuration, text));
        };
        renewal::keep(&credentials, &stop);
        let mut sink = Sink::open(follow, &centre).await?;
        let mut failures = 0;
        loop {
            let before = sink.stored();
            let ended = tokio::select! {
                ended = session(&credentials, &mut sink, follow.until_current) => ended,
                () = stop.cancelled() => return Ok(()),
            };
            let why = match ended {
                Ok(()) => return Ok(()),
                Err(Cut::Sink(failure)) => return Err(failure),
                Err(Cut::Line(status)) if is_final(&status) => {
                    return Err(Failure::from_status(&status));
                }
                Err(Cut::Line(status)) => Failure::from_status(&status).text,
                Err(Cut::Closed) => locale::pick("枢纽已关闭", "closed by the hub").to_owned(),
            };
            failures = if sink.stored() > before {
                0
            } else {
                failures + 1
            };
            say!(
                "数据流中断，将重连：{}",
                "The feed was cut, following again: {}",
                why
            );
            if !wait(failures, &stop).await {
                return Ok(());
            }
        }
    })
}

/// Why a session ended before its time.
enum Cut {
    Line(Status),
    /// The hub hung up without a word.
    Closed,
    /// What came cannot be stored: nothing helps but somebody.
    Sink(Failure),
}

impl From<Status> for Cut {
    fn from(status: Status) -> Cut {
        Cut::Line(status)
    }
}

/// Dialling again would bring the same answer.
fn is_final(status: &Status) -> bool {
    let exit = Failure::from_status(status).exit;
    matches!(exit, Exit::NotPermitted | Exit::BadData) || status.code() == Code::Unimplemented
}

/// Full jitter, doubling from a quarter of a second. `false`: stopped.
async fn wait(failures: u32, stop: &CancellationToken) -> bool {
    let bound = Duration::from_millis(250) * 2u32.pow(failures.min(10));
    let wait = bound.min(LONGEST_WAIT).mul_f64(renewal::chance());
    timeout(wait, stop.cancelled()).await.is_err()
}

/// Ends well only when everything up to now was wanted, and is stored.
async fn session(
    credentials: &Credentials,
    sink: &mut Sink,
    until_current: bool,
) -> Result<(), Cut> {
    let channel = credentials.channel();
    let channel = channel.map_err(|fault| Cut::Sink(client::configuration(fault)))?;
    let mut feed = FeedServiceClient::new(channel).max_decoding_message_size(64 << 20);
    let (acks, said) = mpsc::channel(WINDOW as usize + 1);
    let start = pb::FeedStart {
        cursor: sink.cursor().to_vec().into(),
        rows: ROWS,
        window: WINDOW,
    };
    say_to(&acks, pb::follow_request::Kind::Start(start)).await?;
    let batches = feed.follow(ReceiverStream::new(said)).await?;
    let mut batches = batches.into_inner();
    loop {
        let taken = take(&mut batches).await?;
        let Some(last) = taken.last() else {
            return Err(Cut::Closed);
        };
        let (cursor, is_current) = (last.cursor.clone(), last.seq >= last.head_seq);
        sink.store(&taken).await.map_err(Cut::Sink)?;
        if until_current && is_current {
            return Ok(());
        }
        let ack = pb::FeedAck { cursor };
        say_to(&acks, pb::follow_request::Kind::Ack(ack)).await?;
    }
}

/// Batches that are there, at least one; none when the stream has ended.
async fn take(batches: &mut Streaming<pb::FollowResponse>) -> Result<Vec<pb::FeedBatch>, Status> {
    let mut taken = Vec::new();
    let Some(first) = batches.message().await? else {
        return Ok(taken);
    };
    taken.extend(first.batch);
    while taken.len() < WINDOW as usize {
        match timeout(QUIET, batches.message()).await {
            Ok(Ok(Some(next))) => taken.extend(next.batch),
            // What has come is stored first; the end will be heard again.
            _ => break,
        }
    }
    Ok(taken)
}

async fn say_to(
    acks: &mpsc::Sender<pb::FollowRequest>,
    kind: pb::follow_request::Kind,
) -> Result<(), Cut> {
    let kind = Some(kind);
    let said = acks.send(pb::FollowRequest { kind }).await;
    said.map_err(|_| Cut::Closed)
}
