//! Examines a directory without changing it: headers against each other, frames against the chain,
//! the end against the head file. `journal` acts on the result, `verify` reports it.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::chain::State;
use crate::fault::{Fault, Flaw};
use crate::head::{self, Acknowledged};
use crate::layout;
use crate::lock;
use crate::log_id::LogId;
use crate::segment::{self, Previous, SegmentHeader};
use crate::tail::Tail;
use crate::walk::Walks;

/// What opening a journal found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Records in the log.
    pub records: u64,
    /// Records that were written before the last stop without having been acknowledged; they are
    /// kept.
    pub unacknowledged_records: u64,
    /// Length of a torn, unacknowledged write at the end, which was cut; 0 after an orderly stop.
    pub torn_bytes: u64,
    /// One of the two slots of the head file did not verify and was rewritten.
    pub head_slot_damaged: bool,
}

/// The log as it is on disk.
pub(crate) struct Examined {
    pub acknowledged: Acknowledged,
    /// After the last intact frame.
    pub state: State,
    pub segments: Vec<Segment>,
    /// In the last segment: end of the last intact frame.
    pub end: u64,
    /// In the last segment: end of the last acknowledged frame, or of the header.
    pub acknowledged_end: u64,
    pub torn_bytes: u64,
    pub bytes_read: u64,
}

pub(crate) struct Segment {
    pub path: PathBuf,
    pub header: SegmentHeader,
    pub bytes: u64,
}

/// On whose behalf a log is examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Examiner {
    /// Holds the lock.
    Owner,
    /// Another process may be writing meanwhile.
    Visitor,
}

/// Reads every frame when `full`, else only what may hold the last acknowledged frame and all after
/// it. `progress` is told the bytes that were read since its last call.
pub(crate) fn examine(
    dir: &Path,
    log_id: &LogId,
    full: bool,
    examiner: Examiner,
    mut progress: impl FnMut(u64),
) -> Result<Examined, Fault> {
    // Before the segments: what is acknowledged now must be found by all that is read later.
    let acknowledged = head::read(dir, log_id)?;
    let segments = read_headers(dir, log_id)?;
    let holds_acknowledged = |s: &Segment| s.header.before.link.frame <= acknowledged.link.frame;
    let start = if full {
        0
    } else {
        segments.iter().rposition(holds_acknowledged).unwrap_or(0)
    };

    let (last, finished) = segments[start..]
        .split_last()
        .expect("a read log has a segment");
    let mut bytes_read = 0;
    let walks = Walks {
        seed: log_id.checksum_seed(),
        acknowledged: acknowledged.link,
    };
    let walked = walks.all(finished, &mut progress)?;
    for ((segment, walked), next) in finished.iter().zip(walked).zip(&segments[start + 1..]) {
        let walked = walked?;
        if walked.end != segment.bytes {
            return Err(Fault::damage(
                &segment.path,
                walked.end,
                walked.state.link.seq + 1,
                walked.flaw,
            ));
        }
        if next.header.before != walked.state {
            return Err(Fault::damage(
                &next.path,
                0,
                next.header.first_seq(),
                Flaw::Predecessor,
            ));
        }
        bytes_read += walked.end;
    }
    let walked = walks.one(last, &mut progress)?;
    let file = File::open(&last.path).map_err(Fault::io("open", &last.path))?;
    let tail = Tail {
        file: &file,
        path: &last.path,
        seed: log_id.checksum_seed(),
        at: walked.end,
        link: &walked.state.link,
        flaw: walked.flaw,
        acknowledged: &acknowledged.link,
        being_written: examiner == Examiner::Visitor && lock::is_held(dir),
    };
    let torn_bytes = tail.torn_bytes()?;
    Ok(Examined {
        acknowledged,
        state: walked.state,
        end: walked.end,
        acknowledged_end: walked.acknowledged_end,
        torn_bytes,
        bytes_read: bytes_read + walked.end,
        segments,
    })
}

/// All headers, each checked against the one before.
fn read_headers(dir: &Path, log_id: &LogId) -> Result<Vec<Segment>, Fault> {
    let mut segments: Vec<Segment> = Vec::new();
    for first_seq in layout::segments(dir)? {
        let path = layout::segment_path(dir, first_seq);
        let file = File::open(&path).map_err(Fault::io("open", &path))?;
        let header = SegmentHeader::read(&file, &path, log_id, first_seq)?;
        let bytes = file.metadata().map_err(Fault::io("read", &path))?.len();
        check_predecessor(dir, log_id, segments.last(), &path, &header)?;
        segments.push(Segment {
            path,
            header,
            bytes,
        });
    }
    if segments.is_empty() {
        return Err(Fault::damage(
            &layout::segment_path(dir, 1),
            0,
            1,
            Flaw::Missing,
        ));
    }
    Ok(segments)
}

fn check_predecessor(
    dir: &Path,
    log_id: &LogId,
    before: Option<&Segment>,
    path: &Path,
    header: &SegmentHeader,
) -> Result<(), Fault> {
    let missing = |first_seq| {
        Fault::damage(
            &layout::segment_path(dir, first_seq),
            0,
            first_seq,
            Flaw::Missing,
        )
    };
    match (before, header.previous) {
        (None, None) if header.before == State::genesis(log_id) => Ok(()),
        (_, None) => Err(Fault::damage(
            path,
            0,
            header.first_seq(),
            Flaw::HeaderContent,
        )),
        (None, Some(previous)) => Err(missing(previous.first_seq)),
        (Some(before), Some(Previous { first_seq, bytes })) => {
            if before.header.first_seq() != first_seq {
                return Err(missing(first_seq));
            }
            if before.bytes != bytes {
                let flaw = Flaw::Length {
                    expected: bytes,
                    found: before.bytes,
                };
                return Err(Fault::damage(
                    &before.path,
                    before.bytes.min(bytes),
                    first_seq,
                    flaw,
                ));
            }
            if header.before.link.frame <= before.header.before.link.frame
                || bytes < segment::HEADER_BYTES
            {
                return Err(Fault::damage(
                    path,
                    0,
                    header.first_seq(),
                    Flaw::HeaderContent,
                ));
            }
            Ok(())
        }
    }
}
