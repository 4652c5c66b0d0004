//! Rows that the ledger has written and readers may not see yet, because their
//! records are not on disk. Cut into tables at record boundaries, so that each
//! stays one moderate batch of sled.

use std::sync::Arc;

use crate::store::fault::StoreFault;
use crate::store::keyspace::{self, Rows, Space};
use crate::store::view::{Direction, Row, Table, View, ViewWriter};

pub struct Pending {
    view: Arc<View>,
    /// Complete as of some record; oldest first.
    closed: Vec<Table>,
    open: Table,
}

impl Rows for Pending {
    fn row(&self, key: &[u8]) -> Result<Option<Row>, StoreFault> {
        let newest = std::iter::once(&self.open).chain(self.closed.iter().rev());
        match newest.into_iter().find_map(|table| table.get(key)) {
            Some(row) => Ok(row.clone()),
            None => self.view.get(key),
        }
    }
}

impl Pending {
    pub fn new(view: Arc<View>) -> Pending {
        Pending {
            view,
            closed: Vec::new(),
            open: Table::default(),
        }
    }

    pub fn put<S: Space>(&mut self, at: &S::Key, value: &S::Value) {
        let row = keyspace::row::<S>(value);
        self.open.put(keyspace::key::<S>(at), Some(row));
    }

    pub fn remove<S: Space>(&mut self, at: &S::Key) {
        self.open.put(keyspace::key::<S>(at), None);
    }

    /// Rows of a space, the pending ones included, between raw bounds as in
    /// [`View::entries`].
    pub fn entries<S: Space>(
        &self,
        from: Option<&[u8]>,
        to: Option<&[u8]>,
    ) -> keyspace::Entries<S> {
        let tables = self.closed.iter().chain([&self.open]);
        self.view
            .entries_under(tables, from, to, Direction::Ascending)
    }

    pub fn rows(&self) -> usize {
        self.open.len()
    }

    pub fn close_table(&mut self) {
        if !self.open.is_empty() {
            self.closed.push(std::mem::take(&mut self.open));
        }
    }

    /// Shows everything to readers; closed tables are on their way to sled.
    pub fn publish(&mut self, writer: &ViewWriter) -> Result<(), StoreFault> {
        for table in self.closed.drain(..) {
            writer.publish(table);
            writer.seal()?;
        }
        if !self.open.is_empty() {
            writer.publish(std::mem::take(&mut self.open));
        }
        Ok(())
    }
}
