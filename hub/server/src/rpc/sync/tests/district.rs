//! A hub with a real store on loopback, and a node's end that says what each
//! test wants it to.

use std::path::Path;

use hub_domain::event::{Asked, Founded};
use jiff::Timestamp;
use proto::{
    digest::Digest,
    identity::{LogId, Nonce, StoreId},
    indicator::{
        accumulator::{Accumulator, Change},
        catalogue::Catalogue,
        cell::{Breakdown, Cell, CellKey, IndicatorId, Order, Revision},
        kind::Kind,
    },
    sync::{
        limits,
        uplink::{Ack, Batch, Checkpoint, Demand, Down, Hello, Up, Welcome},
    },
};
use proto_edge::{problem::reason_of, sync::sync_service_client::SyncServiceClient};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    codec::CompressionEncoding,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint, Server},
};

use super::super::*;
use crate::store::{Memory, Threads, create};

pub const FIRST: &str = include_str!("../../../../../../deploy/catalogue/first.toml");
const NODE: &str = "510115003064";

pub struct District {
    pub store: Store,
    pub threads: Threads,
    pub heard: Arc<Heard>,
    pub rpc: SyncRpc,
    pub stop: CancellationToken,
    served: JoinHandle<Result<(), tonic::transport::Error>>,
    endpoint: Endpoint,
}

pub fn now() -> Timestamp {
    "2026-03-01T04:00:00Z".parse().unwrap()
}

pub fn node() -> Place {
    NODE.parse().unwrap()
}

pub fn asked(name: &str) -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: name.parse().unwrap(),
    }
}

pub fn found(dir: &Path) {
    let founded = Founded {
        district: "wenjiang".parse().unwrap(),
        incarnation: 1,
        catalogue_log: LogId([7; 16]),
        zone: "Asia/Shanghai".to_owned(),
        at: now(),
    };
    create(dir, [9; 16], &founded).unwrap();
}

impl District {
    pub async fn open(dir: &Path) -> District {
        let (store, threads) = Store::open(dir, Memory::default()).unwrap();
        let items = Catalogue::from_toml(FIRST).unwrap().items().collect();
        let published = store.publish(asked("publish"), items).await;
        published.unwrap().unwrap();
        let (stop, heard) = (CancellationToken::new(), Arc::<Heard>::default());
        let rpc = SyncRpc::new(store.clone(), heard.clone(), stop.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // What the authorise layer does, for a caller that has shown NODE.
        let named = |mut request: Request<()>| {
            let identity = format!("spiffe://wenjiang/community/{NODE}");
            request.extensions_mut().insert(Peer {
                identity: identity.parse().unwrap(),
                serial: vec![1],
                key_sha256: [0; 32],
                not_before_s: 0,
                not_after_s: u64::MAX,
            });
            Ok(request)
        };
        let service = InterceptedService::new(rpc.clone().service(), named);
        let routes = Server::builder().add_service(service);
        let incoming = TcpListenerStream::new(listener);
        let stopped = stop.clone().cancelled_owned();
        let served = tokio::spawn(routes.serve_with_incoming_shutdown(incoming, stopped));
        District {
            store,
            threads,
            heard,
            rpc,
            stop,
            served,
            endpoint: Endpoint::from_shared(format!("http://{address}")).unwrap(),
        }
    }

    pub fn client(&self) -> SyncServiceClient<Channel> {
        SyncServiceClient::new(self.endpoint.connect_lazy())
            .send_compressed(CompressionEncoding::Gzip)
    }

    pub async fn uplink(&self) -> Node {
        let (say, said) = mpsc::channel(64);
        let answer = self.client().uplink(ReceiverStream::new(said)).await;
        let heard = answer.unwrap().into_inner();
        Node { say, heard }
    }

    pub async fn close(self) {
        self.stop.cancel();
        soon(self.rpc.ended()).await;
        soon(self.served).await.unwrap().unwrap();
        drop((self.rpc, self.store));
        self.threads.stop().await.unwrap();
    }
}

/// A node's end of an uplink.
pub struct Node {
    pub say: mpsc::Sender<pb::UplinkRequest>,
    heard: Streaming<pb::UplinkResponse>,
}

impl Node {
    pub async fn say(&self, up: Up) {
        self.say.send((&up).try_into().unwrap()).await.unwrap();
    }

    pub async fn hear(&mut self) -> Down {
        let message = soon(self.heard.message()).await.unwrap();
        message.expect("an answer").try_into().unwrap()
    }

    pub async fn end(&mut self) -> String {
        loop {
            match soon(self.heard.message()).await {
                Ok(Some(_)) => {}
                Ok(None) => return "OK".to_owned(),
                Err(status) => return reason_of(&status).unwrap().into_owned(),
            }
        }
    }

    pub async fn greet(&mut self, epoch: u64, nonce: u8) -> Welcome {
        self.say(hello(epoch, nonce)).await;
        match self.hear().await {
            Down::Welcome(welcome) => welcome,
            other => panic!("{other:?}"),
        }
    }

    pub async fn credit(&mut self) -> u64 {
        let demand = Demand {
            waiting: true,
            returned_bytes: 0,
        };
        self.say(Up::Demand(demand)).await;
        loop {
            match self.hear().await {
                Down::Credit { bytes: 0 } => {}
                Down::Credit { bytes } => return bytes,
                other => panic!("{other:?}"),
            }
        }
    }

    pub async fn send(&mut self, batch: Batch) -> Ack {
        self.say(Up::Batch(batch)).await;
        match self.hear().await {
            Down::Ack(ack) => ack,
            other => panic!("{other:?}"),
        }
    }
}

pub async fn soon<F: Future>(future: F) -> F::Output {
    let met = timeout(std::time::Duration::from_secs(20), future).await;
    met.expect("within twenty seconds")
}

pub fn hello(epoch: u64, nonce: u8) -> Up {
    Up::Hello(Hello {
        protocol_min: limits::PROTOCOL_MIN,
        protocol_max: limits::PROTOCOL_MAX,
        store_id: StoreId([1; 16]),
        lineage: u32::from(epoch > 0),
        epoch,
        nonce: Nonce([nonce; 16]),
        head_seq: 10,
        acked_hint: 0,
        seen_hub_incarnation: 0,
        catalogue_seq: 0,
        node_time: now(),
        software: "test".to_owned(),
        starts: Vec::new(),
        journal_head: None,
        shown: None,
    })
}

pub fn cell(indicator: u32, seq: u64, day: u8) -> Cell {
    let mut state = Accumulator::empty(Kind::Count);
    state.apply(&Change::Count).unwrap();
    Cell {
        key: CellKey {
            indicator: IndicatorId(indicator),
            revision: Revision(1),
            period: format!("202602{day:02}").parse().unwrap(),
            breakdown: Breakdown::new([1, 1, 1]),
        },
        order: Order { lineage: 1, seq },
        state: state.encode(),
    }
}

pub fn batch(from: u64, cells: Vec<Cell>) -> Batch {
    Batch {
        from,
        through: cells.last().map_or(from, |cell| cell.order.seq),
        cells,
        ..Batch::default()
    }
}

pub fn digest(cells: &[Cell]) -> Digest {
    let mut digest = Digest::default();
    cells.iter().for_each(|cell| digest.add(cell));
    digest
}

pub fn checkpoint(digest: &Digest) -> Option<Checkpoint> {
    Some(Checkpoint {
        count: digest.count(),
        root: digest.root(),
    })
}
