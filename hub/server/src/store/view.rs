//! The view's files: opens sled, tells a usable view from one to be rebuilt,
//! reads and writes sealed values. Knows keys and seals, not what they mean.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use super::{
    fault::{StoreFault, ViewFault},
    key::{FORMAT, POSITION, seal, unseal},
};

/// Keys in one write, at most: larger ones make sled leak when its cache is
/// smaller than the data.
pub const BATCH_KEYS: usize = 300;

pub struct View {
    db: sled::Db,
    mark: Mark,
}

/// What the view stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Journal records up to here are applied.
    pub seq: u64,
    pub incarnation: u64,
    pub log_id: [u8; 16],
}

impl View {
    /// Opens the view in `dir`, or makes an empty one.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<View, ViewFault> {
        let mark = Mark::of(dir);
        if dir.exists() && !mark.is_safe() {
            return Err(ViewFault::Unsafe);
        }
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(cache_bytes)
            // The journal is the truth; what is lost here is replayed.
            .flush_every_ms(Some(2_000))
            .mode(sled::Mode::HighThroughput);
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        let db = opened.map_err(|_| ViewFault::Panicked)??;
        mark.set_open();
        Ok(View { db, mark })
    }

    /// `None`: the view is empty.
    pub fn position(&self) -> Result<Option<Position>, ViewFault> {
        let Some(value) = self.get(POSITION)? else {
            return Ok(None);
        };
        let invalid = || ViewFault::damaged(POSITION, "want 33 bytes");
        match value.first() {
            Some(format) if *format != FORMAT => return Err(ViewFault::Format(*format, FORMAT)),
            _ => {}
        }
        let bytes: [u8; 33] = value.as_slice().try_into().map_err(|_| invalid())?;
        let number = |from: usize| {
            let word: [u8; 8] = bytes[from..from + 8].try_into().map_err(|_| invalid())?;
            Ok::<u64, ViewFault>(u64::from_be_bytes(word))
        };
        Ok(Some(Position {
            seq: number(1)?,
            incarnation: number(9)?,
            log_id: bytes[17..].try_into().map_err(|_| invalid())?,
        }))
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        let Some(sealed) = self.db.get(key)? else {
            return Ok(None);
        };
        let value = unseal(key, &sealed).ok_or_else(|| ViewFault::damaged(key, "checksum"))?;
        Ok(Some(value.to_vec()))
    }

    /// Calls `take` with every key and value of a prefix, in order.
    pub fn scan(
        &self,
        prefix: &[u8],
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), ViewFault>,
    ) -> Result<(), ViewFault> {
        for entry in self.db.scan_prefix(prefix) {
            let (key, sealed) = entry?;
            let value = unseal(&key, &sealed);
            take(
                &key,
                value.ok_or_else(|| ViewFault::damaged(&key, "checksum"))?,
            )?;
        }
        Ok(())
    }

    /// As [`View::scan`], of a prefix from `key` on, while `take` says so.
    pub fn scan_from(
        &self,
        key: &[u8],
        prefix: &[u8],
        mut take: impl FnMut(&[u8], &[u8]) -> Result<bool, ViewFault>,
    ) -> Result<(), ViewFault> {
        for entry in self.db.range(key..) {
            let (key, sealed) = entry?;
            if !key.starts_with(prefix) {
                break;
            }
            let value = unseal(&key, &sealed);
            let value = value.ok_or_else(|| ViewFault::damaged(&key, "checksum"))?;
            if !take(&key, value)? {
                break;
            }
        }
        Ok(())
    }

    /// The first key at or after `key`.
    pub fn first_key_from(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ViewFault> {
        let found = self.db.range(key..).next().transpose()?;
        Ok(found.map(|(key, _)| key.to_vec()))
    }

    pub fn write(&self, batch: Batch) -> Result<(), ViewFault> {
        Ok(self.db.apply_batch(batch.0)?)
    }

    /// Writes everything out and marks the view as whole; nothing is written
    /// after it.
    pub fn close(&self) -> Result<(), ViewFault> {
        self.db.flush()?;
        self.mark.set_closed();
        Ok(())
    }
}

/// Writes that happen together or not at all.
#[derive(Default)]
pub struct Batch(sled::Batch);

impl Batch {
    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.0.insert(key, seal(key, value));
    }

    pub fn delete(&mut self, key: &[u8]) {
        self.0.remove(key);
    }

    pub fn position(&mut self, position: &Position) {
        let mut value = vec![FORMAT];
        value.extend_from_slice(&position.seq.to_be_bytes());
        value.extend_from_slice(&position.incarnation.to_be_bytes());
        value.extend_from_slice(&position.log_id);
        self.put(POSITION, value);
    }
}

/// A file beside the view that says whether it may lack writes: sled survives
/// the death of its process but not that of the machine.
struct Mark {
    path: PathBuf,
    boot: String,
}

impl Mark {
    fn of(dir: &Path) -> Mark {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        Mark {
            path: dir.with_extension("mark"),
            boot: boot.unwrap_or_default().trim().to_owned(),
        }
    }

    fn is_safe(&self) -> bool {
        match fs::read_to_string(&self.path) {
            Ok(mark) if mark == "closed" => true,
            Ok(mark) => !self.boot.is_empty() && mark == format!("open {}", self.boot),
            Err(_) => false,
        }
    }

    fn set_open(&self) {
        self.set(&format!("open {}", self.boot));
    }

    /// Only after sled's file is on disk.
    fn set_closed(&self) {
        let db = self.path.with_extension("").join("db");
        let dir = self.path.with_extension("");
        let synced = fs::File::open(db).and_then(|file| file.sync_all());
        let synced = synced.and_then(|()| fs::File::open(dir)?.sync_all());
        if synced.is_ok() {
            self.set("closed");
        }
    }

    /// A mark that cannot be written only costs a rebuild.
    fn set(&self, mark: &str) {
        let write = || {
            fs::write(&self.path, mark)?;
            fs::File::open(&self.path)?.sync_all()
        };
        if let Err(error) = write() {
            tracing::warn!(path = %self.path.display(), %error, "cannot mark the view");
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes a view's files.
pub fn remove(dir: &Path) -> Result<(), StoreFault> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreFault::file(dir)(error))
        }
        _ => Ok(()),
    }
}
