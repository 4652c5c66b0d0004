//! The journal: create, open, append, commit. Owns the directory while it is open, and the rule
//! that nothing is acknowledged after a failed write.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::active::ActiveSegment;
use crate::ballast::Ballast;
use crate::chain::{Head, State};
use crate::fault::{AppendFault, CommitFault, Fault, OpenFault};
use crate::file;
use crate::frame::FrameBuilder;
use crate::head::HeadFile;
use crate::layout::{self, Stamp};
use crate::lock::Lock;
use crate::log_id::LogId;
use crate::reader::{Reader, Source};
use crate::recovery::{self, Examined, Examiner, Recovery};
use crate::segment::SegmentHeader;
use crate::tree::Hash;
use crate::{MAX_RECORD_BYTES, frame};

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// A segment is finished when the next frame would make it longer; one frame always fits.
    pub segment_bytes: u64,
    /// Room that is held back for what must be written on a full disk; 0: none.
    pub ballast_bytes: u64,
    /// What an operator should run when the journal refuses to open; shown as it is.
    pub recovery_command: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            ballast_bytes: 0,
            recovery_command: "verify".to_owned(),
        }
    }
}

/// What a commit may need at least; made ahead, while a failure still tears nothing.
const READY_BYTES: u64 = 256 << 10;

/// How much is verified before a journal opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// All headers, and every frame of the last segment: for each start. Older frames are verified
    /// when they are read.
    Tail,
    /// Every frame.
    Full,
}

/// Records `first_seq` to `through_seq` are on disk. No record when `through_seq < first_seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    pub first_seq: u64,
    pub through_seq: u64,
}

/// The one writer of a log. Sequences start at 1 and have no gaps.
pub struct Journal {
    dir: PathBuf,
    _lock: Lock,
    log_id: LogId,
    /// After the last committed frame.
    state: State,
    pending: FrameBuilder,
    leaves: Vec<Hash>,
    /// `None` once a write has failed.
    active: Option<ActiveSegment>,
    head_file: HeadFile,
    committed: Arc<AtomicU64>,
    ballast: Ballast,
}

impl Journal {
    /// Makes a new journal in `dir`, which is created when missing. `log_id` is random, and never
    /// used before.
    pub fn create(dir: &Path, log_id: LogId, options: Options) -> Result<Self, OpenFault> {
        fs::create_dir_all(dir)
            .map_err(Fault::io("create", dir))
            .map_err(OpenFault::Unreadable)?;
        let lock = Lock::acquire(dir)?;
        let faulted = |fault| OpenFault::with_command(fault, &options.recovery_command);
        let others = |first_seq: &u64| *first_seq != 1;
        match layout::read_stamp(dir).map_err(faulted)? {
            Stamp::Nothing => {}
            Stamp::Unfinished if !layout::segments(dir).map_err(faulted)?.iter().any(others) => {}
            Stamp::Unfinished | Stamp::Journal(_) => return Err(OpenFault::Exists(dir.to_owned())),
        }
        let state = State::genesis(&log_id);
        let header = SegmentHeader {
            log_id,
            before: state.clone(),
            previous: None,
        };
        let make = || {
            layout::begin_stamp(dir, &log_id)?;
            let active = ActiveSegment::create(dir, &header, options.segment_bytes)?;
            let head_file = HeadFile::create(dir, &log_id, &state.link)?;
            layout::finish_stamp(dir)?;
            sync_ancestors(dir)?;
            Ok((active, head_file))
        };
        let (active, head_file) = make().map_err(faulted)?;
        let ballast = Ballast::new(dir, options.ballast_bytes);
        Ok(Self::assemble(
            ballast, lock, log_id, state, active, head_file,
        ))
    }

