//! What every service of an engine beside cases does: send a command and show the
//! process after it, get one, list them, tell what happened. Knows no engine: how
//! a process is shown is [`Shown`], what is asked is an [`Ask`].

mod ask;
mod history;
mod roll;

use node_domain::process::{Engine, ProcessId, State};
use proto_edge::problem::Problem;
use tonic::{Request, Response, Status};

pub use self::ask::{Ask, PageAsk, on_process, opening};
pub use self::history::HistoryAsk;
pub use self::roll::RollAsk;
use super::caller::Caller;
use super::fields::Fields;
use super::office::Office;
use super::page::Place;
use super::status;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::{ProcessKey, Processes};
use crate::store::ledger::command::{Answer, Command, ProcessAnswer, ProcessCommand, Refused};
use crate::store::view::Direction;

pub type Answered<T> = Result<Response<T>, Status>;

/// Processes that one call for a page looks at.
const LOOKED_AT: usize = 4_000;

/// A process as its clients read it.
pub trait Shown: Sized + Send + 'static {
    const ENGINE: Engine;

    /// `None`: the state is another engine's.
    fn of(name: String, state: &State) -> Option<Self>;
}

#[derive(Clone)]
pub struct Desk {
    office: Office,
}

impl Desk {
    pub fn new(office: Office) -> Desk {
        Desk { office }
    }

    pub async fn submit<A, M: Shown>(&self, request: Request<A>) -> Result<Option<M>, Problem>
    where
        Ask: TryFrom<A, Error = Problem>,
    {
        let caller = Caller::of(request.extensions())?;
        let ask = Ask::try_from(request.into_inner())?;
        self.send(&caller, ask).await
    }

    /// A command that could not be parsed without reading the store.
    pub async fn send<M: Shown>(&self, caller: &Caller, ask: Ask) -> Result<Option<M>, Problem> {
        let asked_for = ask.process;
        let command = ProcessCommand {
            asked: self.office.asked(caller, ask.request_id),
            process: asked_for,
            happened_at: ask.happened_at,
            action: ask.action,
        };
        match self.office.ask(Command::Process(Box::new(command))).await? {
            Answer::Process(Ok(ProcessAnswer::Now(id, state))) => Ok(show(id, &state)),
            Answer::Process(Ok(ProcessAnswer::Earlier { process, position })) => {
                if asked_for.is_some_and(|asked| asked != process) {
                    return Err(status::refused(&Refused::RequestReused));
                }
                let key = (M::ENGINE, process);
                let earlier = self
                    .office
                    .read(move |store| store.process_at(key, position));
                let state = earlier.await?.ok_or_else(status::unknown_process)?;
                Ok(show(process, &state))
            }
            Answer::Process(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    /// `name`: as the request spells it.
    pub async fn get<M: Shown>(&self, caller: Caller, name: String) -> Result<Option<M>, Problem> {
        let (process, state) = self.load(M::ENGINE, &caller, &name).await?;
        Ok(show(process, &state))
    }

    /// The state of what the request names, if the caller may see it.
    pub async fn load(
        &self,
        engine: Engine,
        caller: &Caller,
        name: &str,
    ) -> Result<(ProcessId, State), Problem> {
        let mut fields = Fields::default();
        let process = fields.process("name", engine, name);
        let process = fields.done(process)?;
        let key = (engine, process);
        let state = self
            .office
            .read(move |store| store.view().load::<Processes>(&key));
        let state = state
            .await?
            .filter(|state| state.is_visible_to(&caller.actor));
        Ok((process, state.ok_or_else(status::unknown_process)?))
    }

    /// Newest first; a page may come back short, its token says where to go on.
    pub async fn list<M: Shown>(
        &self,
        caller: Caller,
        ask: PageAsk,
        wants: impl Fn(&State) -> bool + Send + 'static,
    ) -> Result<(Vec<M>, String), Problem> {
        let page = ask.page;
        let listed = self.office.read(move |store| {
            let below = page.from.map_or(u64::MAX, |Place(below, _)| below);
            let bound = |id| crate::store::keyspace::raw::<Processes>(&(M::ENGINE, ProcessId(id)));
            let (from, to) = (bound(0), bound(below));
            let rows =
                store
                    .view()
                    .entries::<Processes>(Some(&from), Some(&to), Direction::Descending);
            let (mut shown, mut last) = (Vec::new(), None);
            for (looked_at, row) in rows.enumerate() {
                let (key, state): (ProcessKey, State) = row?;
                if shown.len() == page.size || looked_at == LOOKED_AT {
                    return Ok((shown, page.token(last)));
                }
                last = Some(Place(key.1.0, 0));
                if state.is_visible_to(&caller.actor) && wants(&state) {
                    shown.extend(show(key.1, &state));
                }
            }
            Ok((shown, String::new()))
        });
        listed.await
    }
}

fn show<M: Shown>(id: ProcessId, state: &State) -> Option<M> {
    M::of(name(M::ENGINE, id), state)
}

pub fn name(engine: Engine, id: ProcessId) -> String {
    format!("{}/{}", engine.collection(), id.0)
}
