//! The view: what the journal says, arranged for reading. Rows live in sled;
//! the newest are still in memory, in tables that a thread of its own writes
//! out, each as one batch. Readers see all of them as one. Knows no key space
//! and no journal.
//!
//! ```text
//! ledger ─publish→ open table ─seal→ sealed tables ─view thread→ sled
//!                     ↑ newest                 oldest ↑
//! ```

mod boot;
mod disk;
mod scan;
mod table;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, JoinHandle};

use boot::OpenMark;
pub use disk::{Disk, Unusable, set_aside};
pub use scan::{Direction, Scan};
pub use table::{Row, Table};

use super::fault::StoreFault;

/// Sealed tables that may wait for the disk; then the ledger waits.
const SEALED_TABLES: usize = 256;

#[derive(Default)]
struct Layers {
    open: Table,
    /// Oldest first.
    sealed: VecDeque<Arc<Table>>,
}

/// Reads, from any thread.
pub struct View {
    disk: Disk,
    layers: RwLock<Layers>,
}

/// The one writer of a view.
pub struct ViewWriter {
    view: Arc<View>,
    queue: Option<SyncSender<Arc<Table>>>,
    thread: Option<JoinHandle<()>>,
    failed: Arc<OnceLock<String>>,
    mark: OpenMark,
}

impl View {
    fn read(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, key: &[u8]) -> Result<Option<Row>, StoreFault> {
        {
            let layers = self.read();
            let tables = layers.sealed.iter().rev().map(|table| &**table);
            let newest = std::iter::once(&layers.open).chain(tables);
            if let Some(row) = newest.into_iter().find_map(|table| table.get(key)) {
                return Ok(row.clone());
            }
        }
        // A table leaves the queue only after sled has it, so nothing is
        // missed between the two looks.
        self.disk.get(key)
    }

    /// Rows with `from <= key < to`; each is at least as new as this call.
    pub fn scan(&self, from: &[u8], to: &[u8], direction: Direction) -> Scan {
        self.scan_under(std::iter::empty(), from, to, direction)
    }

    /// As [`View::scan`], with tables that are not published laid over it.
    pub fn scan_under<'a>(
        &self,
        unpublished: impl Iterator<Item = &'a Table>,
        from: &[u8],
        to: &[u8],
        direction: Direction,
    ) -> Scan {
        let mut newer = Table::default();
        let mut lay = |table: &Table| {
            for (key, row) in table.range(from, to) {
                newer.put(key.to_vec(), row.clone());
            }
        };
        {
            let layers = self.read();
            layers.sealed.iter().for_each(|table| lay(table));
            lay(&layers.open);
        }
        unpublished.for_each(lay);
        Scan::new(newer, self.disk.range(from, to), direction)
    }
}

/// What opening a view found.
pub enum Found {
    /// To be brought up to date from the position that it holds.
    Whole,
    /// Nothing, or nothing that could be used: it starts empty.
    Empty {
        set_aside: Option<(PathBuf, String)>,
    },
}

impl ViewWriter {
    /// Opens the view, or sets it aside and starts an empty one.
    pub fn open(dir: &Path) -> Result<(ViewWriter, Found), StoreFault> {
        let mark = OpenMark::new(dir);
        let existed = dir.exists();
        let opened = if existed && mark.survived_power_loss() {
            Err(Unusable(
                "the machine went down while it was open".to_owned(),
            ))
        } else {
            Disk::open(dir)
        };
        let (disk, found) = match opened {
            Ok(disk) if existed => (disk, Found::Whole),
            Ok(disk) => (disk, Found::Empty { set_aside: None }),
            Err(unusable) => {
                let aside = set_aside(dir)?;
                let disk = Disk::open(dir).map_err(|error| StoreFault::View(error.0))?;
                let set_aside = Some((aside, unusable.0));
                (disk, Found::Empty { set_aside })
            }
        };
        mark.set()?;
        Ok((ViewWriter::start(disk, mark)?, found))
    }

    fn start(disk: Disk, mark: OpenMark) -> Result<ViewWriter, StoreFault> {
        let view = Arc::new(View {
            disk,
            layers: RwLock::default(),
        });
        let failed = Arc::new(OnceLock::new());
        let (queue, tables) = sync_channel(SEALED_TABLES);
        let thread = thread::Builder::new()
            .name("view".to_owned())
            .spawn({
                let (view, failed) = (view.clone(), failed.clone());
                move || write_out(&view, &tables, &failed)
            })
            .map_err(|error| StoreFault::View(error.to_string()))?;
        Ok(ViewWriter {
            view,
            queue: Some(queue),
            thread: Some(thread),
            failed,
            mark,
        })
    }

    pub fn view(&self) -> &Arc<View> {
        &self.view
    }

    /// Rows in the open table.
    pub fn open_rows(&self) -> usize {
        self.view.read().open.len()
    }

    /// Readers see the rows from now on.
    pub fn publish(&self, rows: Table) {
        self.view.write().open.absorb(rows);
    }

    /// Hands the open table to the view thread; waits when it is far behind.
    pub fn seal(&self) -> Result<(), StoreFault> {
        let table = {
            let mut layers = self.view.write();
            if layers.open.is_empty() {
                return Ok(());
            }
            let table = Arc::new(std::mem::take(&mut layers.open));
            layers.sealed.push_back(table.clone());
            table
        };
        let sent = self.queue.as_ref().and_then(|queue| queue.send(table).ok());
        sent.ok_or_else(|| self.stopped())
    }

    fn stopped(&self) -> StoreFault {
        let why = self.failed.get().map_or("its thread ended", String::as_str);
        StoreFault::View(why.to_owned())
    }

    /// Writes out what is sealed and closes; what is not is lost, and replayed.
    pub fn close(mut self) -> Result<(), StoreFault> {
        self.queue = None;
        let ended = self.thread.take().map(JoinHandle::join);
        if self.failed.get().is_some() || matches!(ended, Some(Err(_))) {
            return Err(self.stopped());
        }
        self.view.disk.flush()?;
        self.mark.clear();
        Ok(())
    }
}

fn write_out(view: &View, tables: &Receiver<Arc<Table>>, failed: &OnceLock<String>) {
    while let Ok(table) = tables.recv() {
        failpoint::reached("node-view-unwritten");
        if let Err(fault) = view.disk.apply(&table) {
            let _ = failed.set(fault.to_string());
            return;
        }
        failpoint::reached("node-view-written");
        view.write().sealed.pop_front();
    }
}

#[cfg(test)]
mod tests;
