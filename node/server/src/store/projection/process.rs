//! A process's rows: its state, where its events are, and the moment it waits for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use node_domain::process::{Event, State};

use super::Projection;
use super::pending::Pending;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::{ProcessKey, Processes};
use crate::store::keyspace::process_alarm::ProcessAlarms;
use crate::store::keyspace::process_event::ProcessEvents;
use crate::store::view::View;

/// All moments that processes wait for, in memory; a moment takes some 40 bytes.
#[derive(Default)]
pub struct Alarms(BTreeSet<(Timestamp, ProcessKey)>);

impl Alarms {
    pub fn read(view: &View) -> Result<Alarms, StoreFault> {
        let all = view.all::<ProcessAlarms>();
        let keys = all.map(|found| found.map(|(key, ())| key));
        keys.collect::<Result<_, _>>().map(Alarms)
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Those whose moment has come, at most `most`.
    pub fn due(&self, now: Timestamp, most: usize) -> Vec<ProcessKey> {
        let due = self.0.iter().take_while(|(at, _)| *at <= now);
        due.take(most).map(|(_, process)| *process).collect()
    }

    fn set(
        &mut self,
        process: ProcessKey,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
        rows: &mut Pending,
    ) {
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.0.remove(&(before, process));
            rows.remove::<ProcessAlarms>(&(before, process));
        }
        if let Some(after) = after {
            self.0.insert((after, process));
            rows.put::<ProcessAlarms>(&(after, process), &());
        }
    }
}

impl Projection {
    pub(super) fn put_process(&mut self, position: u64, event: &Event) -> Result<(), StoreFault> {
        let key = (event.happenings.engine(), event.process);
        let before = self.load::<Processes>(&key)?;
        let alarm_before = before.as_ref().and_then(State::next_alarm);
        let after = State::follow(before, event)
            .map_err(|error| StoreFault::record(position, error.to_string()))?;
        self.process_alarms
            .set(key, alarm_before, after.next_alarm(), &mut self.rows);
        self.rows.put::<Processes>(&key, &after);
        self.rows.put::<ProcessEvents>(&(key, position), &());
        self.head.last_process = self.head.last_process.max(event.process.0);
        Ok(())
    }
}
