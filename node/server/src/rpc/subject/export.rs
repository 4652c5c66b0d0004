//! Everything that is held of one person, out of rows and journal. Decides nothing
//! about who may read it.

use std::collections::BTreeMap;

use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::CaseId;
use node_domain::event::Event;
use node_domain::process::{Engine, ProcessId};
use node_domain::registers::Entry;
use node_domain::subject::Deed;
use proto::pb::node as pb;

use super::super::case::{Mask, event, shown};
use super::super::fields::wire_time;
use super::super::process::{Shown as _, name, wire_event};
use super::SEEN;
use crate::sealing::SubjectId;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::access::Accesses;
use crate::store::keyspace::process::{ProcessKey, Processes};
use crate::store::keyspace::subject_case::SubjectCases;
use crate::store::keyspace::subject_entry::SubjectEntries;
use crate::store::keyspace::token::Tokens;
use crate::store::keyspace::{Rows as _, points_nowhere, raw};
use crate::store::record::Record;
use crate::store::view::Direction;

/// `subjects`: the person first.
pub fn all(store: &Store, subjects: &[SubjectId]) -> Result<pb::ExportSubjectResponse, StoreFault> {
    let Some(person) = subjects.first().copied() else {
        return Ok(pb::ExportSubjectResponse::default());
    };
    let mut found = pb::ExportSubjectResponse {
        resident: store.scope(Pseudonym(person.0))?.unwrap_or_default(),
        erased: store.is_erased(Some(person))?,
        ..pb::ExportSubjectResponse::default()
    };
    for subject in subjects {
        let from = subject.0.to_be_bytes();
        let to = (subject.0 + 1).to_be_bytes();
        let cases =
            store
                .view()
                .entries::<SubjectCases>(Some(&from), Some(&to), Direction::Ascending);
        for row in cases {
            let ((_, id), ()) = row?;
            found.cases.push(pb::SubjectCase {
                case: case(store, id)?,
                events: events(store, id)?,
            });
        }
    }
    found.entries = entries(store, subjects)?;
    found.deeds = deeds(store, person)?;
    for row in store.view().all::<Tokens>() {
        let (id, token) = row?;
        if token.actor == Actor::Resident(Pseudonym(person.0)) {
            found.tokens.push(format!("tokens/{}", id.0));
        }
    }
    for row in store.view().all::<Accesses>() {
        let (position, subject) = row?;
        if subjects.contains(&subject) {
            found.accesses.push(access(store, position)?);
        }
    }
    Ok(found)
}

pub fn case(store: &Store, id: CaseId) -> Result<Option<pb::Case>, StoreFault> {
    let row = store.case(id)?;
    row.map(|row| shown(store, &row, SEEN, &Mask::all()))
        .transpose()
}

fn events(store: &Store, id: CaseId) -> Result<Vec<pb::CaseEvent>, StoreFault> {
    let Some(row) = store.case(id)? else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    for position in row.case.events.iter() {
        let Some(happened) = store.happened(position)? else {
            continue;
        };
        for one in &happened.events {
            events.push(event(store, &happened, one, SEEN)?);
        }
    }
    Ok(events)
}

