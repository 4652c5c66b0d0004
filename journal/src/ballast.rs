//! Room on the disk: says when it is short, and holds a ballast that is given up then, so that what
//! must still be written finds its place. Knows no record.
//!
//! ```text
//! free, ballast held     ──< ballast──→ short: the ballast is given up
//! short, ballast given up ──> 2¼ × ballast──→ taken again: commands go on
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

#[derive(Debug)]
pub(crate) struct Ballast {
    dir: PathBuf,
    /// 0: none is held, and the disk is never found short.
    bytes: u64,
    is_held: bool,
    is_short: bool,
}

impl Ballast {
    pub fn new(dir: &Path, bytes: u64) -> Self {
        let mut ballast = Self {
            dir: dir.to_owned(),
            bytes,
            is_held: false,
            is_short: false,
        };
        let found = fs::metadata(ballast.path()).map(|meta| meta.len());
        ballast.is_held = found.is_ok_and(|found| found == bytes);
        ballast
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn path(&self) -> PathBuf {
        self.dir.join("ballast")
    }

    /// Looks at the disk: true while only what cannot wait may be written.
    pub fn look(&mut self) -> bool {
        if self.bytes == 0 {
            return false;
        }
        // A disk that cannot be asked is found full by the writes themselves.
        let Ok(disk) = statvfs(&self.dir) else {
            return self.is_short;
        };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if self.is_short {
            if free >= self.bytes * 2 + self.bytes / 4 && self.take().is_ok() {
                self.is_short = false;
                tracing::info!(free, "room on the disk again: commands are taken");
            }
        } else if free < self.bytes {
            self.give_up("little room on the disk");
        } else if !self.is_held {
            match self.take() {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                    self.give_up("no room for the ballast");
                }
                // Nothing is held back on such a filesystem; it is still watched.
                Err(error) => {
                    tracing::warn!(%error, "no ballast is held");
                    self.is_held = true;
                }
            }
        }
        self.is_short
    }

    /// Nothing fitted although the disk looked well.
    pub fn give_up(&mut self, why: &str) {
        // What cannot be removed frees nothing; commands wait all the same.
        let _ = fs::remove_file(self.path());
        self.is_held = false;
        self.is_short = self.bytes > 0;
        if self.is_short {
            tracing::warn!(why, dir = %self.dir.display(), "disk full: commands are refused");
        }
    }

    /// Reserved, not written: it is never read, and costs nothing but its place.
    fn take(&mut self) -> io::Result<()> {
        let file = File::create(self.path())?;
        fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?;
        self.is_held = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_disk_has_is_short_and_nothing_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut ballast = Ballast::new(dir.path(), 1 << 60);
        assert!(ballast.look() && ballast.look());
        assert!(!ballast.path().exists());
    }

    #[test]
    fn a_ballast_is_taken_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut ballast = Ballast::new(dir.path(), 1 << 16);
        assert!(!ballast.look() && ballast.is_held);
        assert!(Ballast::new(dir.path(), 1 << 16).is_held);
        assert!(!Ballast::new(dir.path(), 1 << 17).is_held);
        ballast.give_up("a test");
        assert!(!ballast.path().exists());
        assert!(!ballast.look(), "there is room, so it goes on");
        assert!(ballast.is_held);
    }
}
