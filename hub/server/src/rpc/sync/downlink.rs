//! One node's downlink: waits for one event, tells the machine, does what it
//! asks for. Reads the catalogue's log from memory and writes nothing.

use std::sync::Arc;

use hub_domain::{
    catalogue::{Entry, Issued, Name},
    rollout::{Taking, Tried},
    sync::downlink::{Downlink, Output},
};
use jiff::Timestamp;
use proto::{
    identity::LogId,
    indicator::catalogue,
    pb::sync as pb,
    place::Place,
    sync::{
        downlink::{Cursor, Item, ItemKind, Receipt, Taken},
        end::{End, Reason},
        limits,
        wire::trial::dry_run,
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tonic::{Status, Streaming};

use super::{
    Hub, Reply,
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
    replies: mpsc::Sender<Reply<pb::DownlinkResponse>>,
    /// The next acknowledgement is of a whole listing.
    has_relisted: bool,
    is_over: bool,
}

pub async fn run(
    hub: Arc<Hub>,
    node: Place,
    mut said: Streaming<pb::DownlinkRequest>,
    replies: mpsc::Sender<Reply<pb::DownlinkResponse>>,
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
        has_relisted: false,
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
                let items = log.after(after, self.node).take(limit);
                let items = items.map(|(seq, entry)| item(id, seq, entry));
                self.machine.handle_items(now, items.collect());
            }
            Output::List => {
                let log = self.hub.store.catalogue();
                let id = log.log_id();
                let items = log.snapshot(self.node).into_iter();
                let items = items.map(|(seq, entry)| item(id, seq, entry));
                self.machine.handle_set(now, log.head(), items.collect());
            }
            Output::Reply(issue) => self.say((&issue).into()).await,
            Output::Record(taken) => self.record(taken).await,
            Output::Relisted => {
                self.hub.relisted().insert(self.node, now);
                self.hub.heard.relisted(self.node);
                self.has_relisted = true;
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

    /// What it took is worth a record when somebody asks later who counts what; a
    /// store that is stopping loses it until the node's next word.
    async fn record(&mut self, taken: Taken) {
        let (node, now) = (self.node, Timestamp::now());
        self.hub.heard.took(node, &taken, now);
        let mut lost = None;
        for trial in taken.trials {
            let number = trial.rollout;
            let tried = self
                .hub
                .store
                .tried(number, node, Tried::Counted(trial), now);
            lost = lost.or(tried.await.err());
        }
        for refused in &taken.refused {
            let number = refused.item_id.strip_prefix("dry-run/");
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                let tried = Tried::Refused {
                    reason: refused.reason.clone(),
                    detail: refused.detail.clone(),
                };
                let tried = self.hub.store.tried(number, node, tried, now);
                lost = lost.or(tried.await.err());
            }
        }
        let taking = Taking {
            node,
            seq: taken.seq,
            relisted: std::mem::take(&mut self.has_relisted),
            refused: taken.refused,
        };
        // A heartbeat says nothing new, and need not trouble the writer.
        let store = &self.hub.store;
        if store.uptake().is_news(&taking, &store.catalogue()) {
            lost = lost.or(store.took(taking).await.err());
        }
        if let Some(fault) = lost {
            tracing::warn!(%node, %fault, "what the node took is not recorded");
        }
    }

    /// Waits for a node that reads slowly, not for one that does not read.
    async fn say(&mut self, issue: pb::DownlinkResponse) {
        let said = timeout(limits::ACK_WAIT, self.replies.send(Ok(Box::new(issue))));
        if !self.is_over && !matches!(said.await, Ok(Ok(()))) {
            self.machine.handle_closed();
            self.is_over = true;
        }
    }
}

fn item(log_id: LogId, seq: u64, entry: &Entry) -> Item {
    let (kind, payload) = match &entry.what {
        Issued::Item(item) => {
            let kind = match item {
                catalogue::Item::Definition(_) => ItemKind::Indicator,
                catalogue::Item::Dimension(_) => ItemKind::Dimension,
                catalogue::Item::Derived(_) => ItemKind::Derived,
            };
            (kind, item.payload())
        }
        Issued::Withdrawn => (ItemKind::Retired, Vec::new()),
        Issued::DryRun(items) => {
            let number = match &entry.name {
                Name::DryRun(number) => *number,
                Name::Item(_) => 0,
            };
            (ItemKind::DryRun, dry_run(number, items))
        }
    };
    let cursor = Cursor { log_id, seq };
    Item::new(cursor, entry.name.to_string(), kind, payload.into())
}
