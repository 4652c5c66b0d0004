//! The journal as a contender: behind the group writer, and called directly.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::{Appender, Committed, Handle, Journal, Ledger, Limits, Options, start};

use crate::measure::{Contender, Slice, closed_loop, open_loop};
use crate::{LOG, RECORD_BYTES};

struct Plain {
    groups: Arc<AtomicU64>,
}

impl Ledger for Plain {
    type Command = Vec<u8>;
    type Answer = u64;
    type Fault = Infallible;

    fn decide(&mut self, payload: Vec<u8>, log: &mut Appender<'_>) -> Result<u64, Infallible> {
        Ok(log.append(&payload).expect("short records fit"))
    }

    fn committed(&mut self, _: &Committed) -> Result<(), Infallible> {
        self.groups.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

pub struct Queued {
    writers: usize,
    handle: Handle<Plain>,
    groups: Arc<AtomicU64>,
}

impl Queued {
    pub fn new(dir: &Path, writers: usize) -> Self {
        let journal = Journal::create(dir, LOG, Options::default()).expect("create");
        let groups = Arc::new(AtomicU64::new(0));
        let ledger = Plain {
            groups: groups.clone(),
        };
        // The thread ends with its last handle.
        let (handle, _) = start("journal", journal, ledger, Limits::default()).expect("a thread");
        Self {
            writers,
            handle,
            groups,
        }
    }
}

impl Contender for Queued {
    fn slice(&mut self, _: usize) -> Slice {
        let before = self.groups.load(Ordering::Relaxed);
        let mut slice = closed_loop(self.writers, |payload| {
            self.handle.call_blocking(payload).expect("an answer");
        });
        slice.groups = self.groups.load(Ordering::Relaxed) - before;
        slice
    }
}

pub struct Direct(Journal);

impl Direct {
    pub fn new(dir: &Path) -> Self {
        Self(Journal::create(dir, LOG, Options::default()).expect("create"))
    }
}

impl Contender for Direct {
    fn slice(&mut self, batch: usize) -> Slice {
        open_loop(batch, || {
            for _ in 0..batch {
                self.0.append(&[7; RECORD_BYTES]).expect("append");
            }
            self.0.commit().expect("commit");
        })
    }
}
