//! `CentreDeskService`: what a centre is asked and what it offers. Whose desk it is
//! follows from the certificate. Parses, calls, converts; `hub_domain::support`
//! decides, `audience` finds whom an offer goes to.

mod audience;
mod parse;
mod show;

use hub_domain::{
    event::Asked,
    support::{Command, DeskAnswer, Move},
};
use jiff::Timestamp;
use proto::{
    identity::{Label, Subject},
    pb::hub as pb,
    support::{Attachment, OfferKind, Text},
};
use proto_edge::{
    clock::Clock, hub::centre_desk_service_server::CentreDeskService, problem::Problem,
};
use tonic::{Request, Response, Status};

use super::{
    field::{caller, date, now, page_size, request_id},
    status::{
        Mistakes, broken, ledger_problem, no_certificate, notices_only, support_problem,
        unknown_request,
    },
};
use crate::store::Store;

const LISTED: usize = 50;
const MOST_LISTED: usize = 500;
/// Requests and offers that one call for a page looks at.
const LOOKED_AT: usize = 10_000;

pub struct CentreDeskRpc {
    pub store: Store,
    pub clock: Clock,
}

/// Whose desk a call is at.
fn centre<T>(request: &mut Request<T>) -> Result<(Subject, Label), Problem> {
    let by = caller(request)?;
    match &by {
        Subject::Centre(label) => Ok((by.clone(), label.clone())),
        _ => Err(no_certificate()),
    }
}

/// Who offers: a centre, or an extension that is live.
fn offering<T>(request: &mut Request<T>) -> Result<(Subject, Label), Problem> {
    let by = caller(request)?;
    match &by {
        Subject::Centre(label) | Subject::Extension(label) => Ok((by.clone(), label.clone())),
        _ => Err(no_certificate()),
    }
}

impl CentreDeskRpc {
    fn now(&self) -> Timestamp {
        now(&self.clock)
    }

    async fn decided(
        &self,
        (by, label): (Subject, Label),
        request: &str,
        command: Command,
    ) -> Result<DeskAnswer, Problem> {
        let request = request_id(request)?;
        let asked = Asked { by, request };
        let decided = self.store.desk(asked, label, command, self.now()).await;
        decided.map_err(ledger_problem)?.map_err(support_problem)
    }

    /// Moves a request on, and shows it as it is by then.
    async fn go(
        &self,
        by: (Subject, Label),
        request: &str,
        name: &str,
        to: Move,
    ) -> Result<Option<pb::DeskRequest>, Problem> {
        let (community, key) = parse::request_name(name)?;
        let command = Command::Move {
            community,
            request: key,
            to,
        };
        match self.decided(by, request, command).await? {
            DeskAnswer::Request(community, key) => {
                let state = self.store.support();
                let held = state.request(community, key).ok_or_else(unknown_request)?;
                let (now, zone) = (self.now(), self.store.zone());
                Ok(Some(show::request(community, held, now, zone)))
            }
            _ => Err(super::status::request_reused()),
        }
    }

    fn offer(&self, answer: DeskAnswer) -> Result<Option<pb::DeskOffer>, Problem> {
        match answer {
            DeskAnswer::Offer(key) => {
                let state = self.store.support();
                let held = state.offer(key).ok_or_else(|| broken("offer"))?;
                Ok(Some(show::offer(held)))
            }
            _ => Err(super::status::request_reused()),
        }
    }

