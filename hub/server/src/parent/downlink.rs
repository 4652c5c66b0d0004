//! Drives the downlink machine from the parent: its catalogue is what this hub
//! passes on, and is published below where it is not known yet.

use proto::{
    pb::sync as pb,
    sync::{
        downlink::{Issue, Refused},
        end::End,
    },
};
use proto_child::{
    downlink::{self, Action, Downlink, Notice, Phase},
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
use tokio::sync::watch;

use super::{Line, ParentFault, random};
use crate::{pki::ledger::LedgerFault, rpc::sync::pipeline::Pipeline};

enum Event {
    Heard(Heard<pb::DownlinkResponse>),
    Applied(Ticket, Result<Vec<Refused>, LedgerFault>),
    Deadline,
    Renewed,
    Stop,
}

struct Driver {
    line: Line,
    clock: Clock,
    machine: Downlink,
    streams: Streams<pb::DownlinkRequest, pb::DownlinkResponse>,
    errands: Pipeline<(Ticket, Result<Vec<Refused>, LedgerFault>)>,
    catalogue: watch::Sender<u64>,
}

/// `catalogue`: told the seq of what is durable.
pub async fn run(line: Line, catalogue: watch::Sender<u64>) -> Result<(), ParentFault> {
    let cursor = line.store.tree().cursor;
    let config = downlink::Config {
        name: line.name.clone(),
        reconnect_window: line.settings.reconnect_window(),
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
        errands: Pipeline::default(),
        catalogue,
        line,
    };
    driver.run().await
}

impl Driver {
    async fn run(mut self) -> Result<(), ParentFault> {
        let outcome = loop {
            match self.next_event().await {
                Event::Stop | Event::Applied(_, Err(LedgerFault::Stopping)) => break Ok(()),
                Event::Applied(_, Err(fault)) => break Err(fault.into()),
                event => self.handle(event),
            }
            while let Some(action) = self.machine.poll_action() {
                self.perform(action);
            }
        };
        self.streams.close().await;
        outcome
    }

    async fn next_event(&mut self) -> Event {
        tokio::select! {
            () = self.line.stop.cancelled() => Event::Stop,
            Some(heard) = self.streams.next() => Event::Heard(heard),
            (ticket, applied) = self.errands.next() => Event::Applied(ticket, applied),
            Ok(()) = self.line.parent.swaps.changed() => Event::Renewed,
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
                        let end = End::fault(format!("the parent said {invalid}"));
                        self.machine.handle_ended(now, connection, end);
                    }
                },
            },
            Event::Applied(ticket, applied) => {
                self.machine
                    .handle_applied(now, ticket, applied.unwrap_or_default());
                let seq = self.machine.cursor().map_or(0, |cursor| cursor.seq);
                self.catalogue.send_replace(seq);
            }
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Renewed => {
                if matches!(self.machine.phase(), Phase::Blocked | Phase::Resting) {
                    self.machine.wake(now);
                }
            }
            Event::Stop => {}
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
            Action::Apply(ticket, change) => {
                let store = self.line.store.clone();
                self.errands
                    .push(async move { (ticket, store.take(change).await) });
            }
            Action::Notify(notice) => tell(notice),
        }
    }

    fn connect(&mut self, to: Connection) {
        match (self.line.parent.dial)() {
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
        Notice::CaughtUp(cursor) => {
            tracing::debug!(seq = cursor.seq, "parent's catalogue is current")
        }
        Notice::Relisted { cursor, items } => {
            tracing::info!(seq = cursor.seq, items, "parent's catalogue taken anew");
        }
        Notice::Refused(refused) => {
            let (item, reason, detail) = (refused.item_id, refused.reason, refused.detail);
            tracing::warn!(
                item,
                reason,
                detail,
                "cannot take an item of the parent's catalogue"
            );
        }
        Notice::Ended { end, retry_in } => {
            let retry_ms = retry_in.as_millis() as u64;
            tracing::info!(reason = ?end.reason, detail = end.detail, retry_ms, "downlink from the parent ended");
        }
        Notice::Blocked { end } => {
            tracing::error!(reason = ?end.reason, detail = end.detail, "the parent shuts us out");
        }
    }
}