fn entries(store: &Store, subjects: &[SubjectId]) -> Result<Vec<pb::SubjectEntry>, StoreFault> {
    let is_theirs = |pseudonym: Pseudonym| subjects.contains(&SubjectId(pseudonym.0));
    let mut named = BTreeMap::new();
    for subject in subjects {
        let bound = |id| raw::<SubjectEntries>(&(*subject, ProcessId(id)));
        let (from, to) = (bound(0), bound(u64::MAX));
        let rows =
            store
                .view()
                .entries::<SubjectEntries>(Some(&from), Some(&to), Direction::Ascending);
        for row in rows {
            let (at, ()) = row?;
            named.entry(at.1).or_insert(at);
        }
    }
    let mut found = Vec::new();
    for (id, at) in named {
        let key: ProcessKey = (Engine::Registers, id);
        let state = store.view().load::<Processes>(&key)?;
        let state = state.ok_or_else(|| points_nowhere::<SubjectEntries>(&at))?;
        let Ok(entry) = <&Entry>::try_from(&state) else {
            continue;
        };
        let sealed_for = entry.personal.as_ref().map(|personal| personal.subject);
        if !entry.resident.into_iter().chain(sealed_for).any(is_theirs) {
            continue;
        }
        let mut shown = pb::Entry::of(name(Engine::Registers, key.1), &state);
        if let Some(shown) = &mut shown {
            shown.complete(store, &state, &Actor::Admin)?;
        }
        found.push(pb::SubjectEntry {
            entry: shown,
            events: history(store, key)?,
        });
    }
    Ok(found)
}

fn history(store: &Store, key: ProcessKey) -> Result<Vec<pb::ProcessEvent>, StoreFault> {
    let mut events = Vec::new();
    for found in store.process_events(key, 0) {
        let position = found?;
        let (recorded_at, event) = store.process_event(position)?;
        let told = event.happenings.told().into_iter();
        events.extend(told.map(|told| wire_event(position, recorded_at, told)));
    }
    Ok(events)
}

/// What the person did by itself in processes: reads the journal once.
fn deeds(store: &Store, person: SubjectId) -> Result<Vec<pb::SubjectDeed>, StoreFault> {
    let own = Actor::Resident(Pseudonym(person.0));
    let mut deeds = Vec::new();
    for record in store.source().reader(1)? {
        let record = record?;
        let read = Record::decode(&record.payload)
            .map_err(|detail| StoreFault::record(record.seq, detail))?;
        let Event::Process(event) = read.entry.event else {
            continue;
        };
        let process = name(event.happenings.engine(), event.process);
        let told = event.happenings.told().into_iter();
        for told in told.filter(|told| told.by == own) {
            deeds.push(pb::SubjectDeed {
                process: process.clone(),
                event: Some(wire_event(record.seq, read.entry.recorded_at, told)),
            });
        }
    }
    Ok(deeds)
}

/// Newest first, of those before `below`; and where the next page begins.
pub fn accesses(
    store: &Store,
    below: u64,
    size: usize,
) -> Result<(Vec<pb::SubjectAccess>, Option<u64>), StoreFault> {
    let to = below.to_be_bytes();
    let rows = store
        .view()
        .entries::<Accesses>(None, Some(&to), Direction::Descending);
    let mut shown = Vec::new();
    for row in rows {
        let (position, _) = row?;
        if shown.len() == size {
            return Ok((shown, Some(position + 1)));
        }
        shown.push(access(store, position)?);
    }
    Ok((shown, None))
}

fn access(store: &Store, position: u64) -> Result<pb::SubjectAccess, StoreFault> {
    let record = store.source().reader(position)?.next().transpose()?;
    let record = record.ok_or_else(|| StoreFault::record(position, "not in the journal"))?;
    let record =
        Record::decode(&record.payload).map_err(|detail| StoreFault::record(position, detail))?;
    let (subject, kind) = match record.entry.event {
        Event::Accessed(access) => {
            let kind = match access.deed {
                Deed::Exported => pb::SubjectAccessKind::Exported,
                Deed::Corrected { .. } => pb::SubjectAccessKind::Corrected,
            };
            (access.subject, kind)
        }
        Event::Erased { subject, .. } => (subject, pb::SubjectAccessKind::Erased),
        _ => return Err(StoreFault::record(position, "no access to a subject")),
    };
    let token = record.token.map(|token| format!("tokens/{}", token.0));
    Ok(pb::SubjectAccess {
        position,
        at: Some(wire_time(record.entry.recorded_at)),
        kind: kind.into(),
        token: token.unwrap_or_default(),
        subject: subject.0,
    })
}
