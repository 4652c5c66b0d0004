//! A file `keys/set-N`: the subject keys that survived into epoch N, each
//! wrapped by that epoch's key, ascending by subject so that one is found by
//! binary search without loading the file.
//!
//! Layout, big-endian: magic `TXKS` · format u32 · epoch u64 · count u64 ·
//! greatest subject number that was considered u64 · then per subject: number
//! u64, wrapped key 60 bytes · SHA-256 of all before. Without that, a damaged key
//! would look like that of an erased person.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::epoch::{overwrite, private, sync_parent};
use super::{Key, SealingFault, SubjectId};

const MAGIC: &[u8; 4] = b"TXKS";
const FORMAT: u32 = 2;
const HEADER_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 32;
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
        let mut file = File::open(&path).map_err(SealingFault::io("open", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(SealingFault::io("read", &path))?;
        let Some((body, checksum)) = bytes
            .len()
            .checked_sub(CHECKSUM_BYTES)
            .filter(|body| *body >= HEADER_BYTES)
            .map(|body| bytes.split_at(body))
        else {
            return Err(SealingFault::damaged(&path, "too short"));
        };
        let header = &body[..HEADER_BYTES];
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
        if found < FORMAT || Sha256::digest(body)[..] != *checksum {
            return Err(SealingFault::damaged(&path, "wrong checksum"));
        }
        if number(8) != epoch {
            return Err(SealingFault::damaged(&path, "another epoch's set"));
        }
        let count = number(16);
        let length = body.len() as u64;
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
        let mut entries = Vec::new();
        let mut count = 0u64;
        for survivor in survivors {
            let (subject, wrapped) = survivor?;
            entries.extend_from_slice(&subject.0.to_be_bytes());
            entries.extend_from_slice(&wrapped);
            count += 1;
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + entries.len() + CHECKSUM_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        for number in [epoch, count, through.0] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&entries);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        private(&fresh)
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .map_err(SealingFault::io("write", &fresh))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen_and_damage_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let entry = |subject, fill| Ok((SubjectId(subject), vec![fill; WRAPPED_BYTES].into()));
        let survivors = [entry(3, 0xaa), entry(9, 0xbb)].into_iter();
        Keyset::write(dir.path(), 7, SubjectId(12), survivors).unwrap();
        let path = Keyset::path(dir.path(), 7);
        let whole = fs::read(&path).unwrap();
        let mut golden = b"TXKS\0\0\0\x02".to_vec();
        for number in [7u64, 2, 12, 3] {
            golden.extend(number.to_be_bytes());
        }
        golden.extend([0xaa; WRAPPED_BYTES]);
        golden.extend(9u64.to_be_bytes());
        golden.extend([0xbb; WRAPPED_BYTES]);
        golden.extend(Sha256::digest(&golden));
        assert_eq!(whole, golden);
        let set = Keyset::open(dir.path(), 7).unwrap();
        assert_eq!(set.find(SubjectId(9)).unwrap(), Some([0xbb; 60].into()));
        assert_eq!(set.find(SubjectId(4)).unwrap(), None);
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            assert!(Keyset::open(dir.path(), 7).is_err(), "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(Keyset::open(dir.path(), 7).is_err(), "length {at}");
        }
    }
}
