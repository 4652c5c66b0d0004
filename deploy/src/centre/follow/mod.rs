//! A complete receiver of a centre's feed: follows, stores, acknowledges what is
//! stored, and begins again where it was after whatever cut it off. Knows no
//! format and no table.

mod files;
mod partition;
mod postgres;
mod row;
pub mod sink;
mod table;

use std::{sync::Arc, time::Duration};

use node_server::identity::credentials::Credentials;
use proto::{
    identity::{Label, Subject},
    pb::hub as pb,
};
use proto_edge::{clock::Clock, hub::feed_service_client::FeedServiceClient};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use crate::{
    cli::{Follow, Kept},
    client,
    failure::{Exit, Failure},
    locale, renewal, say, service,
};
use sink::Sink;

/// Rows of one batch, and batches that may wait to be stored.
const ROWS: u32 = 2_500;
pub const WINDOW: u32 = 16;
/// What has come is stored when nothing more comes for so long.
const QUIET: Duration = Duration::from_millis(50);
/// Of one batch.
pub const MESSAGE_LIMIT: usize = 64 << 20;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub fn follow(follow: &Follow) -> Result<(), Failure> {
    service::run(async |stop| {
        let (credentials, centre) = member(&follow.kept, &stop)?;
        let mut sink = Sink::open(&follow.kept, &centre).await?;
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

/// The centre whose directory this is, with what it shows, renewed until `stop`.
pub fn member(kept: &Kept, stop: &CancellationToken) -> Result<(Arc<Credentials>, Label), Failure> {
    let dir = &kept.at.dir;
    let credentials = Credentials::open(dir, Clock::system(0)).map_err(client::configuration)?;
    let credentials = Arc::new(credentials);
    let holder = credentials.holder().map_err(client::configuration)?;
    let (Subject::Centre(centre) | Subject::Extension(centre)) = holder.identity.subject else {
        let text = crate::text!(
            "{}：{} 不是支持中心或扩展",
            "{}: {} is neither a support centre nor an extension",
            dir.display(),
            holder.identity
        );
        return Err(Failure::new(Exit::Configuration, text));
    };
    renewal::keep(&credentials, stop);
    Ok((credentials, centre))
}

/// Where a receiver stands, and how much it takes at once.
pub fn start(sink: &Sink) -> pb::FeedStart {
    pb::FeedStart {
        cursor: sink.cursor().to_vec().into(),
        rows: ROWS,
        window: WINDOW,
    }
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
    let mut feed = FeedServiceClient::new(channel).max_decoding_message_size(MESSAGE_LIMIT);
    let (acks, said) = mpsc::channel(WINDOW as usize + 1);
    say_to(&acks, pb::follow_request::Kind::Start(start(sink))).await?;
    let batches = feed.follow(ReceiverStream::new(said)).await?;
    let mut batches = batches.into_inner();
    loop {
        let taken = take(&mut batches, |message| message.batch).await?;
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
pub async fn take<M>(
    batches: &mut Streaming<M>,
    batch: impl Fn(M) -> Option<pb::FeedBatch>,
) -> Result<Vec<pb::FeedBatch>, Status> {
    let mut taken = Vec::new();
    let Some(first) = batches.message().await? else {
        return Ok(taken);
    };
    taken.extend(batch(first));
    while taken.len() < WINDOW as usize {
        match timeout(QUIET, batches.message()).await {
            Ok(Ok(Some(next))) => taken.extend(batch(next)),
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