    fn list(
        &self,
        centre: &Label,
        wire: &pb::ListDeskRequestsRequest,
    ) -> Result<pb::ListDeskRequestsResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let size = mistakes.take(page_size(wire.page_size, LISTED, MOST_LISTED));
        let before = mistakes.take(parse::before(&wire.page_token));
        let stage = mistakes.take(parse::stage(&wire.stage));
        let parsed = size.zip(before).zip(stage);
        let ((size, before), stage) = mistakes.finish(parsed)?;
        let (state, now, zone) = (self.store.support(), self.now(), self.store.zone());
        let mut answer = pb::ListDeskRequestsResponse::default();
        for (looked_at, (at, community, held)) in state.requests(before).enumerate() {
            if answer.requests.len() == size || looked_at == LOOKED_AT {
                answer.next_page_token = (at + 1).to_string();
                break;
            }
            let fits = held.centre == *centre
                && stage.is_none_or(|stage| held.stage() == stage)
                && (!wire.only_late || held.is_late(now, zone));
            if fits {
                let shown = show::request(community, held, now, zone);
                answer.requests.push(shown);
            }
        }
        Ok(answer)
    }

    fn list_offers(
        &self,
        centre: &Label,
        wire: &pb::ListDeskOffersRequest,
    ) -> Result<pb::ListDeskOffersResponse, Problem> {
        let mut mistakes = Mistakes::default();
        let size = mistakes.take(page_size(wire.page_size, LISTED, MOST_LISTED));
        let before = mistakes.take(parse::before(&wire.page_token));
        let (size, before) = mistakes.finish(size.zip(before))?;
        let state = self.store.support();
        let mut answer = pb::ListDeskOffersResponse::default();
        for (looked_at, (at, held)) in state.offers(before).enumerate() {
            if answer.offers.len() == size || looked_at == LOOKED_AT {
                answer.next_page_token = (at + 1).to_string();
                break;
            }
            if held.offer.centre == *centre {
                answer.offers.push(show::offer(held));
            }
        }
        Ok(answer)
    }

    fn one(
        &self,
        centre: &Label,
        wire: &pb::GetDeskRequestRequest,
    ) -> Result<pb::GetDeskRequestResponse, Problem> {
        let (community, key) = parse::request_name(&wire.name)?;
        let state = self.store.support();
        let held = state.request(community, key);
        let held = held.filter(|held| held.centre == *centre);
        let held = held.ok_or_else(unknown_request)?;
        let mut shown = show::request(community, held, self.now(), self.store.zone());
        let sealed = held.attachment.as_ref();
        shown.attachment = sealed
            .map_or_else(Vec::new, |a| a.ciphertext.to_vec())
            .into();
        Ok(pb::GetDeskRequestResponse {
            request: Some(shown),
        })
    }

    async fn publish(
        &self,
        by: (Subject, Label),
        wire: pb::PublishOfferRequest,
    ) -> Result<pb::PublishOfferResponse, Problem> {
        let offer = parse::offer(&wire)?;
        if matches!(by.0, Subject::Extension(_)) && offer.kind != OfferKind::Notice {
            return Err(notices_only());
        }
        let audience = audience::Audience::parse(wire.audience.unwrap_or_default())?;
        let (store, reader, now) = (self.store.clone(), by.0.clone(), self.now());
        let found = tokio::task::spawn_blocking(move || audience.find(&store, &reader, now));
        let communities = found.await.map_err(|_| broken("audience"))??;
        let command = Command::Offer {
            offer: Box::new(offer),
            key: parse::random_key().ok_or_else(|| broken("offer"))?,
            communities,
        };
        let answer = self.decided(by, &wire.request_id, command).await?;
        Ok(pb::PublishOfferResponse {
            offer: self.offer(answer)?,
        })
    }
}

