//! The group writer: order, one sync for many, answers after the disk, ends by every door.

mod support;

use std::convert::Infallible;
use std::sync::mpsc;

use journal::{
    Appender, Check, Committed, Handle, Journal, Ledger, Limits, StopCause, SubmitRefusal, start,
};
use support::{LOG, options, work_dir};

/// What can wait is answered on a full disk.
const REFUSED: u64 = u64::MAX;

/// Appends what it is told; remembers what is durable.
#[derive(Default)]
struct Notes {
    staged: u64,
    durable: u64,
    groups: u64,
    idles: u64,
    gate: Option<mpsc::Receiver<()>>,
}

enum Command {
    Write(Vec<u8>),
    WriteAll(Vec<Vec<u8>>),
    /// Answers how many records were decided before, durable or not.
    Count,
    /// Holds the writer until the gate opens, so that what comes after gathers in one group.
    Wait,
    Fail,
}

#[derive(Debug, thiserror::Error)]
#[error("told to fail")]
struct Told;

impl Ledger for Notes {
    type Command = Command;
    type Answer = u64;
    type Fault = Told;

    fn decide(&mut self, command: Command, log: &mut Appender<'_>) -> Result<u64, Told> {
        let first = match command {
            Command::Write(payload) => log.append(&payload).map_err(|_| Told)?,
            Command::WriteAll(payloads) => log.append_all(&payloads).map_err(|_| Told)?,
            Command::Count => return Ok(self.staged),
            Command::Wait => {
                self.gate
                    .as_ref()
                    .expect("a gate")
                    .recv()
                    .expect("an open gate");
                return Ok(0);
            }
            Command::Fail => return Err(Told),
        };
        self.staged = log.next_seq() - 1;
        Ok(first)
    }

    fn refuse(&mut self, command: &Command) -> Option<u64> {
        matches!(command, Command::Write(_)).then_some(REFUSED)
    }

    fn committed(&mut self, committed: &Committed) -> Result<(), Told> {
        assert_eq!(
            committed.first_seq,
            self.durable + 1,
            "told of every record once"
        );
        self.durable = committed.through_seq;
        self.groups += 1;
        Ok(())
    }

    fn idle(&mut self) -> Result<(), Told> {
        self.idles += 1;
        Ok(())
    }
}

fn journal(dir: &tempfile::TempDir) -> Journal {
    Journal::create(dir.path(), LOG, options(64 << 20)).expect("create")
}

/// A writer that has been asked to wait and does.
fn gated(
    dir: &tempfile::TempDir,
    limits: Limits,
) -> (Handle<Notes>, journal::Running<Notes>, mpsc::Sender<()>) {
    let (open, gate) = mpsc::channel();
    let notes = Notes {
        gate: Some(gate),
        ..Notes::default()
    };
    let (handle, running) = start("writer", journal(dir), notes, limits).expect("a thread");
    (handle, running, open)
}

#[test]
fn on_a_full_disk_only_what_cannot_wait_is_decided() {
    let dir = work_dir();
    let options = journal::Options {
        // No disk has so much: it is always found full.
        ballast_bytes: 1 << 60,
        ..options(64 << 20)
    };
    let journal = Journal::create(dir.path(), LOG, options).expect("create");
    let (handle, running) =
        start("writer", journal, Notes::default(), Limits::default()).expect("a thread");
    let ask = |command| handle.call_blocking(command).expect("an answer");
    assert_eq!(ask(Command::Write(vec![1])), REFUSED);
    assert_eq!(ask(Command::WriteAll(vec![vec![2]])), 1);
    assert_eq!(ask(Command::Write(vec![3])), REFUSED);
    assert_eq!(ask(Command::Count), 1);
    drop(handle);
    let ended = running.join();
    assert_eq!(
        (ended.ledger.durable, ended.journal.committed_seq()),
        (1, 1)
    );
}

#[test]
fn many_threads_are_answered_with_distinct_sequences() {
    let dir = work_dir();
    let (handle, running) =
        start("writer", journal(&dir), Notes::default(), Limits::default()).expect("a thread");
    let mut seqs: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8u8)
            .map(|n| {
                let handle = handle.clone();
                let write = move |_| {
                    handle
                        .call_blocking(Command::Write(vec![n; 50]))
                        .expect("an answer")
                };
                scope.spawn(move || (0..50).map(write).collect::<Vec<u64>>())
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=400).collect::<Vec<_>>());
    drop(handle);
    let ended = running.join();
    assert!(ended.outcome.is_ok());
    assert_eq!(
        (ended.ledger.durable, ended.journal.committed_seq()),
        (400, 400)
    );
    assert!(ended.ledger.idles > 0);
    assert_eq!(ended.journal.reader(1).expect("reader").count(), 400);
}