    /// Opens what [`Journal::create`] made. A torn, unacknowledged write at the end is cut and
    /// reported; any other damage refuses to open and changes nothing.
    pub fn open(dir: &Path, check: Check, options: Options) -> Result<(Self, Recovery), OpenFault> {
        let faulted = |fault| OpenFault::with_command(fault, &options.recovery_command);
        // Before the lock, so that a wrong path does not get a lock file.
        let log_id = layout::log_id(dir).map_err(faulted)?;
        let lock = Lock::acquire(dir)?;
        let examined =
            recovery::examine(dir, &log_id, check == Check::Full, Examiner::Owner, |_| {})
                .map_err(faulted)?;
        let mut ballast = Ballast::new(dir, options.ballast_bytes);
        // Whoever opens more files beside the journal may need the room at once.
        ballast.look();
        let (active, head_file) = settle(dir, &log_id, &examined, &options).map_err(faulted)?;
        let recovery = Recovery {
            records: examined.state.link.seq,
            unacknowledged_records: examined.state.link.seq - examined.acknowledged.link.seq,
            torn_bytes: examined.torn_bytes,
            head_slot_damaged: examined.acknowledged.slot_damaged,
        };
        Ok((
            Self::assemble(ballast, lock, log_id, examined.state, active, head_file),
            recovery,
        ))
    }

    fn assemble(
        ballast: Ballast,
        lock: Lock,
        log_id: LogId,
        state: State,
        active: ActiveSegment,
        head_file: HeadFile,
    ) -> Self {
        Self {
            dir: ballast.dir().to_owned(),
            ballast,
            _lock: lock,
            log_id,
            committed: Arc::new(AtomicU64::new(state.link.seq)),
            state,
            pending: FrameBuilder::new(),
            leaves: Vec::new(),
            active: Some(active),
            head_file,
        }
    }

    pub fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Head of the committed records.
    pub fn head(&self) -> Head {
        self.state.head()
    }

    /// Sequence of the last committed record; 0 when there is none.
    pub fn committed_seq(&self) -> u64 {
        self.state.link.seq
    }

    /// Sequence that the next record gets.
    pub fn next_seq(&self) -> u64 {
        self.state.link.seq + u64::from(self.pending.records()) + 1
    }

    /// Bytes that wait for the next commit.
    pub fn pending_bytes(&self) -> usize {
        self.pending.body().len()
    }

    /// For readers in this process, which follow the writer.
    pub fn source(&self) -> Source {
        Source::new(self.dir.clone(), self.log_id, self.committed.clone())
    }

    /// Reads committed records from `from_seq` on.
    pub fn reader(&self, from_seq: u64) -> Result<Reader, Fault> {
        self.source().reader(from_seq)
    }

    /// Buffers a record and returns its sequence. It is neither durable nor readable before
    /// [`Journal::commit`].
    pub fn append(&mut self, payload: &[u8]) -> Result<u64, AppendFault> {
        self.check_room(std::iter::once(payload))?;
        let seq = self.next_seq();
        self.pending.push(payload);
        Ok(seq)
    }

