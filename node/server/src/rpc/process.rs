//! What every service of an engine beside cases does: send a command and show the
//! process after it, get one, list them, tell what happened. Knows no engine: how
//! a process is shown is [`Shown`], what is asked is an [`Ask`].

mod ask;
mod history;
mod roll;

use jiff::Timestamp;
use node_domain::actor::Actor;
use node_domain::code::Code;
use node_domain::process::{Engine, ProcessId, State};
use proto_edge::problem::Problem;
use tonic::{Request, Response, Status};

pub use self::ask::{Ask, PageAsk, on_process, opening};
pub use self::history::{HistoryAsk, wire_event};
pub use self::roll::{RollAsk, channel, wire_channel};
use super::caller::Caller;
use super::fields::Fields;
use super::office::Office;
use super::page::Place;
use super::status;
use crate::store::Store;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::process::Processes;
use crate::store::ledger::command::{
    Answer, Command, EraseCommand, ProcessAnswer, ProcessCommand, Refused, Whose,
};
use crate::store::view::Direction;

pub type Answered<T> = Result<Response<T>, Status>;

/// Processes out of the view.
type Found<'a> = Box<dyn Iterator<Item = Result<(ProcessId, State), StoreFault>> + 'a>;

/// Processes that one call for a page looks at.
const LOOKED_AT: usize = 4_000;
const NEWEST_FIRST: Direction = Direction::Descending;

/// A process as its clients read it.
pub trait Shown: Sized + Send + 'static {
    const ENGINE: Engine;

    /// `None`: the state is another engine's.
    fn of(name: String, state: &State) -> Option<Self>;

    /// Adds what is not in the state: what was sealed, as far as `actor` may read
    /// it. Most engines have nothing to add.
    fn complete(
        &mut self,
        _store: &Store,
        _state: &State,
        _actor: &Actor,
    ) -> Result<(), StoreFault> {
        Ok(())
    }
}

#[derive(Clone)]
pub struct Desk {
    office: Office,
}

impl Desk {
    pub fn new(office: Office) -> Desk {
        Desk { office }
    }

    pub fn office(&self) -> &Office {
        &self.office
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
        let actor = caller.actor.clone();
        let command = ProcessCommand {
            asked: self.office.asked(caller, ask.request_id),
            process: asked_for,
            happened_at: ask.happened_at,
            action: ask.action,
            private: ask.private,
        };
        match self.office.ask(Command::Process(Box::new(command))).await? {
            Answer::Process(Ok(ProcessAnswer::Now(id, state))) => {
                self.office
                    .read(move |store| show(store, id, &state, &actor))
                    .await
            }
            Answer::Process(Ok(ProcessAnswer::Earlier { process, position })) => {
                if asked_for.is_some_and(|asked| asked != process) {
                    return Err(status::refused(&Refused::RequestReused));
                }
                let key = (M::ENGINE, process);
                let earlier = self.office.read(move |store| {
                    let state = store.process_at(key, position)?;
                    let shown = state.map(|state| show(store, process, &state, &actor));
                    shown.transpose()
                });
                earlier.await?.ok_or_else(status::unknown_process)
            }
            Answer::Process(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    pub fn now(&self) -> Timestamp {
        (self.office.now)()
    }

    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, Problem> {
        self.office.read(read).await
    }

    /// Destroys the keys of whom an entry tells of; gives the cases that lost
    /// their requester.
    pub async fn erase(
        &self,
        caller: Caller,
        request_id: &str,
        name: &str,
    ) -> Result<u64, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(request_id);
        let entry = fields.process("name", Engine::Registers, name);
        let (request_id, entry) = fields.done(request_id.zip(entry))?;
        let of = Whose::Entry(entry);
        let asked = self.office.asked(&caller, request_id);
        match self
            .office
            .ask(Command::Erase(EraseCommand { asked, of }))
            .await?
        {
            Answer::Erased(erased) => erased.map_err(|refused| status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    /// `name`: as the request spells it.
    pub async fn get<M: Shown>(&self, caller: Caller, name: String) -> Result<Option<M>, Problem> {
        let (process, state) = self.load(M::ENGINE, &caller, &name).await?;
        let shown = self
            .office
            .read(move |store| show(store, process, &state, &caller.actor));
        shown.await
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
        self.page(caller, ask, wants, None).await
    }

    /// The same of one register's entries alone.
    pub async fn list_in<M: Shown>(
        &self,
        register: Code,
        caller: Caller,
        ask: PageAsk,
        wants: impl Fn(&State) -> bool + Send + 'static,
    ) -> Result<(Vec<M>, String), Problem> {
        self.page(caller, ask, wants, Some(register)).await
    }

    async fn page<M: Shown>(
        &self,
        caller: Caller,
        ask: PageAsk,
        wants: impl Fn(&State) -> bool + Send + 'static,
        register: Option<Code>,
    ) -> Result<(Vec<M>, String), Problem> {
        let page = ask.page;
        let listed = self.office.read(move |store| {
            let below = page.from.map_or(u64::MAX, |Place(below, _)| below);
            let rows: Found<'_> = match &register {
                Some(register) => Box::new(store.entries_in(register, below, NEWEST_FIRST)),
                None => Box::new(store.processes(M::ENGINE, below, NEWEST_FIRST)),
            };
            let (mut shown, mut last) = (Vec::new(), None);
            for (looked_at, row) in rows.enumerate() {
                let (id, state) = row?;
                if shown.len() == page.size || looked_at == LOOKED_AT {
                    return Ok((shown, page.token(last)));
                }
                last = Some(Place(id.0, 0));
                if state.is_visible_to(&caller.actor) && wants(&state) {
                    shown.extend(show(store, id, &state, &caller.actor)?);
                }
            }
            Ok((shown, String::new()))
        });
        listed.await
    }
}

fn show<M: Shown>(
    store: &Store,
    id: ProcessId,
    state: &State,
    actor: &Actor,
) -> Result<Option<M>, StoreFault> {
    let mut shown = M::of(name(M::ENGINE, id), state);
    if let Some(shown) = &mut shown {
        shown.complete(store, state, actor)?;
    }
    Ok(shown)
}

pub fn name(engine: Engine, id: ProcessId) -> String {
    format!("{}/{}", engine.collection(), id.0)
}
