//! A copy of a log as it was at one acknowledged record, taken beside a running writer: which bytes
//! of which files belong to it. Copies nothing itself; knows neither archive nor cipher.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::chain::{Head, Link};
use crate::fault::Fault;
use crate::head;
use crate::layout;
use crate::lock;
use crate::log_id::LogId;
use crate::recovery::{self, Examiner};

/// A running writer acknowledges what it has written within this, or something is wrong with it.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// A log through its record `head.size`. Its files, written into an empty directory, are a journal
/// that opens.
#[derive(Debug)]
pub struct Snapshot {
    pub log_id: LogId,
    pub head: Head,
    pub files: Vec<SnapshotFile>,
}

/// One file of it, by its name inside the journal's directory.
#[derive(Debug)]
pub struct SnapshotFile {
    pub name: String,
    pub bytes: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(Vec<u8>),
    /// What a writer adds later lies behind `bytes`.
    Beginning(PathBuf),
}

impl Snapshot {
    /// Verifies every frame of the log in `dir` that is there now. `progress` is told, again and
    /// again, how many more bytes were verified.
    pub fn take(dir: &Path, progress: impl FnMut(u64)) -> Result<Self, Fault> {
        let log_id = layout::log_id(dir)?;
        let examined = recovery::examine(dir, &log_id, true, Examiner::Visitor, progress)?;
        let link = examined.state.link;
        await_acknowledged(dir, &log_id, &link)?;
        let last = examined.segments.len() - 1;
        let segments = examined.segments.iter().enumerate();
        let mut files: Vec<SnapshotFile> = segments
            .map(|(at, segment)| SnapshotFile {
                name: name(&segment.path),
                bytes: if at == last {
                    examined.end
                } else {
                    segment.bytes
                },
                content: Content::Beginning(segment.path.clone()),
            })
            .collect();
        files.push(text(&layout::head_path(dir), head::bytes(&log_id, &link)));
        // Last: with the stamp the copy is a journal.
        let stamp = layout::stamp_text(&log_id).into_bytes();
        files.push(text(&layout::stamp_path(dir), stamp));
        Ok(Self {
            log_id,
            head: examined.state.head(),
            files,
        })
    }
}

impl SnapshotFile {
    /// Gives exactly [`SnapshotFile::bytes`] bytes.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &self.content {
            Content::Text(text) => Box::new(Cursor::new(text.as_slice())),
            Content::Beginning(path) => Box::new(File::open(path)?.take(self.bytes)),
        })
    }
}

/// A frame that was read may still be on its way to the disk. A copy that holds it would be a fork,
/// should power fail now. Without a writer it is the log's: the next opening keeps it.
fn await_acknowledged(dir: &Path, log_id: &LogId, link: &Link) -> Result<(), Fault> {
    let until = Instant::now() + ACKNOWLEDGED_WITHIN;
    loop {
        if head::read(dir, log_id)?.link.seq >= link.seq || !lock::is_held(dir) {
            return Ok(());
        }
        if Instant::now() >= until {
            let path = layout::head_path(dir);
            return Err(Fault::io("await", &path)(io::ErrorKind::TimedOut.into()));
        }
        thread::sleep(LOOK_AGAIN);
    }
}

fn text(path: &Path, text: Vec<u8>) -> SnapshotFile {
    SnapshotFile {
        name: name(path),
        bytes: text.len() as u64,
        content: Content::Text(text),
    }
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
