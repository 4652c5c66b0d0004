//! The write end of a log: the last segment, its zero-filled room, and the change to the next
//! segment. Knows no chain and acknowledges nothing.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::file;
use crate::layout;
use crate::segment::{self, Previous, SegmentHeader};

/// Room made ahead at first; it doubles up to the cap, so that a small log stays small.
const FIRST_ROOM_BYTES: u64 = 256 << 10;
const MOST_ROOM_BYTES: u64 = 8 << 20;

#[derive(Debug)]
pub(crate) struct ActiveSegment {
    file: File,
    pub path: PathBuf,
    first_seq: u64,
    /// End of the last frame.
    pub end: u64,
    /// Length of the file; zeros from `end` on.
    room_end: u64,
    next_room: u64,
    segment_bytes: u64,
}

impl ActiveSegment {
    pub fn create(dir: &Path, header: &SegmentHeader, segment_bytes: u64) -> Result<Self, Fault> {
        Self::create_with_room(dir, header, segment_bytes, FIRST_ROOM_BYTES)
    }

    /// A segment gets its name when it is whole, so a name never stands for a torn header.
    fn create_with_room(
        dir: &Path,
        header: &SegmentHeader,
        segment_bytes: u64,
        room: u64,
    ) -> Result<Self, Fault> {
        let new = layout::new_segment_path(dir);
        let path = layout::segment_path(dir, header.first_seq());
        let file = file::create(&new).map_err(Fault::io("create", &new))?;
        let end = segment::HEADER_BYTES;
        let mut active = Self {
            file,
            path,
            first_seq: header.first_seq(),
            end,
            room_end: end,
            next_room: room,
            segment_bytes,
        };
        let written = file::write_all_at(&active.file, &header.encode(), 0)
            .and_then(|()| active.make_room_if_any(end))
            .and_then(|()| active.sync());
        written.map_err(Fault::io("write", &new))?;
        failpoint::reached("segment-unnamed");
        file::publish(&new, &active.path).map_err(Fault::io("name", &active.path))?;
        Ok(active)
    }

    /// Continues a segment whose frames end at `end`, all else being zeros.
    pub fn reopen(
        path: &Path,
        first_seq: u64,
        end: u64,
        segment_bytes: u64,
    ) -> Result<Self, Fault> {
        let file = file::open_writable(path).map_err(Fault::io("open", path))?;
        let room_end = file.metadata().map_err(Fault::io("read", path))?.len();
        Ok(Self {
            file,
            path: path.to_owned(),
            first_seq,
            end,
            room_end,
            next_room: FIRST_ROOM_BYTES,
            segment_bytes,
        })
    }

    /// False when the segment is full. A segment takes at least one frame, however long.
    pub fn has_space(&self, frame_bytes: u64) -> bool {
        self.end == segment::HEADER_BYTES || self.end + frame_bytes <= self.segment_bytes
    }

    /// Makes room for a frame of so many bytes, as far as the segment goes.
    pub fn make_ready(&mut self, frame_bytes: u64) -> io::Result<()> {
        if self.room_end >= (self.end + frame_bytes).min(self.segment_bytes) {
            return Ok(());
        }
        self.make_room(self.room_end)
    }

    /// Writes a frame and makes it durable.
    pub fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        let frame_end = self.end + frame.len() as u64;
        if frame_end > self.room_end {
            self.make_room_if_any(frame_end)?;
        }
        failpoint::reached("journal-unwritten");
        file::write_all_at(&self.file, frame, self.end)?;
        failpoint::reached("journal-unsynced");
        self.sync()?;
        failpoint::reached("journal-synced");
        self.end = frame_end;
        self.room_end = self.room_end.max(frame_end);
        Ok(())
    }

    /// Ends this segment at its last frame and starts the next one.
    pub fn follow_with(self, dir: &Path, header: &SegmentHeader) -> Result<Self, Fault> {
        file::set_len(&self.file, self.end)
            .and_then(|()| self.sync())
            .map_err(Fault::io("finish", &self.path))?;
        failpoint::reached("segment-finished");
        Self::create_with_room(dir, header, self.segment_bytes, self.next_room)
    }

    pub fn as_previous(&self) -> Previous {
        Previous {
            first_seq: self.first_seq,
            bytes: self.end,
        }
    }

    /// Puts zeros over a torn write of `torn_bytes` after the last frame.
    pub fn cut(&self, torn_bytes: u64) -> io::Result<()> {
        file::write_zeros(&self.file, self.end, self.end + torn_bytes)?;
        self.sync()
    }

    /// Writes what is there from `from` to the last frame once more and syncs. A sync that failed
    /// before the last stop may have left pages that the kernel takes for clean but that never
    /// reached the disk.
    pub fn write_again(&self, from: u64) -> io::Result<()> {
        use std::os::unix::fs::FileExt;
        let mut chunk = vec![0; 1 << 20];
        let mut at = from;
        while at < self.end {
            let len = (self.end - at).min(chunk.len() as u64) as usize;
            self.file.read_exact_at(&mut chunk[..len], at)?;
            file::write_all_at(&self.file, &chunk[..len], at)?;
            at += len as u64;
        }
        self.sync()
    }

    fn sync(&self) -> io::Result<()> {
        file::sync(&self.file)
    }

    /// Room ahead is a gain in speed only: without it the frame may still find its place.
    fn make_room_if_any(&mut self, frame_end: u64) -> io::Result<()> {
        match self.make_room(frame_end) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
            other => other,
        }
    }

    /// Zero-fills behind `frame_end`; the frame itself covers what is before.
    fn make_room(&mut self, frame_end: u64) -> io::Result<()> {
        let from = self.room_end.max(frame_end);
        let to = (from + self.next_room).min(self.segment_bytes);
        file::write_zeros(&self.file, from, to)?;
        self.room_end = self.room_end.max(to);
        self.next_room = (self.next_room * 2).min(MOST_ROOM_BYTES);
        Ok(())
    }
}
