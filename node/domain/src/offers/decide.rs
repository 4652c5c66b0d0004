//! From a command about an offer, or a letter about it, to what happens.

use jiff::civil::Date;
use proto::support::{self, OfferKind};

use super::{Action, Happening, Offer};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::stored::Day;

type Happens = Result<Vec<Happening>, Refusal>;

const MOST_ENROLMENTS: usize = 2_000;
const MOST_FUNDS: usize = 100;
const DESK: (&str, &str) = ("社区工作人员和网格员", "the office and grid workers");

pub(super) fn decide(before: Option<&Offer>, action: &Action, context: &Context<'_>) -> Happens {
    if let Action::Learn(said) = action {
        return match context.by {
            Actor::System => Ok(learn(before, said, context)),
            _ => Err(Refusal::unknown()),
        };
    }
    if !context.by.is_office() && !matches!(context.by, Actor::GridWorker(_)) {
        return Err(Refusal::not_yours(DESK));
    }
    let offer = before.ok_or_else(Refusal::unknown)?;
    Ok(vec![match action {
        Action::Learn(_) => return Err(Refusal::already_open()),
        Action::Enrol { entry } => enrol(offer, *entry, context.day())?,
        Action::Leave { entry } => match enrolled(offer, *entry)? {
            None => Happening::Left { entry: *entry },
            Some(_) => return Err(completed()),
        },
        Action::Complete {
            entry,
            on,
            is_council,
            years,
        } => {
            if enrolled(offer, *entry)?.is_some() {
                return Err(completed());
            }
            let on = completed_on(offer, *on, context.day())?;
            Happening::Completed {
                entry: *entry,
                on: Day(on),
                is_council: *is_council,
                is_first: !years.contains(&on.year()),
            }
        }
        Action::Apply { fund, form } => {
            if offer.offer.kind != OfferKind::Grant {
                let (zh, en) = ("这一项不是资助", "this offer is no grant");
                return Err(Refusal::state("NOT_A_GRANT", zh, en));
            }
            takes_part(offer, context.day())?;
            if *form != offer.offer.form {
                let wanted = offer.offer.form.map_or("", |form| form.code());
                let zh = format!("资助方式应为 {wanted}");
                let en = format!("want a grant funded as {wanted}");
                return Err(Refusal::input("fund", "OTHER_FORM", zh, en).with("form", wanted));
            }
            if offer.funds.contains(fund) {
                let (zh, en) = ("这一笔已经申请过", "this fund has applied already");
                return Err(Refusal::exists("ALREADY_APPLIED", zh, en));
            }
            let most = match offer.offer.places {
                0 => MOST_FUNDS,
                places => places as usize,
            };
            has_room(offer.funds.len(), most)?;
            Happening::Applied { fund: *fund }
        }
    }])
}

fn learn(before: Option<&Offer>, said: &support::Offer, context: &Context<'_>) -> Vec<Happening> {
    let offer = Box::new(said.clone());
    match before {
        None => vec![Happening::Published {
            offer,
            zone: context.zone.iana_name().unwrap_or("UTC").into(),
        }],
        Some(held) if held.offer == *said => Vec::new(),
        Some(_) => vec![Happening::Changed { offer }],
    }
}

fn enrol(offer: &Offer, entry: u64, day: Date) -> Result<Happening, Refusal> {
    if matches!(offer.offer.kind, OfferKind::Notice | OfferKind::Grant) {
        let (zh, en) = ("这一项不接受报名", "nobody enrols in this offer");
        return Err(Refusal::state("NO_ENROLMENT", zh, en));
    }
    takes_part(offer, day)?;
    if offer.enrolments.contains_key(&entry) {
        let (zh, en) = ("已经报名", "this person is enrolled already");
        return Err(Refusal::exists("ALREADY_ENROLLED", zh, en));
    }
    let most = match offer.offer.places {
        0 => MOST_ENROLMENTS,
        places => MOST_ENROLMENTS.min(places as usize),
    };
    has_room(offer.enrolments.len(), most)?;
    Ok(Happening::Enrolled { entry })
}

fn takes_part(offer: &Offer, day: Date) -> Result<(), Refusal> {
    if offer.offer.closed_at.is_some() {
        let (zh, en) = ("这一项已经结束", "this offer is closed");
        return Err(Refusal::state("OFFER_CLOSED", zh, en));
    }
    match offer.offer.until {
        Some(until) if day > until => {
            let zh = format!("截止日是 {until}");
            let en = format!("the last day was {until}");
            Err(Refusal::state("TOO_LATE", zh, en).with("until", until))
        }
        _ => Ok(()),
    }
}

fn has_room(taken: usize, most: usize) -> Result<(), Refusal> {
    match taken < most {
        true => Ok(()),
        false => {
            let zh = format!("名额（{most}）已满");
            let en = format!("all {most} places are taken");
            Err(Refusal::exhausted("NO_PLACE", zh, en).with("places", most))
        }
    }
}

fn enrolled(offer: &Offer, entry: u64) -> Result<Option<Day>, Refusal> {
    let enrolment = offer.enrolments.get(&entry);
    let enrolment = enrolment.ok_or_else(|| {
        let (zh, en) = ("此人没有报名", "this person is not enrolled");
        Refusal::input("entry", "NOT_ENROLLED", zh, en)
    })?;
    Ok(enrolment.completed_on)
}

fn completed() -> Refusal {
    let (zh, en) = ("此人已经结业", "this person has completed it already");
    Refusal::state("ALREADY_COMPLETED", zh, en)
}

fn completed_on(offer: &Offer, on: Option<Date>, today: Date) -> Result<Date, Refusal> {
    let on = on.unwrap_or(today);
    let zone = jiff::tz::TimeZone::get(&offer.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let published = zone.to_datetime(offer.offer.published_at).date();
    if on > today || on < published {
        let zh = format!("应在 {published} 至 {today} 之间");
        let en = format!("want a day from {published} to {today}");
        return Err(Refusal::input("on_day", "OTHER_DAY", zh, en));
    }
    Ok(on)
}
