//! Takes down what the current thread does to the disk, and makes from it what a power cut could
//! leave behind.
//!
//! The model: what was synced is there. Of what was not, each 512-byte sector holds any one of the
//! versions that it had since, names appear in order up to any point, and a file has any length
//! that it had since.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const SECTOR_BYTES: usize = 512;

thread_local! {
    static TRACE: RefCell<Option<Vec<Operation>>> = const { RefCell::new(None) };
}

#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Write {
        inode: u64,
        offset: u64,
        bytes: Vec<u8>,
    },
    SetLen {
        inode: u64,
        len: u64,
    },
    Sync {
        inode: u64,
    },
    Create {
        inode: u64,
        name: String,
    },
    Rename {
        from: String,
        to: String,
    },
    SyncDir,
    /// The test was told that records up to this one are durable.
    Acknowledged(u64),
}

pub(crate) fn begin() {
    TRACE.set(Some(Vec::new()));
}

pub(crate) fn end() -> Vec<Operation> {
    TRACE.take().expect("a trace was begun")
}

pub(crate) fn note(operation: Operation) {
    TRACE.with_borrow_mut(|trace| {
        if let Some(trace) = trace {
            trace.push(operation);
        }
    });
}

pub(crate) fn write(file: &File, bytes: &[u8], offset: u64) {
    note(Operation::Write {
        inode: inode(file),
        offset,
        bytes: bytes.to_vec(),
    });
}

pub(crate) fn sync(file: &File) {
    note(Operation::Sync { inode: inode(file) });
}

pub(crate) fn set_len(file: &File, len: u64) {
    note(Operation::SetLen {
        inode: inode(file),
        len,
    });
}

pub(crate) fn create(file: &File, path: &Path) {
    note(Operation::Create {
        inode: inode(file),
        name: name(path),
    });
}

pub(crate) fn rename(from: &Path, to: &Path) {
    note(Operation::Rename {
        from: name(from),
        to: name(to),
    });
}

pub(crate) fn sync_dir() {
    note(Operation::SyncDir);
}

fn inode(file: &File) -> u64 {
    file.metadata().expect("metadata").ino()
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_str()
        .expect("UTF-8")
        .to_owned()
}

/// A file during the replay: what is surely on disk, and what may be.
#[derive(Default)]
struct Contents {
    durable: Vec<u8>,
    current: Vec<u8>,
    /// Versions that a sector had since the last sync, by sector.
    versions: BTreeMap<usize, Vec<Vec<u8>>>,
    lengths: Vec<usize>,
}

impl Contents {
    fn write(&mut self, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if self.current.len() < end {
            self.current.resize(end, 0);
            self.lengths.push(end);
        }
        self.current[offset..end].copy_from_slice(bytes);
        for sector in offset / SECTOR_BYTES..end.div_ceil(SECTOR_BYTES) {
            let start = sector * SECTOR_BYTES;
            let version =
                self.current[start..self.current.len().min(start + SECTOR_BYTES)].to_vec();
            self.versions.entry(sector).or_default().push(version);
        }
    }

    fn set_len(&mut self, len: usize) {
        self.current.resize(len, 0);
        self.lengths.push(len);
    }

    fn sync(&mut self) {
        self.durable.clone_from(&self.current);
        self.versions.clear();
        self.lengths.clear();
    }

    fn after_power_cut(&self, choose: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
        let mut image = self.durable.clone();
        for (sector, versions) in &self.versions {
            // Version 0 is the durable one.
            let Some(version) = choose(versions.len() + 1)
                .checked_sub(1)
                .map(|at| &versions[at])
            else {
                continue;
            };
            let start = sector * SECTOR_BYTES;
            if image.len() < start + version.len() {
                image.resize(start + version.len(), 0);
            }
            image[start..start + version.len()].copy_from_slice(version);
        }
        let len = match choose(self.lengths.len() + 1).checked_sub(1) {
            Some(at) => self.lengths[at],
            None => self.durable.len(),
        };
        image.resize(len, 0);
        image
    }
}

/// Files by name after a power cut behind the first operations, and the last record acknowledged by
/// then. `choose(n)` picks a number below n.
pub(crate) fn power_cut(
    operations: &[Operation],
    choose: &mut impl FnMut(usize) -> usize,
) -> (BTreeMap<String, Vec<u8>>, u64) {
    let mut files = BTreeMap::<u64, Contents>::new();
    let (mut names, mut unsynced_names) = (BTreeMap::new(), Vec::new());
    let mut acknowledged = 0;
    for operation in operations {
        match operation {
            Operation::Write {
                inode,
                offset,
                bytes,
            } => {
                files
                    .entry(*inode)
                    .or_default()
                    .write(*offset as usize, bytes);
            }
            Operation::SetLen { inode, len } => {
                files.entry(*inode).or_default().set_len(*len as usize)
            }
            Operation::Sync { inode } => files.entry(*inode).or_default().sync(),
            Operation::Create { .. } | Operation::Rename { .. } => unsynced_names.push(operation),
            Operation::SyncDir => unsynced_names
                .drain(..)
                .for_each(|change| apply(&mut names, change)),
            Operation::Acknowledged(seq) => acknowledged = *seq,
        }
    }
    let kept = choose(unsynced_names.len() + 1);
    unsynced_names
        .into_iter()
        .take(kept)
        .for_each(|change| apply(&mut names, change));
    let mut image = |(name, inode): (String, u64)| {
        (
            name,
            files
                .get(&inode)
                .map(|file| file.after_power_cut(choose))
                .unwrap_or_default(),
        )
    };
    (names.into_iter().map(&mut image).collect(), acknowledged)
}

fn apply(names: &mut BTreeMap<String, u64>, change: &Operation) {
    match change {
        Operation::Create { inode, name } => drop(names.insert(name.clone(), *inode)),
        Operation::Rename { from, to } => {
            let inode = names.remove(from).expect("the file had that name");
            names.insert(to.clone(), inode);
        }
        other => unreachable!("{other:?} changes no name"),
    }
}
