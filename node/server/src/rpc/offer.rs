//! `OfferService`: what centres offer to this community, and who of it takes part.
//! Parses, calls, converts.

use node_domain::actor::Actor;
use node_domain::offers::{Action, Offer};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;
use proto_edge::node::offer_service_server::OfferService;
use proto_edge::problem::Problem;
use tonic::{Request, Response};

use super::caller::Caller;
use super::fields::{Fields, wire_time};
use super::process::{Answered, Ask, Desk, HistoryAsk, PageAsk, Shown, on_process};
use crate::store::Store;
use crate::store::fault::StoreFault;

const ENGINE: Engine = Engine::Offers;

pub struct OfferRpc(pub Desk);

impl Shown for pb::Offer {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Offer> {
        let held: &Offer = state.try_into().ok()?;
        let offer = &held.offer;
        Some(pb::Offer {
            name,
            key: offer.key.to_string(),
            centre: offer.centre.to_string(),
            kind: offer.kind.to_string(),
            title: offer.title.to_string(),
            text: offer.text.to_string(),
            published_at: Some(wire_time(offer.published_at)),
            until_day: text(&offer.until),
            places: offer.places,
            form: text(&offer.form),
            fen: offer.fen,
            closed_at: offer.closed_at.map(wire_time),
            enrolled: u32::try_from(held.enrolments.len()).unwrap_or(u32::MAX),
            completed: u32::try_from(held.completed()).unwrap_or(u32::MAX),
            enrolments: Vec::new(),
            funds: held
                .funds
                .iter()
                .map(|fund| format!("funds/{fund}"))
                .collect(),
        })
    }

    /// Who takes part is for those who work on it.
    fn complete(&mut self, _: &Store, state: &State, actor: &Actor) -> Result<(), StoreFault> {
        let is_desk = actor.is_office() || matches!(actor, Actor::GridWorker(_));
        if let (true, Ok(held)) = (is_desk, <&Offer>::try_from(state)) {
            let enrolments = held.enrolments.iter();
            self.enrolments = enrolments
                .map(|(entry, enrolment)| pb::Enrolment {
                    entry: format!("entries/{entry}"),
                    completed_on_day: text(&enrolment.completed_on),
                    attended_on_day: text(&enrolment.attended_on),
                    certificate: enrolment.certificate.map(|held| pb::Certificate {
                        from_day: held.from.to_string(),
                        until_day: text(&held.until),
                    }),
                })
                .collect();
        }
        Ok(())
    }
}

fn text(value: &Option<impl ToString>) -> String {
    value.as_ref().map_or_else(String::new, ToString::to_string)
}

impl TryFrom<pb::EnrolRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::EnrolRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.entry("entry", &asked.entry)?;
            Some(Action::Enrol { entry })
        })
    }
}

impl TryFrom<pb::LeaveOfferRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::LeaveOfferRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.entry("entry", &asked.entry)?;
            Some(Action::Leave { entry })
        })
    }
}

impl TryFrom<pb::AttendOfferRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AttendOfferRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.entry("entry", &asked.entry);
            let on = fields.optional_day("on_day", &asked.on_day);
            Some(Action::Attend {
                entry: entry?,
                on: on?,
            })
        })
    }
}

impl TryFrom<pb::CompleteOfferRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CompleteOfferRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.entry("entry", &asked.entry);
            let on = fields.optional_day("on_day", &asked.on_day);
            Some(Action::Complete {
                entry: entry?,
                on: on?,
                serves: None,
                years: Vec::new(),
            })
        })
    }
}

impl TryFrom<pb::ApplyForOfferRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ApplyForOfferRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let fund = fields.numbered("fund", "funds/", &asked.fund)?;
            Some(Action::Apply { fund, form: None })
        })
    }
}

#[tonic::async_trait]
impl OfferService for OfferRpc {
    async fn get_offer(
        &self,
        request: Request<pb::GetOfferRequest>,
    ) -> Answered<pb::GetOfferResponse> {
        let caller = Caller::of(request.extensions())?;
        let offer = self.0.get(caller, request.into_inner().name).await?;
        Ok(Response::new(pb::GetOfferResponse { offer }))
    }

    async fn list_offers(
        &self,
        request: Request<pb::ListOffersRequest>,
    ) -> Answered<pb::ListOffersResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let mut fields = Fields::default();
        let filters = ("offers", asked.only_open, &asked.kind);
        let page = PageAsk::parse(&mut fields, asked.page_size, &asked.page_token, filters);
        let page = fields.done(page)?;
        let wants = move |state: &State| {
            let Ok(held) = <&Offer>::try_from(state) else {
                return false;
            };
            (!asked.only_open || state.is_open())
                && (asked.kind.is_empty() || held.offer.kind.code() == asked.kind)
        };
        let (offers, next_page_token) = self.0.list(caller, page, wants).await?;
        Ok(Response::new(pb::ListOffersResponse {
            offers,
            next_page_token,
        }))
    }

    async fn list_offer_events(
        &self,
        request: Request<pb::ListOfferEventsRequest>,
    ) -> Answered<pb::ListOfferEventsResponse> {
        let caller = Caller::of(request.extensions())?;
        let asked = request.into_inner();
        let ask = HistoryAsk::parse(ENGINE, &asked.name, asked.page_size, &asked.page_token)?;
        let (events, next_page_token) = self.0.history(caller, ask).await?;
        Ok(Response::new(pb::ListOfferEventsResponse {
            events,
            next_page_token,
        }))
    }

    async fn enrol(&self, request: Request<pb::EnrolRequest>) -> Answered<pb::EnrolResponse> {
        let offer = self.0.submit(request).await?;
        Ok(Response::new(pb::EnrolResponse { offer }))
    }

    async fn leave_offer(
        &self,
        request: Request<pb::LeaveOfferRequest>,
    ) -> Answered<pb::LeaveOfferResponse> {
        let offer = self.0.submit(request).await?;
        Ok(Response::new(pb::LeaveOfferResponse { offer }))
    }

    async fn attend_offer(
        &self,
        request: Request<pb::AttendOfferRequest>,
    ) -> Answered<pb::AttendOfferResponse> {
        let offer = self.0.submit(request).await?;
        Ok(Response::new(pb::AttendOfferResponse { offer }))
    }

    async fn complete_offer(
        &self,
        request: Request<pb::CompleteOfferRequest>,
    ) -> Answered<pb::CompleteOfferResponse> {
        let offer = self.0.submit(request).await?;
        Ok(Response::new(pb::CompleteOfferResponse { offer }))
    }

    async fn apply_for_offer(
        &self,
        request: Request<pb::ApplyForOfferRequest>,
    ) -> Answered<pb::ApplyForOfferResponse> {
        let offer = self.0.submit(request).await?;
        Ok(Response::new(pb::ApplyForOfferResponse { offer }))
    }
}
