//! Which cases are open or wait for a moment, while commands change it: blocks
//! kept hot and written when a table is closed, and the order in which alarms
//! are due. Knows no case.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use node_domain::cases::CaseId;

use super::pending::Pending;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::open::{Block, OpenCases, Waiting};
use crate::store::view::View;

/// Blocks kept decoded; a full one takes about 3 KiB.
const HOT: usize = 512;

#[derive(Default)]
pub struct OpenBlocks {
    hot: HashMap<u64, Block>,
    dirty: HashSet<u64>,
    /// Next alarm of each block that has one.
    alarms: BTreeSet<(Timestamp, u64)>,
    alarm_of: HashMap<u64, Timestamp>,
}

impl OpenBlocks {
    pub fn read(view: &View) -> Result<OpenBlocks, StoreFault> {
        let mut blocks = OpenBlocks::default();
        for found in view.all::<OpenCases>() {
            let (block, cases) = found?;
            blocks.note_alarm(block, cases.next_alarm());
        }
        Ok(blocks)
    }

    pub fn dirty_rows(&self) -> usize {
        self.dirty.len()
    }

    /// Gives back how the case stood before.
    pub fn set(
        &mut self,
        case: CaseId,
        waiting: Waiting,
        rows: &Pending,
    ) -> Result<Option<Waiting>, StoreFault> {
        let at = Block::of(case);
        let block = match self.hot.entry(at) {
            Entry::Occupied(hot) => hot.into_mut(),
            Entry::Vacant(cold) => cold.insert(rows.load::<OpenCases>(&at)?.unwrap_or_default()),
        };
        let before = block.get(case);
        if block.set(case, waiting) {
            self.dirty.insert(at);
            let next = block.next_alarm();
            self.note_alarm(at, next);
        }
        Ok(before)
    }

    fn note_alarm(&mut self, block: u64, next: Option<Timestamp>) {
        if self.alarm_of.get(&block).copied() == next {
            return;
        }
        if let Some(before) = self.alarm_of.remove(&block) {
            self.alarms.remove(&(before, block));
        }
        if let Some(next) = next {
            self.alarms.insert((next, block));
            self.alarm_of.insert(block, next);
        }
    }

    pub fn next_alarm(&self) -> Option<Timestamp> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// Cases whose alarm has come, in the order of their alarms, at most `most`.
    pub fn due(
        &self,
        now: Timestamp,
        most: usize,
        rows: &Pending,
    ) -> Result<Vec<CaseId>, StoreFault> {
        let mut due = Vec::new();
        for (_, at) in self.alarms.iter().take_while(|(alarm, _)| *alarm <= now) {
            let loaded;
            let block = match self.hot.get(at) {
                Some(block) => block,
                None => {
                    loaded = rows.load::<OpenCases>(at)?.unwrap_or_default();
                    &loaded
                }
            };
            let cases = block.cases(*at);
            due.extend(cases.filter_map(|(case, waiting)| {
                waiting
                    .alarm
                    .filter(|alarm| *alarm <= now)
                    .map(|alarm| (alarm, case))
            }));
            if due.len() >= most {
                break;
            }
        }
        due.sort();
        due.truncate(most);
        Ok(due.into_iter().map(|(_, case)| case).collect())
    }

    pub fn flush(&mut self, rows: &mut Pending) {
        for at in self.dirty.drain() {
            match self.hot.get(&at) {
                Some(block) if !block.is_empty() => rows.put::<OpenCases>(&at, block),
                _ => rows.remove::<OpenCases>(&at),
            }
        }
        if self.hot.len() > HOT {
            self.hot.clear();
        }
    }
}
