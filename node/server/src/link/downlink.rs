//! Drives the downlink machine: waits for one event, tells the machine, does
//! what it asks for.

use std::sync::Arc;

use proto::{
    pb::sync as pb,
    sync::{
        downlink::{Applied, Issue},
        end::End,
    },
};
use proto_child::{
    downlink::{self, Action, Change, Downlink, Notice, Phase},
    uplink::action::{Connection, Ticket},
};
use proto_edge::{
    line::{
        clock::Clock,
        streams::{Heard, Streams, What},
    },
    listener::SYNC_MESSAGE_LIMIT,
    sync::sync_service_client::SyncServiceClient,
};
use tokio::{sync::watch, task::JoinSet};

use super::{Line, LinkFault, errands::Errands, random};
use crate::store::{
    ahead::Ahead,
    keyspace::{
        Rows as _,
        link::{Link, LinkKey, Links},
    },
    ledger::command::{Answer, Command},
};

enum Event {
    Heard(Heard<pb::DownlinkResponse>),
    Counted(Option<Ahead>),
    Applied(Ticket, Applied),
    StoreStopped,
    Deadline,
    Renewed,
    Stop,
}

struct Driver {
    line: Line,
    clock: Clock,
    machine: Downlink,
    streams: Streams<pb::DownlinkRequest, pb::DownlinkResponse>,
    errands: Errands<Ticket>,
    /// The change in hand, counted before the writer has it.
    staged: Option<(Ticket, Arc<Change>)>,
    counting: JoinSet<Option<Ahead>>,
    catalogue: watch::Sender<u64>,
}

/// `catalogue`: told the seq of what is durable.
pub async fn run(line: Line, catalogue: watch::Sender<u64>) -> Result<(), LinkFault> {
    let cursor = match line.store.view().load::<Links>(&LinkKey::Downlink)? {
        Some(Link::Downlink(cursor)) => Some(cursor),
        _ => None,
    };
    let config = downlink::Config {
        name: line.name.clone(),
        reconnect_window: line.config.reconnect_window,
    };
    let clock = Clock::start();
    let seed = u64::from_be_bytes(random()?);
    let mut machine = Downlink::new(clock.now(), &config, cursor, seed);
    if cursor.is_none() {
        machine.wake(clock.now());
    }
    let driver = Driver {
        clock,
        machine,
        streams: Streams::default(),
        errands: Errands::new(line.store.clone()),
        staged: None,
        counting: JoinSet::new(),
        catalogue,
        line,
    };
    driver.run().await
}

impl Driver {
    async fn run(mut self) -> Result<(), LinkFault> {
        let outcome = loop {
            match self.next_event().await {
                Event::Stop => break Ok(()),
                Event::StoreStopped => break Err(LinkFault::StoreStopped),
                event => self.handle(event),
            }
            while let Some(action) = self.machine.poll_action() {
                self.perform(action);
            }
        };
        self.streams.close().await;
        // It has heard the same word, and ends at its next stretch.
        while self.counting.join_next().await.is_some() {}
        outcome
    }

