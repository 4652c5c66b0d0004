//! A centre's server that keeps rows in memory, as a receiver keeps them on disk.

use std::{collections::BTreeMap, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use proto::{
    identity::Subject,
    pb::{centre as wire, hub as pb},
};
use proto_edge::{
    centre::centre_inbox_server::{CentreInbox, CentreInboxServer},
    clock::Clock,
    listener::{HttpLimits, Limits, listen, server},
    live::Live,
    membership::Membership,
    peer::Peer,
    tls::{Admission, Barred, mutual_server},
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

/// Place, indicator and period.
type Key = (String, String, String);

/// Lineage and seq, and the listing that the row came with.
type Held = ((u32, u64), usize);

#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub rows: BTreeMap<Key, Held>,
    pub cursor: Vec<u8>,
    pub listings: usize,
    pub taken: usize,
    /// Whose certificates were shown.
    pub callers: Vec<String>,
    begun: usize,
    ended: usize,
}

impl Kept {
    /// A row that no hub sent.
    pub fn plant(&mut self, place: &str) {
        let key = (place.to_owned(), "QS.R01".to_owned(), "20240101".to_owned());
        self.rows.insert(key, ((1, 1), 0));
    }

    pub fn is_idle(&self) -> bool {
        self.begun == self.ended
    }

    fn take(&mut self, batch: &pb::FeedBatch) {
        self.listings += usize::from(batch.begins_listing);
        for row in &batch.rows {
            self.taken += 1;
            let key = (row.place.clone(), row.indicator.clone(), row.period.clone());
            assert!(!row.removed);
            self.rows
                .insert(key, ((row.lineage, row.seq), self.listings));
        }
        if batch.ends_listing {
            self.rows
                .retain(|_, (_, listing)| *listing == self.listings);
        }
        self.cursor = batch.cursor.to_vec();
    }
}

pub struct Receiver {
    pub address: SocketAddr,
    kept: watch::Sender<Kept>,
    cut: CancellationToken,
    live: Arc<Live>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// On `port`, or any; shows `own`; one that does not acknowledge takes one row
    /// at a time.
    pub async fn start(own: &Membership, port: u16, kept: Kept, acknowledges: bool) -> Receiver {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let kept = watch::Sender::new(kept);
        let door = Arc::new(Door);
        let config = mutual_server(&own.credential, &own.roots, door, &Clock::system(0));
        let config = Arc::new(ArcSwap::from_pointee(config.unwrap()));
        let (cut, live) = (CancellationToken::new(), Arc::new(Live::default()));
        let incoming = listen(
            listener,
            config,
            Limits::default(),
            live.clone(),
            cut.clone(),
        );
        let inbox = CentreInboxServer::new(Inbox {
            kept: kept.clone(),
            acknowledges,
        });
        let router = server(HttpLimits::default()).add_service(inbox);
        let until = cut.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            router
                .serve_with_incoming_shutdown(incoming, until)
                .await
                .unwrap();
        });
        Receiver {
            address,
            kept,
            cut,
            live,
            task,
        }
    }

    pub async fn until(&self, holds: impl Fn(&Kept) -> bool) {
        let mut kept = self.kept.subscribe();
        let held = kept.wait_for(|kept| holds(kept));
        let held = tokio::time::timeout(Duration::from_secs(60), held).await;
        assert!(held.is_ok(), "{:?}", self.kept.borrow());
    }

    /// Connections break, and what was stored is left.
    pub async fn kill(mut self) -> Kept {
        self.cut.cancel();
        self.live.cut_all();
        (&mut self.task).await.unwrap();
        self.until(Kept::is_idle).await;
        self.kept.borrow().clone()
    }
}

/// Lets the hub in.
#[derive(Debug)]
struct Door;

impl Admission for Door {
    fn admits(&self, peer: &Peer) -> Result<(), Barred> {
        let is_hub = peer.identity.subject == Subject::Hub;
        is_hub.then_some(()).ok_or(Barred::NotEnrolled)
    }
}

struct Inbox {
    kept: watch::Sender<Kept>,
    acknowledges: bool,
}

#[tonic::async_trait]
impl CentreInbox for Inbox {
    type DeliverStream = Pin<Box<dyn Stream<Item = Result<wire::DeliverResponse, Status>> + Send>>;

    async fn deliver(
        &self,
        request: Request<Streaming<wire::DeliverRequest>>,
    ) -> Result<Response<Self::DeliverStream>, Status> {
        let peer = Peer::of_request(request.extensions()).unwrap();
        let who = peer.map(|peer| peer.identity.subject.to_string());
        self.kept.send_modify(|kept| {
            kept.callers.push(who.unwrap_or_default());
            kept.begun += 1;
        });
        let (replies, receiver) = mpsc::channel(100);
        let kept = self.kept.clone();
        let stored = store(
            request.into_inner(),
            replies,
            kept.clone(),
            self.acknowledges,
        );
        tokio::spawn(async move {
            stored.await;
            kept.send_modify(|kept| kept.ended += 1);
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

async fn store(
    mut batches: Streaming<wire::DeliverRequest>,
    replies: mpsc::Sender<Result<wire::DeliverResponse, Status>>,
    kept: watch::Sender<Kept>,
    acknowledges: bool,
) {
    use wire::deliver_response::Kind;
    let say = async |kind| {
        let kind = Some(kind);
        replies.send(Ok(wire::DeliverResponse { kind })).await
    };
    let start = pb::FeedStart {
        cursor: kept.borrow().cursor.clone().into(),
        rows: u32::from(!acknowledges),
        window: u32::from(!acknowledges),
    };
    let mut is_open = say(Kind::Start(start)).await.is_ok();
    while is_open && let Ok(Some(message)) = batches.message().await {
        let batch = message.batch.unwrap();
        kept.send_modify(|kept| kept.take(&batch));
        if acknowledges {
            let cursor = batch.cursor;
            is_open = say(Kind::Ack(pb::FeedAck { cursor })).await.is_ok();
        }
    }
}
