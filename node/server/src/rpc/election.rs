//! `ElectionService`: requests about elections parsed, elections shown. Decides
//! nothing; gathers who serves on which body.

mod parse;
mod serving;
mod show;

use node_domain::elections::{Action, Election};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::election_service_server::ElectionService;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::Fields;
use super::page::Place;
use super::process::{Answered, Desk, HistoryAsk, PageAsk, RollAsk, on_process};
use super::status;

const ENGINE: Engine = Engine::Elections;

pub struct ElectionRpc(pub Desk);

#[tonic::async_trait]
impl ElectionService for ElectionRpc {
    async fn open_election(
        &self,
        request: Request<pb::OpenElectionRequest>,
    ) -> Answered<pb::OpenElectionResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenElectionResponse { election }))
    }

    async fn gather_election_views(
        &self,
        request: Request<pb::GatherElectionViewsRequest>,
    ) -> Answered<pb::GatherElectionViewsResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::GatherElectionViewsResponse { election }))
    }

    async fn nominate_candidate(
        &self,
        request: Request<pb::NominateCandidateRequest>,
    ) -> Answered<pb::NominateCandidateResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::NominateCandidateResponse { election }))
    }

    async fn review_candidate(
        &self,
        request: Request<pb::ReviewCandidateRequest>,
    ) -> Answered<pb::ReviewCandidateResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::ReviewCandidateResponse { election }))
    }

    async fn stand_down(
        &self,
        request: Request<pb::StandDownRequest>,
    ) -> Answered<pb::StandDownResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::StandDownResponse { election }))
    }

    async fn publish_candidates(
        &self,
        request: Request<pb::PublishCandidatesRequest>,
    ) -> Answered<pb::PublishCandidatesResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::PublishCandidatesResponse { election }))
    }

    async fn open_voting(
        &self,
        request: Request<pb::OpenVotingRequest>,
    ) -> Answered<pb::OpenVotingResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::OpenVotingResponse { election }))
    }

    async fn mark_voter(
        &self,
        request: Request<pb::MarkVoterRequest>,
    ) -> Answered<pb::MarkVoterResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::MarkVoterResponse { election }))
    }

    async fn unmark_voter(
        &self,
        request: Request<pb::UnmarkVoterRequest>,
    ) -> Answered<pb::UnmarkVoterResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::UnmarkVoterResponse { election }))
    }

    async fn close_voting(
        &self,
        request: Request<pb::CloseVotingRequest>,
    ) -> Answered<pb::CloseVotingResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::CloseVotingResponse { election }))
    }

    async fn mix_ballot_box(
        &self,
        request: Request<pb::MixBallotBoxRequest>,
    ) -> Answered<pb::MixBallotBoxResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::MixBallotBoxResponse { election }))
    }

    async fn count_ballot_box(
        &self,
        request: Request<pb::CountBallotBoxRequest>,
    ) -> Answered<pb::CountBallotBoxResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::CountBallotBoxResponse { election }))
    }

    async fn void_ballot_box(
        &self,
        request: Request<pb::VoidBallotBoxRequest>,
    ) -> Answered<pb::VoidBallotBoxResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::VoidBallotBoxResponse { election }))
    }

    async fn announce_election(
        &self,
        request: Request<pb::AnnounceElectionRequest>,
    ) -> Answered<pb::AnnounceElectionResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::AnnounceElectionResponse { election }))
    }

    async fn object_to_election(
        &self,
        request: Request<pb::ObjectToElectionRequest>,
    ) -> Answered<pb::ObjectToElectionResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::ObjectToElectionResponse { election }))
    }

    async fn rule_objection(
        &self,
        request: Request<pb::RuleObjectionRequest>,
    ) -> Answered<pb::RuleObjectionResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::RuleObjectionResponse { election }))
    }

    async fn decline_seat(
        &self,
        request: Request<pb::DeclineSeatRequest>,
    ) -> Answered<pb::DeclineSeatResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::DeclineSeatResponse { election }))
    }

    async fn vacate_seat(
        &self,
        request: Request<pb::VacateSeatRequest>,
    ) -> Answered<pb::VacateSeatResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::VacateSeatResponse { election }))
    }

    async fn cancel_election(
        &self,
        request: Request<pb::CancelElectionRequest>,
    ) -> Answered<pb::CancelElectionResponse> {
        let election = self.0.submit(request).await?;
        Ok(Response::new(pb::CancelElectionResponse { election }))
    }

    async fn freeze_election_roll(
        &self,
        request: Request<pb::FreezeElectionRollRequest>,
    ) -> Answered<pb::FreezeElectionRollResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let lines = RollAsk::parse(&mut fields, &asked.lines);
        let lines = fields.done(lines)?;
        let roll = self.0.freeze(lines).await?;
        let action = |_: &mut Fields| Some(Action::Freeze { roll });
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, action)?;
        let election = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::FreezeElectionRollResponse { election }))
    }

    async fn seat_elected(
        &self,
        request: Request<pb::SeatElectedRequest>,
    ) -> Answered<pb::SeatElectedResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let from = fields.day("from_day", &asked.from_day);
        let from = fields.done(from)?;
        let (_, state) = self.0.load(ENGINE, &caller, &asked.name).await?;
        let election = <&Election>::try_from(&state).map_err(|_| status::unknown_process())?;
        let excludes = election.rules.excludes.clone();
        let serving = self.0.serving(excludes, from).await?;
        let action = |_: &mut Fields| Some(Action::Seat { from, serving });
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, action)?;
        let election = self.0.send(&caller, ask).await?;
        Ok(Response::new(pb::SeatElectedResponse { election }))
    }

    async fn get_election(
        &self,
        request: Request<pb::GetElectionRequest>,
    ) -> Answered<pb::GetElectionResponse> {
        let caller = Caller::of(request.extensions())?;
        let election = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetElectionResponse { election }))
    }

    async fn list_elections(
        &self,
        request: Request<pb::ListElectionsRequest>,
    ) -> Answered<pb::ListElectionsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let kind = fields.optional_code("kind", &asked.kind);
        let grid = fields.grid("grid", &asked.grid);
        let filters = ("elections", &asked.kind, &asked.grid, asked.only_open);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let ((kind, grid), page) = fields.done(kind.zip(grid).zip(page))?;
        let wants = move |state: &State| {
            let Ok(election) = <&Election>::try_from(state) else {
                return false;
            };
            kind.as_ref().is_none_or(|kind| election.kind == *kind)
                && (grid.is_none() || election.grid == grid)
                && (!asked.only_open || state.is_open())
        };
        let (elections, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListElectionsResponse {
            elections,
            next_page_token,
        }))
    }

    async fn list_election_roll(
        &self,
        request: Request<pb::ListElectionRollRequest>,
    ) -> Answered<pb::ListElectionRollResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let filters = ("roll", &asked.name);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let page = fields.done(page)?.page;
        let (_, state) = self.0.load(ENGINE, &caller, &asked.name).await?;
        let election = <&Election>::try_from(&state).map_err(|_| status::unknown_process())?;
        let from = page.from.map_or(0, |Place(from, _)| from);
        let (voters, next) = show::voters(election, from, page.size);
        Ok(Response::new(pb::ListElectionRollResponse {
            voters,
            next_page_token: page.token(next.map(|next| Place(next, 0))),
        }))
    }

    async fn list_election_events(
        &self,
        request: Request<pb::ListElectionEventsRequest>,
    ) -> Answered<pb::ListElectionEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListElectionEventsResponse {
            events,
            next_page_token,
        }))
    }
}