    async fn next_event(&mut self) -> Event {
        tokio::select! {
            () = self.line.stop.cancelled() => Event::Stop,
            Some(heard) = self.streams.next() => Event::Heard(heard),
            Some(counted) = self.counting.join_next() => Event::Counted(counted.unwrap_or_else(|fault| {
                tracing::error!(%fault, "a change is not counted ahead");
                None
            })),
            done = self.errands.next() => match done {
                Some((ticket, Answer::Activated(applied))) => Event::Applied(ticket, applied),
                // The answer's kind follows from the command's.
                Some((ticket, _)) => Event::Applied(ticket, Applied::default()),
                None => Event::StoreStopped,
            },
            Ok(()) = self.line.swaps.changed() => Event::Renewed,
            () = self.clock.reach(self.machine.next_deadline()) => Event::Deadline,
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Heard(Heard { connection, what }) => match what {
                What::Connected => self.machine.handle_connected(now, connection),
                What::Ended(end) => self.machine.handle_ended(now, connection, end),
                What::Message(message) => match Issue::try_from(message) {
                    Ok(issue) => self.machine.handle_received(now, connection, issue),
                    Err(invalid) => {
                        let end = End::fault(format!("the hub said {invalid}"));
                        self.machine.handle_ended(now, connection, end);
                    }
                },
            },
            Event::Counted(ahead) => self.counted(ahead),
            Event::Applied(ticket, applied) => {
                failpoint::reached("item-unconfirmed");
                self.machine.handle_applied(now, ticket, applied);
                let seq = self.machine.cursor().map_or(0, |cursor| cursor.seq);
                self.catalogue.send_replace(seq);
            }
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Renewed => {
                if matches!(self.machine.phase(), Phase::Blocked | Phase::Resting) {
                    self.machine.wake(now);
                }
            }
            Event::Stop | Event::StoreStopped => {}
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Connect(to) => self.connect(to),
            Action::Send(to, receipt) => {
                if !self.streams.say(to, (&receipt).into()) {
                    let end = End::fault("the stream takes no more");
                    self.machine.handle_ended(self.clock.now(), to, end);
                }
            }
            Action::Disconnect(from) => self.streams.disconnect(from),
            Action::Apply(ticket, change) => self.apply(ticket, change),
            Action::Notify(notice) => tell(notice),
        }
    }

    /// One change at a time is applied, so there is room for it.
    fn apply(&mut self, ticket: Ticket, change: Change) {
        failpoint::reached("item-staged");
        let change = Arc::new(change);
        self.staged = Some((ticket, change.clone()));
        let (store, stop) = (self.line.store.clone(), self.line.stop.clone());
        self.counting.spawn_blocking(move || {
            let ahead = store.count_ahead(&change, &stop, |_| ());
            // The writer meets the same fault, and knows what to do about it.
            ahead.unwrap_or_else(|fault| {
                tracing::warn!(%fault, "a change is not counted ahead");
                None
            })
        });
    }

    fn counted(&mut self, ahead: Option<Ahead>) {
        let Some((ticket, change)) = self.staged.take() else {
            return;
        };
        let activate = Command::Activate {
            now: self.line.config.present.now(),
            change: Arc::unwrap_or_clone(change),
            ahead: ahead.map(Box::new),
        };
        if !self.errands.ask(ticket, activate) {
            tracing::error!("the store has stopped, or two changes are applied at once");
        }
    }

    fn connect(&mut self, to: Connection) {
        match (self.line.dial)() {
            Err(detail) => {
                let now = self.clock.now();
                self.machine.handle_ended(now, to, End::fault(detail));
            }
            Ok(channel) => self
                .streams
                .connect(to, channel, |channel, said| async move {
                    let mut client = SyncServiceClient::new(channel)
                        .max_decoding_message_size(SYNC_MESSAGE_LIMIT);
                    client.downlink(said).await
                }),
        }
    }
}

fn tell(notice: Notice) {
    match notice {
        Notice::CaughtUp(cursor) => tracing::debug!(seq = cursor.seq, "catalogue is current"),
        Notice::Relisted { cursor, items } => {
            tracing::info!(seq = cursor.seq, items, "catalogue taken anew");
        }
        Notice::Refused(refused) => {
            let (item, reason, detail) = (refused.item_id, refused.reason, refused.detail);
            tracing::warn!(item, reason, detail, "cannot take an item of the catalogue");
        }
        Notice::Ended { end, retry_in } => {
            let retry_ms = retry_in.as_millis() as u64;
            tracing::info!(reason = ?end.reason, detail = end.detail, retry_ms, "downlink ended");
        }
        Notice::Blocked { end } => {
            tracing::error!(reason = ?end.reason, detail = end.detail, "the hub shuts us out");
        }
    }
}
