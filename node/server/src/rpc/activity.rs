//! `ActivityService`: what is asked of programmes, sent on. Decides nothing.

mod parse;
mod show;

use node_domain::activities::Programme;
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::activity_service_server::ActivityService;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::process::{Answered, Desk, HistoryAsk, PageAsk};

const ENGINE: Engine = Engine::Activities;

pub struct ActivityRpc(pub Desk);

#[tonic::async_trait]
impl ActivityService for ActivityRpc {
    async fn open_programme(
        &self,
        request: Request<pb::OpenProgrammeRequest>,
    ) -> Answered<pb::OpenProgrammeResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenProgrammeResponse { programme }))
    }

    async fn announce_session(
        &self,
        request: Request<pb::AnnounceSessionRequest>,
    ) -> Answered<pb::AnnounceSessionResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::AnnounceSessionResponse { programme }))
    }

    async fn change_programme(
        &self,
        request: Request<pb::ChangeProgrammeRequest>,
    ) -> Answered<pb::ChangeProgrammeResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::ChangeProgrammeResponse { programme }))
    }

    async fn sign_up(&self, request: Request<pb::SignUpRequest>) -> Answered<pb::SignUpResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::SignUpResponse { programme }))
    }

    async fn cancel_sign_up(
        &self,
        request: Request<pb::CancelSignUpRequest>,
    ) -> Answered<pb::CancelSignUpResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::CancelSignUpResponse { programme }))
    }

    async fn hold_session(
        &self,
        request: Request<pb::HoldSessionRequest>,
    ) -> Answered<pb::HoldSessionResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::HoldSessionResponse { programme }))
    }

    async fn record_session(
        &self,
        request: Request<pb::RecordSessionRequest>,
    ) -> Answered<pb::RecordSessionResponse> {
        let programme = self.0.submit(request).await?;
        Ok(Response::new(pb::RecordSessionResponse { programme }))
    }

    async fn get_programme(
        &self,
        request: Request<pb::GetProgrammeRequest>,
    ) -> Answered<pb::GetProgrammeResponse> {
        let caller = Caller::of(request.extensions())?;
        let programme = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetProgrammeResponse { programme }))
    }

    async fn list_programmes(
        &self,
        request: Request<pb::ListProgrammesRequest>,
    ) -> Answered<pb::ListProgrammesResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let filters = ("programmes", &asked.kind, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let (kind, page) = fields.done(kind.zip(page))?;
        let wants = move |state: &State| {
            let Ok(programme) = <&Programme>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| programme.kind == *kind)
                && !(asked.only_open && programme.is_ended)
        };
        let (programmes, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListProgrammesResponse {
            programmes,
            next_page_token,
        }))
    }

    async fn list_programme_events(
        &self,
        request: Request<pb::ListProgrammeEventsRequest>,
    ) -> Answered<pb::ListProgrammeEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListProgrammeEventsResponse {
            events,
            next_page_token,
        }))
    }
}
