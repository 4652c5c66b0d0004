//! Group commit: one named thread owns the journal and a ledger, takes commands from a bounded
//! queue, decides them in order, makes all their records durable with one sync, and only then
//! answers. Knows nothing of what a command means.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::chain::Head;
use crate::fault::{AppendFault, CommitFault};
use crate::journal::{Committed, Journal};
use crate::latency::{Latencies, Latency};

/// The caller's half of the writer: state that follows the journal. A fault from any method stops
/// the writer; commands of the unfinished group get no answer.
pub trait Ledger: Send + 'static {
    type Command: Send + 'static;
    type Answer: Send + 'static;
    type Fault: std::error::Error + Send + 'static;

    /// Decides one command and appends what follows from it. Must see the effects of earlier
    /// commands of the same group, which are not durable yet. The answer is sent after the group is
    /// on disk.
    fn decide(
        &mut self,
        command: Self::Command,
        log: &mut Appender<'_>,
    ) -> Result<Self::Answer, Self::Fault>;

    /// The disk is nearly full: what a command is answered that can wait. `None`: it is decided all
    /// the same, because it gives back room or rights, or writes nothing.
    fn refuse(&mut self, _command: &Self::Command) -> Option<Self::Answer> {
        None
    }

    /// The records since the last call are on disk: apply them to the view. Called before the
    /// group's answers go out, and not at all when nothing was appended.
    fn committed(&mut self, committed: &Committed) -> Result<(), Self::Fault>;

    /// The queue ran empty; the thread sleeps until the next command.
    fn idle(&mut self) -> Result<(), Self::Fault> {
        Ok(())
    }
}

/// Lets a ledger append, and nothing else.
pub struct Appender<'a> {
    journal: &'a mut Journal,
}

impl Appender<'_> {
    /// Sequence that the next record gets.
    pub fn next_seq(&self) -> u64 {
        self.journal.next_seq()
    }

    /// Head of the records that are on disk; those of the present group are not among them.
    pub fn committed_head(&self) -> Head {
        self.journal.head()
    }

    pub fn append(&mut self, payload: &[u8]) -> Result<u64, AppendFault> {
        self.journal.append(payload)
    }

    /// Appends all or none; returns the sequence of the first.
    pub fn append_all<P: AsRef<[u8]>>(&mut self, payloads: &[P]) -> Result<u64, AppendFault> {
        self.journal
            .check_room(payloads.iter().map(AsRef::as_ref))?;
        let first_seq = self.next_seq();
        payloads
            .iter()
            .try_for_each(|payload| self.append(payload.as_ref()).map(drop))?;
        Ok(first_seq)
    }
}

/// What one writer holds at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Commands that wait.
    pub queue: usize,
    /// Commands in one group.
    pub group_commands: usize,
    /// A group takes no further command once its records have so many bytes.
    pub group_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: 1024,
            group_commands: 1024,
            group_bytes: 1 << 20,
        }
    }
}

/// Starts the writer thread, named `name`. It ends when all handles are dropped, when
/// [`Handle::stop`] is called, or at the first fault.
pub fn start<L: Ledger>(
    name: &str,
    journal: Journal,
    ledger: L,
    limits: Limits,
) -> io::Result<(Handle<L>, Running<L>)> {
    let (sender, queue) = mpsc::channel(limits.queue.max(1));
    let latency = Arc::new(Latency::default());
    let writer = Writer {
        latency: latency.clone(),
        journal,
        ledger,
        queue,
        limits,
        waiting: Vec::new(),
        is_short: false,
        stopping: false,
    };
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || writer.run())?;
    Ok((Handle { sender, latency }, Running { thread }))
}

/// Submits commands. Cheap to clone.
pub struct Handle<L: Ledger> {
    sender: mpsc::Sender<Message<L>>,
    latency: Arc<Latency>,
}

impl<L: Ledger> Clone for Handle<L> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            latency: self.latency.clone(),
        }
    }
}

enum Message<L: Ledger> {
    Command(L::Command, oneshot::Sender<L::Answer>),
    Stop,
}

/// The command was not taken; it has no effect. The exception is [`Handle::call`], which says
/// `Stopped` also when the writer stopped after taking it: then only the journal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitRefusal {
    #[error("too many commands wait; try again")]
    Busy,
    #[error("the writer has stopped")]
    Stopped,
}

