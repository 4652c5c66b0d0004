//! What followers read: stretches of the journal, decoded once for all who stand
//! at the same place, and listings out of the view. Nothing is written for them,
//! and nothing waits for them. Knows no follower.

mod listing;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use hub_domain::feed::Record;
use journal::{Reader, Source};
use proto::identity::LogId;
use tokio::sync::watch;

use super::{Store, fault::StoreFault, opening::decode};

/// Cells of one stretch, at most, beyond its last record.
const RUN_CELLS: usize = 16 * 1024;
const RUN_RECORDS: u64 = 4 * 1024;
/// Stretches that are kept for whoever comes to the same place next.
const KEPT: usize = 4;
/// Open readers, each at the end of a stretch.
const READERS: usize = 16;

/// What concerns cells in the records after `after` up to `through`.
pub struct Run {
    pub after: u64,
    pub through: u64,
    pub records: Vec<Record>,
}

pub struct Feeding {
    source: Source,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    runs: VecDeque<Arc<Run>>,
    /// With the seq of the record that each gives next.
    readers: VecDeque<(u64, Reader)>,
}

impl Feeding {
    pub fn new(source: Source) -> Feeding {
        Feeding {
            source,
            state: Mutex::default(),
        }
    }

    /// Blocks for one stretch at most. `through`: at least so far.
    fn run(&self, after: u64, through: Option<u64>) -> Result<Arc<Run>, StoreFault> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |run: &&Arc<Run>| {
            run.after == after && through.is_none_or(|through| run.through >= through)
        };
        if let Some(run) = state.runs.iter().find(is_it) {
            return Ok(run.clone());
        }
        let open = state
            .readers
            .iter()
            .position(|(next, _)| *next == after + 1);
        let mut reader = match open.and_then(|at| state.readers.remove(at)) {
            Some((_, reader)) => reader,
            None => self.source.reader(after + 1)?,
        };
        let run = Arc::new(read(&mut reader, after, through)?);
        state.readers.push_back((run.through + 1, reader));
        if state.readers.len() > READERS {
            state.readers.pop_front();
        }
        // The newest one grows still: it is read again from the same place.
        state.runs.retain(|kept| kept.after != after);
        state.runs.push_back(run.clone());
        if state.runs.len() > KEPT {
            state.runs.pop_front();
        }
        Ok(run)
    }
}

fn read(reader: &mut Reader, after: u64, through: Option<u64>) -> Result<Run, StoreFault> {
    let mut run = Run {
        after,
        through: after,
        records: Vec::new(),
    };
    let mut cells = 0;
    let is_enough = |run: &Run, cells: usize| match through {
        Some(through) => run.through >= through,
        None => cells >= RUN_CELLS || run.through - after >= RUN_RECORDS,
    };
    while !is_enough(&run, cells) {
        let Some(record) = reader.next().transpose()? else {
            break;
        };
        run.through = record.seq;
        if let Some(record) = Record::of(record.seq, decode(record.seq, &record.payload)?) {
            cells += record.cells();
            run.records.push(record);
        }
    }
    Ok(run)
}

impl Store {
    /// The log that cursors are of: another one after the hub went back.
    pub fn feed_log(&self) -> LogId {
        let mut id = self.journal().log_id().0;
        for (byte, mixed) in id.iter_mut().zip(self.incarnation().to_le_bytes()) {
            *byte ^= mixed;
        }
        LogId(id)
    }

    /// Records that are durable, and word of more.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.shared.committed.subscribe()
    }

    /// Durable records after `after`: as many as make one stretch, or up to
    /// `through`. Reads the journal: blocks.
    pub fn run(&self, after: u64, through: Option<u64>) -> Result<Arc<Run>, StoreFault> {
        self.feeding.run(after, through)
    }
}
