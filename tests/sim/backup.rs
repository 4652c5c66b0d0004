//! A hub's files put back from an older copy.

use crate::{hub::Hub, network::Shared, plan::Planted, table::Table};

impl Hub {
    /// The files as they were when the journal had `length` records, and a new
    /// incarnation, which whoever restores them declares.
    pub fn restore(&mut self, shared: &mut Shared, length: usize) {
        shared.trace.line(
            shared.now,
            format_args!("hub is restored to {length} of {}", self.journal.len()),
        );
        self.journal.truncate(length);
        let mut published = self.published.iter().rev();
        let log = published.find(|(at, _)| *at <= length);
        let log = log.map_or(0, |(_, log)| *log);
        self.log.truncate(log);
        self.published.retain(|(at, _)| *at <= length);
        self.synced = 0;
        self.durable = Table::new(self.durable.lines.len());
        for record in &self.journal {
            self.durable.fold(record);
        }
        self.synced = length;
        if shared.plan.planted != Some(Planted::RelistSkipped) {
            self.incarnation += 1;
        }
        let log_id = self.log_id();
        for item in &mut self.log {
            item.cursor.log_id = log_id;
        }
        for (node, line) in self.durable.lines.iter().enumerate() {
            shared.checks.hub_restored(node, line.acked);
        }
    }
}
