//! Drives the machine of letters: waits for one event, tells the machine, does what
//! it asks for.

use jiff::Timestamp;
use proto::{
    pb::sync as pb,
    support::{Answer as Letters, Exchange, Up},
    sync::end::End,
};
use proto_child::{
    letters::{self, Action, Notice},
    uplink::action::Ticket,
};
use proto_edge::{
    line::{clock::Clock, streams::end_of},
    listener::SYNC_MESSAGE_LIMIT,
    sync::letter_service_client::LetterServiceClient,
};
use tokio::task::JoinSet;

use super::{Line, LinkFault, errands::Errands, random};
use crate::store::{
    Store,
    fault::StoreFault,
    ledger::{
        Marks,
        command::{Answer, Command},
    },
};

enum Event {
    Done(Done),
    /// Of a call that was cancelled nothing comes.
    Cancelled,
    Applied(Ticket, bool),
    StoreStopped,
    Standing,
    Deadline,
    Renewed,
    Stop,
}

/// What a task brought.
enum Done {
    Read(Ticket, Result<Vec<Up>, StoreFault>),
    Called(Ticket, Result<Letters, End>),
}

enum Errand {
    Apply(Ticket),
    Remember,
}

struct Driver {
    line: Line,
    clock: Clock,
    machine: letters::Letters,
    marks: tokio::sync::watch::Receiver<Marks>,
    errands: Errands<Errand>,
    /// One reading or call at a time; what is cancelled is aborted.
    tasks: JoinSet<Done>,
}

pub async fn run(line: Line) -> Result<(), LinkFault> {
    let config = letters::Config {
        name: line.name.clone(),
        interval: line.config.interval,
        reconnect_window: line.config.reconnect_window,
        stays_connected: line.config.stays_connected,
    };
    let clock = Clock::start();
    let seed = u64::from_be_bytes(random()?);
    let cursor = line.store.letter_cursor()?;
    let marks = line.store.marks();
    let mut driver = Driver {
        machine: letters::Letters::new(clock.now(), &config, cursor, seed),
        clock,
        marks,
        errands: Errands::new(line.store.clone()),
        tasks: JoinSet::new(),
        line,
    };
    driver.stand();
    driver.run().await
}

impl Driver {
    async fn run(mut self) -> Result<(), LinkFault> {
        loop {
            while let Some(action) = self.machine.poll_action() {
                self.perform(action);
            }
            match self.next_event().await {
                Event::Stop => return Ok(()),
                Event::StoreStopped => return Err(LinkFault::StoreStopped),
                Event::Done(Done::Read(_, Err(fault))) => return Err(fault.into()),
                event => self.handle(event),
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        let deadline = self.machine.next_deadline();
        let clock = &self.clock;
        let reached = async move {
            match deadline {
                Some(deadline) => clock.reach(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.line.stop.cancelled() => Event::Stop,
            Some(joined) = self.tasks.join_next() => joined.map_or(Event::Cancelled, Event::Done),
            done = self.errands.next() => match done {
                Some((Errand::Apply(ticket), answer)) => {
                    Event::Applied(ticket, matches!(answer, Answer::Recorded))
                }
                Some((Errand::Remember, _)) => Event::Standing,
                None => Event::StoreStopped,
            },
            changed = self.marks.changed() => match changed {
                Ok(()) => Event::Standing,
                Err(_) => Event::StoreStopped,
            },
            Ok(()) = self.line.swaps.changed() => Event::Renewed,
            () = reached => Event::Deadline,
        }
    }

    fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Done(Done::Read(ticket, letters)) => {
                self.machine
                    .handle_read(now, ticket, letters.unwrap_or_default());
            }
            Event::Done(Done::Called(ticket, Ok(answer))) => {
                self.machine.handle_answer(now, ticket, answer);
            }
            Event::Done(Done::Called(ticket, Err(end))) => {
                self.machine.handle_failed(now, ticket, end);
            }
            Event::Applied(ticket, true) => self.machine.handle_applied(now, ticket),
            Event::Applied(ticket, false) => self.machine.handle_unapplied(now, ticket),
            Event::Standing => self.stand(),
            Event::Deadline => self.machine.handle_deadline(now),
            Event::Renewed => self.machine.wake(now),
            Event::Cancelled | Event::StoreStopped | Event::Stop => {}
        }
    }

    fn stand(&mut self) {
        let (lineage, epoch, head) = {
            let marks = self.marks.borrow_and_update();
            (marks.lineage, marks.epoch, marks.letters)
        };
        let now = self.clock.now();
        self.machine.handle_standing(now, lineage, epoch, head);
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Read(ticket, after) => {
                let store = self.line.store.clone();
                self.tasks
                    .spawn(async move { Done::Read(ticket, read(store, after).await) });
            }
            Action::Call(ticket, exchange) => self.call(ticket, exchange),
            Action::Cancel(_) => self.tasks.abort_all(),
            Action::Apply(ticket, cursor, letters) => {
                let deliver = Command::Deliver {
                    now: Timestamp::now(),
                    log_id: cursor.log_id,
                    letters,
                };
                if !self.errands.ask(Errand::Apply(ticket), deliver) {
                    tracing::error!("the store has stopped, or too much waits for it");
                }
            }
            Action::Notify(notice) => self.tell(notice),
        }
    }

    /// A channel of its own for each call: a held one would go on with an old
    /// certificate.
    fn call(&mut self, ticket: Ticket, exchange: Exchange) {
        let channel = match (self.line.dial)() {
            Ok(channel) => channel,
            Err(detail) => {
                let now = self.clock.now();
                let end = End::fault(detail);
                return self.machine.handle_failed(now, ticket, end);
            }
        };
        self.tasks.spawn(async move {
            let mut client =
                LetterServiceClient::new(channel).max_decoding_message_size(SYNC_MESSAGE_LIMIT);
            let answered = client.exchange(pb::ExchangeRequest::from(&exchange)).await;
            let answer = match answered {
                Err(status) => Err(end_of(&status)),
                Ok(answer) => Letters::try_from(answer.into_inner())
                    .map_err(|invalid| End::fault(format!("the hub said {invalid}"))),
            };
            Done::Called(ticket, answer)
        });
    }

    fn tell(&mut self, notice: Notice) {
        match notice {
            Notice::Received(through) => {
                let now = Timestamp::now();
                let received = Command::Received { now, through };
                if !self.errands.ask(Errand::Remember, received) {
                    tracing::warn!("the store is busy: how far letters are is told next time");
                }
            }
            Notice::Ended { end, retry_in } => {
                let retry_ms = retry_in.as_millis() as u64;
                let (reason, detail) = (end.reason, end.detail);
                tracing::info!(?reason, detail, retry_ms, "exchange of letters ended");
            }
            Notice::Blocked { end } => {
                tracing::error!(reason = ?end.reason, detail = end.detail, "the hub shuts us out");
            }
        }
    }
}

/// On a thread that may block: records can lie on disk.
async fn read(store: Store, after: u64) -> Result<Vec<Up>, StoreFault> {
    let read = tokio::task::spawn_blocking(move || store.letters_after(after)).await;
    read.unwrap_or_else(|panic| Err(StoreFault::Stopped(panic.to_string())))
}
