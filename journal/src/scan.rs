//! Reads one segment frame by frame and verifies each: checksum, order, link. Decides nothing about
//! what a flaw means; that depends on who reads.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use crate::chain::Link;
use crate::fault::{Fault, Flaw};
use crate::frame::{self, FrameHeader};
use crate::segment;
use crate::tree::Hash;

pub(crate) struct SegmentScan {
    file: File,
    pub path: PathBuf,
    seed: u32,
    read_ahead: usize,
    /// Where the next frame begins.
    pub offset: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
    buffered: usize,
}

/// A verified frame; its body is inside the scan's buffer until the next read.
pub(crate) struct Frame {
    pub header: FrameHeader,
    pub body: Range<usize>,
}

impl SegmentScan {
    /// Starts at the first frame. `read_ahead` is the size of one read, in bytes.
    pub fn new(file: File, path: PathBuf, seed: u32, read_ahead: usize) -> Self {
        let offset = segment::HEADER_BYTES;
        Self {
            file,
            path,
            seed,
            read_ahead,
            offset,
            buffer: Vec::new(),
            buffer_at: offset,
            buffered: 0,
        }
    }

    /// The next frame, which must follow `link`; `leaves` receives its leaf hashes. On a flaw the
    /// scan stays where it is.
    pub fn next(
        &mut self,
        link: &Link,
        leaves: &mut Vec<Hash>,
    ) -> Result<Result<Frame, Flaw>, Fault> {
        let header = match self.peek()? {
            Ok(header) => header,
            Err(flaw) => return Ok(Err(flaw)),
        };
        if let Err(flaw) = header.follows(link) {
            return Ok(Err(flaw));
        }
        let Some(frame) = self.view(header.frame_bytes() as usize)? else {
            return Ok(Err(Flaw::Cut));
        };
        let body = frame.start + frame::HEADER_BYTES..frame.end;
        let bytes = &self.buffer[body.clone()];
        if let Err(flaw) = header
            .check_body(bytes, self.seed)
            .and_then(|()| frame::leaf_hashes(&header, bytes, leaves))
        {
            return Ok(Err(flaw));
        }
        self.offset += header.frame_bytes();
        Ok(Ok(Frame { header, body }))
    }

    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The header at the present place, its own checksum verified.
    pub fn peek(&mut self) -> Result<Result<FrameHeader, Flaw>, Fault> {
        let Some(range) = self.view(frame::HEADER_BYTES)? else {
            let rest = &self.buffer[..self.buffered];
            let blank = rest.iter().all(|byte| *byte == 0);
            return Ok(Err(if blank { Flaw::Blank } else { Flaw::Cut }));
        };
        Ok(FrameHeader::decode(
            &segment::array(&self.buffer, range.start),
            self.seed,
        ))
    }

    /// Forgets what was read ahead: a writer may have gone on since.
    pub fn refresh(&mut self) {
        self.buffered = 0;
    }

    /// Where `len` bytes from the present place lie in the buffer; `None` when the file is shorter,
    /// and then the buffer holds exactly the bytes that are left.
    fn view(&mut self, len: usize) -> Result<Option<Range<usize>>, Fault> {
        let inside = self
            .offset
            .checked_sub(self.buffer_at)
            .map(|skip| skip as usize);
        if let Some(skip) = inside.filter(|skip| skip + len <= self.buffered) {
            return Ok(Some(skip..skip + len));
        }
        let wanted = len.max(self.read_ahead);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        } else if self.buffer.len() > wanted {
            self.buffer.truncate(wanted);
            self.buffer.shrink_to_fit();
        }
        self.buffer_at = self.offset;
        self.buffered = read_up_to(&self.file, &mut self.buffer, self.offset)
            .map_err(Fault::io("read", &self.path))?;
        Ok((len <= self.buffered).then_some(0..len))
    }
}

/// Fills `buffer` as far as the file goes.
pub(crate) fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
