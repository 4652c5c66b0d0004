//! Processes of the engines beside cases: one command, or one tick of time.

use jiff::Timestamp;
use journal::Appender;
use node_domain::actor::Actor;
use node_domain::event::{Entry, Event};
use node_domain::process::{self, Context, Decided, Engine, ProcessId, Refusal, State};

use super::Ledger;
use super::command::{Asked, ProcessAnswer, ProcessCommand, Refused};
use crate::sealing::SubjectId;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::Processes;
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::subject::Subject;
use crate::store::projection::process::part;
use crate::store::record::Record;

/// Processes that one tick looks at.
const TICK_PROCESSES: usize = 256;

impl Ledger {
    pub(super) fn process(
        &mut self,
        command: ProcessCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<ProcessAnswer, Refused>, StoreFault> {
        let ProcessCommand {
            asked,
            process,
            happened_at,
            mut action,
            private,
        } = command;
        if let Some(earlier) = self.earlier(&asked) {
            return Ok(match earlier.answered {
                Answered::Process(process) => Ok(ProcessAnswer::Earlier {
                    process: ProcessId(process),
                    position: earlier.position,
                }),
                _ => Err(Refused::RequestReused),
            });
        }
        let engine = action.engine();
        if engine == Engine::Support
            && let Some(refusal) = self.backlog()
        {
            return Ok(Err(Refused::Process(refusal)));
        }
        let unknown = || Ok(Err(Refused::Process(Refusal::unknown())));
        let (id, before) = match process {
            None => (ProcessId(self.projection.head().last_process + 1), None),
            Some(id) => match self.projection.load::<Processes>(&(engine, id))? {
                Some(state) if state.is_visible_to(&asked.by) => (id, Some(state)),
                _ => return unknown(),
            },
        };
        let now = self.now(asked.now);
        let subjects = match self.fill(&mut action, private, (id, before.as_ref()))? {
            Ok(subjects) => subjects,
            Err(refused) => return Ok(Err(refused)),
        };
        let command = process::Command {
            by: asked.by.clone(),
            happened_at: happened_at.unwrap_or(now),
            action: Some(action),
        };
        match self.decide_process(before.clone(), &command, now) {
            Err(refusal) => Ok(Err(Refused::Process(refusal))),
            Ok(Some(decided)) => {
                let by = (Some(&asked), subjects);
                let state = self.append_process(id, now, decided, by, log)?;
                Ok(Ok(ProcessAnswer::Now(id, Box::new(state))))
            }
            // Nothing had to happen: it is as it was.
            Ok(None) => match before {
                Some(state) => Ok(Ok(ProcessAnswer::Now(id, Box::new(state)))),
                None => unknown(),
            },
        }
    }

    pub(super) fn decide_process(
        &self,
        before: Option<State>,
        command: &process::Command,
        now: Timestamp,
    ) -> Result<Option<Decided>, Refusal> {
        let context = Context::new(now, command, &self.playbooks, self.projection.zone());
        command.execute(before, &context)
    }

    fn append_process(
        &mut self,
        process: ProcessId,
        now: Timestamp,
        decided: Decided,
        (asked, new_subjects): (Option<&Asked>, Vec<(SubjectId, Subject)>),
        log: &mut Appender<'_>,
    ) -> Result<State, StoreFault> {
        let Decided {
            state,
            happenings,
            mut facts,
        } = decided;
        let key = (state.engine(), process);
        let before = self.projection.load::<Processes>(&key)?;
        let stock = self
            .projection
            .stock_after(part(before.as_ref()), &state, now)?;
        facts.extend(stock.and_then(|(register, row)| row.fact(&register)));
        let event = Event::Process(process::Event {
            process,
            happenings,
        });
        let record = Record {
            token: asked.and_then(|asked| asked.token),
            request_id: asked.and_then(|asked| asked.request_id.clone()),
            new_subjects,
            ..Record::of(Entry {
                recorded_at: now,
                event,
                facts,
            })
        };
        self.append(record, None, log)?;
        Ok(state)
    }

    pub(super) fn tick_processes(
        &mut self,
        now: Timestamp,
        log: &mut Appender<'_>,
    ) -> Result<usize, StoreFault> {
        let mut changed = 0;
        for key in self.projection.due_processes(now, TICK_PROCESSES) {
            let before = self.projection.load::<Processes>(&key)?;
            let command = process::Command {
                by: Actor::System,
                happened_at: now,
                action: None,
            };
            let (engine, id): (Engine, ProcessId) = key;
            match self.decide_process(before, &command, now) {
                Ok(Some(decided)) => {
                    self.append_process(id, now, decided, (None, Vec::new()), log)?;
                    changed += 1;
                }
                Ok(None) => tracing::error!(?engine, process = id.0, "an alarm brought nothing"),
                Err(refusal) => {
                    tracing::error!(
                        ?engine,
                        process = id.0,
                        reason = refusal.reason,
                        "a tick was refused"
                    );
                }
            }
        }
        Ok(changed)
    }
}
