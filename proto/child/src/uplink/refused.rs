//! Cells that the hub refused, as far as this session knows: the hub remembers
//! them, names them in its Welcome, and they are sent again when that may help.

use std::{collections::BTreeMap, time::Duration};

use proto::{
    indicator::cell::CellKey,
    sync::{
        instant::Instant,
        limits,
        uplink::{RejectReason, Rejected, Retry},
    },
};

#[derive(Clone, Debug, Default)]
pub struct Refused {
    cells: BTreeMap<CellKey, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    seq: u64,
    reason: RejectReason,
    due: Due,
    is_asked: bool,
    /// What a withheld cell waits next when it breaks the stream again.
    pause: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    OnChange,
    PastCatalogue(u64),
    At(Instant),
}

const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

impl Refused {
    /// The hub's own list replaces what was known.
    pub fn replace(&mut self, rejected: &[Rejected], now: Instant) {
        let known = std::mem::take(&mut self.cells);
        for refused in rejected {
            self.insert(refused, now);
            // A pause earned here outlives the hub's suggestion; a place in its
            // catalogue does not, since the hub may have gone back.
            let earned = known.get(&refused.key).filter(|k| k.seq == refused.seq);
            if let (Some(entry), Some(known)) = (self.cells.get_mut(&refused.key), earned)
                && let (Due::At(_), Due::At(later)) = (entry.due, known.due)
            {
                entry.due = Due::At(later);
                entry.pause = known.pause;
            }
        }
    }

    pub fn insert(&mut self, refused: &Rejected, now: Instant) {
        let due = match refused.rejection.retry {
            Retry::OnChange => Due::OnChange,
            Retry::PastCatalogue(seq) => Due::PastCatalogue(seq),
            Retry::After(span) => Due::At(now + span),
        };
        if self.cells.len() < limits::MARKERS || self.cells.contains_key(&refused.key) {
            let entry = Entry {
                seq: refused.seq,
                reason: refused.rejection.reason,
                due,
                is_asked: false,
                pause: limits::PROBE,
            };
            self.cells.insert(refused.key, entry);
        }
    }

    pub fn remove(&mut self, key: &CellKey) {
        self.cells.remove(key);
    }

    /// Whether exactly this version was refused.
    pub fn holds(&self, key: &CellKey, seq: u64) -> bool {
        self.cells.get(key).is_some_and(|entry| entry.seq == seq)
    }

    pub fn is_withheld(&self, key: &CellKey) -> bool {
        let entry = self.cells.get(key);
        entry.is_some_and(|entry| entry.reason == RejectReason::Withheld)
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Keys worth another attempt, but for those that once broke the stream.
    pub fn due(&mut self, now: Instant, catalogue: u64, limit: usize) -> Vec<CellKey> {
        self.take(now, catalogue, limit, false)
    }

    /// One that broke the stream; to be sent alone.
    pub fn due_alone(&mut self, now: Instant, catalogue: u64) -> Option<CellKey> {
        self.take(now, catalogue, 1, true).pop()
    }

    pub fn is_due(&self, now: Instant, catalogue: u64) -> bool {
        let mut cells = self.cells.values();
        cells.any(|entry| !entry.is_asked && entry.is_due(now, catalogue))
    }

    /// When a cell that waits for time comes due.
    pub fn next_due(&self) -> Option<Instant> {
        let waiting = self.cells.values().filter(|entry| !entry.is_asked);
        let times = waiting.filter_map(|entry| match entry.due {
            Due::At(at) => Some(at),
            _ => None,
        });
        times.min()
    }

    /// The session is over: what was asked for again was not answered.
    pub fn forget_asked(&mut self) {
        for entry in self.cells.values_mut() {
            entry.is_asked = false;
        }
    }

    /// Broke the stream when sent again: wait, longer each time.
    pub fn postpone(&mut self, key: &CellKey, now: Instant) {
        if let Some(entry) = self.cells.get_mut(key) {
            entry.reason = RejectReason::Withheld;
            entry.due = Due::At(now + entry.pause);
            entry.pause = (entry.pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn take(
        &mut self,
        now: Instant,
        catalogue: u64,
        limit: usize,
        is_withheld: bool,
    ) -> Vec<CellKey> {
        let due = self.cells.iter_mut().filter(|(_, entry)| {
            (entry.reason == RejectReason::Withheld) == is_withheld
                && !entry.is_asked
                && entry.is_due(now, catalogue)
        });
        due.take(limit)
            .map(|(key, entry)| {
                entry.is_asked = true;
                *key
            })
            .collect()
    }
}

impl Entry {
    fn is_due(&self, now: Instant, catalogue: u64) -> bool {
        match self.due {
            Due::OnChange => false,
            Due::PastCatalogue(seq) => catalogue > seq,
            Due::At(at) => at <= now,
        }
    }
}