#[tonic::async_trait]
impl CentreDeskService for CentreDeskRpc {
    async fn set_recipient(
        &self,
        mut request: Request<pb::SetRecipientRequest>,
    ) -> Result<Response<pb::SetRecipientResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let recipient = parse::recipient(&wire.recipient)?;
        let label = by.1.clone();
        self.decided(by, &wire.request_id, Command::Card(recipient))
            .await?;
        let state = self.store.support();
        let held = state.recipient(&label);
        Ok(Response::new(pb::SetRecipientResponse {
            centre: label.to_string(),
            recipient: held.map_or_else(String::new, |held| held.as_str().to_owned()),
        }))
    }

    async fn list_desk_requests(
        &self,
        mut request: Request<pb::ListDeskRequestsRequest>,
    ) -> Result<Response<pb::ListDeskRequestsResponse>, Status> {
        let (_, label) = centre(&mut request)?;
        Ok(Response::new(self.list(&label, request.get_ref())?))
    }

    async fn get_desk_request(
        &self,
        mut request: Request<pb::GetDeskRequestRequest>,
    ) -> Result<Response<pb::GetDeskRequestResponse>, Status> {
        let (_, label) = centre(&mut request)?;
        Ok(Response::new(self.one(&label, request.get_ref())?))
    }

    async fn route_request(
        &self,
        mut request: Request<pb::RouteRequestRequest>,
    ) -> Result<Response<pb::RouteRequestResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let to = parse::centre("centre", &wire.centre)?;
        let attachment = parse::ciphertext(&wire.attachment)?.map(|ciphertext| Attachment {
            centre: to.clone(),
            ciphertext,
        });
        let to = Move::Routed { to, attachment };
        let request = self.go(by, &wire.request_id, &wire.name, to).await?;
        Ok(Response::new(pb::RouteRequestResponse { request }))
    }

    async fn accept_request(
        &self,
        mut request: Request<pb::AcceptRequestRequest>,
    ) -> Result<Response<pb::AcceptRequestResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let deliver_by = date("deliver_by_day", &wire.deliver_by_day).map_err(Problem::from)?;
        let to = Move::Accepted { deliver_by };
        let request = self.go(by, &wire.request_id, &wire.name, to).await?;
        Ok(Response::new(pb::AcceptRequestResponse { request }))
    }

    async fn decline_request(
        &self,
        mut request: Request<pb::DeclineRequestRequest>,
    ) -> Result<Response<pb::DeclineRequestResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let reason: Text = parse::text("reason", &wire.reason)?;
        let to = Move::Declined { reason };
        let request = self.go(by, &wire.request_id, &wire.name, to).await?;
        Ok(Response::new(pb::DeclineRequestResponse { request }))
    }

    async fn start_delivery(
        &self,
        mut request: Request<pb::StartDeliveryRequest>,
    ) -> Result<Response<pb::StartDeliveryResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let request = self
            .go(by, &wire.request_id, &wire.name, Move::Begun)
            .await?;
        Ok(Response::new(pb::StartDeliveryResponse { request }))
    }

    async fn complete_request(
        &self,
        mut request: Request<pb::CompleteRequestRequest>,
    ) -> Result<Response<pb::CompleteRequestResponse>, Status> {
        let by = centre(&mut request)?;
        let wire = request.into_inner();
        let result = match wire.result.as_str() {
            "" => None,
            text => Some(parse::text("result", text)?),
        };
        let to = Move::Done { result };
        let request = self.go(by, &wire.request_id, &wire.name, to).await?;
        Ok(Response::new(pb::CompleteRequestResponse { request }))
    }

    async fn publish_offer(
        &self,
        mut request: Request<pb::PublishOfferRequest>,
    ) -> Result<Response<pb::PublishOfferResponse>, Status> {
        let by = offering(&mut request)?;
        Ok(Response::new(self.publish(by, request.into_inner()).await?))
    }

    async fn close_offer(
        &self,
        mut request: Request<pb::CloseOfferRequest>,
    ) -> Result<Response<pb::CloseOfferResponse>, Status> {
        let by = offering(&mut request)?;
        let wire = request.into_inner();
        let command = Command::Close(parse::offer_name(&wire.name)?);
        let answer = self.decided(by, &wire.request_id, command).await?;
        let offer = self.offer(answer)?;
        Ok(Response::new(pb::CloseOfferResponse { offer }))
    }

    async fn list_desk_offers(
        &self,
        mut request: Request<pb::ListDeskOffersRequest>,
    ) -> Result<Response<pb::ListDeskOffersResponse>, Status> {
        let (_, label) = offering(&mut request)?;
        Ok(Response::new(self.list_offers(&label, request.get_ref())?))
    }
}
