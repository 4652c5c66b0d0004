//! Erasure: a person's key is destroyed on disk first, then the journal is told.
//! A crash between the two is made good at the next start.

use jiff::Timestamp;
use journal::Appender;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{Refusal, Visibility, visible_to};
use node_domain::event::{Entry, Event};

use super::Ledger;
use super::command::{EraseCommand, Refused};
use crate::sealing::{SubjectId, Survivor};
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::Cases;
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::subject::Subjects;
use crate::store::record::Record;

impl Ledger {
    /// How many cases lost their requester.
    pub(super) fn erase(
        &mut self,
        EraseCommand { asked, case }: EraseCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<u64, Refused>, StoreFault> {
        if let Some(earlier) = self.earlier(&asked) {
            return Ok(match earlier.answered {
                Answered::Erased(cases) => Ok(cases),
                _ => Err(Refused::RequestReused),
            });
        }
        let row = self.projection.load::<Cases>(&case)?;
        let Some(row) = row.filter(|row| visible_to(&row.case, &asked.by) != Visibility::Hidden)
        else {
            return Ok(Err(Refused::Case(Refusal::UnknownCase)));
        };
        if !matches!(asked.by, Actor::Admin | Actor::Staff | Actor::Resident(_)) {
            return Ok(Err(Refused::MayNotErase));
        }
        let Some(subject) = row.subject else {
            return Ok(Ok(0));
        };
        let known = self.projection.load::<Subjects>(&subject)?;
        if known.is_none_or(|known| known.erased) {
            return self.projection.cases_of(subject).map(Ok);
        }
        let younger = self.younger()?;
        let epoch = self.keyring.erase(subject, younger.into_iter())?;
        failpoint::reached("erase-unjournalled");
        let now = self.now(asked.now);
        let record = Record {
            token: asked.token,
            request_id: asked.request_id,
            ..erased(now, subject, epoch)
        };
        self.append(record, None, log)?;
        self.projection.cases_of(subject).map(Ok)
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
    Record::of(Entry {
        recorded_at: now,
        event: Event::Erased {
            subject: Pseudonym(subject.0),
            epoch,
        },
        facts: Vec::new(),
    })
}
