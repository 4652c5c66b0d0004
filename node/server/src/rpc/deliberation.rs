//! `DeliberationService`: what is asked of topics, sent on. Decides nothing.

mod parse;
mod show;

use node_domain::deliberations::{Stage, Topic};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::deliberation_service_server::DeliberationService;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::process::{Answered, Desk, HistoryAsk, PageAsk};

const ENGINE: Engine = Engine::Deliberations;

pub struct DeliberationRpc(pub Desk);

#[tonic::async_trait]
impl DeliberationService for DeliberationRpc {
    async fn propose_topic(
        &self,
        request: Request<pb::ProposeTopicRequest>,
    ) -> Answered<pb::ProposeTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::ProposeTopicResponse { topic }))
    }

    async fn triage_topic(
        &self,
        request: Request<pb::TriageTopicRequest>,
    ) -> Answered<pb::TriageTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::TriageTopicResponse { topic }))
    }

    async fn comment_topic(
        &self,
        request: Request<pb::CommentTopicRequest>,
    ) -> Answered<pb::CommentTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::CommentTopicResponse { topic }))
    }

    async fn advance_topic(
        &self,
        request: Request<pb::AdvanceTopicRequest>,
    ) -> Answered<pb::AdvanceTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::AdvanceTopicResponse { topic }))
    }

    async fn meet_on_topic(
        &self,
        request: Request<pb::MeetOnTopicRequest>,
    ) -> Answered<pb::MeetOnTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::MeetOnTopicResponse { topic }))
    }

    async fn vote_on_topic(
        &self,
        request: Request<pb::VoteOnTopicRequest>,
    ) -> Answered<pb::VoteOnTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::VoteOnTopicResponse { topic }))
    }

    async fn follow_topic(
        &self,
        request: Request<pb::FollowTopicRequest>,
    ) -> Answered<pb::FollowTopicResponse> {
        let topic = self.0.submit(request).await?;
        Ok(Response::new(pb::FollowTopicResponse { topic }))
    }

    async fn get_topic(
        &self,
        request: Request<pb::GetTopicRequest>,
    ) -> Answered<pb::GetTopicResponse> {
        let caller = Caller::of(request.extensions())?;
        let topic = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetTopicResponse { topic }))
    }

    async fn list_topics(
        &self,
        request: Request<pb::ListTopicsRequest>,
    ) -> Answered<pb::ListTopicsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let stage = match asked.stage.as_str() {
            "" => Some(None),
            code => {
                let stage = Stage::ALL.into_iter().find(|stage| stage.code() == code);
                let choices = Stage::ALL.map(Stage::code).join(", ");
                fields.choice("stage", stage, &choices).map(Some)
            }
        };
        let filters = ("topics", &asked.kind, &asked.stage, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, stage), page) = fields.done(kind.zip(stage).zip(page))?;
        let wants = move |state: &State| {
            let Ok(topic) = <&Topic>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| topic.kind == *kind)
                && stage.is_none_or(|stage| topic.stage == stage)
                && (state.is_open() || !asked.only_open)
        };
        let (topics, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListTopicsResponse {
            topics,
            next_page_token,
        }))
    }

    async fn list_topic_events(
        &self,
        request: Request<pb::ListTopicEventsRequest>,
    ) -> Answered<pb::ListTopicEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListTopicEventsResponse {
            events,
            next_page_token,
        }))
    }
}
