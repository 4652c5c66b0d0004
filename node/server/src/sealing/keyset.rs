//! A file `keys/set-N`: the subject keys that survived into epoch N, each
//! wrapped by that epoch's key, ascending by subject so that one is found by
//! binary search without loading the file.
//!
//! Layout, big-endian: magic `TXKS` · format u32 · epoch u64 · count u64 ·
//! greatest subject number that was considered u64 · then per subject: number
//! u64, wrapped key 60 bytes.

use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::epoch::{overwrite, private, sync_parent};
use super::{Key, SealingFault, SubjectId};

const MAGIC: &[u8; 4] = b"TXKS";
const FORMAT: u32 = 1;
const HEADER_BYTES: usize = 32;
pub(super) const WRAPPED_BYTES: usize = Key::BYTES + Key::OVERHEAD;
const ENTRY_BYTES: usize = 8 + WRAPPED_BYTES;

pub(super) struct Keyset {
    path: PathBuf,
    file: File,
    count: u64,
    /// Subjects above this one are younger than the set.
    pub through: SubjectId,
}

impl Keyset {
    pub fn path(dir: &Path, epoch: u64) -> PathBuf {
        dir.join(format!("set-{epoch}"))
    }

    pub fn open(dir: &Path, epoch: u64) -> Result<Keyset, SealingFault> {
        let path = Keyset::path(dir, epoch);
        let file = File::open(&path).map_err(SealingFault::io("open", &path))?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact_at(&mut header, 0)
            .map_err(SealingFault::io("read", &path))?;
        let number = |at: usize| {
            header[at..at + 8]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        if &header[..4] != MAGIC {
            return Err(SealingFault::damaged(&path, "no key set"));
        }
        let found = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        if found > FORMAT {
            return Err(SealingFault::NewerFormat {
                file: path,
                found,
                known: FORMAT,
            });
        }
        if number(8) != epoch {
            return Err(SealingFault::damaged(&path, "another epoch's set"));
        }
        let count = number(16);
        let length = file
            .metadata()
            .map_err(SealingFault::io("read", &path))?
            .len();
        let expected = count
            .checked_mul(ENTRY_BYTES as u64)
            .map(|entries| entries + HEADER_BYTES as u64);
        if expected != Some(length) {
            return Err(SealingFault::damaged(&path, "wrong length"));
        }
        Ok(Keyset {
            path,
            file,
            count,
            through: SubjectId(number(24)),
        })
    }

    /// Writes a set; durable, name included, when it returns.
    pub fn write(
        dir: &Path,
        epoch: u64,
        through: SubjectId,
        survivors: impl Iterator<Item = Result<(SubjectId, Box<[u8]>), SealingFault>>,
    ) -> Result<(), SealingFault> {
        let path = Keyset::path(dir, epoch);
        let fresh = path.with_extension("new");
        let fail = |source| SealingFault::io("write", &fresh)(source);
        let mut out = BufWriter::new(private(&fresh).map_err(fail)?);
        out.write_all(&[0; HEADER_BYTES]).map_err(fail)?;
        let mut count = 0u64;
        for survivor in survivors {
            let (subject, wrapped) = survivor?;
            out.write_all(&subject.0.to_be_bytes()).map_err(fail)?;
            out.write_all(&wrapped).map_err(fail)?;
            count += 1;
        }
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_be_bytes());
        for number in [epoch, count, through.0] {
            header.extend_from_slice(&number.to_be_bytes());
        }
        let mut file = out.into_inner().map_err(|error| fail(error.into_error()))?;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&header))
            .and_then(|()| file.sync_all())
            .map_err(fail)?;
        fs::rename(&fresh, &path).map_err(SealingFault::io("replace", &path))?;
        sync_parent(&path)
    }

    /// Overwrites and removes a set; nothing happens when there is none.
    pub fn destroy(path: &Path) -> Result<(), SealingFault> {
        let Ok(file) = File::options().write(true).open(path) else {
            return Ok(());
        };
        overwrite(file)
            .and_then(|()| fs::remove_file(path))
            .map_err(SealingFault::io("destroy", path))?;
        sync_parent(path)
    }

    fn entry(&self, at: u64) -> Result<(SubjectId, Box<[u8]>), SealingFault> {
        let mut entry = [0; ENTRY_BYTES];
        self.file
            .read_exact_at(&mut entry, HEADER_BYTES as u64 + at * ENTRY_BYTES as u64)
            .map_err(SealingFault::io("read", &self.path))?;
        let (subject, wrapped) = entry.split_at(8);
        let subject = subject
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Ok((SubjectId(subject), wrapped.into()))
    }

    pub fn find(&self, subject: SubjectId) -> Result<Option<Box<[u8]>>, SealingFault> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let (found, wrapped) = self.entry(middle)?;
            match found.cmp(&subject) {
                std::cmp::Ordering::Equal => return Ok(Some(wrapped)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    pub fn entries(
        &self,
    ) -> impl Iterator<Item = Result<(SubjectId, Box<[u8]>), SealingFault>> + '_ {
        (0..self.count).map(|at| self.entry(at))
    }
}
