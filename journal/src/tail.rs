//! Tells a torn write from damage at the end of the last segment. Changes nothing.
//!
//! A frame is written into zeros. When power fails, each sector of it has arrived or is still zero,
//! and nothing was written after it. Only a frame that looks like this, that was not acknowledged
//! and that no intact frame follows, is a torn write; everything else is evidence.

use std::fs::File;
use std::path::Path;

use crate::chain::Link;
use crate::fault::{Fault, Flaw};
use crate::frame::{self, FrameHeader};
use crate::scan::read_up_to;
use crate::{MAX_FRAME_BYTES, segment};

/// The unit that a disk writes whole.
const SECTOR_BYTES: u64 = 512;

/// More places than this that look like headers are no accident.
const MOST_CANDIDATES: usize = 64;

/// What follows the last intact frame.
pub(crate) struct Tail<'a> {
    pub file: &'a File,
    pub path: &'a Path,
    pub seed: u32,
    /// End of the last intact frame.
    pub at: u64,
    pub link: &'a Link,
    /// Why the bytes there are no frame.
    pub flaw: Flaw,
    pub acknowledged: &'a Link,
    /// A writer is at work, so an unfinished frame may be one that it is writing.
    pub being_written: bool,
}

impl Tail<'_> {
    /// Length of the torn write; 0 when only zeros follow.
    pub fn torn_bytes(self) -> Result<u64, Fault> {
        let blank = self.flaw == Flaw::Blank;
        if self.acknowledged.frame > self.link.frame {
            let lost = Flaw::Lost {
                acknowledged: self.acknowledged.seq,
            };
            return Err(self.damage(if blank { lost } else { self.flaw.clone() }));
        }
        let written = self.written_bytes()?;
        if written == 0 || self.being_written {
            return Ok(written);
        }
        if written > MAX_FRAME_BYTES as u64 {
            return Err(self.damage(Flaw::NotTorn));
        }
        let mut bytes = vec![0; (written as usize).max(frame::HEADER_BYTES)];
        let read = self.read(&mut bytes, self.at)?;
        self.refuse_intact_frame_after(&bytes)?;
        let extent = match FrameHeader::decode(&segment::array(&bytes, 0), self.seed) {
            Ok(header) => {
                // The header is whole, so the checksum vouches for it: only the body can be torn.
                if matches!(self.flaw, Flaw::Order { .. } | Flaw::Link | Flaw::Records) {
                    return Err(self.damage(self.flaw.clone()));
                }
                if written > header.frame_bytes() {
                    return Err(self.damage(Flaw::NotTorn));
                }
                header.frame_bytes()
            }
            Err(_) => bytes.len() as u64,
        };
        let file_ends_inside =
            (read as u64) < extent.min(bytes.len() as u64) || self.flaw == Flaw::Cut;
        bytes.resize(extent as usize, 0);
        // A write that the system cut short ends at any byte, a lost one by sectors.
        let is_short = written < extent;
        if file_ends_inside || is_short || self.has_blank_sector(&bytes) {
            Ok(written)
        } else {
            Err(self.damage(Flaw::NotTorn))
        }
    }

    /// Bytes up to the last one that is not zero.
    fn written_bytes(&self) -> Result<u64, Fault> {
        let mut chunk = vec![0; 256 << 10];
        let (mut offset, mut end) = (self.at, self.at);
        loop {
            let read = self.read(&mut chunk, offset)?;
            if let Some(last) = chunk[..read].iter().rposition(|byte| *byte != 0) {
                end = offset + last as u64 + 1;
            }
            offset += read as u64;
            if read < chunk.len() {
                return Ok(end - self.at);
            }
        }
    }

    fn refuse_intact_frame_after(&self, bytes: &[u8]) -> Result<(), Fault> {
        let starts = bytes.windows(frame::MAGIC.len()).enumerate().skip(1);
        let mut candidates = 0;
        for (start, _) in starts.filter(|(_, window)| *window == frame::MAGIC) {
            let offset = self.at + start as u64;
            let mut header = [0; frame::HEADER_BYTES];
            self.read(&mut header, offset)?;
            let Ok(header) = FrameHeader::decode(&header, self.seed) else {
                continue;
            };
            candidates += 1;
            if candidates > MOST_CANDIDATES {
                return Err(self.damage(Flaw::NotTorn));
            }
            let mut body = vec![0; header.body_bytes as usize];
            let read = self.read(&mut body, offset + frame::HEADER_BYTES as u64)?;
            if read == body.len() && header.check_body(&body, self.seed).is_ok() {
                return Err(self.damage(Flaw::IntactAfter {
                    frame: header.ordinal,
                    offset,
                }));
            }
        }
        Ok(())
    }

    /// True when some sector's share of the frame is all zeros.
    fn has_blank_sector(&self, frame: &[u8]) -> bool {
        let first = (SECTOR_BYTES - self.at % SECTOR_BYTES) as usize;
        let (head, rest) = frame.split_at(first.min(frame.len()));
        std::iter::once(head)
            .chain(rest.chunks(SECTOR_BYTES as usize))
            .any(|share| share.iter().all(|byte| *byte == 0))
    }

    fn read(&self, buffer: &mut [u8], offset: u64) -> Result<usize, Fault> {
        read_up_to(self.file, buffer, offset).map_err(Fault::io("read", self.path))
    }

    fn damage(&self, flaw: Flaw) -> Fault {
        Fault::damage(self.path, self.at, self.link.seq + 1, flaw)
    }
}
