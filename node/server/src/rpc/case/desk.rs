//! What the methods of `CaseService` do: ask the ledger or read, then show.

use std::sync::Arc;

use node_domain::cases::{Visibility, visible_to};
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Status};

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::office::Office;
use super::super::status;
use super::super::stream::{Stream, WAITING};
use super::events::{self, HistoryAsk};
use super::mask::Mask;
use super::parse::Ask;
use super::watch::Watch;
use super::{list, report, show};
use crate::store::Store;
use crate::store::keyspace::case::CaseRow;
use crate::store::ledger::command::{
    Answer, CaseAnswer, CaseCommand, Command, EraseCommand, Refused, Whose,
};

/// Streams at once; each holds a few events.
const WATCHES: usize = 64;

pub(super) type Watching = ReceiverStream<Result<pb::WatchCasesResponse, Status>>;

pub struct CaseRpc {
    office: Office,
    watches: Arc<Semaphore>,
    /// The streams' tasks.
    tasks: TaskTracker,
}

impl CaseRpc {
    pub fn new(office: Office, tasks: TaskTracker) -> CaseRpc {
        CaseRpc {
            office,
            watches: Arc::new(Semaphore::new(WATCHES)),
            tasks,
        }
    }

    /// Any command on a case that is there.
    pub(super) async fn mutate<A>(&self, request: Request<A>) -> Result<Option<pb::Case>, Problem>
    where
        Ask: TryFrom<A, Error = Problem>,
    {
        let caller = Caller::of(request.extensions())?;
        self.submit(caller, request.into_inner().try_into()?).await
    }

    pub(super) async fn submit(
        &self,
        caller: Caller,
        ask: Ask,
    ) -> Result<Option<pb::Case>, Problem> {
        let command = CaseCommand {
            asked: self.office.asked(&caller, ask.request_id),
            case: ask.case,
            happened_at: ask.happened_at,
            action: ask.action,
        };
        let answer = self.office.ask(Command::Case(Box::new(command))).await?;
        let row = match answer {
            Answer::Case(Ok(CaseAnswer::Now(row))) => *row,
            Answer::Case(Ok(CaseAnswer::Earlier { case, position })) => {
                if ask.case.is_some_and(|asked| asked != case) {
                    return Err(status::refused(&Refused::RequestReused));
                }
                let earlier = self.office.read(move |store| store.case_at(case, position));
                earlier.await?.ok_or_else(status::unknown_case)?
            }
            Answer::Case(Err(refused)) => return Err(status::refused(&refused)),
            _ => return Err(status::fault(&"an answer to something else")),
        };
        self.after(&caller, &row).map(Some)
    }

    /// A case as its command left it, for whoever gave that. Who has just sent it
    /// away, and sees it no more, still hears how it stands.
    fn after(&self, caller: &Caller, row: &CaseRow) -> Result<pb::Case, Problem> {
        let seen = visible_to(&row.case, &caller.actor);
        let shown = |store: &Store| show::case(store, row, seen, &Mask::ALL);
        self.office.read_here(shown)
    }

    pub async fn get(
        &self,
        caller: Caller,
        asked: pb::GetCaseRequest,
    ) -> Result<pb::Case, Problem> {
        let mut fields = Fields::default();
        let case = fields.case("name", &asked.name);
        let read = case.zip(Mask::parse(&mut fields, asked.read_mask));
        let (case, mask) = fields.done(read)?;
        let shown = self.office.read(move |store| {
            let Some(row) = store.case(case)? else {
                return Ok(None);
            };
            match visible_to(&row.case, &caller.actor) {
                Visibility::Hidden => Ok(None),
                seen => show::case(store, &row, seen, &mask).map(Some),
            }
        });
        shown.await?.ok_or_else(status::unknown_case)
    }

    pub async fn report(
        &self,
        caller: Caller,
        asked: pb::ReportCaseRequest,
    ) -> Result<Option<pb::Case>, Problem> {
        let ask = report::report(asked, caller.actor.role())?;
        self.submit(caller, ask).await
    }

    pub(super) async fn list(
        &self,
        caller: Caller,
        asked: pb::ListCasesRequest,
    ) -> Result<pb::ListCasesResponse, Problem> {
        let ask = list::parse(asked, &caller.actor)?;
        let listed = self
            .office
            .read(move |store| list::list(store, &ask, &caller.actor));
        listed.await
    }

    pub(super) async fn history(
        &self,
        caller: Caller,
        asked: pb::ListCaseEventsRequest,
    ) -> Result<pb::ListCaseEventsResponse, Problem> {
        let ask = HistoryAsk::try_from(asked)?;
        let history = self
            .office
            .read(move |store| events::history(store, &ask, &caller.actor));
        history.await?.ok_or_else(status::unknown_case)
    }

    pub(super) async fn watch(
        &self,
        caller: Caller,
        asked: pb::WatchCasesRequest,
    ) -> Result<Watching, Problem> {
        let place = self.watches.clone().try_acquire_owned();
        let place = place.map_err(|_| status::too_many("watches"))?;
        let feed = Watch::new(&self.office, &caller, asked).await?;
        let (sender, shown) = mpsc::channel(WAITING);
        let stream = Stream {
            office: self.office.clone(),
            caller,
            feed,
            _place: place,
        };
        self.tasks.spawn(stream.run(sender));
        Ok(ReceiverStream::new(shown))
    }

    pub(super) async fn erase(
        &self,
        caller: Caller,
        asked: pb::EraseSubjectRequest,
    ) -> Result<u64, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&asked.request_id);
        let read = request_id.zip(fields.case("name", &asked.name));
        let (request_id, case) = fields.done(read)?;
        let asked = self.office.asked(&caller, request_id);
        let of = Whose::Case(case);
        let command = Command::Erase(EraseCommand { asked, of });
        match self.office.ask(command).await? {
            Answer::Erased(Ok(cases)) => Ok(cases),
            Answer::Erased(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }
}
