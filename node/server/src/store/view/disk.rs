//! The only file of the node that names sled. Opens it so that damage is an
//! answer and not a panic, and gives every row a checksum, which sled has not.
//! Knows no key space.

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::table::{Entry, Row, Table};
use crate::store::fault::StoreFault;

/// sled's resident memory is about 2.4 times this.
const CACHE_BYTES: u64 = 6 << 20;
const CHECKSUM_BYTES: usize = 4;

pub struct Disk {
    db: sled::Db,
    dir: PathBuf,
}

/// Why a view directory cannot be used; it can always be rebuilt.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

impl Disk {
    pub fn open(dir: &Path) -> Result<Disk, Unusable> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(1000));
        // One flipped byte makes sled's open panic.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        match opened {
            Ok(Ok(db)) => Ok(Disk {
                db,
                dir: dir.to_owned(),
            }),
            Ok(Err(error)) => Err(Unusable(error.to_string())),
            Err(_) => Err(Unusable("sled could not read its files".to_owned())),
        }
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Row>, StoreFault> {
        let found = self.db.get(key).map_err(fault)?;
        found.map(|stored| open_row(key, &stored)).transpose()
    }

    /// Rows with `from <= key < to`, from either end.
    pub fn range(
        &self,
        from: &[u8],
        to: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<Entry, StoreFault>> + use<> {
        self.db.range(from.to_vec()..to.to_vec()).map(|found| {
            let (key, stored) = found.map_err(fault)?;
            let row = open_row(&key, &stored)?;
            Ok((Box::from(&*key), row))
        })
    }

    /// All rows of the table, or none.
    pub fn apply(&self, table: &Table) -> Result<(), StoreFault> {
        let mut batch = sled::Batch::default();
        let mut stored = Vec::new();
        for (key, row) in table.rows() {
            match row {
                Some(row) => {
                    stored.clear();
                    stored.extend_from_slice(row);
                    stored.extend_from_slice(&checksum(key, row).to_be_bytes());
                    batch.insert(key, stored.as_slice());
                }
                None => batch.remove(key),
            }
        }
        self.db.apply_batch(batch).map_err(fault)
    }

    /// On disk when it returns, which sled's own flush does not see to.
    pub fn flush(&self) -> Result<(), StoreFault> {
        self.db.flush().map_err(fault)?;
        let sync = || {
            for entry in fs::read_dir(&self.dir)? {
                File::open(entry?.path())?.sync_all()?;
            }
            File::open(&self.dir)?.sync_all()
        };
        sync().map_err(StoreFault::io("sync", &self.dir))
    }
}

fn fault(error: sled::Error) -> StoreFault {
    StoreFault::View(error.to_string())
}

fn checksum(key: &[u8], row: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(key), row)
}

fn open_row(key: &[u8], stored: &[u8]) -> Result<Row, StoreFault> {
    let cut = stored.len().checked_sub(CHECKSUM_BYTES);
    let (row, sum) = stored.split_at(cut.unwrap_or(0));
    if cut.is_none() || checksum(key, row).to_be_bytes() != sum {
        return Err(StoreFault::row("view", key, "wrong checksum"));
    }
    Ok(Arc::from(row))
}

/// Moves an unusable view out of the way; only the latest such is kept.
pub fn set_aside(dir: &Path) -> Result<std::path::PathBuf, StoreFault> {
    let aside = dir.with_extension("damaged");
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(StoreFault::io("remove", &aside))?;
    }
    if dir.exists() {
        fs::rename(dir, &aside).map_err(StoreFault::io("set aside", dir))?;
    }
    Ok(aside)
}
