//! One node's downlink: waits for one event, tells the machine, does what it
//! asks for. Reads the catalogue's log from memory and writes nothing.

use std::sync::Arc;

use hub_domain::sync::downlink::{Downlink, Output};
use jiff::Timestamp;
use proto::{
    identity::LogId,
    indicator::catalogue::{self, ItemId},
    pb::sync as pb,
    place::Place,
    sync::{
        downlink::{Cursor, Item, ItemKind, Receipt},
        end::{End, Reason},
        limits,
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tonic::{Status, Streaming};

use super::{
    Hub,
    sessions::{Seat, Word},
    status::status_of,
};

enum Event {
    Said(Result<Option<pb::DownlinkRequest>, Status>),
    Gone,
    Word(Word),
    Published(u64),
    Deadline,
    Stop,
}

struct Driver {
    hub: Arc<Hub>,
    node: Place,
    seat: Seat,
    machine: Downlink,
    head: watch::Receiver<u64>,
    replies: mpsc::Sender<Result<pb::DownlinkResponse, Status>>,
    is_over: bool,
}

pub async fn run(
    hub: Arc<Hub>,
    node: Place,
    mut said: Streaming<pb::DownlinkRequest>,
    replies: mpsc::Sender<Result<pb::DownlinkResponse, Status>>,
) {
    let head = hub.store.catalogue_head();
    let log = hub.store.catalogue();
    let cursor = Cursor {
        log_id: log.log_id(),
        seq: log.head(),
    };
    let relisted_at = hub.relisted().get(&node).copied();
    let mut driver = Driver {
        machine: Downlink::new(hub.now(), cursor, relisted_at),
        seat: hub.downlinks.open(node),
        hub,
        node,
        head,
        replies,
        is_over: false,
    };
    if let Err(end) = driver.seat.enter() {
        driver.machine.handle_end(end);
    }
    loop {
        while let Some(output) = driver.machine.poll_output() {
            driver.perform(output).await;
        }
        if driver.is_over {
            return;
        }
        let event = driver.next_event(&mut said).await;
        driver.handle(event);
    }
}

impl Driver {
    async fn next_event(&mut self, said: &mut Streaming<pb::DownlinkRequest>) -> Event {
        tokio::select! {
            said = said.message() => Event::Said(said),
            () = self.replies.closed() => Event::Gone,
            Some(word) = self.seat.words.recv() => Event::Word(word),
            Ok(()) = self.head.changed() => Event::Published(*self.head.borrow_and_update()),
            () = self.hub.reach(self.machine.next_deadline()) => Event::Deadline,
            () = self.hub.stop.cancelled() => Event::Stop,
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.hub.now();
        match event {
            Event::Said(Ok(Some(message))) => match Receipt::try_from(message) {
                Ok(receipt) => self.machine.handle_receipt(now, receipt),
                Err(invalid) => {
                    let end = End::of(Reason::Malformed, None, invalid.to_string());
                    self.machine.handle_end(end);
                }
            },
            Event::Said(Err(status)) => {
                // As on the uplink.
                let _ = self.replies.try_send(Err(status));
                self.machine.handle_closed();
                self.is_over = true;
            }
            Event::Said(Ok(None)) | Event::Gone => {
                self.machine.handle_closed();
                self.is_over = true;
            }
            Event::Word(Word::End(end)) => self.machine.handle_end(end),
            // Nobody demands credit here.
            Event::Word(Word::Credit(_)) => {}
            Event::Published(seq) => self.machine.handle_head(now, seq),
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Stop => {
                let wait = Some(limits::BACKOFF_MIN);
                let end = End::of(Reason::Busy, wait, "hub is draining");
                self.machine.handle_end(end);
            }
        }
    }

    async fn perform(&mut self, output: Output) {
        let now = self.hub.now();
        match output {
            Output::Read { after, limit } => {
                let log = self.hub.store.catalogue();
                let id = log.log_id();
                let items = log.after(after).take(limit);
                let items = items.map(|(seq, name, issued)| item(id, seq, name, issued));
                self.machine.handle_items(now, items.collect());
            }
            Output::List => {
                let log = self.hub.store.catalogue();
                let id = log.log_id();
                let items = log.snapshot().into_iter();
                let items = items.map(|(seq, name, issued)| item(id, seq, name, issued));
                self.machine.handle_set(now, log.head(), items.collect());
            }
            Output::Reply(issue) => self.say((&issue).into()).await,
            Output::Record(taken) => self.hub.heard.took(self.node, &taken, Timestamp::now()),
            Output::Relisted => {
                self.hub.relisted().insert(self.node, now);
                self.hub.heard.relisted(self.node);
            }
            Output::Close(end) => {
                if let Some(end) = end {
                    let (node, reason, detail) = (self.node, end.reason, &end.detail);
                    tracing::info!(%node, ?reason, detail, "downlink ends");
                    // A node that is gone, or does not read, need not be told.
                    let _ = self.replies.try_send(Err(status_of(end)));
                }
                self.is_over = true;
            }
        }
    }

    /// Waits for a node that reads slowly, not for one that does not read.
    async fn say(&mut self, issue: pb::DownlinkResponse) {
        let said = timeout(limits::ACK_WAIT, self.replies.send(Ok(issue)));
        if !self.is_over && !matches!(said.await, Ok(Ok(()))) {
            self.machine.handle_closed();
            self.is_over = true;
        }
    }
}

fn item(log_id: LogId, seq: u64, name: &ItemId, issued: &catalogue::Item) -> Item {
    let kind = match issued {
        catalogue::Item::Definition(_) => ItemKind::Indicator,
        catalogue::Item::Dimension(_) => ItemKind::Dimension,
    };
    let cursor = Cursor { log_id, seq };
    Item::new(cursor, name.to_string(), kind, issued.payload().into())
}
