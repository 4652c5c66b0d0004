//! `ConsentService`: requests about consents parsed, consents shown. Decides
//! nothing.

mod parse;
mod show;

use node_domain::consents::{Action, Consent};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::consent_service_server::ConsentService;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::page::Place;
use super::process::{Answered, Desk, HistoryAsk, PageAsk, RollAsk, on_process};
use super::status;

const ENGINE: Engine = Engine::Consents;

pub struct ConsentRpc(pub Desk);

#[tonic::async_trait]
impl ConsentService for ConsentRpc {
    async fn open_consent(
        &self,
        request: Request<pb::OpenConsentRequest>,
    ) -> Answered<pb::OpenConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenConsentResponse { consent }))
    }

    async fn answer_consent(
        &self,
        request: Request<pb::AnswerConsentRequest>,
    ) -> Answered<pb::AnswerConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::AnswerConsentResponse { consent }))
    }

    async fn withdraw_consent(
        &self,
        request: Request<pb::WithdrawConsentRequest>,
    ) -> Answered<pb::WithdrawConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::WithdrawConsentResponse { consent }))
    }

    async fn publicise_consent(
        &self,
        request: Request<pb::PubliciseConsentRequest>,
    ) -> Answered<pb::PubliciseConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::PubliciseConsentResponse { consent }))
    }

    async fn approve_consent(
        &self,
        request: Request<pb::ApproveConsentRequest>,
    ) -> Answered<pb::ApproveConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::ApproveConsentResponse { consent }))
    }

    async fn start_consent_works(
        &self,
        request: Request<pb::StartConsentWorksRequest>,
    ) -> Answered<pb::StartConsentWorksResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::StartConsentWorksResponse { consent }))
    }

    async fn inspect_consent_works(
        &self,
        request: Request<pb::InspectConsentWorksRequest>,
    ) -> Answered<pb::InspectConsentWorksResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::InspectConsentWorksResponse { consent }))
    }

    async fn put_consent_in_use(
        &self,
        request: Request<pb::PutConsentInUseRequest>,
    ) -> Answered<pb::PutConsentInUseResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::PutConsentInUseResponse { consent }))
    }

    async fn attach_consent_covenant(
        &self,
        request: Request<pb::AttachConsentCovenantRequest>,
    ) -> Answered<pb::AttachConsentCovenantResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::AttachConsentCovenantResponse { consent }))
    }

    async fn begin_mandate(
        &self,
        request: Request<pb::BeginMandateRequest>,
    ) -> Answered<pb::BeginMandateResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::BeginMandateResponse { consent }))
    }

    async fn finish_mandate(
        &self,
        request: Request<pb::FinishMandateRequest>,
    ) -> Answered<pb::FinishMandateResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::FinishMandateResponse { consent }))
    }

    async fn end_consent(
        &self,
        request: Request<pb::EndConsentRequest>,
    ) -> Answered<pb::EndConsentResponse> {
        let consent = self.0.submit(request).await?;
        Ok(Response::new(pb::EndConsentResponse { consent }))
    }

    async fn freeze_consent_roll(
        &self,
        request: Request<pb::FreezeConsentRollRequest>,
    ) -> Answered<pb::FreezeConsentRollResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let until = fields.optional_day("until_day", &asked.until_day);
        let lines = RollAsk::parse(&mut fields, &asked.lines);
        let (until, lines) = fields.done(until.zip(lines))?;
        let roll = self.0.freeze(lines).await?;
        let action = |_: &mut Fields| Some(Action::Freeze { roll, until });
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, action)?;
        let consent = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::FreezeConsentRollResponse { consent }))
    }

    async fn get_consent(
        &self,
        request: Request<pb::GetConsentRequest>,
    ) -> Answered<pb::GetConsentResponse> {
        let caller = Caller::of(request.extensions())?;
        let consent = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetConsentResponse { consent }))
    }

    async fn list_consents(
        &self,
        request: Request<pb::ListConsentsRequest>,
    ) -> Answered<pb::ListConsentsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let grid = fields.grid("grid", &asked.grid);
        let filters = ("consents", &asked.kind, &asked.grid, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, grid), page) = fields.done(kind.zip(grid).zip(page))?;
        let wants = move |state: &State| {
            let Ok(consent) = <&Consent>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| consent.kind == *kind)
                && (grid.is_none() || consent.grid == grid)
                && (!asked.only_open || state.is_open())
        };
        let (consents, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListConsentsResponse {
            consents,
            next_page_token,
        }))
    }

    async fn list_consent_answers(
        &self,
        request: Request<pb::ListConsentAnswersRequest>,
    ) -> Answered<pb::ListConsentAnswersResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let filters = ("answers", &asked.name);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let page = fields.done(page)?.page;
        let (_, state) = self.0.load(ENGINE, &caller, &asked.name).await?;
        let consent = <&Consent>::try_from(&state).map_err(|_| status::unknown_process())?;
        let from = page.from.map_or(0, |Place(from, _)| from);
        let (answers, next) = show::answers(consent, from, page.size);
        Ok(Response::new(pb::ListConsentAnswersResponse {
            answers,
            next_page_token: page.token(next.map(|next| Place(next, 0))),
        }))
    }

    async fn list_consent_events(
        &self,
        request: Request<pb::ListConsentEventsRequest>,
    ) -> Answered<pb::ListConsentEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListConsentEventsResponse {
            events,
            next_page_token,
        }))
    }
}