    /// Fails when these records, together, could not be appended now.
    pub(crate) fn check_room<'a>(
        &self,
        mut payloads: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), AppendFault> {
        if self.active.is_none() {
            return Err(AppendFault::Stopped);
        }
        let bytes = payloads.try_fold(0, |sum: usize, payload| match payload.len() {
            len if len > MAX_RECORD_BYTES => Err(AppendFault::RecordTooLong { bytes: len }),
            _ => Ok(sum.saturating_add(FrameBuilder::cost(payload))),
        })?;
        if self.pending.has_room(bytes) {
            Ok(())
        } else {
            Err(AppendFault::FrameFull { bytes })
        }
    }

    /// Whether the disk is so full that only what cannot wait may be appended. Room for the next
    /// frame is written here, where a full disk tears nothing.
    pub fn is_short_of_room(&mut self) -> Result<bool, CommitFault> {
        let mut active = self.active.take().ok_or(CommitFault::Stopped)?;
        match active.make_ready(READY_BYTES) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.ballast.give_up("no room for the journal");
            }
            Err(error) => {
                return Err(self.commit_fault(Fault::io("write", &active.path)(error)));
            }
        }
        self.active = Some(active);
        Ok(self.ballast.look())
    }

    /// Makes all appended records durable, with one write and one sync. After a fault the journal
    /// has stopped.
    pub fn commit(&mut self) -> Result<Committed, CommitFault> {
        let first_seq = self.state.link.seq + 1;
        // Taken out, so that every early return leaves a stopped journal.
        let mut active = self.active.take().ok_or(CommitFault::Stopped)?;
        if self.pending.records() > 0 {
            active = self
                .write_pending(active)
                .map_err(|fault| self.commit_fault(fault))?;
            self.committed.store(self.state.link.seq, Ordering::Release);
        }
        self.active = Some(active);
        Ok(Committed {
            first_seq,
            through_seq: self.state.link.seq,
        })
    }

    fn write_pending(&mut self, mut active: ActiveSegment) -> Result<ActiveSegment, Fault> {
        let frame_bytes = (frame::HEADER_BYTES + self.pending.body().len()) as u64;
        if !active.has_space(frame_bytes) {
            let previous = Some(active.as_previous());
            let header = SegmentHeader {
                log_id: self.log_id,
                before: self.state.clone(),
                previous,
            };
            active = active.follow_with(&self.dir, &header)?;
            self.head_file
                .settle(&self.state.link)
                .map_err(Fault::io("write", &self.head_file.path))?;
        }
        let (header, bytes) = self
            .pending
            .finish(&self.state.link, self.log_id.checksum_seed());
        active
            .append(bytes)
            .map_err(Fault::io("write", &active.path))?;
        frame::leaf_hashes(&header, self.pending.body(), &mut self.leaves)
            .expect("the frame was built here");
        self.state.absorb(&self.leaves);
        self.pending.reset();
        self.head_file
            .advance(&self.state.link)
            .map_err(Fault::io("write", &self.head_file.path))?;
        failpoint::reached("journal-unanswered");
        Ok(active)
    }

    fn commit_fault(&self, fault: Fault) -> CommitFault {
        match fault {
            Fault::Io {
                action,
                file,
                source,
            } => CommitFault::Failed {
                action,
                file,
                acknowledged: self.committed.load(Ordering::Acquire),
                source,
            },
            // Writing reads nothing, so there is nothing else that could be wrong.
            _ => CommitFault::Stopped,
        }
    }
}

/// Makes the directory's own name durable, and those above it, whoever has just made them.
fn sync_ancestors(dir: &Path) -> Result<(), Fault> {
    let dir = dir.canonicalize().map_err(Fault::io("find", dir))?;
    for (distance, ancestor) in dir.ancestors().enumerate().skip(1) {
        let synced = file::sync_dir(ancestor).map_err(Fault::io("sync", ancestor));
        // Further up there are directories that this process may not read; it did not make them.
        if distance == 1 {
            synced?;
        }
    }
    Ok(())
}

/// Cuts a torn write, makes sure that what was found is on disk, and lets the head file say so.
fn settle(
    dir: &Path,
    log_id: &LogId,
    examined: &Examined,
    options: &Options,
) -> Result<(ActiveSegment, HeadFile), Fault> {
    let last = examined
        .segments
        .last()
        .expect("an examined log has a segment");
    let first_seq = last.header.first_seq();
    let active = ActiveSegment::reopen(&last.path, first_seq, examined.end, options.segment_bytes)?;
    let mut head_file = HeadFile::open(dir, log_id, &examined.acknowledged)?;
    if examined.acknowledged.settled
        && examined.torn_bytes == 0
        && examined.acknowledged.link == examined.state.link
    {
        return Ok((active, head_file));
    }
    active
        .cut(examined.torn_bytes)
        .and_then(|()| active.write_again(examined.acknowledged_end))
        .map_err(Fault::io("write", &last.path))?;
    head_file
        .settle(&examined.state.link)
        .map_err(Fault::io("write", &head_file.path))?;
    Ok((active, head_file))
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dir, log_id, seq) = (&self.dir, &self.log_id, self.committed_seq());
        write!(f, "Journal({}, {log_id}, through {seq})", dir.display())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.active.is_some() {
            // Only spares the next start some work: the head file already names this point, not yet
            // durably.
            let _ = self.head_file.settle(&self.state.link);
        }
    }
}

#[cfg(test)]
mod power_cut;
#[cfg(test)]
mod tests;
