//! Drives the uplink machine: waits for one event, tells the machine, does what
//! it asks for.

use jiff::Timestamp;
use proto::{
    identity::Nonce,
    pb::sync as pb,
    sync::{
        end::End,
        head::{JournalHead, LastRelease},
        uplink::{Down, Up},
    },
};
use proto_child::uplink::{
    Phase, Uplink,
    action::{self, Action, Connection, Scanned, Standing, Ticket},
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

use super::{Line, LinkFault, LinkStatus, errands::Errands, growth::Growth, random};
use crate::store::{
    keyspace::{
        Rows as _,
        link::{Link, LinkKey, Links},
        start::Starts,
    },
    ledger::command::{Answer, Basis, Command},
};

mod releasing;
mod telling;

enum Event {
    Heard(Heard<pb::UplinkResponse>),
    Done(Errand, Answer),
    StoreStopped,
    Deadline,
    /// The store's cells, up to this seq.
    Grown(u64),
    CatalogueMoved,
    Renewed,
    Stop,
}

enum Errand {
    Mint(Ticket, Nonce),
    Store(Ticket),
    Remember,
    /// What the journal has come to, for a greeting.
    Greet(Connection),
    Root(Ticket),
    Scan(Ticket),
    /// The same for what was scanned, which is durable by then.
    Sign(Ticket, Box<Scanned>, Basis),
    Reclaim(Ticket),
}

struct Driver {
    line: Line,
    clock: Clock,
    machine: Uplink,
    streams: Streams<pb::UplinkRequest, pb::UplinkResponse>,
    errands: Errands<Errand>,
    growth: Growth,
    catalogue: watch::Receiver<u64>,
    status: watch::Sender<LinkStatus>,
    /// Of our releases the one that the hub has, or was sent, last; `None`: it keeps
    /// none.
    released: Option<LastRelease>,
    /// Why the line is as it is.
    detail: String,
}

/// `catalogue`: the seq of what the downlink made durable.
pub async fn run(
    line: Line,
    catalogue: watch::Receiver<u64>,
    status: watch::Sender<LinkStatus>,
) -> Result<(), LinkFault> {
    let view = line.store.view();
    let standing = match view.load::<Links>(&LinkKey::Uplink)? {
        Some(Link::Uplink(standing)) => standing,
        _ => Standing {
            store_id: line.store.store_id(),
            epoch: 0,
            lineage: 0,
            hub_incarnation: 0,
            nonce: None,
            acked: 0,
        },
    };
    let activated = match view.load::<Links>(&LinkKey::Downlink)? {
        Some(Link::Downlink(cursor)) => cursor.seq,
        _ => 0,
    };
    let config = action::Config {
        name: line.name.clone(),
        interval: line.config.interval,
        reconnect_window: line.config.reconnect_window,
        stays_connected: line.config.stays_connected,
        software: concat!("tongxin/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let clock = Clock::start();
    let growth = Growth::new(line.store.marks());
    let head = growth.head();
    let is_new = standing.epoch == 0;
    status.send_modify(|status| {
        status.acked_cell_seq = standing.acked;
        status.epoch = standing.epoch;
        status.hub_incarnation = standing.hub_incarnation;
    });
    let starts = view.load::<Starts>(&())?.unwrap_or_default();
    let starts = starts.into_iter().map(|start| start.id).collect();
    let seed = u64::from_be_bytes(random()?);
    let now = clock.now();
    let mut machine = Uplink::new(now, config, standing, starts, head, activated, seed);
    if is_new {
        machine.wake(clock.now());
    }
    let driver = Driver {
        clock,
        machine,
        streams: Streams::default(),
        errands: Errands::new(line.store.clone()),
        growth,
        catalogue,
        status,
        released: None,
        detail: String::new(),
        line,
    };
    driver.run().await
}

impl Driver {
    async fn run(mut self) -> Result<(), LinkFault> {
        let outcome = loop {
            self.tell();
            match self.next_event().await {
                Event::Stop => break Ok(()),
                Event::StoreStopped => break Err(LinkFault::StoreStopped),
                event => self.handle(event)?,
            }
            while let Some(action) = self.machine.poll_action() {
                self.perform(action)?;
            }
        };
        self.status.send_modify(|status| status.state = "OFFLINE");
        self.streams.close().await;
        outcome
    }

    async fn next_event(&mut self) -> Event {
        tokio::select! {
            () = self.line.stop.cancelled() => Event::Stop,
            Some(heard) = self.streams.next() => Event::Heard(heard),
            done = self.errands.next() => match done {
                Some((errand, answer)) => Event::Done(errand, answer),
                None => Event::StoreStopped,
            },
            head = self.growth.next() => Event::Grown(head),
            Ok(()) = self.catalogue.changed() => Event::CatalogueMoved,
            Ok(()) = self.line.swaps.changed() => Event::Renewed,
            () = self.clock.reach(self.machine.next_deadline()) => Event::Deadline,
        }
    }

    fn handle(&mut self, event: Event) -> Result<(), LinkFault> {
        let now = self.clock.now();
        match event {
            Event::Heard(Heard { connection, what }) => self.heard(connection, what),
            Event::Done(errand, answer) => match (errand, answer) {
                (Errand::Mint(ticket, nonce), Answer::Recorded) => {
                    failpoint::reached("nonce-unsent");
                    self.machine.handle_minted(now, ticket, nonce);
                }
                (Errand::Store(ticket), Answer::Recorded) => {
                    failpoint::reached("grant-stored");
                    self.machine.handle_stored(now, ticket);
                }
                (Errand::Greet(connection), Answer::Head(head)) => {
                    let wall = self.line.config.present.now();
                    self.machine.handle_journal_head(self.signed(&head, wall));
                    self.machine.handle_connected(now, connection, wall);
                }
                (Errand::Root(ticket), Answer::Root(root)) => {
                    self.machine.handle_root(now, ticket, root);
                }
                (Errand::Scan(ticket), Answer::Scanned(scanned, basis)) => {
                    self.ask(Errand::Sign(ticket, scanned, basis), Command::Head);
                }
                (Errand::Sign(ticket, mut scanned, basis), Answer::Head(head)) => {
                    let mut head = self.signed(&head, self.line.config.present.now());
                    self.release(&mut head, &scanned, basis);
                    scanned.journal_head = Some(Box::new(head));
                    self.machine.handle_scanned(now, ticket, *scanned);
                }
                (Errand::Reclaim(ticket), Answer::Reclaimed(Ok(head))) => {
                    self.machine.handle_reclaimed(now, ticket, head);
                }
                (Errand::Reclaim(_), Answer::Reclaimed(Err(detail))) => {
                    self.machine.handle_store_failed(now, &detail);
                }
                (_, Answer::DiskFull) => {
                    self.machine.handle_store_failed(now, "the disk is full");
                }
                // The answer's kind follows from the command's.
                _ => {}
            },
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Grown(head) => self.machine.handle_head(now, head),
            Event::CatalogueMoved => {
                let seq = *self.catalogue.borrow_and_update();
                self.machine.handle_catalogue(now, seq);
            }
            Event::Renewed => {
                if matches!(self.machine.phase(), Phase::Blocked | Phase::Backoff) {
                    self.machine.wake(now);
                }
            }
            Event::Stop | Event::StoreStopped => {}
        }
        Ok(())
    }

    fn heard(&mut self, connection: Connection, what: What<pb::UplinkResponse>) {
        let (now, wall) = (self.clock.now(), self.line.config.present.now());
        match what {
            What::Connected => self.ask(Errand::Greet(connection), Command::Head),
            What::Ended(end) => self.machine.handle_ended(now, connection, end),
            What::Message(message) => match Down::try_from(message) {
                Err(invalid) => {
                    let end = End::fault(format!("the hub said {invalid}"));
                    self.machine.handle_ended(now, connection, end);
                }
                Ok(down) => {
                    if matches!(down, Down::Ack(_)) {
                        failpoint::reached("ack-unread");
                    }
                    self.note(&down, wall);
                    self.heard_of_releases(&down);
                    self.machine.handle_received(now, connection, down, wall);
                }
            },
        }
    }

    fn perform(&mut self, action: Action) -> Result<(), LinkFault> {
        let now = self.line.config.present.now();
        let is_taken = match action {
            Action::Mint(ticket) => {
                let nonce = Nonce(random()?);
                let standing = Standing {
                    nonce: Some(nonce),
                    ..self.machine.standing().clone()
                };
                let link = Command::Link { now, standing };
                self.errands.ask(Errand::Mint(ticket, nonce), link)
            }
            Action::Root(ticket, size) => {
                self.errands.ask(Errand::Root(ticket), Command::Root(size))
            }
            Action::Store(ticket, standing) => {
                let link = Command::Link { now, standing };
                self.errands.ask(Errand::Store(ticket), link)
            }
            Action::Remember(acked) => {
                let standing = Standing {
                    acked,
                    ..self.machine.standing().clone()
                };
                let link = Command::Link { now, standing };
                self.errands.ask(Errand::Remember, link)
            }
            Action::Scan(ticket, scan) => {
                let scan = Command::Scan { now, scan };
                self.errands.ask(Errand::Scan(ticket), scan)
            }
            Action::Reclaim(ticket, reclaiming) => {
                let reclaim = Command::Reclaim { now, reclaiming };
                self.errands.ask(Errand::Reclaim(ticket), reclaim)
            }
            Action::Connect(to) => {
                self.connect(to);
                true
            }
            Action::Send(to, up) => {
                self.send(to, &up);
                true
            }
            Action::Disconnect(from) => {
                self.streams.disconnect(from);
                true
            }
            Action::Notify(notice) => {
                self.notice(notice);
                true
            }
        };
        if !is_taken {
            let now = self.clock.now();
            self.machine.handle_store_failed(now, "too much waits");
        }
        Ok(())
    }

    fn ask(&mut self, errand: Errand, command: Command) {
        if !self.errands.ask(errand, command) {
            let now = self.clock.now();
            self.machine.handle_store_failed(now, "too much waits");
        }
    }

    fn signed(&self, head: &journal::Head, now: Timestamp) -> JournalHead {
        self.line.heads.sign(self.line.store.store_id(), head, now)
    }

    fn connect(&mut self, to: Connection) {
        let channel = match (self.line.dial)() {
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
            Ok(true) => return self.has_released(up),
            Ok(false) => End::fault("the stream takes no more"),
            Err(too_large) => End::fault(too_large.to_string()),
        };
        self.machine.handle_ended(self.clock.now(), to, end);
    }
}
