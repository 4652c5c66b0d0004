//! One made-up node's uplink: the real machine over a real stream, with cells
//! that are made when they are asked for instead of read from a store.

use std::time::Instant as Timer;

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    pb::sync as pb,
    period::Period,
    sync::{
        instant::Instant,
        uplink::{Checkpoint, Down},
    },
};
use proto_child::uplink::{
    Uplink,
    action::{Action, Attach, Attached, Config, Connection, Notice, Scan, Scanned, Standing},
};
use proto_edge::sync::sync_service_client::SyncServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, codec::CompressionEncoding, transport::Channel};

use crate::cells::{self, PER_NODE};

const SAID: usize = 64;

pub struct Line {
    node: usize,
    months: Vec<Period>,
    standing: Standing,
}

/// A stream that is open and has nothing to send.
pub struct Open {
    _say: mpsc::Sender<pb::UplinkRequest>,
    _hear: Streaming<pb::UplinkResponse>,
}

/// When the last cell was acknowledged, and when both ends agreed.
pub struct Sent {
    pub acked: Timer,
    pub agreed: Timer,
    pub open: Open,
}

impl Line {
    pub fn new(node: usize) -> Line {
        let store_id = StoreId((node as u128 + 1).to_be_bytes());
        Line {
            node,
            months: cells::months(),
            standing: Standing {
                store_id,
                epoch: 0,
                lineage: 0,
                hub_incarnation: 0,
                nonce: None,
                acked: 0,
            },
        }
    }

    /// Sends what the hub does not have of the first `passes` passes;
    /// `checkpoint` is what both ends hold then.
    pub async fn send(
        &mut self,
        channel: Channel,
        passes: u64,
        checkpoint: Checkpoint,
    ) -> anyhow::Result<Sent> {
        let started = Timer::now();
        let head = passes * PER_NODE;
        let config = Config {
            name: format!("community/{}", cells::community(self.node)),
            interval: std::time::Duration::from_secs(3600),
            reconnect_window: std::time::Duration::ZERO,
            stays_connected: true,
            software: "bench".to_owned(),
        };
        let (seed, standing) = (self.node as u64 + 1, self.standing.clone());
        let mut machine = Uplink::new(Instant::START, config, standing, Vec::new(), head, 0, seed);
        machine.wake(Instant::START);
        machine.handle_deadline(Instant::START);
        let mut stream = None;
        let mut acked = None;
        loop {
            while let Some(action) = machine.poll_action() {
                let now = Instant(started.elapsed());
                match action {
                    Action::Mint(ticket) => {
                        let nonce = Nonce(u128::from(passes).to_be_bytes());
                        machine.handle_minted(now, ticket, nonce);
                    }
                    Action::Root(ticket, _) => machine.handle_root(now, ticket, None),
                    Action::Store(ticket, _) => machine.handle_stored(now, ticket),
                    Action::Scan(ticket, scan) => {
                        ensure!(scan.attach == Attach::Digest, "the digests differ");
                        let scanned = self.scan(&scan, head, checkpoint);
                        machine.handle_scanned(now, ticket, scanned);
                    }
                    Action::Connect(to) => {
                        stream = Some((to, connect(channel.clone()).await?));
                        machine.handle_connected(now, to, Timestamp::now());
                    }
                    Action::Send(_, up) => {
                        let (_, stream) = stream.as_mut().context("a stream")?;
                        let up = pb::UplinkRequest::try_from(&up)?;
                        stream.say.send(up).await?;
                    }
                    Action::Notify(Notice::Welcomed { .. } | Notice::Agreed { .. }) => {}
                    Action::Notify(notice) => bail!("{notice:?}"),
                    Action::Reclaim(..) => bail!("nothing was restored"),
                    Action::Remember(_) | Action::Disconnect(_) => {}
                }
            }
            let (to, stream_now) = stream.as_mut().context("a stream")?;
            if let (Some(acked), Some(agreed)) = (acked, machine.agreed())
                && agreed == head
            {
                self.standing = machine.standing().clone();
                let Some((_, Stream { say, hear })) = stream else {
                    bail!("no stream")
                };
                return Ok(Sent {
                    acked,
                    agreed: Timer::now(),
                    open: Open {
                        _say: say,
                        _hear: hear,
                    },
                });
            }
            let wait = machine.next_deadline().since(Instant(started.elapsed()));
            match tokio::time::timeout(wait, stream_now.hear.message()).await {
                Err(_) => machine.handle_deadline(Instant(started.elapsed())),
                Ok(message) => {
                    let down = Down::try_from(message?.context("the hub closed the stream")?)?;
                    if matches!(&down, Down::Ack(ack) if ack.through == head) {
                        acked = Some(Timer::now());
                    }
                    hear(&mut machine, started, *to, down)?;
                }
            }
        }
    }

    fn scan(&self, scan: &Scan, head: u64, checkpoint: Checkpoint) -> Scanned {
        let through = head.min(scan.after + scan.cells as u64);
        let is_head = through == head;
        let seqs = scan.after + 1..=through;
        Scanned {
            retried: Vec::new(),
            cells: seqs
                .map(|seq| cells::cell(&self.months, self.node, seq))
                .collect(),
            through,
            head,
            complete_until: is_head.then(Timestamp::now),
            coverage: None,
            journal_head: None,
            attached: is_head.then_some(Attached::Digest(checkpoint)),
        }
    }
}

struct Stream {
    say: mpsc::Sender<pb::UplinkRequest>,
    hear: Streaming<pb::UplinkResponse>,
}

async fn connect(channel: Channel) -> anyhow::Result<Stream> {
    let (say, said) = mpsc::channel(SAID);
    let mut client = SyncServiceClient::new(channel).send_compressed(CompressionEncoding::Gzip);
    let hear = client.uplink(ReceiverStream::new(said)).await?.into_inner();
    Ok(Stream { say, hear })
}

fn hear(machine: &mut Uplink, started: Timer, from: Connection, down: Down) -> anyhow::Result<()> {
    if let Down::Ack(ack) = &down
        && !ack.rejected.is_empty()
    {
        bail!(
            "{} cells rejected: {:?}",
            ack.rejected.len(),
            ack.rejected[0]
        );
    }
    machine.handle_received(Instant(started.elapsed()), from, down, Timestamp::now());
    Ok(())
}
