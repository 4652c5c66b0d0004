//! Reads that need more than one row: a case's history, a case as it was, the
//! personal fields of a case. Never blocks the writer.

use jiff::Timestamp;
use node_domain::actor::Pseudonym;
use node_domain::cases::{self, Case, CaseId};
use node_domain::code::Code;
use node_domain::event::{Brought, Delivered, Event};
use node_domain::process::{self, Engine, ProcessId, State};
use node_domain::support;
use prost::Message as _;
use proto::pb::sync as wire;
use proto::support::{EXCHANGE_BYTES, EXCHANGE_LETTERS, Up};
use proto::sync::downlink::Cursor;
use zeroize::Zeroizing;

use super::Store;
use super::fault::StoreFault;
use super::keyspace::case::{CaseRow, Cases};
use super::keyspace::letter::Letters;
use super::keyspace::link::{Link, LinkKey, Links};
use super::keyspace::process::{ProcessKey, Processes};
use super::keyspace::process_event::ProcessEvents;
use super::keyspace::register_entry::RegisterEntries;
use super::keyspace::subject::Subjects;
use super::keyspace::{Rows as _, Space as _, points_nowhere};
use super::record::Record;
use super::view::Direction;
use crate::sealing::SubjectId;

/// One record's part in a case's history.
pub struct Happened {
    pub position: u64,
    pub recorded_at: jiff::Timestamp,
    pub subject: Option<SubjectId>,
    pub events: Vec<cases::Event>,
}

impl Store {
    pub fn case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreFault> {
        self.view.load::<Cases>(&id)
    }

    /// What happened at one position; `None` when that was not to a case.
    pub fn happened(&self, position: u64) -> Result<Option<Happened>, StoreFault> {
        let record = self.source.reader(position)?.next().transpose()?;
        match record {
            Some(record) if record.seq == position => happened(position, &record.payload),
            _ => Err(StoreFault::record(position, "not in the journal")),
        }
    }

    /// A case as one of its records left it.
    pub fn case_at(&self, id: CaseId, position: u64) -> Result<Option<CaseRow>, StoreFault> {
        let Some(row) = self.case(id)? else {
            return Ok(None);
        };
        let mut case: Option<Case> = None;
        for at in row.case.events.iter().take_while(|at| *at <= position) {
            let Some(happened) = self.happened(at)? else {
                continue;
            };
            for event in &happened.events {
                let next =
                    cases::apply(case, event).map_err(|error| StoreFault::record(at, error))?;
                case = Some(next);
            }
        }
        Ok(case.map(|case| CaseRow { case, ..row }))
    }

    /// A process as one of its records left it.
    pub fn process_at(&self, key: ProcessKey, position: u64) -> Result<Option<State>, StoreFault> {
        // Who asks again asks at once, mostly: then nothing came after that record, and
        // years of events need not be read. In this order, so that an event between the
        // two looks is seen.
        let newest = self.view.load::<Processes>(&key)?;
        let (first, last) = ProcessEvents::bounds(key, 0);
        let mut events =
            self.view
                .entries::<ProcessEvents>(Some(&first), Some(&last), Direction::Descending);
        if let Some(((_, last), ())) = events.next().transpose()?
            && last == position
        {
            return Ok(newest);
        }
        let mut state = None;
        for found in self.process_events(key, 0) {
            let at = found?;
            if at > position {
                break;
            }
            let (_, event) = self.process_event(at)?;
            let next = State::follow(state, &event);
            state = Some(next.map_err(|error| StoreFault::record(at, error))?);
        }
        Ok(state)
    }

    /// An engine's processes whose number is less than `below`.
    pub fn processes(
        &self,
        engine: Engine,
        below: u64,
        direction: Direction,
    ) -> impl Iterator<Item = Result<(ProcessId, State), StoreFault>> {
        let bound = |id| Processes::key(&(engine, ProcessId(id)));
        let (from, to) = (bound(0), bound(below));
        let rows = self
            .view
            .entries::<Processes>(Some(&from), Some(&to), direction);
        rows.map(|found| found.map(|((_, id), state)| (id, state)))
    }

