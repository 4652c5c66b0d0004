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
use crate::scan::SegmentScan;
use crate::segment::{self, Previous, SegmentHeader};
use crate::tail::Tail;

const READ_AHEAD_BYTES: usize = 1 << 20;

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

    let mut examined = Examined {
        acknowledged,
        state: segments[start].header.before.clone(),
        end: 0,
        acknowledged_end: 0,
        torn_bytes: 0,
        bytes_read: 0,
        segments: Vec::new(),
    };
    for (index, segment) in segments.iter().enumerate().skip(start) {
        let flaw = walk(segment, log_id, &mut examined, &mut progress)?;
        match segments.get(index + 1) {
            Some(next) => {
                if examined.end != segment.bytes {
                    return Err(Fault::damage(
                        &segment.path,
                        examined.end,
                        examined.state.link.seq + 1,
                        flaw,
                    ));
                }
                if next.header.before != examined.state {
                    return Err(Fault::damage(
                        &next.path,
                        0,
                        next.header.first_seq(),
                        Flaw::Predecessor,
                    ));
                }
            }
            None => {
                let file = File::open(&segment.path).map_err(Fault::io("open", &segment.path))?;
                let tail = Tail {
                    file: &file,
                    path: &segment.path,
                    seed: log_id.checksum_seed(),
                    at: examined.end,
                    link: &examined.state.link,
                    flaw,
                    acknowledged: &acknowledged.link,
                    being_written: examiner == Examiner::Visitor && lock::is_held(dir),
                };
                examined.torn_bytes = tail.torn_bytes()?;
            }
        }
    }
    examined.segments = segments;
    Ok(examined)
}

/// Walks the frames of one segment up to the first flaw, which for a finished segment must be its
/// end.
fn walk(
    segment: &Segment,
    log_id: &LogId,
    examined: &mut Examined,
    progress: &mut impl FnMut(u64),
) -> Result<Flaw, Fault> {
    let file = File::open(&segment.path).map_err(Fault::io("open", &segment.path))?;
    let mut scan = SegmentScan::new(
        file,
        segment.path.clone(),
        log_id.checksum_seed(),
        READ_AHEAD_BYTES,
    );
    let mut leaves = Vec::new();
    let (mut reported, acknowledged) = (0, examined.acknowledged.link);
    examined.acknowledged_end = scan.offset;
    loop {
        let link = &examined.state.link;
        if link.frame == acknowledged.frame && *link != acknowledged {
            return Err(Fault::damage(
                &segment.path,
                scan.offset,
                link.seq,
                Flaw::HeadMismatch,
            ));
        }
        if link.frame <= acknowledged.frame {
            examined.acknowledged_end = scan.offset;
        }
        let flaw = scan.next(link, &mut leaves)?.err();
        if flaw.is_some() || scan.offset - reported >= READ_AHEAD_BYTES as u64 {
            progress(scan.offset - reported);
            reported = scan.offset;
        }
        if let Some(flaw) = flaw {
            examined.end = scan.offset;
            examined.bytes_read += scan.offset;
            return Ok(flaw);
        }
        examined.state.absorb(&leaves);
    }
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
