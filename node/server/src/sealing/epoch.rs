//! The file `keys/epoch`: which epoch it is, its key, and the erasure that the
//! journal may not have heard of yet. Replaced whole, atomically; the file it
//! replaces is overwritten, because a renamed-away inode may outlive its name.
//!
//! Layout, big-endian: magic `TXEP` · format u32 · epoch u64 · key 32 bytes ·
//! erased subject u64 (0: none) · SHA-256 of all before.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Key, SealingFault, SubjectId};

const MAGIC: &[u8; 4] = b"TXEP";
const FORMAT: u32 = 1;
const BODY_BYTES: usize = 4 + 4 + 8 + Key::BYTES + 8;
const FILE_BYTES: usize = BODY_BYTES + 32;

#[derive(Clone)]
pub(super) struct Epoch {
    pub number: u64,
    pub key: Key,
    /// Whose erasure began this epoch.
    pub erased: Option<SubjectId>,
}

impl Epoch {
    pub fn read(path: &Path) -> Result<Epoch, SealingFault> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
        File::open(path)
            .and_then(|file| file.take(1024).read_to_end(&mut bytes))
            .map_err(SealingFault::io("read", path))?;
        if bytes.len() < 8 || &bytes[..4] != MAGIC {
            return Err(SealingFault::damaged(path, "no epoch file"));
        }
        let found = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        if found > FORMAT {
            return Err(SealingFault::NewerFormat {
                file: path.to_owned(),
                found,
                known: FORMAT,
            });
        }
        let whole = bytes.len() == FILE_BYTES
            && Sha256::digest(&bytes[..BODY_BYTES])[..] == bytes[BODY_BYTES..];
        if !whole {
            return Err(SealingFault::damaged(path, "wrong checksum"));
        }
        let number = |at: usize| {
            bytes[at..at + 8]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let key = Key::from_bytes(&bytes[16..16 + Key::BYTES])
            .ok_or_else(|| SealingFault::damaged(path, "wrong key length"))?;
        Ok(Epoch {
            number: number(8),
            key,
            erased: Some(SubjectId(number(48))).filter(|subject| subject.0 != 0),
        })
    }

    /// Durable when it returns; the key that stood there before is destroyed.
    pub fn replace(&self, path: &Path) -> Result<(), SealingFault> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_be_bytes());
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(self.key.bytes());
        bytes.extend_from_slice(&self.erased.map_or(0, |subject| subject.0).to_be_bytes());
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);

        let fresh = path.with_extension("new");
        write_private(&fresh, &bytes).map_err(SealingFault::io("write", &fresh))?;
        failpoint::reached("epoch-unnamed");
        let before = OpenOptions::new().write(true).open(path).ok();
        fs::rename(&fresh, path).map_err(SealingFault::io("replace", path))?;
        sync_parent(path)?;
        if let Some(before) = before {
            overwrite(before).map_err(SealingFault::io("overwrite", path))?;
        }
        Ok(())
    }
}

pub(super) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new or emptied file that only its owner reads.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

pub(super) fn sync_parent(path: &Path) -> Result<(), SealingFault> {
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(SealingFault::io("sync", dir))
}

/// Zeroes in place: what the file system then does with the old blocks is its
/// own affair, which is why the key directory belongs on an encrypted disk.
pub(super) fn overwrite(mut file: File) -> std::io::Result<()> {
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let zeroes = [0; 4096];
    while left > 0 {
        let step = left.min(zeroes.len() as u64);
        file.write_all(&zeroes[..step as usize])?;
        left -= step;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch() -> Epoch {
        Epoch {
            number: 7,
            key: Key::from_bytes(&[0xab; 32]).unwrap(),
            erased: Some(SubjectId(0x0102)),
        }
    }

    #[test]
    fn bytes_are_frozen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("epoch");
        epoch().replace(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut golden = b"TXEP\0\0\0\x01\0\0\0\0\0\0\0\x07".to_vec();
        golden.extend([0xab; 32]);
        golden.extend([0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(bytes[..BODY_BYTES], golden);
        let read = Epoch::read(&path).unwrap();
        assert_eq!((read.number, read.erased), (7, Some(SubjectId(0x0102))));
        assert_eq!(read.key.bytes(), &[0xab; 32]);
    }

    #[test]
    fn damage_and_newer_formats_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("epoch");
        epoch().replace(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            assert!(Epoch::read(&path).is_err(), "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(Epoch::read(&path).is_err(), "length {at}");
        }
        let mut newer = whole;
        newer[7] = 2;
        fs::write(&path, &newer).unwrap();
        let fault = Epoch::read(&path).err().unwrap();
        assert!(matches!(fault, SealingFault::NewerFormat { found: 2, .. }));
    }

    #[test]
    fn the_replaced_key_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("epoch");
        epoch().replace(&path).unwrap();
        let mut old = File::open(&path).unwrap();
        let next = Epoch {
            number: 8,
            key: Key::from_bytes(&[0xcd; 32]).unwrap(),
            erased: None,
        };
        next.replace(&path).unwrap();
        let mut bytes = Vec::new();
        old.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, vec![0; FILE_BYTES]);
    }
}
