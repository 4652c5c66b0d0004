//! One node's uplink: waits for one event, tells the session machine, does what
//! it asks for. What was received is acknowledged when the writer says that it
//! is on disk, never before.

use std::sync::{Arc, atomic::Ordering};

use hub_domain::sync::{
    batch::{self, Refusal},
    hello::Decision,
    repair::{self, Comparison},
    session::{Greeting, Output, Session, Verdict},
};
use jiff::Timestamp;
use proto::{
    digest::Digest,
    indicator::{
        cell::{Cell, CellKey},
        columns::MAX_BYTES,
    },
    pb::sync::{self as pb, uplink_request::Message},
    place::Place,
    sync::{
        end::{End, Reason},
        limits,
        uplink::{Ack, Batch, Checkpoint, DigestWant, Hello, Listing, Sums, Up, cost},
    },
};
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::sync::{mpsc, oneshot};
use tonic::{Status, Streaming};

use super::{
    Hub, Reply,
    pipeline::Pipeline,
    sessions::{Seat, Word},
    status::status_of,
};
use crate::{pki::ledger::LedgerFault, rpc::journal_head};

/// Digests that the view has not told yet; later checkpoints go without.
const COMPARED: usize = 4;

#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
enum Event {
    Said(Result<Option<pb::UplinkRequest>, Status>),
    Gone,
    Word(Word),
    Written(Written),
    Compared(Option<Verdict>),
    Deadline,
    Stop,
}

/// What the writer answered, in order.
enum Written {
    Greeted(Result<Greeting, End>),
    /// All that is held of the node.
    Cells(Result<Vec<Cell>, End>),
    Ack(Result<Ack, End>, Option<Checked>),
    Listed(Result<(), End>),
    Compared(Option<Verdict>),
}

/// A batch's checkpoint, and what the view will say that it holds there.
struct Checked {
    epoch: u64,
    through: u64,
    checkpoint: Checkpoint,
    digest: oneshot::Receiver<Digest>,
}

struct Driver {
    hub: Arc<Hub>,
    node: Place,
    seat: Seat,
    machine: Session,
    replies: mpsc::Sender<Reply<pb::UplinkResponse>>,
    writing: Pipeline<Written>,
    comparing: Pipeline<Option<Verdict>>,
    /// Cells of the batch in hand, as they came.
    packed: Option<pb::Cells>,
    /// What a store that comes back is given, once it was read.
    returning: Option<Vec<Cell>>,
    is_draining: bool,
    is_over: bool,
}

pub async fn run(
    hub: Arc<Hub>,
    node: Place,
    mut said: Streaming<pb::UplinkRequest>,
    replies: mpsc::Sender<Reply<pb::UplinkResponse>>,
) {
    let mut seed = [0; 8];
    // Only spreads load: without entropy all sessions grow equally old.
    let _ = SystemRandom::new().fill(&mut seed);
    let mut driver = Driver {
        machine: Session::new(hub.now(), u64::from_be_bytes(seed)),
        seat: hub.uplinks.open(node),
        hub,
        node,
        replies,
        writing: Pipeline::default(),
        comparing: Pipeline::default(),
        packed: None,
        returning: None,
        is_draining: false,
        is_over: false,
    };
    while !driver.is_over {
        let event = driver.next_event(&mut said).await;
        driver.handle(event);
        while let Some(output) = driver.machine.poll_output() {
            driver.perform(output);
        }
    }
}

