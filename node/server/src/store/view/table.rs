//! A table: rows of the view that are not in sled yet, in key order. One table
//! becomes one sled batch. Knows no key space.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

pub type Row = Arc<[u8]>;

/// A key with its row.
pub type Entry = (Box<[u8]>, Row);

/// `None` is a removal.
#[derive(Default, Clone)]
pub struct Table {
    rows: BTreeMap<Box<[u8]>, Option<Row>>,
}

impl Table {
    pub fn put(&mut self, key: Vec<u8>, row: Option<Row>) {
        self.rows.insert(key.into(), row);
    }

    /// `Some(None)`: the key is removed here.
    pub fn get(&self, key: &[u8]) -> Option<&Option<Row>> {
        self.rows.get(key)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What `newer` says replaces what is here.
    pub fn absorb(&mut self, newer: Table) {
        if self.rows.is_empty() {
            self.rows = newer.rows;
        } else {
            self.rows.extend(newer.rows);
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = (&[u8], Option<&Row>)> {
        self.rows.iter().map(|(key, row)| (&**key, row.as_ref()))
    }

    /// Rows with `from <= key < to`.
    pub fn range<'a>(
        &'a self,
        from: &[u8],
        to: &[u8],
    ) -> impl Iterator<Item = (&'a Box<[u8]>, &'a Option<Row>)> {
        // An empty range panics in the map; here it just holds nothing.
        let to = to.max(from);
        self.rows
            .range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)))
    }
}