#[test]
fn a_group_shares_one_commit_and_sees_its_own_effects() {
    let dir = work_dir();
    let (handle, running, open) = gated(&dir, Limits::default());
    let wait = handle.submit(Command::Wait).expect("room");
    let first = handle.submit(Command::Write(b"a".to_vec())).expect("room");
    let count = handle.submit(Command::Count).expect("room");
    let all = handle
        .submit(Command::WriteAll(vec![b"b".to_vec(), b"c".to_vec()]))
        .expect("room");
    open.send(()).expect("open the gate");
    let answers =
        [wait, first, count, all].map(|answer| answer.blocking_recv().expect("an answer"));
    assert_eq!(answers, [0, 1, 1, 2]);
    drop(handle);
    let ended = running.join();
    assert_eq!((ended.ledger.groups, ended.ledger.durable), (1, 3));
}

#[test]
fn groups_and_the_queue_have_limits() {
    let dir = work_dir();
    let limits = Limits {
        queue: 4,
        group_commands: 2,
        group_bytes: 1 << 20,
    };
    let (handle, running, open) = gated(&dir, limits);
    // The writer holds the first command; how many more of these it took does not matter: the queue
    // fills.
    let mut answers = vec![handle.submit(Command::Wait).expect("room")];
    let refusal = loop {
        match handle.submit(Command::Write(vec![])) {
            Ok(answer) => answers.push(answer),
            Err(refusal) => break refusal,
        }
        assert!(answers.len() <= 6, "no limit");
    };
    assert_eq!(refusal, SubmitRefusal::Busy);
    open.send(()).expect("open the gate");
    let written = answers.len() as u64 - 1;
    for answer in answers {
        answer.blocking_recv().expect("an answer");
    }
    drop(handle);
    let ended = running.join();
    assert_eq!(ended.ledger.durable, written);
    assert!(
        ended.ledger.groups >= written / 2,
        "{} groups for {written} records",
        ended.ledger.groups
    );
}

#[test]
fn stop_answers_what_came_before_and_refuses_what_comes_after() {
    let dir = work_dir();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let (handle, running) =
        start("writer", journal(&dir), Notes::default(), Limits::default()).expect("a thread");
    let ended = runtime.block_on(async {
        assert_eq!(handle.call(Command::Write(b"x".to_vec())).await, Ok(1));
        handle.stop().await;
        handle.stopped().await;
        assert_eq!(
            handle.call(Command::Count).await,
            Err(SubmitRefusal::Stopped)
        );
        assert_eq!(
            handle.submit(Command::Count).err(),
            Some(SubmitRefusal::Stopped)
        );
        running.join()
    });
    assert!(ended.outcome.is_ok());
}

#[test]
fn a_fault_of_the_ledger_stops_the_writer_before_anything_of_the_group_is_durable() {
    let dir = work_dir();
    let (handle, running, open) = gated(&dir, Limits::default());
    let _wait = handle.submit(Command::Wait).expect("room");
    let lost = handle.submit(Command::Write(b"x".to_vec())).expect("room");
    let _fail = handle.submit(Command::Fail).expect("room");
    open.send(()).expect("open the gate");
    assert!(lost.blocking_recv().is_err(), "no answer without a commit");
    let ended = running.join();
    assert!(matches!(ended.outcome, Err(StopCause::Ledger(Told))));
    assert_eq!(
        handle.submit(Command::Count).err(),
        Some(SubmitRefusal::Stopped)
    );
    drop(ended.journal);
    let (journal, _) = Journal::open(dir.path(), Check::Full, options(0)).expect("open");
    assert_eq!(journal.committed_seq(), 0);
}

/// A ledger that cannot fail needs no fault type of its own.
struct Silent;

impl Ledger for Silent {
    type Command = ();
    type Answer = ();
    type Fault = Infallible;

    fn decide(&mut self, (): (), _: &mut Appender<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn committed(&mut self, _: &Committed) -> Result<(), Infallible> {
        unreachable!("nothing was appended")
    }
}

#[test]
fn commands_without_records_need_no_commit() {
    let dir = work_dir();
    let (handle, running) =
        start("writer", journal(&dir), Silent, Limits::default()).expect("a thread");
    assert_eq!(handle.call_blocking(()), Ok(()));
    drop(handle);
    assert!(running.join().outcome.is_ok());
}
