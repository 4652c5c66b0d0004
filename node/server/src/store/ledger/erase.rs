//! Erasure: a person's key is destroyed on disk first, then the journal is told.
//! A crash between the two is made good at the next start.

use jiff::Timestamp;
use journal::Appender;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{CaseId, Refusal, Visibility, visible_to};
use node_domain::event::{self, Event};
use node_domain::process::{self, Engine, ProcessId};
use node_domain::registers::Entry;

use super::Ledger;
use super::command::{EraseCommand, Refused, Whose};
use crate::sealing::{SubjectId, Survivor};
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::Cases;
use crate::store::keyspace::process::Processes;
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::subject::Subjects;
use crate::store::keyspace::subject_entry::SubjectEntries;
use crate::store::record::Record;

type Found = Result<Result<Option<SubjectId>, Refused>, StoreFault>;

impl Ledger {
    /// How many cases lost their requester.
    pub(super) fn erase(
        &mut self,
        EraseCommand { asked, of }: EraseCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<u64, Refused>, StoreFault> {
        if let Some(earlier) = self.earlier(&asked) {
            return Ok(match earlier.answered {
                Answered::Erased(cases) => Ok(cases),
                _ => Err(Refused::RequestReused),
            });
        }
        let subject = match self.subject_of(&of, &asked.by)? {
            Ok(subject) => subject,
            Err(refused) => return Ok(Err(refused)),
        };
        if !matches!(asked.by, Actor::Admin | Actor::Staff | Actor::Resident(_)) {
            return Ok(Err(Refused::MayNotErase));
        }
        let Some(subject) = subject else {
            return Ok(Ok(0));
        };
        let known = self.projection.load::<Subjects>(&subject)?;
        if known.is_none_or(|known| known.erased) {
            return self.projection.cases_of(subject).map(Ok);
        }
        let now = self.now(asked.now);
        // The person last: after a crash between two, the request is made again.
        for other in self.entries_of(subject)? {
            let record = self.destroy(other, now)?;
            self.append(record, None, log)?;
        }
        let record = Record {
            token: asked.token,
            request_id: asked.request_id,
            ..self.destroy(subject, now)?
        };
        self.append(record, None, log)?;
        self.projection.cases_of(subject).map(Ok)
    }

    pub(super) fn subject_of(&self, of: &Whose, by: &Actor) -> Found {
        match of {
            Whose::Case(case) => self.subject_of_case(*case, by),
            Whose::Entry(entry) => self.subject_of_entry(*entry, by),
            Whose::Resident(name) => Ok(Ok(self.projection.requester(name)?)),
            Whose::Subject(Pseudonym(number)) => Ok(Ok(Some(SubjectId(*number)))),
        }
    }

    fn destroy(&self, subject: SubjectId, now: Timestamp) -> Result<Record, StoreFault> {
        let younger = self.younger()?;
        let epoch = self.keyring.erase(subject, younger.into_iter())?;
        failpoint::reached("erase-unjournalled");
        Ok(erased(now, subject, epoch))
    }

    fn subject_of_case(&self, case: CaseId, by: &Actor) -> Found {
        let row = self.projection.load::<Cases>(&case)?;
        let row = row.filter(|row| visible_to(&row.case, by) != Visibility::Hidden);
        Ok(row
            .map(|row| row.subject)
            .ok_or(Refused::Case(Refusal::UnknownCase)))
    }

    /// The resident whose token stands for the entry, else whom it tells of.
    fn subject_of_entry(&self, entry: ProcessId, by: &Actor) -> Found {
        let key = (Engine::Registers, entry);
        let state = self.projection.load::<Processes>(&key)?;
        let state = state.filter(|state| state.is_visible_to(by));
        let entry = state
            .as_ref()
            .and_then(|state| <&Entry>::try_from(state).ok());
        let Some(entry) = entry else {
            return Ok(Err(Refused::Process(process::Refusal::unknown())));
        };
        let personal = entry.personal.as_ref().map(|personal| personal.subject);
        let subject = entry.resident.or(personal);
        Ok(Ok(subject.map(|Pseudonym(number)| SubjectId(number))))
    }

    /// Subjects of a resident's entries that were sealed before the resident was
    /// known here.
    pub(super) fn entries_of(&self, resident: SubjectId) -> Result<Vec<SubjectId>, StoreFault> {
        let mut subjects = Vec::new();
        for found in self.projection.entries_about(resident) {
            let (key, ()) = found?;
            let entry = self.indexed::<SubjectEntries>(&key, key.1)?;
            let is_own = entry.resident == Some(Pseudonym(resident.0));
            let Some(personal) = entry.personal.filter(|_| is_own) else {
                continue;
            };
            let subject = SubjectId(personal.subject.0);
            let row = self.projection.load::<Subjects>(&subject)?;
            if subject != resident && row.is_some_and(|row| !row.erased) {
                subjects.push(subject);
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        Ok(subjects)
    }

    /// Subjects whose keys are in the journal alone.
    fn younger(&self) -> Result<Vec<Survivor>, StoreFault> {
        let from = (self.keyring.set_through().0 + 1).to_be_bytes();
        let subjects = self.projection.subjects(&from);
        subjects
            .map(|found| found.map(|(id, subject)| (id, subject.wrapped)))
            .collect()
    }

    /// The erasure that the key directory knows of and the journal does not.
    pub fn unfinished_erasure(&self, now: Timestamp) -> Option<Record> {
        let epoch = self.keyring.epoch();
        let subject = self.keyring.last_erased()?;
        (epoch > self.projection.head().erasure_epoch)
            .then(|| erased(self.now(now), subject, epoch))
    }
}

fn erased(now: Timestamp, subject: SubjectId, epoch: u64) -> Record {
    Record::of(event::Entry {
        recorded_at: now,
        event: Event::Erased {
            subject: Pseudonym(subject.0),
            epoch,
        },
        facts: Vec::new(),
    })
}
