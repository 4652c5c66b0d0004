//! Drives the uplink machine to the parent: waits for one event, tells the
//! machine, does what it asks for.

use jiff::Timestamp;
use proto::{
    identity::{Nonce, StoreId},
    pb::sync as pb,
    sync::{
        end::End,
        uplink::{Down, Up},
    },
};
use proto_child::uplink::{
    Phase, Uplink,
    action::{self, Action, Connection, Notice, Scanned, Standing, Ticket},
};
use proto_edge::{
    line::{
        clock::Clock,
        streams::{Heard, Streams, What},
    },
    listener::SYNC_MESSAGE_LIMIT,
    sync::sync_service_client::SyncServiceClient,
};
use tokio::sync::watch;
use tonic::codec::CompressionEncoding;

use super::{Line, ParentFault, random};
use crate::{pki::ledger::LedgerFault, rpc::sync::pipeline::Pipeline};

enum Event {
    Heard(Heard<pb::UplinkResponse>),
    Done(Done),
    Deadline,
    Grown,
    CatalogueMoved,
    Renewed,
    Stop,
}

/// What the store has answered.
enum Done {
    Minted(Ticket, Nonce),
    Stored(Ticket),
    Scanned(Ticket, Scanned),
    Told,
    Failed(LedgerFault),
}

struct Driver {
    line: Line,
    clock: Clock,
    machine: Uplink,
    streams: Streams<pb::UplinkRequest, pb::UplinkResponse>,
    errands: Pipeline<Done>,
    applied: watch::Receiver<u64>,
    catalogue: watch::Receiver<u64>,
}

/// `catalogue`: the seq of what the downlink made durable.
pub async fn run(line: Line, catalogue: watch::Receiver<u64>) -> Result<(), ParentFault> {
    let tree = line.store.tree();
    let standing = tree.standing.clone().unwrap_or(Standing {
        store_id: StoreId(line.store.journal_id()),
        epoch: 0,
        lineage: 0,
        hub_incarnation: 0,
        nonce: None,
        acked: 0,
    });
    let config = action::Config {
        name: line.name.clone(),
        interval: line.settings.interval(),
        reconnect_window: line.settings.reconnect_window(),
        stays_connected: true,
        software: crate::rpc::hub_status::SOFTWARE.to_owned(),
    };
    let clock = Clock::start();
    let is_new = standing.epoch == 0;
    let activated = tree.cursor.map_or(0, |cursor| cursor.seq);
    let seed = u64::from_be_bytes(random()?);
    // What a hub shares with an older copy of itself cannot be told by starts.
    let starts = Vec::new();
    let (now, head) = (clock.now(), tree.head);
    let mut machine = Uplink::new(now, config, standing, starts, head, activated, seed);
    if is_new {
        machine.wake(clock.now());
    }
    let driver = Driver {
        clock,
        machine,
        streams: Streams::default(),
        errands: Pipeline::default(),
        applied: line.store.applied(),
        catalogue,
        line,
    };
    driver.run().await
}

impl Driver {
    async fn run(mut self) -> Result<(), ParentFault> {
        let outcome = loop {
            match self.next_event().await {
                Event::Stop => break Ok(()),
                Event::Done(Done::Failed(LedgerFault::Stopping)) => break Ok(()),
                event => self.handle(event),
            }
            let mut performed = Ok(());
            while let Some(action) = self.machine.poll_action() {
                performed = performed.and_then(|()| self.perform(action));
            }
            if performed.is_err() {
                break performed;
            }
        };
        self.streams.close().await;
        outcome
    }

    async fn next_event(&mut self) -> Event {
        tokio::select! {
            () = self.line.stop.cancelled() => Event::Stop,
            Some(heard) = self.streams.next() => Event::Heard(heard),
            done = self.errands.next() => Event::Done(done),
            Ok(()) = self.applied.changed() => Event::Grown,
            Ok(()) = self.catalogue.changed() => Event::CatalogueMoved,
            Ok(()) = self.line.parent.swaps.changed() => Event::Renewed,
            () = self.clock.reach(self.machine.next_deadline()) => Event::Deadline,
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Heard(Heard { connection, what }) => self.heard(connection, what),
            Event::Done(Done::Minted(ticket, nonce)) => {
                self.machine.handle_minted(now, ticket, nonce);
            }
            Event::Done(Done::Stored(ticket)) => self.machine.handle_stored(now, ticket),
            Event::Done(Done::Scanned(ticket, scanned)) => {
                self.machine.handle_scanned(now, ticket, scanned);
            }
            Event::Done(Done::Told) => {}
            Event::Done(Done::Failed(fault)) => {
                self.machine.handle_store_failed(now, &fault.to_string());
            }
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Grown => {
                self.applied.borrow_and_update();
                self.machine.handle_head(now, self.line.store.tree().head);
            }
            Event::CatalogueMoved => {
                let seq = *self.catalogue.borrow_and_update();
                self.machine.handle_catalogue(now, seq);
            }
            Event::Renewed => {
                if matches!(self.machine.phase(), Phase::Blocked | Phase::Backoff) {
                    self.machine.wake(now);
                }
            }
            Event::Stop => {}
        }
    }

