//! Verifies a whole log and reports; changes nothing, and needs no lock: beside a running writer it
//! vouches for what was acknowledged when it began.

use std::path::Path;

use crate::chain::Head;
use crate::fault::Fault;
use crate::layout;
use crate::log_id::LogId;
use crate::recovery::{self, Examiner};

/// A log whose every frame verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub log_id: LogId,
    pub segments: u64,
    pub frames: u64,
    /// Bytes that were read and verified.
    pub bytes: u64,
    /// Of all intact records, also of those in `unacknowledged_records`.
    pub head: Head,
    /// Intact records after the last acknowledged one.
    pub unacknowledged_records: u64,
    /// A torn write, or one that is under way, after the last intact frame.
    pub torn_bytes: u64,
    pub head_slot_damaged: bool,
}

/// Reads everything. `progress` is told, again and again, how many more bytes were verified.
pub fn verify(dir: &Path, progress: impl FnMut(u64)) -> Result<Report, Fault> {
    let log_id = layout::log_id(dir)?;
    let examined = recovery::examine(dir, &log_id, true, Examiner::Visitor, progress)?;
    let link = examined.state.link;
    Ok(Report {
        log_id,
        segments: examined.segments.len() as u64,
        frames: link.frame,
        bytes: examined.bytes_read,
        head: examined.state.head(),
        unacknowledged_records: link.seq - examined.acknowledged.link.seq,
        torn_bytes: examined.torn_bytes,
        head_slot_damaged: examined.acknowledged.slot_damaged,
    })
}

/// Bytes that [`verify`] will read at most: the full length of a progress bar.
pub fn verify_bytes(dir: &Path) -> Result<u64, Fault> {
    let length = |first_seq| {
        let path = layout::segment_path(dir, first_seq);
        std::fs::metadata(&path)
            .map(|meta| meta.len())
            .map_err(Fault::io("read", &path))
    };
    layout::segments(dir)?.into_iter().map(length).sum()
}
