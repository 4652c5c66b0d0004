//! The drivers over real streams on loopback and a real store, against a hub
//! that is played.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Mutex, MutexGuard},
};

use proto::{
    digest::Digest,
    identity::LogId,
    indicator::cell::{Cell, CellKey},
    pb::sync as pb,
    sync::{
        downlink::{Cursor, Issue, Receipt, Relist},
        end::Reason,
        limits,
        uplink::{Ack, Checkpoint, Demand, Down, Drain, Hello, Up, Welcome},
    },
};
use proto_edge::{
    problem::Problem,
    sync::sync_service_server::{SyncService, SyncServiceServer},
};
use tokio::{net::TcpListener, runtime::Runtime, sync::mpsc, time::timeout};
use tokio_stream::{
    Stream,
    wrappers::{ReceiverStream, TcpListenerStream},
};
use tonic::{
    Code, Request, Response, Status, Streaming,
    codec::CompressionEncoding,
    transport::{Endpoint, Server},
};

use super::*;
use crate::store::tests::{Town, first_items, tokens::resident};

/// What the played hub holds, and how it behaves.
#[derive(Default)]
struct Held {
    cells: BTreeMap<CellKey, Cell>,
    acked: u64,
    greetings: Vec<Hello>,
    /// Batches that are not answered: the stream breaks instead.
    cuts: u32,
    drains: bool,
    revoked: bool,
    checkpoints: Vec<Checkpoint>,
    said_bye: bool,
    taken: Option<u64>,
}

#[derive(Clone, Default)]
struct Hub(Arc<Mutex<Held>>);

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Hub {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }

    fn answer(&self, up: Up) -> Result<Vec<Down>, Status> {
        let mut held = self.held();
        Ok(match up {
            Up::Hello(_) if held.revoked => {
                let reason = Reason::Revoked.as_str();
                return Err(Problem::new(Code::PermissionDenied, reason, "out", "已吊销").into());
            }
            Up::Hello(hello) => {
                let welcome = Welcome {
                    protocol: 1,
                    hub_incarnation: 3,
                    epoch: hello.epoch + 1,
                    lineage: 1,
                    acked: held.acked,
                    hub_time: Timestamp::now(),
                    rejected: Vec::new(),
                    released: None,
                };
                held.greetings.push(hello);
                vec![Down::Welcome(welcome)]
            }
            Up::Demand(Demand { waiting, .. }) => {
                let bytes = if waiting { 512 * 1024 } else { 0 };
                vec![Down::Credit { bytes }]
            }
            Up::Batch(_) if held.cuts > 0 => {
                held.cuts -= 1;
                return Err(Status::unavailable("cut"));
            }
            Up::Batch(batch) => {
                assert_eq!(batch.from, held.acked);
                held.acked = batch.through;
                let ack = Ack {
                    through: batch.through,
                    applied: batch.cells.len() as u32,
                    ..Ack::default()
                };
                let cells = batch.cells.into_iter().map(|cell| (cell.key, cell));
                held.cells.extend(cells);
                let mut said = vec![Down::Ack(ack)];
                if let Some(checkpoint) = batch.checkpoint {
                    held.checkpoints.push(checkpoint);
                    let through = batch.through;
                    said.push(Down::Agreed { through });
                }
                if std::mem::take(&mut held.drains) {
                    let reconnect_window = Duration::ZERO;
                    said.push(Down::Drain(Drain { reconnect_window }));
                }
                said
            }
            Up::Bye => {
                held.said_bye = true;
                Vec::new()
            }
            other => return Err(Status::internal(format!("unexpected: {other:?}"))),
        })
    }
}

#[tonic::async_trait]
impl SyncService for Hub {
    type UplinkStream = Replies<pb::UplinkResponse>;
    type DownlinkStream = Replies<pb::DownlinkResponse>;

