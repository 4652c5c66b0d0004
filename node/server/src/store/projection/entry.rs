//! By what an entry is found beside its number: its register, the person of a pair,
//! whom it names. Without these rows every entry of a community would be looked at.

use node_domain::code::Code;
use node_domain::process::{ProcessId, State};
use node_domain::registers::Entry;

use super::Projection;
use crate::sealing::SubjectId;
use crate::store::keyspace::person_pair::PersonPairs;
use crate::store::keyspace::register_entry::RegisterEntries;
use crate::store::keyspace::subject_entry::SubjectEntries;
use crate::store::keyspace::{Entries, raw};

/// By what an entry was found before a record changed it.
pub(super) struct Known {
    is_new: bool,
    subjects: [Option<SubjectId>; 2],
}

impl Known {
    pub(super) fn of(before: Option<&State>) -> Known {
        let entry = before.and_then(|state| <&Entry>::try_from(state).ok());
        Known {
            is_new: before.is_none(),
            subjects: entry.map_or([None; 2], subjects),
        }
    }
}

/// The resident that it stands for, and whom it is sealed for.
fn subjects(entry: &Entry) -> [Option<SubjectId>; 2] {
    let sealed_for = entry.personal.as_ref().map(|personal| personal.subject);
    [entry.resident, sealed_for].map(|named| named.map(|named| SubjectId(named.0)))
}

impl Projection {
    /// Of one register, ended ones included.
    pub fn entries_in(&self, register: &Code) -> Entries<RegisterEntries> {
        let bound = |id| raw::<RegisterEntries>(&(register.clone(), ProcessId(id)));
        let (from, to) = (bound(0), bound(u64::MAX));
        self.rows.entries(Some(&from), Some(&to))
    }

    /// All pairs that a person ever was in to be cared for.
    pub fn pairs_of(&self, person: ProcessId) -> Entries<PersonPairs> {
        let bound = |id| raw::<PersonPairs>(&(person, ProcessId(id)));
        let (from, to) = (bound(0), bound(u64::MAX));
        self.rows.entries(Some(&from), Some(&to))
    }

    /// Those that name a subject, or once did.
    pub fn entries_about(&self, subject: SubjectId) -> Entries<SubjectEntries> {
        let bound = |id| raw::<SubjectEntries>(&(subject, ProcessId(id)));
        let (from, to) = (bound(0), bound(u64::MAX));
        self.rows.entries(Some(&from), Some(&to))
    }

    pub(super) fn put_entry(&mut self, id: ProcessId, known: &Known, after: &State) {
        let Ok(entry) = <&Entry>::try_from(after) else {
            return;
        };
        if known.is_new {
            let of_register = (entry.register.clone(), id);
            self.rows.put::<RegisterEntries>(&of_register, &());
            if let Some(pair) = &entry.pair {
                let of_person = (ProcessId(pair.person), id);
                self.rows.put::<PersonPairs>(&of_person, &());
            }
        }
        for subject in subjects(entry).into_iter().flatten() {
            if !known.subjects.contains(&Some(subject)) {
                self.rows.put::<SubjectEntries>(&(subject, id), &());
            }
        }
    }
}