impl<L: Ledger> Handle<L> {
    /// Never waits. The receiver fails when the writer stops before the command is durable.
    pub fn submit(
        &self,
        command: L::Command,
    ) -> Result<oneshot::Receiver<L::Answer>, SubmitRefusal> {
        let (answer, receiver) = oneshot::channel();
        match self.sender.try_send(Message::Command(command, answer)) {
            Ok(()) => Ok(receiver),
            Err(mpsc::error::TrySendError::Full(_)) => Err(SubmitRefusal::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(SubmitRefusal::Stopped),
        }
    }

    /// Waits for room and for the answer.
    pub async fn call(&self, command: L::Command) -> Result<L::Answer, SubmitRefusal> {
        let (answer, receiver) = oneshot::channel();
        let sent = self.sender.send(Message::Command(command, answer)).await;
        sent.map_err(|_| SubmitRefusal::Stopped)?;
        receiver.await.map_err(|_| SubmitRefusal::Stopped)
    }

    /// As [`Handle::call`], for threads outside an async runtime.
    pub fn call_blocking(&self, command: L::Command) -> Result<L::Answer, SubmitRefusal> {
        let (answer, receiver) = oneshot::channel();
        let sent = self.sender.blocking_send(Message::Command(command, answer));
        sent.map_err(|_| SubmitRefusal::Stopped)?;
        receiver.blocking_recv().map_err(|_| SubmitRefusal::Stopped)
    }

    /// Asks the writer to end after the commands that were submitted before; later ones are
    /// refused.
    pub async fn stop(&self) {
        // A closed queue means that it has ended already.
        let _ = self.sender.send(Message::Stop).await;
    }

    /// Commands that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }

    /// How long it took to make groups durable, write and sync, since the start.
    pub fn latencies(&self) -> Latencies {
        self.latency.read()
    }

    /// Returns when the writer has ended or is about to; the reason is told by [`Running::join`].
    pub async fn stopped(&self) {
        self.sender.closed().await;
    }
}

/// The writer thread, to be joined.
pub struct Running<L: Ledger> {
    thread: JoinHandle<Ended<L>>,
}

/// What is left when the writer has ended.
pub struct Ended<L: Ledger> {
    /// Still open and locked; dropping it closes it.
    pub journal: Journal,
    pub ledger: L,
    /// `Err` when a fault ended it. The process should end too: the ledger may be ahead of the
    /// journal.
    pub outcome: Result<(), StopCause<L::Fault>>,
}

/// The fault that stopped a writer.
#[derive(Debug, thiserror::Error)]
pub enum StopCause<F: std::error::Error> {
    #[error(transparent)]
    Commit(#[from] CommitFault),
    #[error("the ledger failed: {0}")]
    Ledger(F),
}

impl<L: Ledger> Running<L> {
    /// Blocks until the thread has ended. A panic of the ledger goes on here.
    pub fn join(self) -> Ended<L> {
        self.thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }
}

struct Writer<L: Ledger> {
    journal: Journal,
    ledger: L,
    queue: mpsc::Receiver<Message<L>>,
    limits: Limits,
    /// Answers of the present group.
    waiting: Vec<(oneshot::Sender<L::Answer>, L::Answer)>,
    /// The disk is nearly full.
    is_short: bool,
    stopping: bool,
    latency: Arc<Latency>,
}

impl<L: Ledger> Writer<L> {
    fn run(mut self) -> Ended<L> {
        let outcome = self.serve();
        self.queue.close();
        Ended {
            journal: self.journal,
            ledger: self.ledger,
            outcome,
        }
    }

    fn serve(&mut self) -> Result<(), StopCause<L::Fault>> {
        while !self.stopping {
            let Some(message) = self.next_message()? else {
                break;
            };
            self.is_short = self.journal.is_short_of_room()?;
            self.take(message)?;
            while self.group_has_room() {
                let Ok(message) = self.queue.try_recv() else {
                    break;
                };
                self.take(message)?;
            }
            self.finish_group()?;
        }
        Ok(())
    }

    fn next_message(&mut self) -> Result<Option<Message<L>>, StopCause<L::Fault>> {
        if let Ok(message) = self.queue.try_recv() {
            return Ok(Some(message));
        }
        self.ledger.idle().map_err(StopCause::Ledger)?;
        Ok(self.queue.blocking_recv())
    }

    fn take(&mut self, message: Message<L>) -> Result<(), StopCause<L::Fault>> {
        match message {
            Message::Command(command, sender) => {
                if self.is_short
                    && let Some(refusal) = self.ledger.refuse(&command)
                {
                    self.waiting.push((sender, refusal));
                    return Ok(());
                }
                let mut log = Appender {
                    journal: &mut self.journal,
                };
                let answer = self
                    .ledger
                    .decide(command, &mut log)
                    .map_err(StopCause::Ledger)?;
                self.waiting.push((sender, answer));
            }
            // What was queued behind is refused, not lost: its senders see the queue closed.
            Message::Stop => self.stopping = true,
        }
        Ok(())
    }

    fn group_has_room(&self) -> bool {
        !self.stopping
            && self.waiting.len() < self.limits.group_commands
            && self.journal.pending_bytes() < self.limits.group_bytes
    }

    fn finish_group(&mut self) -> Result<(), StopCause<L::Fault>> {
        if self.journal.pending_bytes() > 0 {
            let began = Instant::now();
            let committed = self.journal.commit()?;
            self.latency.add(began.elapsed());
            self.ledger
                .committed(&committed)
                .map_err(StopCause::Ledger)?;
        }
        for (sender, answer) in self.waiting.drain(..) {
            // Nobody waits any more when the caller has gone; the record stays.
            let _ = sender.send(answer);
        }
        Ok(())
    }
}