    async fn uplink(
        &self,
        request: Request<Streaming<pb::UplinkRequest>>,
    ) -> Result<Response<Self::UplinkStream>, Status> {
        let (hub, mut said) = (self.clone(), request.into_inner());
        let (replies, receiver) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok(Some(message)) = said.message().await {
                match hub.answer(message.try_into().unwrap()) {
                    Ok(answers) => {
                        for down in &answers {
                            let reply = pb::UplinkResponse::try_from(down).unwrap();
                            let _ = replies.send(Ok(reply)).await;
                        }
                    }
                    Err(status) => {
                        let _ = replies.send(Err(status)).await;
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn downlink(
        &self,
        request: Request<Streaming<pb::DownlinkRequest>>,
    ) -> Result<Response<Self::DownlinkStream>, Status> {
        let (hub, mut said) = (self.clone(), request.into_inner());
        let (replies, receiver) = mpsc::channel(64);
        tokio::spawn(async move {
            let items = first_items();
            let cursor = Cursor {
                log_id: LogId([7; 16]),
                seq: items.len() as u64,
            };
            while let Ok(Some(message)) = said.message().await {
                match Receipt::try_from(message).unwrap() {
                    Receipt::Open(None) => {
                        let count = items.len() as u32;
                        let relist = Relist {
                            cursor,
                            items: count,
                        };
                        let all = items.iter().cloned().map(Issue::Item);
                        for issue in std::iter::once(Issue::Relist(relist)).chain(all) {
                            let _ = replies.send(Ok((&issue).into())).await;
                        }
                    }
                    Receipt::Open(Some(_)) => {
                        let caught_up = Issue::CaughtUp(cursor);
                        let _ = replies.send(Ok((&caught_up).into())).await;
                    }
                    Receipt::Ack(taken) => hub.held().taken = Some(taken.seq),
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// A store with cells, a hub, and the line between them.
struct Scene {
    town: Town,
    hub: Hub,
    runtime: Runtime,
    stop: CancellationToken,
    status: watch::Receiver<LinkStatus>,
    link: JoinHandle<Result<(), LinkFault>>,
}

impl Scene {
    fn begin(town: Town, hub: Hub, stays_connected: bool) -> Scene {
        let runtime = Runtime::new().unwrap();
        let stop = CancellationToken::new();
        let (sender, status) = watch::channel(LinkStatus::alone("510115003064".into()));
        let line = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let service =
                SyncServiceServer::new(hub.clone()).accept_compressed(CompressionEncoding::Gzip);
            let server = Server::builder().add_service(service);
            let incoming = TcpListenerStream::new(listener);
            tokio::spawn(server.serve_with_incoming(incoming));
            let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
            Line {
                name: "community/510115003064".into(),
                community: Some("510115003064".parse().unwrap()),
                store: town.store().clone(),
                heads: Arc::new(HeadKey::open_or_make(town.path()).unwrap()),
                dial: Arc::new(move || Ok(endpoint.connect_lazy())),
                swaps: watch::channel(0).1,
                config: Config {
                    interval: Duration::from_secs(1),
                    stays_connected,
                    reconnect_window: Duration::ZERO,
                    present: crate::present::Present::of_machine(),
                },
                stop: stop.clone(),
            }
        });
        let link = runtime.spawn(run(line, sender));
        Scene {
            town,
            hub,
            runtime,
            stop,
            status,
            link,
        }
    }

    /// At most twenty seconds until the status is so.
    fn until(&mut self, what: &str, holds: impl FnMut(&LinkStatus) -> bool) -> LinkStatus {
        let waited = self.runtime.block_on(async {
            let waited = timeout(Duration::from_secs(20), self.status.wait_for(holds));
            waited.await.map(|status| status.unwrap().clone())
        });
        if let Ok(status) = waited {
            return status;
        }
        panic!("{what}: still {:?}", self.status.borrow());
    }

    fn end(self) -> (Town, Hub) {
        self.stop.cancel();
        let ended = self
            .runtime
            .block_on(async { timeout(Duration::from_secs(20), self.link).await });
        ended.unwrap().unwrap().unwrap();
        self.runtime.shutdown_background();
        (self.town, self.hub)
    }
}

fn town() -> Town {
    let town = Town::new();
    town.activate();
    town.live_through_a_case(resident(&town, "wx-1"), 0);
    town
}

fn head(town: &Town) -> u64 {
    town.store().marks().borrow().cell_seq
}

fn standing(town: &Town) -> proto_child::uplink::action::Standing {
    use crate::store::keyspace::{Rows as _, link::*};
    match town.view().load::<Links>(&LinkKey::Uplink).unwrap() {
        Some(Link::Uplink(standing)) => standing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cells_reach_the_hub_and_its_word_is_kept() {
    let mut scene = Scene::begin(town(), Hub::default(), false);
    let all = head(&scene.town);
    assert!(all > 0);
    let status = scene.until("acked", |s| s.acked_cell_seq == all && s.state == "IDLE");
    assert!(status.last_ack_at.is_some());
    assert_eq!((status.hub_incarnation, status.rejected_cells), (3, 0));
    let (mut town, hub) = scene.end();
    let held = hub.held();
    let mut digest = Digest::default();
    held.cells.values().for_each(|cell| digest.add(cell));
    let ours = Checkpoint {
        count: digest.count(),
        root: digest.root(),
    };
    assert_eq!(held.checkpoints.last(), Some(&ours));
    assert!(held.said_bye);
    let known = held.greetings.len() as u64;
    drop(held);
    town.close();
    town.open();
    let kept = standing(&town);
    assert_eq!((kept.epoch, kept.lineage, kept.nonce), (known, 1, None));
    assert_eq!((kept.acked, kept.hub_incarnation), (all, 3));
}

#[test]
fn a_stream_cut_under_a_batch_is_taken_up_again() {
    let hub = Hub::default();
    hub.held().cuts = 1;
    let mut scene = Scene::begin(town(), hub, true);
    let all = head(&scene.town);
    scene.until("cut", |s| {
        s.state == "BACKOFF" && s.detail.contains("next attempt")
    });
    scene.until("acked", |s| s.acked_cell_seq == all);
    let (_, hub) = scene.end();
    let epochs: Vec<u64> = hub
        .held()
        .greetings
        .iter()
        .map(|hello| hello.epoch)
        .collect();
    assert_eq!(epochs, [0, 1]);
}

#[test]
fn what_happens_while_connected_goes_up_with_the_next_round() {
    let mut scene = Scene::begin(town(), Hub::default(), true);
    let before = head(&scene.town);
    scene.until("first round", |s| s.acked_cell_seq == before);
    let resident = resident(&scene.town, "wx-1");
    scene.town.live_through_a_case(resident, 10);
    let after = head(&scene.town);
    assert!(after > before);
    scene.until("second round", |s| s.acked_cell_seq == after);
    let (_, hub) = scene.end();
    assert_eq!(hub.held().greetings.len(), 1);
}

#[test]
fn a_drained_line_comes_back() {
    let hub = Hub::default();
    hub.held().drains = true;
    let mut scene = Scene::begin(town(), hub, true);
    let before = head(&scene.town);
    scene.until("first round", |s| s.acked_cell_seq == before);
    let resident = resident(&scene.town, "wx-1");
    scene.town.live_through_a_case(resident, 10);
    let after = head(&scene.town);
    scene.until("second session", |s| s.acked_cell_seq == after);
    let (_, hub) = scene.end();
    assert_eq!(hub.held().greetings.len(), 2);
    assert!(hub.held().said_bye);
}

#[test]
fn a_revoked_node_is_blocked_and_says_why() {
    let hub = Hub::default();
    hub.held().revoked = true;
    let mut scene = Scene::begin(town(), hub, true);
    let status = scene.until("blocked", |s| s.state == "BLOCKED");
    assert!(status.detail.contains("REVOKED"), "{}", status.detail);
    scene.end();
}

#[test]
fn the_catalogue_comes_down_and_cells_follow() {
    let town = Town::new();
    town.live_through_a_case(resident(&town, "wx-1"), 0);
    assert_eq!(head(&town), 0);
    let mut scene = Scene::begin(town, Hub::default(), true);
    let status = scene.until("cells of the new catalogue", |s| s.acked_cell_seq > 0);
    assert!(status.acked_cell_seq <= head(&scene.town));
    let (_, hub) = scene.end();
    assert_eq!(hub.held().taken, Some(first_items().len() as u64));
    assert!(hub.held().cells.len() <= limits::BATCH_CELLS);
}
