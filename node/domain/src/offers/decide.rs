//! From a command about an offer, or a letter about it, to what happens.

use jiff::civil::Date;
use proto::support::{self, OfferKind};

use super::{Action, Certificate, Enrolment, Happening, Offer};
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
    if let Action::Complete {
        entry,
        on,
        serves,
        years,
    } = action
    {
        return complete(offer, *entry, *on, *serves, years, context.day());
    }
    Ok(vec![match action {
        Action::Learn(_) | Action::Complete { .. } => return Err(Refusal::already_open()),
        Action::Enrol { entry } => enrol(offer, *entry, context.day())?,
        Action::Leave { entry } => match enrolled(offer, *entry)? {
            Enrolment {
                completed_on: None, ..
            } => Happening::Left { entry: *entry },
            _ => return Err(completed()),
        },
        Action::Attend { entry, on } => {
            let enrolment = enrolled(offer, *entry)?;
            if enrolment.completed_on.is_some() {
                return Err(completed());
            }
            let on = Day(day_of(offer, *on, context.day())?);
            if enrolment.attended_on >= Some(on) {
                let (zh, en) = (
                    "这一天或之后的到课已经记过",
                    "this day, or a later one, is noted already",
                );
                return Err(Refusal::exists("ALREADY_ATTENDED", zh, en));
            }
            Happening::Attended { entry: *entry, on }
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

/// Nobody passes a course that they did not come to.
fn complete(
    offer: &Offer,
    entry: u64,
    on: Option<Date>,
    serves: Option<Certificate>,
    years: &[i16],
    today: Date,
) -> Happens {
    let enrolment = enrolled(offer, entry)?;
    if enrolment.completed_on.is_some() {
        return Err(completed());
    }
    let on = day_of(offer, on, today)?;
    let is_course = offer.offer.kind == OfferKind::Course;
    if is_course && enrolment.attended_on.is_none_or(|attended| attended.0 > on) {
        let zh = format!("{on} 以前没有到课记录：请先记到课");
        let en = format!("nothing says that they had come by {on}: note the attendance first");
        return Err(Refusal::state("NOT_ATTENDED", zh, en));
    }
    let mut happens = vec![Happening::Completed {
        entry,
        on: Day(on),
        is_council: serves.is_some(),
        is_first: !years.contains(&on.year()),
    }];
    let certificate = serves.filter(|_| is_course);
    happens.extend(certificate.map(|certificate| Happening::Certified { entry, certificate }));
    Ok(happens)
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

fn enrolled(offer: &Offer, entry: u64) -> Result<Enrolment, Refusal> {
    let enrolment = offer.enrolments.get(&entry).copied();
    enrolment.ok_or_else(|| {
        let (zh, en) = ("此人没有报名", "this person is not enrolled");
        Refusal::input("entry", "NOT_ENROLLED", zh, en)
    })
}

fn completed() -> Refusal {
    let (zh, en) = ("此人已经结业", "this person has completed it already");
    Refusal::state("ALREADY_COMPLETED", zh, en)
}

/// When somebody came, or completed it.
fn day_of(offer: &Offer, on: Option<Date>, today: Date) -> Result<Date, Refusal> {
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
