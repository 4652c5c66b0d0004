//! Columns out of the view, and a bounded cache of them. A question that comes
//! back for more of one group has all of the group's columns made at once.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hub_domain::query::{Column, ColumnId, Columns};
use proto::{
    indicator::cell::{Breakdown, IndicatorId, Revision},
    place::{Level, Place},
};

use super::{
    fault::ViewFault,
    group::Runs,
    key::{self, GroupKey, group_of},
    pages::split_first,
    view::View,
};

pub struct Cache {
    limit_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    columns: HashMap<ColumnId, (Arc<Column>, u64)>,
    bytes: usize,
    /// Counts uses, so that the longest unused goes first.
    clock: u64,
    /// Counts writes of the view: a column read before one is not kept.
    written: u64,
}

impl Cache {
    pub fn new(limit_bytes: usize) -> Cache {
        Cache {
            limit_bytes,
            kept: Mutex::default(),
        }
    }

    /// The view was written: these are not what they were.
    pub fn forget(&self, changed: &BTreeSet<ColumnId>) {
        let mut kept = self.lock();
        kept.written += 1;
        for id in changed {
            if let Some((column, _)) = kept.columns.remove(id) {
                kept.bytes -= column.size_bytes();
            }
        }
    }

    fn find(&self, id: &ColumnId) -> Option<Arc<Column>> {
        let mut kept = self.lock();
        kept.clock += 1;
        let clock = kept.clock;
        let (column, used) = kept.columns.get_mut(id)?;
        *used = clock;
        Some(column.clone())
    }

    fn written(&self) -> u64 {
        self.lock().written
    }

    /// Keeps a column that was read when the view had been written so often.
    fn keep(&self, id: ColumnId, column: &Arc<Column>, written: u64) {
        let mut kept = self.lock();
        if kept.written != written || column.size_bytes() > self.limit_bytes {
            return;
        }
        kept.clock += 1;
        let clock = kept.clock;
        kept.bytes += column.size_bytes();
        if let Some((old, _)) = kept.columns.insert(id, (column.clone(), clock)) {
            kept.bytes -= old.size_bytes();
        }
        if kept.bytes > self.limit_bytes {
            kept.shrink(self.limit_bytes / 8 * 7);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn shrink(&mut self, bytes: usize) {
        let mut by_use: Vec<(u64, ColumnId)> = self
            .columns
            .iter()
            .map(|(id, (_, used))| (*used, *id))
            .collect();
        by_use.sort_unstable();
        for (_, id) in by_use {
            if self.bytes <= bytes {
                break;
            }
            if let Some((column, _)) = self.columns.remove(&id) {
                self.bytes -= column.size_bytes();
            }
        }
    }
}

/// The columns for one question.
pub struct Reading<'a> {
    view: &'a View,
    cache: &'a Cache,
    /// Merged cells of this hub itself are no column's.
    own: Option<Place>,
    /// Groups already read for one community, with their columns.
    narrow: RefCell<HashMap<GroupKey, Made>>,
    /// Groups already read once for all communities.
    wide: RefCell<BTreeSet<(u32, u32)>>,
}

pub type Series = (IndicatorId, Revision);
pub type Made = BTreeMap<Series, Arc<Column>>;

impl<'a> Reading<'a> {
    pub fn new(view: &'a View, cache: &'a Cache, own: Option<Place>) -> Reading<'a> {
        Reading {
            view,
            cache,
            own,
            narrow: RefCell::default(),
            wide: RefCell::default(),
        }
    }

    fn column(&self, id: &ColumnId, place: Place) -> Result<Arc<Column>, ViewFault> {
        if let Some(column) = self.cache.find(id) {
            return Ok(column);
        }
        if place.level() == Level::Community {
            return self.narrow(id, place);
        }
        let (period, group) = (id.period.number(), group_of(id.indicator));
        let series = (id.indicator, id.revision);
        let written = self.cache.written();
        let is_first = self.wide.borrow_mut().insert((period, group));
        let wanted = is_first.then_some(series);
        let mut made = self.made(&key::period_prefix(period, group), wanted)?;
        let column = made.entry(series).or_default().clone();
        for ((indicator, revision), column) in &made {
            let id = ColumnId {
                indicator: *indicator,
                revision: *revision,
                period: id.period,
            };
            self.cache.keep(id, column, written);
        }
        Ok(column)
    }

    /// One community's part alone: a handful of reads instead of a scan.
    fn narrow(&self, id: &ColumnId, community: Place) -> Result<Arc<Column>, ViewFault> {
        let key = GroupKey {
            period: id.period.number(),
            group: group_of(id.indicator),
            community: community.aligned(),
        };
        let mut narrow = self.narrow.borrow_mut();
        let made = match narrow.entry(key) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(self.made(&key.prefix(), None)?),
        };
        let series = (id.indicator, id.revision);
        Ok(made.get(&series).cloned().unwrap_or_default())
    }

    /// Every column of one period and 32 indicators, past the cache.
    pub fn group(&self, period: u32, group: u32) -> Result<Made, ViewFault> {
        self.made(&key::period_prefix(period, group), None)
    }

    /// The columns of the groups under `prefix`; `wanted`: of this series only.
    fn made(&self, prefix: &[u8], wanted: Option<Series>) -> Result<Made, ViewFault> {
        let mut making: BTreeMap<Series, Column> = BTreeMap::new();
        self.view.scan(prefix, |key, value| {
            let group = GroupKey::parse(key).ok_or_else(|| ViewFault::damaged(key, "key"))?;
            let community = Place::reporting(group.community);
            let community = community.ok_or_else(|| ViewFault::damaged(key, "community"))?;
            if self.own == Some(community) {
                return Ok(());
            }
            let chunk = match key.ends_with(&[0, 0]) {
                true => split_first(key, value)?.1,
                false => value,
            };
            let mut runs = Runs::open(group.group, chunk);
            while let Some(run) = runs.next().map_err(ViewFault::group(key))? {
                let series = (IndicatorId(run.indicator), Revision(run.revision));
                if run.kind == 0 || wanted.is_some_and(|wanted| wanted != series) {
                    continue;
                }
                let column = making.entry(series).or_default();
                let mut pushed = Ok(());
                let read = runs.cells(&run, |breakdown, _, state| {
                    if pushed.is_ok() {
                        pushed = column.push(community, Breakdown(breakdown), run.kind, state);
                    }
                    Ok(())
                });
                read.map_err(ViewFault::group(key))?;
                pushed.map_err(|cause| ViewFault::damaged(key, cause))?;
            }
            Ok(())
        })?;
        let made = making.into_iter().map(|(series, mut column)| {
            column.shrink();
            (series, Arc::new(column))
        });
        Ok(made.collect())
    }
}

impl Columns for Reading<'_> {
    type Fault = ViewFault;

    fn columns(&self, ids: &[ColumnId], place: Place) -> Result<Vec<Arc<Column>>, ViewFault> {
        ids.iter().map(|id| self.column(id, place)).collect()
    }
}