    /// Entries of one register whose number is less than `below`, ended ones included.
    pub fn entries_in<'a>(
        &'a self,
        register: &Code,
        below: u64,
        direction: Direction,
    ) -> impl Iterator<Item = Result<(ProcessId, State), StoreFault>> + use<'a> {
        let bound = |id| RegisterEntries::key(&(register.clone(), ProcessId(id)));
        let (from, to) = (bound(0), bound(below));
        let keys = self
            .view
            .entries::<RegisterEntries>(Some(&from), Some(&to), direction);
        keys.map(|found| {
            let (key, ()) = found?;
            let state = self.view.load::<Processes>(&(Engine::Registers, key.1))?;
            let state = state.ok_or_else(|| points_nowhere::<RegisterEntries>(&key))?;
            Ok((key.1, state))
        })
    }

    /// Journal positions of a process's events, from `from` on.
    pub fn process_events(
        &self,
        key: ProcessKey,
        from: u64,
    ) -> impl Iterator<Item = Result<u64, StoreFault>> {
        let (first, last) = ProcessEvents::bounds(key, from);
        let entries =
            self.view
                .entries::<ProcessEvents>(Some(&first), Some(&last), Direction::Ascending);
        entries.map(|found| found.map(|((_, position), ())| position))
    }

    /// The event of a process at one position, and when it was recorded.
    pub fn process_event(&self, position: u64) -> Result<(Timestamp, process::Event), StoreFault> {
        let record = self.source.reader(position)?.next().transpose()?;
        let record = record.filter(|record| record.seq == position);
        let record = record.ok_or_else(|| StoreFault::record(position, "not in the journal"))?;
        let record = Record::decode(&record.payload)
            .map_err(|detail| StoreFault::record(position, detail))?;
        match record.entry.event {
            Event::Process(event) => Ok((record.entry.recorded_at, event)),
            Event::Delivered(Delivered {
                brought: Brought::Process(event),
                ..
            }) => Ok((record.entry.recorded_at, event)),
            _ => Err(StoreFault::record(position, "no event of a process")),
        }
    }

    /// The last of the hub's letters that was taken.
    pub fn letter_cursor(&self) -> Result<Option<Cursor>, StoreFault> {
        Ok(match self.view.load::<Links>(&LinkKey::Letters)? {
            Some(Link::Letters(held)) => held.cursor,
            _ => None,
        })
    }

    /// Letters after `seq`, as many as one exchange takes.
    pub fn letters_after(&self, seq: u64) -> Result<Vec<Up>, StoreFault> {
        let first = Letters::key(&(seq + 1));
        let mut rows = (self.view).entries::<Letters>(Some(&first), None, Direction::Ascending);
        let (mut letters, mut bytes) = (Vec::new(), 0);
        while letters.len() < EXCHANGE_LETTERS
            && let Some(row) = rows.next()
        {
            let (_, position) = row?;
            let (_, event) = self.process_event(position)?;
            let letter = support::letter(&event);
            let letter = letter.ok_or_else(|| StoreFault::record(position, "no letter"))?;
            bytes += wire::UpLetter::from(&letter).encoded_len();
            // One always goes.
            if bytes > EXCHANGE_BYTES && !letters.is_empty() {
                break;
            }
            letters.push(letter);
        }
        Ok(letters)
    }

    /// Opens what was sealed under a subject; `None` once it is erased.
    pub fn unseal(
        &self,
        subject: Option<SubjectId>,
        sealed: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreFault> {
        let Some(subject) = subject else {
            return Ok(None);
        };
        let Some(row) = self.view.load::<Subjects>(&subject)? else {
            return Ok(None);
        };
        Ok(self.keys.open(subject, &row.wrapped, sealed)?)
    }

    /// By what name a client knows a resident; `None` once erased.
    pub fn scope(&self, resident: Pseudonym) -> Result<Option<String>, StoreFault> {
        let subject = SubjectId(resident.0);
        let row = self.view.load::<Subjects>(&subject)?;
        let Some(sealed) = row.as_ref().and_then(|row| row.scope.as_ref()) else {
            return Ok(None);
        };
        let plain = self.unseal(Some(subject), sealed)?;
        Ok(plain.map(|plain| String::from_utf8_lossy(&plain).into_owned()))
    }

    pub fn is_erased(&self, subject: Option<SubjectId>) -> Result<bool, StoreFault> {
        let row = subject.map(|subject| self.view.load::<Subjects>(&subject));
        Ok(row.transpose()?.flatten().is_some_and(|row| row.erased))
    }
}

/// A record's part in the history of cases, if it has one.
pub fn happened(position: u64, payload: &[u8]) -> Result<Option<Happened>, StoreFault> {
    let record = Record::decode(payload).map_err(|detail| StoreFault::record(position, detail))?;
    Ok(match record.entry.event {
        Event::Cases(events) => Some(Happened {
            position,
            recorded_at: record.entry.recorded_at,
            subject: record.subject,
            events,
        }),
        _ => None,
    })
}
