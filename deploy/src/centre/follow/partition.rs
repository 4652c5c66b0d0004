//! The rows of one indicator, revision and period, and the rules by which a
//! batch changes them. Knows no file's bytes.

use std::{collections::BTreeMap, path::Path};

use proto::pb::hub as pb;

use super::row::{Kept, Key};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub indicator: String,
    pub revision: u32,
    pub period: String,
}

impl Name {
    pub fn of(row: &pb::FeedRow) -> Name {
        Name {
            indicator: row.indicator.clone(),
            revision: row.revision,
            period: row.period.clone(),
        }
    }

    /// `QS.R02@1/202601.parquet`; `None`: no partition's.
    pub fn of_file(path: &Path, ending: &str) -> Option<Name> {
        (path.extension()? == ending).then_some(())?;
        let series = path.parent()?.file_name()?.to_str()?;
        let (indicator, revision) = series.split_once('@')?;
        Some(Name {
            indicator: indicator.to_owned(),
            revision: revision.parse().ok()?,
            period: path.file_stem()?.to_str()?.to_owned(),
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partition {
    pub rows: BTreeMap<Key, Kept>,
    is_changed: bool,
}

impl Partition {
    pub fn of(rows: BTreeMap<Key, Kept>) -> Partition {
        Partition {
            rows,
            is_changed: false,
        }
    }

    pub fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// `lists`: a row of a listing replaces its equal too, and is named by it
    /// whatever is kept.
    pub fn put(&mut self, key: Key, row: Kept, lists: bool) {
        match self.rows.get_mut(&key) {
            Some(held) if row.order > held.order || (lists && row.order == held.order) => {
                *held = row;
            }
            Some(held) if lists => held.listing = row.listing,
            Some(_) => return,
            None => {
                self.rows.insert(key, row);
            }
        }
        self.is_changed = true;
    }

    pub fn remove(&mut self, key: &Key, order: (u32, u64)) {
        if self.rows.get(key).is_some_and(|held| held.order < order) {
            self.rows.remove(key);
            self.is_changed = true;
        }
    }

    pub fn sweep(&mut self, place: &str, lineage: u32) {
        self.retain(|key, row| key.place != place || row.order.0 >= lineage);
    }

    /// `place`: empty for everywhere.
    pub fn end_listing(&mut self, place: &str, listing: i64) {
        self.retain(|key, row| (!place.is_empty() && key.place != place) || row.listing >= listing);
    }

    fn retain(&mut self, stays: impl Fn(&Key, &Kept) -> bool) {
        let before = self.rows.len();
        self.rows.retain(|key, row| stays(key, row));
        self.is_changed |= self.rows.len() != before;
    }
}
