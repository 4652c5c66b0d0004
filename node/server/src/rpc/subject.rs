//! `SubjectService`: what a person may ask of who holds data about them. Parses, asks,
//! shows.

mod export;

use node_domain::actor::Actor;
use node_domain::cases::{CaseId, Visibility};
use proto::pb::node as pb;
use proto_edge::node::subject_service_server::SubjectService;
use proto_edge::problem::Problem;
use tonic::{Request, Response, Status};
use zeroize::Zeroizing;

use super::caller::Caller;
use super::case::personal_fields;
use super::fields::{CASES, ENTRIES, Fields, number};
use super::office::Office;
use super::page::{Page, Place, Question};
use super::status;
use crate::sealing::SubjectId;
use crate::store::ledger::command::{
    AccessAsk, AccessCommand, Answer, Command, EraseCommand, Whose,
};
use node_domain::process::ProcessId;

type Answered<T> = Result<Response<T>, Status>;

const RESIDENTS: &str = "residents/";

pub struct SubjectRpc {
    office: Office,
}

impl SubjectRpc {
    pub fn new(office: Office) -> SubjectRpc {
        SubjectRpc { office }
    }

    async fn access(&self, command: AccessCommand) -> Result<Vec<SubjectId>, Problem> {
        match self.office.ask(Command::Access(command)).await? {
            Answer::Accessed(answer) => answer.map_err(|refused| status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    async fn export(
        &self,
        caller: Caller,
        asked: pb::ExportSubjectRequest,
    ) -> Result<pb::ExportSubjectResponse, Problem> {
        let mut fields = Fields::default();
        let of = match &caller.actor {
            Actor::Resident(own) if asked.name.is_empty() => Some(Whose::Subject(*own)),
            _ => whose(&mut fields, &asked.name),
        };
        let of = fields.done(of)?;
        let asked = self.office.asked(&caller, None);
        let ask = AccessAsk::Export;
        let subjects = self.access(AccessCommand { asked, of, ask }).await?;
        self.office
            .read(move |store| export::all(store, &subjects))
            .await
    }

    async fn correct(
        &self,
        caller: Caller,
        asked: pb::CorrectSubjectRequest,
    ) -> Result<Option<pb::Case>, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&asked.request_id);
        let case = fields.case("name", &asked.name);
        let personal = personal_fields(&mut fields, asked.personal.unwrap_or_default());
        let parsed = request_id.zip(case).zip(personal.flatten().or_else(|| {
            fields.wrong(
                "personal",
                "want what it should be, all of it",
                "请填写更正后的全部内容",
            )
        }));
        let ((request_id, case), personal) = fields.done(parsed)?;
        let asked = self.office.asked(&caller, request_id);
        let of = Whose::Case(case);
        let ask = AccessAsk::Correct(Zeroizing::new(personal.0.into()));
        self.access(AccessCommand { asked, of, ask }).await?;
        self.office
            .read(move |store| export::case(store, case))
            .await
    }

    async fn erase(
        &self,
        caller: Caller,
        asked: pb::EraseSubjectDataRequest,
    ) -> Result<u32, Problem> {
        let mut fields = Fields::default();
        let request_id = fields.request_id(&asked.request_id);
        let of = whose(&mut fields, &asked.name);
        let (request_id, of) = fields.done(request_id.zip(of))?;
        let asked = self.office.asked(&caller, request_id);
        match self
            .office
            .ask(Command::Erase(EraseCommand { asked, of }))
            .await?
        {
            Answer::Erased(Ok(cases)) => Ok(u32::try_from(cases).unwrap_or(u32::MAX)),
            Answer::Erased(Err(refused)) => Err(status::refused(&refused)),
            _ => Err(status::fault(&"an answer to something else")),
        }
    }

    async fn list(
        &self,
        asked: pb::ListSubjectAccessesRequest,
    ) -> Result<pb::ListSubjectAccessesResponse, Problem> {
        let mut fields = Fields::default();
        let question = Question::of("subject accesses");
        let page = Page::parse(&mut fields, asked.page_size, &asked.page_token, question);
        let page = fields.done(page)?;
        let below = page.from.map_or(u64::MAX, |Place(below, _)| below);
        let size = page.size;
        let read = move |store: &_| export::accesses(store, below, size);
        let (accesses, next) = self.office.read(read).await?;
        Ok(pb::ListSubjectAccessesResponse {
            accesses,
            next_page_token: page.token(next.map(|next| Place(next, 0))),
        })
    }
}

fn whose(fields: &mut Fields, name: &str) -> Option<Whose> {
    let resident = name.strip_prefix(RESIDENTS).filter(|name| !name.is_empty());
    let case = number(name, CASES).map(|case| Whose::Case(CaseId(case)));
    let entry = number(name, ENTRIES).map(|entry| Whose::Entry(ProcessId(entry)));
    let resident = resident.map(|name| Whose::Resident(name.to_owned()));
    case.or(entry).or(resident).or_else(|| {
        fields.wrong(
            "name",
            "want a case, an entry or a resident, such as cases/42, entries/7 or residents/wx-7f3a",
            "应为报事、条目或居民，如 cases/42、entries/7、residents/wx-7f3a",
        )
    })
}

/// Who has got this far may see everything of the person.
const SEEN: Visibility = Visibility::Whole;

#[tonic::async_trait]
impl SubjectService for SubjectRpc {
    async fn export_subject(
        &self,
        request: Request<pb::ExportSubjectRequest>,
    ) -> Answered<pb::ExportSubjectResponse> {
        let caller = Caller::of(request.extensions())?;
        let exported = self.export(caller, request.into_inner()).await?;
        Ok(Response::new(exported))
    }

    async fn correct_subject(
        &self,
        request: Request<pb::CorrectSubjectRequest>,
    ) -> Answered<pb::CorrectSubjectResponse> {
        let caller = Caller::of(request.extensions())?;
        let case = self.correct(caller, request.into_inner()).await?;
        Ok(Response::new(pb::CorrectSubjectResponse { case }))
    }

    async fn erase_subject(
        &self,
        request: Request<pb::EraseSubjectDataRequest>,
    ) -> Answered<pb::EraseSubjectDataResponse> {
        let caller = Caller::of(request.extensions())?;
        let cases = self.erase(caller, request.into_inner()).await?;
        Ok(Response::new(pb::EraseSubjectDataResponse { cases }))
    }

    async fn list_subject_accesses(
        &self,
        request: Request<pb::ListSubjectAccessesRequest>,
    ) -> Answered<pb::ListSubjectAccessesResponse> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }
}
