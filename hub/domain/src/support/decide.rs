//! What a centre may do at its desk, and every way in which it is told no. A
//! request of another centre is answered as one that is not there.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::{
    identity::Label,
    place::Place,
    support::{
        CENTRES, Form, Offer, OfferKey, OfferKind, Recipient, RequestKey, SUPPORT_CENTRE, Text,
    },
};

use super::{Event, Move, OPEN_OFFERS, Request, Stage, State};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Card(Recipient),
    Move {
        community: Place,
        request: RequestKey,
        to: Move,
    },
    Offer {
        offer: Box<NewOffer>,
        /// Random.
        key: OfferKey,
        /// Those who fit.
        communities: Vec<Place>,
    },
    Close(OfferKey),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffer {
    pub kind: OfferKind,
    pub title: Text,
    pub text: Text,
    pub until: Option<Date>,
    pub places: u32,
    pub form: Option<Form>,
    pub fen: u64,
}

/// What a command was about, to be shown as it is by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskAnswer {
    Card,
    Request(Place, RequestKey),
    Offer(OfferKey),
}

/// An expected no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownRequest,
    UnknownOffer,
    WrongStage(Stage),
    /// Only what was asked of nobody by name is routed, by the support centre.
    NotRouted,
    /// A request is routed to another one of the fixed centres.
    UnknownCentre(Label),
    /// What is attached is for somebody else.
    AttachmentFor(Label),
    DayPassed {
        field: &'static str,
        today: Date,
    },
    /// A grant has a form and an amount, nothing else has.
    GrantTerms,
    NobodyFits,
    OfferClosed,
    TooManyOffers,
}

impl State {
    /// `by`: whose desk it is. `today`: the district's.
    pub fn decide(
        &self,
        by: &Label,
        command: Command,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Event, Refusal> {
        let today = zone.to_datetime(now).date();
        match command {
            Command::Card(recipient) => {
                let centre = by.clone();
                Ok(Event::Carded { centre, recipient })
            }
            Command::Move {
                community,
                request,
                to,
            } => {
                let held = self.request(community, request);
                let held = held.filter(|held| held.centre == *by);
                check(held.ok_or(Refusal::UnknownRequest)?, by, &to, today)?;
                Ok(Event::Moved {
                    community,
                    request,
                    by: by.clone(),
                    at: now,
                    to,
                })
            }
            Command::Offer {
                offer,
                key,
                communities,
            } => {
                self.check_offer(by, &offer, &communities, today)?;
                let NewOffer {
                    kind,
                    title,
                    text,
                    until,
                    places,
                    form,
                    fen,
                } = *offer;
                let offer = Offer {
                    key,
                    centre: by.clone(),
                    kind,
                    title,
                    text,
                    published_at: now,
                    until,
                    places,
                    form,
                    fen,
                    closed_at: None,
                };
                let offer = Box::new(offer);
                Ok(Event::Offered { offer, communities })
            }
            Command::Close(key) => {
                let held = self.offer(key).filter(|held| held.offer.centre == *by);
                match held.ok_or(Refusal::UnknownOffer)?.offer.closed_at {
                    Some(_) => Err(Refusal::OfferClosed),
                    None => Ok(Event::OfferClosed {
                        offer: key,
                        at: now,
                    }),
                }
            }
        }
    }

    fn check_offer(
        &self,
        by: &Label,
        offer: &NewOffer,
        communities: &[Place],
        today: Date,
    ) -> Result<(), Refusal> {
        if offer.until.is_some_and(|until| until < today) {
            let field = "until_day";
            return Err(Refusal::DayPassed { field, today });
        }
        let has_terms = offer.form.is_some() && offer.fen > 0;
        let has_any = offer.form.is_some() || offer.fen > 0;
        match offer.kind {
            OfferKind::Grant if !has_terms => return Err(Refusal::GrantTerms),
            OfferKind::Course | OfferKind::Notice | OfferKind::Expert if has_any => {
                return Err(Refusal::GrantTerms);
            }
            _ => {}
        }
        if communities.is_empty() {
            return Err(Refusal::NobodyFits);
        }
        let own = self.offers(usize::MAX).map(|(_, held)| &held.offer);
        let open = own.filter(|held| held.centre == *by && held.closed_at.is_none());
        match open.count() < OPEN_OFFERS {
            true => Ok(()),
            false => Err(Refusal::TooManyOffers),
        }
    }
}

fn check(request: &Request, by: &Label, to: &Move, today: Date) -> Result<(), Refusal> {
    let stage = request.stage();
    let wants: &[Stage] = match to {
        Move::Routed { to, attachment } => {
            let is_support = by.as_str() == SUPPORT_CENTRE;
            if !is_support || request.asked.centre.is_some() {
                return Err(Refusal::NotRouted);
            }
            if to == by || !CENTRES.contains(&to.as_str()) {
                return Err(Refusal::UnknownCentre(to.clone()));
            }
            if let Some(sealed) = attachment.as_ref().filter(|sealed| sealed.centre != *to) {
                return Err(Refusal::AttachmentFor(sealed.centre.clone()));
            }
            &[Stage::Asked]
        }
        Move::Accepted { deliver_by } => {
            if deliver_by.is_some_and(|day| day < today) {
                let field = "deliver_by_day";
                return Err(Refusal::DayPassed { field, today });
            }
            &[Stage::Asked, Stage::Routed]
        }
        Move::Declined { .. } => &[Stage::Asked, Stage::Routed],
        Move::Begun => &[Stage::Accepted],
        Move::Done { .. } => &[Stage::Accepted, Stage::Delivering],
    };
    match wants.contains(&stage) {
        true => Ok(()),
        false => Err(Refusal::WrongStage(stage)),
    }
}
