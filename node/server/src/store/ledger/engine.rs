//! Cases: one command, one tick of time, or a batch of another system's history.

use jiff::Timestamp;
use journal::Appender;
use node_domain::actor::Actor;
use node_domain::cases::{
    self, Action, Case, CaseId, Context, Outcome, Recorded, Refusal, Target, Visibility,
};
use node_domain::event::{Entry, Event};
use node_domain::sealed::Sealed;

use super::command::{Asked, CaseAnswer, CaseCommand, ImportRecord, NotImported, Refused};
use super::seal::SealedAction;
use super::{Ledger, state};
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::{CaseRow, Cases};
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::source::Sources;
use crate::store::projection::Applied;
use crate::store::record::Record;

/// Cases that one tick looks at.
const TICK_CASES: usize = 256;

impl Ledger {
    pub(super) fn case(
        &mut self,
        command: CaseCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<CaseAnswer, Refused>, StoreFault> {
        let CaseCommand {
            asked,
            case,
            happened_at,
            action,
        } = command;
        if let Some(earlier) = self.earlier(&asked) {
            return Ok(match earlier.answered {
                Answered::Case(case) if case != 0 => Ok(CaseAnswer::Earlier {
                    case: CaseId(case),
                    position: earlier.position,
                }),
                _ => Err(Refused::RequestReused),
            });
        }
        let (id, before) = match case {
            None => (CaseId(self.projection.head().last_case + 1), None),
            Some(id) => match self.projection.load::<Cases>(&id)? {
                Some(row) if is_known_to(&row.case, &asked.by) => (id, Some(row)),
                _ => return Ok(Err(Refused::Case(Refusal::UnknownCase))),
            },
        };
        let now = self.now(asked.now);
        let mut sealed = match self.seal(action, &asked, before.as_ref())? {
            Ok(sealed) => sealed,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(refusal) = self.levels(&mut sealed.action)? {
            return Ok(Err(Refused::Case(refusal)));
        }
        let command = cases::Command {
            case: id,
            by: asked.by.clone(),
            happened_at: happened_at.unwrap_or(now),
            action: sealed.action,
        };
        let mut recorded = Vec::new();
        let decided = self.execute(state(&before), &command, now, &mut recorded)?;
        let (case, before) = match (decided, before) {
            (Err(refusal), _) => return Ok(Err(Refused::Case(refusal))),
            (Ok(Some(case)), before) if !recorded.is_empty() => (case, before),
            // Nothing had to happen: the case is as it was.
            (Ok(_), Some(row)) => return Ok(Ok(CaseAnswer::Now(Box::new(row)))),
            (Ok(_), None) => return Ok(Err(Refused::Case(Refusal::UnknownCase))),
        };
        let said = SealedAction {
            action: Action::Tick,
            ..sealed
        };
        let record = entry(now, recorded, Some(&asked), said);
        let row = self.append(record, Some(Applied { before, case }), log)?;
        Ok(row
            .map(|row| CaseAnswer::Now(Box::new(row)))
            .ok_or(Refused::Case(Refusal::UnknownCase)))
    }

    fn execute(
        &self,
        case: Option<Case>,
        command: &cases::Command,
        now: Timestamp,
        recorded: &mut Vec<Recorded>,
    ) -> Result<Result<Option<Case>, Refusal>, StoreFault> {
        let fault = std::cell::Cell::new(None);
        let target = |id| self.target(id, &fault);
        let context = Context {
            now,
            playbooks: &self.playbooks,
            targets: &target,
        };
        let decided = cases::execute(case, command, &context, recorded);
        fault.into_inner().map_or(Ok(decided), Err)
    }

    fn target(&self, id: CaseId, fault: &std::cell::Cell<Option<StoreFault>>) -> Target {
        match self.projection.load::<Cases>(&id) {
            Ok(None) => Target::Unknown,
            Ok(Some(row)) => match row.case.outcome {
                Some(Outcome::Duplicate(of)) => Target::DuplicateOf(of),
                _ => Target::Original,
            },
            Err(found) => {
                fault.set(Some(found));
                Target::Unknown
            }
        }
    }

    pub(super) fn tick(
        &mut self,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<usize, StoreFault> {
        let now = self.now(now);
        let mut changed = 0;
        for id in self.projection.due(now, TICK_CASES)? {
            let before = self.projection.load::<Cases>(&id)?;
            let command = cases::Command {
                case: id,
                by: Actor::System,
                happened_at: now,
                action: Action::Tick,
            };
            let mut recorded = Vec::new();
            let decided = self.execute(state(&before), &command, now, &mut recorded)?;
            match decided {
                Ok(Some(case)) if !recorded.is_empty() => {
                    let record = entry(now, recorded, None, SealedAction::nothing());
                    self.append(record, Some(Applied { before, case }), log)?;
                    changed += 1;
                }
                Ok(_) => tracing::error!(case = id.0, "an alarm brought nothing"),
                Err(refusal) => {
                    tracing::error!(case = id.0, reason = refusal.reason(), "a tick was refused");
                }
            }
        }
        Ok(changed + self.tick_processes(now, log)?)
    }

    pub(super) fn import(
        &mut self,
        now: Timestamp,
        records: Vec<ImportRecord>,
        log: &mut Appender<'_>,
    ) -> Result<Vec<Result<CaseId, NotImported>>, StoreFault> {
        let now = self.now(now);
        let mut outcomes = Vec::with_capacity(records.len());
        for record in records {
            outcomes.push(self.import_one(now, record, log)?);
        }
        Ok(outcomes)
    }

    fn import_one(
        &mut self,
        now: Timestamp,
        ImportRecord {
            mut record,
            personal,
        }: ImportRecord,
        log: &mut Appender<'_>,
    ) -> Result<Result<CaseId, NotImported>, StoreFault> {
        if let Some(source_id) = &record.source_id
            && let Some(case) = self.projection.load::<Sources>(&source_id.to_string())?
        {
            return Ok(Err(NotImported::Already(case)));
        }
        let id = CaseId(self.projection.head().last_case + 1);
        let mut said = SealedAction::nothing();
        if let Some(plain) = personal {
            let (subject, key, row) = self.new_subject()?;
            record.personal = Some(Sealed(self.keyring.seal(&key, &plain)?));
            said.subject = Some(subject);
            said.new_subject = Some((subject, row));
        }
        let fault = std::cell::Cell::new(None);
        let target = |id| self.target(id, &fault);
        let context = Context {
            now,
            playbooks: &self.playbooks,
            targets: &target,
        };
        let mut recorded = Vec::new();
        let decided = cases::history(record, id, &context, &mut recorded);
        if let Some(fault) = fault.into_inner() {
            return Err(fault);
        }
        let case = match decided {
            Ok(case) => case,
            Err(rejected) => return Ok(Err(NotImported::Rejected(rejected))),
        };
        let record = entry(now, recorded, None, said);
        let before = None;
        self.append(record, Some(Applied { before, case }), log)?;
        Ok(Ok(id))
    }
}

/// A resident is not told that somebody else's case exists.
fn is_known_to(case: &Case, actor: &Actor) -> bool {
    !matches!(actor, Actor::Resident(_)) || cases::visible_to(case, actor) != Visibility::Hidden
}

fn entry(
    now: Timestamp,
    recorded: Vec<Recorded>,
    asked: Option<&Asked>,
    said: SealedAction,
) -> Record {
    let mut events = Vec::with_capacity(recorded.len());
    let mut facts = Vec::with_capacity(recorded.len());
    for Recorded { event, facts: of } in recorded {
        events.push(event);
        facts.extend(of);
    }
    Record {
        token: asked.and_then(|asked| asked.token),
        request_id: asked.and_then(|asked| asked.request_id.clone()),
        new_subjects: said.new_subject.into_iter().collect(),
        subject: said.subject,
        ..Record::of(Entry {
            recorded_at: now,
            event: Event::Cases(events),
            facts,
        })
    }
}

impl SealedAction {
    fn nothing() -> SealedAction {
        SealedAction {
            action: Action::Tick,
            subject: None,
            new_subject: None,
        }
    }
}

impl CaseAnswer {
    pub fn row(self) -> Option<CaseRow> {
        match self {
            CaseAnswer::Now(row) => Some(*row),
            CaseAnswer::Earlier { .. } => None,
        }
    }
}
