//! A process's rows: its state, where its events are, and the moment it waits for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use node_domain::code::Code;
use node_domain::notices::Matter;
use node_domain::process::{Engine, Event, ProcessId, State};
use node_domain::registers::{Entry, Stock};

use super::Projection;
use super::entry::Known;
use super::pending::Pending;
use crate::store::fault::StoreFault;
use crate::store::keyspace::process::{ProcessKey, Processes};
use crate::store::keyspace::process_alarm::ProcessAlarms;
use crate::store::keyspace::process_event::ProcessEvents;
use crate::store::keyspace::stock::{StockRow, Stocks};
use crate::store::keyspace::{Entries, Rows as _, raw};
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
    pub fn processes(&self, engine: Engine) -> Entries<Processes> {
        let bound = |id| raw::<Processes>(&(engine, ProcessId(id)));
        let (from, to) = (bound(0), bound(u64::MAX));
        self.rows.entries(Some(&from), Some(&to))
    }

    /// What a register holds after an entry became `after`; `None` where that
    /// changes nothing. No two changes share a moment: the later one counts.
    pub fn stock_after(
        &self,
        before: Stock,
        after: &State,
        recorded_at: Timestamp,
    ) -> Result<Option<(Code, StockRow)>, StoreFault> {
        let Ok(entry) = <&Entry>::try_from(after) else {
            return Ok(None);
        };
        let after = Stock::of(entry);
        if before == after {
            return Ok(None);
        }
        let row = self.load::<Stocks>(&entry.register)?.unwrap_or_default();
        let row = StockRow {
            at_ms: recorded_at.as_millisecond().max(row.at_ms + 1),
            stock: row.stock.moved(before, after),
        };
        Ok(Some((entry.register.clone(), row)))
    }

    pub(super) fn put_process(
        &mut self,
        position: u64,
        recorded_at: Timestamp,
        event: &Event,
    ) -> Result<(), StoreFault> {
        let key = (event.happenings.engine(), event.process);
        let before = self.load::<Processes>(&key)?;
        let alarm_before = before.as_ref().and_then(State::next_alarm);
        let part_before = part(before.as_ref());
        let known = Known::of(before.as_ref());
        let told = match self.outbox.is_wanted() {
            true => State::notices(before.clone(), event),
            false => Vec::new(),
        };
        let after = State::follow(before, event)
            .map_err(|error| StoreFault::record(position, error.to_string()))?;
        if let Some((register, row)) = self.stock_after(part_before, &after, recorded_at)? {
            self.rows.put::<Stocks>(&register, &row);
        }
        self.process_alarms
            .set(key, alarm_before, after.next_alarm(), &mut self.rows);
        self.rows.put::<Processes>(&key, &after);
        self.put_entry(event.process, &known, &after);
        self.rows.put::<ProcessEvents>(&(key, position), &());
        let matter = Matter::Process(key.0, key.1);
        self.tell(position, matter, told, |actor| after.is_visible_to(actor))?;
        self.head.last_process = self.head.last_process.max(event.process.0);
        Ok(())
    }
}

/// What a process adds to its register's stock.
pub fn part(state: Option<&State>) -> Stock {
    let entry = state.and_then(|state| <&Entry>::try_from(state).ok());
    entry.map_or_else(Stock::default, Stock::of)
}
