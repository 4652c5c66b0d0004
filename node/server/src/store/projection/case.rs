//! A case's rows: its state, whose it is, where it was imported from, and
//! whether it waits for anything.

use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{self, Happening, Visibility};
use node_domain::notices::Matter;

use super::{Applied, Projection};
use crate::sealing::SubjectId;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::{CaseRow, Cases};
use crate::store::keyspace::open::Waiting;
use crate::store::keyspace::source::Sources;
use crate::store::keyspace::subject_case::SubjectCases;
use crate::store::record::Record;

impl Projection {
    pub(super) fn replay_case(
        &self,
        position: u64,
        events: &[cases::Event],
    ) -> Result<Applied, StoreFault> {
        let fault = |detail: &dyn ToString| StoreFault::record(position, detail.to_string());
        let first = events.first().ok_or_else(|| fault(&"no event"))?;
        let before = self.load::<Cases>(&first.case)?;
        let mut case = before.as_ref().map(|row| row.case.clone());
        for event in events {
            let next = cases::apply(case, event).map_err(|error| fault(&error))?;
            case = Some(next);
        }
        let case = case.ok_or_else(|| fault(&"no case"))?;
        Ok(Applied { before, case })
    }

    pub(super) fn put_case(
        &mut self,
        position: u64,
        record: &Record,
        events: &[cases::Event],
        applied: Applied,
    ) -> Result<CaseRow, StoreFault> {
        let Applied { before, mut case } = applied;
        let id = case.id;
        let reported = events.iter().find_map(|event| match &event.happening {
            Happening::Reported(reported) => Some(reported),
            _ => None,
        });
        let (before_subject, before_personal) =
            before.map_or((None, None), |row| (row.subject, row.personal));
        let requester = case.requester.map(|Pseudonym(number)| SubjectId(number));
        let subject = before_subject.or(record.subject).or(requester);
        if let Some(subject) = subject.filter(|_| before_subject.is_none()) {
            self.rows.put::<SubjectCases>(&(subject, id), &());
        }
        if let Some(source_id) = reported.and_then(|reported| reported.source_id.as_ref()) {
            self.rows.put::<Sources>(&source_id.to_string(), &id);
        }
        let personal = before_personal.or_else(|| reported.and_then(|r| r.personal.clone()));
        case.events.push(position);
        let waiting = Waiting {
            open: case.lifecycle.is_open(),
            alarm: cases::next_alarm(&case),
        };
        let stood = self.open.set(id, waiting, &self.rows)?;
        self.head.open_cases += u64::from(waiting.open);
        self.head.open_cases -= u64::from(stood.is_some_and(|stood| stood.open));
        self.head.last_case = self.head.last_case.max(id.0);
        let row = CaseRow {
            case,
            subject,
            personal,
        };
        self.rows.put::<Cases>(&id, &row);
        if self.outbox.is_wanted() {
            let sees = |actor: &Actor| cases::visible_to(&row.case, actor) != Visibility::Hidden;
            let told = cases::notices(&row.case, events);
            self.tell(position, Matter::Case(id), told, sees)?;
        }
        Ok(row)
    }
}