impl Driver {
    async fn next_event(&mut self, said: &mut Streaming<pb::UplinkRequest>) -> Event {
        tokio::select! {
            said = said.message() => Event::Said(said),
            () = self.replies.closed() => Event::Gone,
            Some(word) = self.seat.words.recv() => Event::Word(word),
            written = self.writing.next() => Event::Written(written),
            verdict = self.comparing.next() => Event::Compared(verdict),
            () = self.hub.reach(self.machine.next_deadline()) => Event::Deadline,
            () = self.hub.stop.cancelled(), if !self.is_draining => Event::Stop,
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.hub.now();
        match event {
            Event::Said(Ok(Some(message))) => self.said(message),
            Event::Said(Err(status)) => {
                // What cannot be read is refused as such, not ended in peace; a
                // node that is gone does not hear it.
                let _ = self.replies.try_send(Err(status));
                self.machine.handle_closed();
                self.is_over = true;
            }
            Event::Said(Ok(None)) | Event::Gone => {
                self.machine.handle_closed();
                self.is_over = true;
            }
            Event::Word(Word::Credit(bytes)) => self.machine.handle_credit(bytes),
            Event::Word(Word::End(end)) => self.machine.handle_end(end),
            Event::Written(Written::Greeted(greeting)) => {
                failpoint::reached("welcome-unsent");
                self.machine.handle_greeted(now, greeting);
            }
            Event::Written(Written::Cells(Ok(cells))) => {
                self.returning = Some(cells);
                self.give_back(None);
            }
            Event::Written(Written::Cells(Err(end))) => self.machine.handle_end(end),
            Event::Written(Written::Ack(ack, checked)) => {
                failpoint::reached("ack-unsent");
                if let Ok(ack) = &ack {
                    let applied = ack.applied.into();
                    self.hub.applied.fetch_add(applied, Ordering::Relaxed);
                }
                self.machine.handle_committed(ack);
                // Only now: a verdict never overtakes its batch's acknowledgement.
                if let Some(checked) = checked {
                    let compared = compare(self.hub.clone(), self.node, checked);
                    self.comparing.push(compared);
                }
            }
            Event::Written(Written::Listed(listed)) => self.machine.handle_listed(listed),
            Event::Written(Written::Compared(verdict)) | Event::Compared(verdict) => {
                if let Some(verdict) = verdict {
                    self.machine.handle_verdict(verdict);
                }
            }
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Stop => {
                self.is_draining = true;
                self.machine.handle_drain(now, limits::RECONNECT_WINDOW);
            }
        }
    }

    fn said(&mut self, message: pb::UplinkRequest) {
        self.packed = match &message.message {
            Some(Message::Batch(batch)) => batch.cells.clone(),
            _ => None,
        };
        match Up::try_from(message) {
            Ok(up) => {
                if let Err(end) = journal_head::check(self.node, &up) {
                    return self.machine.handle_end(end);
                }
                let head = match &up {
                    Up::Hello(hello) => Some(hello.head_seq),
                    Up::Batch(batch) => Some(batch.through),
                    _ => None,
                };
                self.hub.heard.seen(self.node, head, Timestamp::now());
                self.machine.handle_up(self.hub.now(), up);
            }
            Err(invalid) => {
                let end = End::of(Reason::Malformed, None, invalid.to_string());
                self.machine.handle_end(end);
            }
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Greet(hello) => match self.seat.enter() {
                Ok(()) => {
                    let greeted = greet(self.hub.clone(), self.node, hello);
                    self.writing
                        .push(async move { Written::Greeted(greeted.await) });
                }
                Err(end) => self.machine.handle_greeted(self.hub.now(), Err(end)),
            },
            Output::Commit(epoch, batch) => self.commit(epoch, batch),
            Output::Compare(epoch, sums) => {
                let verdict = compare_sums(self.hub.clone(), self.node, epoch, sums);
                self.writing
                    .push(async move { Written::Compared(verdict.await) });
            }
            Output::List(epoch, listing) => {
                let listed = list(self.hub.clone(), self.node, epoch, listing);
                self.writing
                    .push(async move { Written::Listed(listed.await) });
            }
            Output::Return(after) => self.give_back(after),
            Output::Reply(down) => {
                let reply = pb::UplinkResponse::try_from(&down).map(Box::new);
                let reply = reply.map_err(|large| status_of(End::fault(large.to_string())));
                if self.replies.try_send(reply).is_err() {
                    // It does not read; nothing more can be said to it.
                    self.is_over = true;
                }
            }
            Output::Demand {
                waiting,
                returned_bytes,
            } => self.seat.demand(waiting, returned_bytes),
            Output::Settle { bytes } => self.seat.settle(bytes),
            Output::Close(end) => {
                if let Some(end) = end {
                    let (node, reason, detail) = (self.node, end.reason, &end.detail);
                    tracing::info!(%node, ?reason, detail, "uplink ends");
                    // A node that is gone, or does not read, need not be told.
                    let _ = self.replies.try_send(Err(status_of(end)));
                }
                self.is_over = true;
            }
        }
    }

    /// The next page of what the store comes back to; all of it is read once.
    fn give_back(&mut self, after: Option<CellKey>) {
        let Some(cells) = &self.returning else {
            let (hub, node) = (self.hub.clone(), self.node);
            self.writing.push(async move {
                Written::Cells(hub.store.cells_of(node).await.map_err(failed))
            });
            return;
        };
        let from = after.map_or(0, |after| cells.partition_point(|cell| cell.key <= after));
        let mut room = MAX_BYTES as u64;
        let page = cells[from..].iter().take(limits::BATCH_CELLS);
        let page: Vec<Cell> = page
            .enumerate()
            .take_while(|(at, cell)| {
                let cost = cost(cell);
                let fits = *at == 0 || cost <= room;
                room = room.saturating_sub(cost);
                fits
            })
            .map(|(_, cell)| cell.clone())
            .collect();
        let is_last = from + page.len() == cells.len();
        self.machine.handle_returned(self.hub.now(), page, is_last);
    }

    fn commit(&mut self, epoch: u64, batch: Batch) {
        let through = batch.through;
        let checkpoint = (batch.checkpoint).filter(|_| self.comparing.len() < COMPARED);
        let (told, checked) = checkpoint
            .map(|checkpoint| {
                let (told, digest) = oneshot::channel();
                let checked = Checked {
                    epoch,
                    through,
                    checkpoint,
                    digest,
                };
                (told, checked)
            })
            .unzip();
        let (hub, node, packed) = (self.hub.clone(), self.node, self.packed.take());
        self.writing.push(async move {
            let now = Timestamp::now();
            let batch = hub.store.batch(node, epoch, batch, packed, told, now);
            match batch.await {
                Ok(Ok(ack)) => Written::Ack(Ok(ack), checked),
                Ok(Err(refusal)) => Written::Ack(Err(refusal.end()), None),
                Err(fault) => Written::Ack(Err(failed(fault)), None),
            }
        });
    }
}

async fn greet(hub: Arc<Hub>, node: Place, hello: Hello) -> Result<Greeting, End> {
    let greeted = hub.store.hello(node, hello, Timestamp::now());
    let greeted = greeted.await.map_err(failed)?;
    match greeted.decision {
        Decision::Granted(_) | Decision::Repeated { .. } => greeted
            .welcome
            .map(Greeting::Welcome)
            .ok_or_else(|| End::fault("welcomed without a welcome")),
        Decision::Reclaim(terms) => Ok(Greeting::Reclaim(terms)),
        Decision::Show { size } => Ok(Greeting::Show { size }),
        Decision::Quarantined { quarantine, .. } => Err(quarantine.end()),
        Decision::Unsupported { min, max } => Err(End::of(
            Reason::VersionUnsupported,
            None,
            format!("protocol: want one from {min} to {max}"),
        )),
        Decision::Elsewhere => Err(batch::elsewhere()),
        Decision::Malformed(what) => Err(End::of(Reason::Malformed, None, what)),
    }
}

/// At a checkpoint; `None` when there is nothing to tell the node.
async fn compare(hub: Arc<Hub>, node: Place, checked: Checked) -> Option<Verdict> {
    let Checked {
        epoch,
        through,
        checkpoint,
        digest,
    } = checked;
    // The view has stopped.
    let held = digest.await.ok()?;
    let (line, now) = (hub.store.line(node)?, Timestamp::now());
    match repair::compare(&line, &held, &checkpoint, now) {
        Comparison::Agreed => {
            hub.store.agreed(node, through, now).await.ok()?;
            Some(Verdict::Agreed { through })
        }
        Comparison::Repair if line.epoch == epoch => Some(Verdict::Want(DigestWant::Sums)),
        Comparison::Repair => None,
        Comparison::Alarm => {
            let alarm = format!("differs from its node at {through}, though repaired within a day");
            hub.store.raise(node, alarm).await.ok()?;
            None
        }
    }
}

/// Only where the sums were taken: with nothing accepted since.
async fn compare_sums(hub: Arc<Hub>, node: Place, epoch: u64, sums: Sums) -> Option<Verdict> {
    let held = hub.store.digest(node).await.ok()?;
    let line = hub.store.line(node)?;
    let is_there = line.epoch == epoch && line.acked == sums.through;
    let buckets = sums.buckets.try_into().ok().filter(|_| is_there)?;
    let differing = held.differing(&Digest::from_buckets(buckets));
    Some(if differing.is_empty() {
        let through = sums.through;
        Verdict::Agreed { through }
    } else {
        Verdict::Want(DigestWant::Buckets(differing))
    })
}

async fn list(hub: Arc<Hub>, node: Place, epoch: u64, listing: Listing) -> Result<(), End> {
    let now = Timestamp::now();
    let line = hub.store.line(node);
    let begins = line.is_some_and(|line| repair::begins(&line, now));
    let listed = hub.store.listing(node, epoch, listing, now);
    let listed = listed.await.map_err(failed)?;
    listed.map_err(|refusal: Refusal| refusal.end())?;
    if begins {
        hub.store.repair_began(node, now).await.map_err(failed)?;
    }
    Ok(())
}

pub(super) fn failed(fault: LedgerFault) -> End {
    let reason = match fault {
        LedgerFault::Stopping => Reason::Busy,
        LedgerFault::DiskFull | LedgerFault::Store(_) => Reason::StoreFailed,
    };
    End::of(reason, Some(limits::BACKOFF_MIN), fault.to_string())
}