    fn heard(&mut self, connection: Connection, what: What<pb::UplinkResponse>) {
        let (now, wall) = (self.clock.now(), Timestamp::now());
        match what {
            What::Connected => self.machine.handle_connected(now, connection, wall),
            What::Ended(end) => self.machine.handle_ended(now, connection, end),
            What::Message(message) => match Down::try_from(message) {
                Ok(down) => self.machine.handle_received(now, connection, down, wall),
                Err(invalid) => {
                    let end = End::fault(format!("the parent said {invalid}"));
                    self.machine.handle_ended(now, connection, end);
                }
            },
        }
    }

    fn perform(&mut self, action: Action) -> Result<(), ParentFault> {
        let store = self.line.store.clone();
        match action {
            Action::Mint(ticket) => {
                let nonce = Nonce(random()?);
                let standing = Standing {
                    nonce: Some(nonce),
                    ..self.machine.standing().clone()
                };
                self.errands.push(async move {
                    match store.stand(standing).await {
                        Ok(()) => Done::Minted(ticket, nonce),
                        Err(fault) => Done::Failed(fault),
                    }
                });
            }
            // A hub says nothing of its journal: no parent knows it.
            Action::Root(ticket, _) => {
                let now = self.clock.now();
                self.machine.handle_root(now, ticket, None);
            }
            Action::Store(ticket, standing) => self.errands.push(async move {
                match store.stand(standing).await {
                    Ok(()) => Done::Stored(ticket),
                    Err(fault) => Done::Failed(fault),
                }
            }),
            // The parent's word at the next greeting is as good.
            Action::Remember(_) => {}
            Action::Scan(ticket, scan) => self.errands.push(async move {
                match store.scan_merged(scan).await {
                    Ok(scanned) => Done::Scanned(ticket, scanned),
                    Err(fault) => Done::Failed(fault),
                }
            }),
            Action::Connect(to) => self.connect(to),
            Action::Send(to, up) => self.send(to, &up),
            Action::Disconnect(from) => self.streams.disconnect(from),
            Action::Reclaim(..) => {
                let now = self.clock.now();
                let detail = "a hub's store is not let in again: attach it anew";
                self.machine.handle_store_failed(now, detail);
            }
            // The parent says it again with every round, so a lost word is no loss.
            Action::Notify(Notice::Assigned(said)) => self.errands.push(async move {
                match store.tell_assignments(said, Timestamp::now()).await {
                    Ok(()) => Done::Told,
                    Err(fault) => Done::Failed(fault),
                }
            }),
            Action::Notify(notice) => tell(notice),
        }
        Ok(())
    }

    fn connect(&mut self, to: Connection) {
        let channel = match (self.line.parent.dial)() {
            Ok(channel) => channel,
            Err(detail) => {
                let now = self.clock.now();
                return self.machine.handle_ended(now, to, End::fault(detail));
            }
        };
        self.streams
            .connect(to, channel, |channel, said| async move {
                let mut client = SyncServiceClient::new(channel)
                    .send_compressed(CompressionEncoding::Gzip)
                    .max_decoding_message_size(SYNC_MESSAGE_LIMIT);
                client.uplink(said).await
            });
    }

    fn send(&mut self, to: Connection, up: &Up) {
        let end = match pb::UplinkRequest::try_from(up).map(|up| self.streams.say(to, up)) {
            Ok(true) => return,
            Ok(false) => End::fault("the stream takes no more"),
            Err(too_large) => End::fault(too_large.to_string()),
        };
        self.machine.handle_ended(self.clock.now(), to, end);
    }
}

fn tell(notice: Notice) {
    match notice {
        Notice::Welcomed {
            epoch,
            clock_skew_ms,
        } => tracing::info!(epoch, clock_skew_ms, "in line with the parent"),
        Notice::Agreed { through } => {
            tracing::debug!(through, "the parent holds the same");
        }
        Notice::Ended { end, retry_in } => {
            let retry_ms = retry_in.as_millis() as u64;
            tracing::info!(reason = ?end.reason, detail = end.detail, retry_ms, "line to the parent ended");
        }
        Notice::HubReplaced { incarnation } => {
            tracing::warn!(incarnation, "the parent's store went back; sending anew");
        }
        Notice::Quarantined { detail } => {
            tracing::error!(detail, "another store holds this hub's line to its parent");
        }
        Notice::Blocked { end } => {
            tracing::error!(reason = ?end.reason, detail = end.detail, "the parent shuts us out");
        }
        Notice::Reclaimed { mode } => tracing::warn!(?mode, "back in line with the parent"),
        Notice::Withheld { key } => tracing::error!(?key, "a merged cell does not get across"),
        Notice::Refused { cells } => tracing::warn!(cells, "the parent refused merged cells"),
        Notice::Assigned(_) => {}
        Notice::Differs => tracing::warn!("the parent holds something else; repairing"),
    }
}
