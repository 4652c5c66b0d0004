//! `SurveyService`: what is asked of surveys, sent on. Decides nothing.

mod parse;
mod show;

use node_domain::process::{Engine, State};
use node_domain::surveys::{Action, Survey};
use proto::pb::node as pb;
use proto_edge::node::survey_service_server::SurveyService;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::process::{Answered, Desk, HistoryAsk, PageAsk, RollAsk, on_process};

const ENGINE: Engine = Engine::Surveys;

pub struct SurveyRpc(pub Desk);

#[tonic::async_trait]
impl SurveyService for SurveyRpc {
    async fn open_survey(
        &self,
        request: Request<pb::OpenSurveyRequest>,
    ) -> Answered<pb::OpenSurveyResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenSurveyResponse { survey }))
    }

    async fn start_survey(
        &self,
        request: Request<pb::StartSurveyRequest>,
    ) -> Answered<pb::StartSurveyResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let lines = RollAsk::parse(&mut fields, &asked.lines);
        let roll = self.0.freeze(fields.done(lines)?).await?;
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let until = fields.day("until_day", &asked.until_day)?;
            Some(Action::Start { roll, until })
        })?;
        let survey = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::StartSurveyResponse { survey }))
    }

    async fn answer_survey(
        &self,
        request: Request<pb::AnswerSurveyRequest>,
    ) -> Answered<pb::AnswerSurveyResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::AnswerSurveyResponse { survey }))
    }

    async fn correct_survey(
        &self,
        request: Request<pb::CorrectSurveyRequest>,
    ) -> Answered<pb::CorrectSurveyResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::CorrectSurveyResponse { survey }))
    }

    async fn visit_household(
        &self,
        request: Request<pb::VisitHouseholdRequest>,
    ) -> Answered<pb::VisitHouseholdResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::VisitHouseholdResponse { survey }))
    }

    async fn conclude_survey(
        &self,
        request: Request<pb::ConcludeSurveyRequest>,
    ) -> Answered<pb::ConcludeSurveyResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::ConcludeSurveyResponse { survey }))
    }

    async fn hand_over_issues(
        &self,
        request: Request<pb::HandOverIssuesRequest>,
    ) -> Answered<pb::HandOverIssuesResponse> {
        let survey = self.0.submit(request).await?;
        Ok(Response::new(pb::HandOverIssuesResponse { survey }))
    }

    async fn get_survey(
        &self,
        request: Request<pb::GetSurveyRequest>,
    ) -> Answered<pb::GetSurveyResponse> {
        let caller = Caller::of(request.extensions())?;
        let survey = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetSurveyResponse { survey }))
    }

    async fn list_surveys(
        &self,
        request: Request<pb::ListSurveysRequest>,
    ) -> Answered<pb::ListSurveysResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let filters = ("surveys", &asked.kind, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let (kind, page) = fields.done(kind.zip(page))?;
        let wants = move |state: &State| {
            let Ok(survey) = <&Survey>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| survey.kind == *kind)
                && (state.is_open() || !asked.only_open)
        };
        let (surveys, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListSurveysResponse {
            surveys,
            next_page_token,
        }))
    }

    async fn list_survey_events(
        &self,
        request: Request<pb::ListSurveyEventsRequest>,
    ) -> Answered<pb::ListSurveyEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListSurveyEventsResponse {
            events,
            next_page_token,
        }))
    }
}
