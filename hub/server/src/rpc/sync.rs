//! The hub's end of its nodes' lines: takes their streams, one of each kind per
//! node, and gives each a driver of its own. Decides nothing: the session
//! machines and the store's writer do.

mod downlink;
mod letters;
pub(crate) mod pipeline;
mod sessions;
mod status;
#[cfg(test)]
mod tests;
mod uplink;

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use proto::{
    pb::sync as pb,
    place::Place,
    sync::{
        end::{End, Reason},
        instant::Instant,
    },
};
use proto_edge::{
    listener::SYNC_MESSAGE_LIMIT,
    peer::Peer,
    sync::sync_service_server::{SyncService, SyncServiceServer},
};
use tokio::{sync::mpsc, time::Instant as Timer};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding};

use super::heard::Heard;
use crate::store::Store;
pub use letters::LettersRpc;
use sessions::Sessions;
use status::status_of;

/// Replies that a node has not read; one in order never lets so many wait.
const UNREAD: usize = 64;

/// `SyncService`. Cheap to clone.
#[derive(Clone)]
pub struct SyncRpc(Arc<Hub>);

/// What all drivers share.
struct Hub {
    store: Store,
    heard: Arc<Heard>,
    uplinks: Arc<Sessions>,
    /// Cells that became durable since the process began.
    applied: AtomicU64,
    downlinks: Arc<Sessions>,
    relisted: Mutex<HashMap<Place, Instant>>,
    started: Timer,
    /// Asks all nodes to finish and come back.
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What all lines together bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Sessions that send cells, or may.
    pub uplinks: usize,
    /// Granted, and neither settled nor given back.
    pub credit_bytes: u64,
    pub credit_holders: usize,
    /// Sessions whose cells wait for credit.
    pub waiting: usize,
    /// Cells that became durable since the process began.
    pub applied: u64,
}

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
/// Boxed: a channel has room for 32 of its items, in use or not.
type Reply<T> = Result<Box<T>, Status>;

fn read<T: Send + 'static>(unread: mpsc::Receiver<Reply<T>>) -> Replies<T> {
    let replies = ReceiverStream::new(unread);
    Box::pin(replies.map(|reply| reply.map(|reply| *reply)))
}

impl SyncRpc {
    /// When `stop` comes, sessions drain within `limits::DRAIN_WAIT`.
    pub fn new(store: Store, heard: Arc<Heard>, stop: CancellationToken) -> SyncRpc {
        SyncRpc(Arc::new(Hub {
            store,
            heard,
            uplinks: Arc::default(),
            applied: AtomicU64::default(),
            downlinks: Arc::default(),
            relisted: Mutex::default(),
            started: Timer::now(),
            stop,
            tasks: TaskTracker::new(),
        }))
    }

    /// The service with the limits of both its streams. Answers are never
    /// compressed: they are too small for it to pay.
    pub fn service(self) -> SyncServiceServer<SyncRpc> {
        SyncServiceServer::new(self)
            .accept_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(SYNC_MESSAGE_LIMIT)
    }

    pub fn load(&self) -> Load {
        Load {
            applied: self.0.applied.load(Ordering::Relaxed),
            ..self.0.uplinks.load()
        }
    }

    /// Returns when no session is left. For after `stop`.
    pub async fn ended(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl Hub {
    fn now(&self) -> Instant {
        Instant(self.started.elapsed())
    }

    fn relisted(&self) -> MutexGuard<'_, HashMap<Place, Instant>> {
        self.relisted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when it is `deadline`; `None`: never.
    async fn reach(&self, deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => tokio::time::sleep(deadline.since(self.now())).await,
            None => std::future::pending().await,
        }
    }
}

/// Who a line is of, by certificate alone.
fn community<T>(request: &Request<T>) -> Result<Place, Status> {
    let peer = request.extensions().get::<Peer>();
    match peer.and_then(|peer| peer.identity.subject.place()) {
        Some(place) => Ok(place),
        None => Err(status_of(End::of(
            Reason::NotEnrolled,
            None,
            "this line is for the nodes of communities and for hubs below",
        ))),
    }
}

#[tonic::async_trait]
impl SyncService for SyncRpc {
    type UplinkStream = Replies<pb::UplinkResponse>;
    type DownlinkStream = Replies<pb::DownlinkResponse>;

    async fn uplink(
        &self,
        request: Request<Streaming<pb::UplinkRequest>>,
    ) -> Result<Response<Self::UplinkStream>, Status> {
        let node = community(&request)?;
        let (replies, unread) = mpsc::channel(UNREAD);
        let session = uplink::run(self.0.clone(), node, request.into_inner(), replies);
        self.0.tasks.spawn(session);
        Ok(Response::new(read(unread)))
    }

    async fn downlink(
        &self,
        request: Request<Streaming<pb::DownlinkRequest>>,
    ) -> Result<Response<Self::DownlinkStream>, Status> {
        let node = community(&request)?;
        let (replies, unread) = mpsc::channel(UNREAD);
        let session = downlink::run(self.0.clone(), node, request.into_inner(), replies);
        self.0.tasks.spawn(session);
        Ok(Response::new(read(unread)))
    }
}
