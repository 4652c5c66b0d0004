//! The methods of `AssessmentService`, each to the desk and back.

use node_domain::assessments::Assessment;
use node_domain::process::State;
use proto::pb::node as pb;
use proto_edge::node::assessment_service_server::AssessmentService;
use tonic::{Request, Response};

use super::super::caller::Caller;
use super::super::fields::Fields;
use super::super::process::{Answered, HistoryAsk, PageAsk};
use super::{AssessmentRpc, ENGINE};

#[tonic::async_trait]
impl AssessmentService for AssessmentRpc {
    async fn open_assessment(
        &self,
        request: Request<pb::OpenAssessmentRequest>,
    ) -> Answered<pb::OpenAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenAssessmentResponse { assessment }))
    }

    async fn appoint_assessor(
        &self,
        request: Request<pb::AppointAssessorRequest>,
    ) -> Answered<pb::AppointAssessorResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::AppointAssessorResponse { assessment }))
    }

    async fn score_assessment(
        &self,
        request: Request<pb::ScoreAssessmentRequest>,
    ) -> Answered<pb::ScoreAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::ScoreAssessmentResponse { assessment }))
    }

    async fn count_assessment(
        &self,
        request: Request<pb::CountAssessmentRequest>,
    ) -> Answered<pb::CountAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::CountAssessmentResponse { assessment }))
    }

    async fn judge_assessment(
        &self,
        request: Request<pb::JudgeAssessmentRequest>,
    ) -> Answered<pb::JudgeAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::JudgeAssessmentResponse { assessment }))
    }

    async fn notify_assessment(
        &self,
        request: Request<pb::NotifyAssessmentRequest>,
    ) -> Answered<pb::NotifyAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::NotifyAssessmentResponse { assessment }))
    }

    async fn reply_to_assessment(
        &self,
        request: Request<pb::ReplyToAssessmentRequest>,
    ) -> Answered<pb::ReplyToAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::ReplyToAssessmentResponse { assessment }))
    }

    async fn finalise_assessment(
        &self,
        request: Request<pb::FinaliseAssessmentRequest>,
    ) -> Answered<pb::FinaliseAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::FinaliseAssessmentResponse { assessment }))
    }

    async fn publish_assessment(
        &self,
        request: Request<pb::PublishAssessmentRequest>,
    ) -> Answered<pb::PublishAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::PublishAssessmentResponse { assessment }))
    }

    async fn correct_assessment(
        &self,
        request: Request<pb::CorrectAssessmentRequest>,
    ) -> Answered<pb::CorrectAssessmentResponse> {
        let assessment = self.0.submit(request).await?;
        Ok(Response::new(pb::CorrectAssessmentResponse { assessment }))
    }

    async fn get_assessment(
        &self,
        request: Request<pb::GetAssessmentRequest>,
    ) -> Answered<pb::GetAssessmentResponse> {
        let caller = Caller::of(request.extensions())?;
        let assessment = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetAssessmentResponse { assessment }))
    }

    async fn list_assessments(
        &self,
        request: Request<pb::ListAssessmentsRequest>,
    ) -> Answered<pb::ListAssessmentsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let subject = fields.optional_entry("subject", &asked.subject);
        let filters = ("assessments", &asked.kind, &asked.subject, asked.year);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, subject), page) = fields.done(kind.zip(subject).zip(page))?;
        let wants = move |state: &State| {
            let Ok(one) = <&Assessment>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| one.kind == *kind)
                && subject.is_none_or(|subject| one.subject == subject)
                && (asked.year == 0 || i32::from(one.year) == asked.year)
        };
        let (assessments, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListAssessmentsResponse {
            assessments,
            next_page_token,
        }))
    }

    async fn list_assessment_events(
        &self,
        request: Request<pb::ListAssessmentEventsRequest>,
    ) -> Answered<pb::ListAssessmentEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListAssessmentEventsResponse {
            events,
            next_page_token,
        }))
    }
}
