//! When rows become tables: at record boundaries, in moderate batches, cells
//! less often than the rest.

use proto::fact::Fact;

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::keyspace::head::Heads;
use crate::store::view::ViewWriter;

/// Rows of one sled batch, about; random keys in larger ones leak memory.
const TABLE_ROWS: usize = 256;

impl Projection {
    pub(super) fn fold(&mut self, position: u64, facts: Vec<Fact>) -> Result<(), StoreFault> {
        self.cells
            .fold(position, &self.evaluator, &facts, &self.rows)?;
        self.folded = position;
        self.uncommitted.push((position, facts));
        if self.cells.is_full() {
            self.write_cells();
        }
        Ok(())
    }

    /// Rows that would go into the next table, at most.
    fn rows_ahead(&self) -> usize {
        let hot = self.open.dirty_rows() + self.requests.dirty_rows();
        self.published + self.rows.rows() + hot
    }

    /// Whether anything is not on its way to sled.
    pub fn has_rows(&self) -> bool {
        self.rows_ahead() > 0 || self.cells.is_dirty()
    }

    pub(super) fn close_full_table(&mut self) {
        if self.rows_ahead() >= TABLE_ROWS {
            self.close_table();
        }
    }

    /// Completes the present table: everything but cells, up to the last record,
    /// with the head that says so.
    fn close_table(&mut self) {
        self.open.flush(&mut self.rows);
        self.requests.flush(&mut self.rows);
        self.rows.put::<Heads>(&(), &self.head);
        self.rows.close_table();
        self.published = 0;
    }

    /// Writes all changed cells, in moderate tables; the last stays open.
    pub(super) fn drain_cells(&mut self) {
        while self.cells.write_some(&mut self.rows) {
            self.close_table();
        }
    }

    /// Completes everything up to the last record, cells included.
    pub fn write_cells(&mut self) {
        if self.cells.is_dirty() {
            if self.rows_ahead() > 0 {
                self.close_table();
            }
            self.drain_cells();
        } else if self.rows_ahead() == 0 && self.head.cells_position == self.folded {
            return;
        }
        self.head.cells_position = self.folded;
        self.head.cell_seq = self.cells.seq;
        self.close_table();
    }

    /// The records so far are on disk: readers may see what they mean.
    pub fn publish(&mut self, writer: &ViewWriter) -> Result<(), StoreFault> {
        self.uncommitted.clear();
        self.rows.publish(writer)?;
        self.published = writer.open_rows();
        Ok(())
    }
}
