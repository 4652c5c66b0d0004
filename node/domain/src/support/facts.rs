//! What requests mean for statistics, and what their history says.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, support as fact_type};
use proto::identity::Label;

use super::{Happening, Request};
use crate::process::Happened;
use crate::stored::Day;

/// Stars from which on somebody is satisfied.
const SATISFIED: u8 = 4;

pub(super) fn facts(before: Option<&Request>, happened: &Happened<Happening>) -> Vec<Fact> {
    if let Happening::Asked { asked, .. } = &happened.what {
        let at = asked.asked_at;
        let centre = asked.centre.as_ref();
        let mut facts = vec![fact(fact_type::ASKED, centre, at, &[], &[])];
        if centre.is_some() {
            facts.push(fact(fact_type::ADDRESSED, centre, at, &[], &[]));
        }
        return facts;
    }
    let Some(request) = before else {
        return Vec::new();
    };
    let asked_at = request.asked_at;
    let since_asked = |at: Timestamp| at.duration_since(asked_at).as_secs().max(0);
    // Whoever answers what was asked of nobody makes it his.
    let addressed = |centre: &Label| {
        let is_new = request.centre.is_none();
        is_new.then(|| fact(fact_type::ADDRESSED, Some(centre), asked_at, &[], &[]))
    };
    let own = request.centre.as_ref();
    match &happened.what {
        Happening::Routed { centre, .. } => addressed(centre).into_iter().collect(),
        Happening::Accepted { centre, at, .. } => {
            let in_time = yes(*at <= request.accept_by);
            let wait = [since_asked(*at)];
            let accepted = fact(
                fact_type::ACCEPTED,
                Some(centre),
                asked_at,
                &[in_time],
                &wait,
            );
            addressed(centre).into_iter().chain([accepted]).collect()
        }
        Happening::Declined { centre, at, .. } => {
            let wait = [since_asked(*at)];
            let declined = fact(fact_type::DECLINED, Some(centre), *at, &[], &wait);
            addressed(centre).into_iter().chain([declined]).collect()
        }
        Happening::Done { at, .. } => {
            let due = request.deliver_by.and_then(|day| {
                let next = day.0.tomorrow().ok()?;
                Some(Day(next).start(&request.zone))
            });
            let on_time = due.map_or("", |due| yes(*at < due));
            let took = [since_asked(*at)];
            vec![fact(fact_type::DONE, own, *at, &[on_time], &took)]
        }
        Happening::Rated { rating, .. } => {
            let satisfied = yes(rating.stars >= SATISFIED);
            let stars = [i64::from(rating.stars)];
            vec![fact(
                fact_type::RATED,
                own,
                happened.at,
                &[satisfied],
                &stars,
            )]
        }
        Happening::Withdrawn { .. } => {
            vec![fact(fact_type::WITHDRAWN, own, happened.at, &[], &[])]
        }
        _ => Vec::new(),
    }
}

fn yes(is_so: bool) -> &'static str {
    ["no", "yes"][usize::from(is_so)]
}

fn fact(
    fact_type: FactTypeId,
    centre: Option<&Label>,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let centre = centre.map_or("", Label::as_str);
    let members = [centre].into_iter().chain(members.iter().copied());
    Fact {
        fact_type,
        occurred_at,
        members: members.map(Member::from).collect(),
        measures: measures.into(),
    }
}

type Details = Vec<(&'static str, String)>;

pub(super) fn told(what: &Happening) -> (&'static str, Details) {
    match what {
        Happening::Asked { asked, .. } => {
            let mut details = vec![("accept_by", asked.accept_by.to_string())];
            let centre = asked
                .centre
                .iter()
                .map(|centre| ("centre", centre.to_string()));
            details.extend(centre);
            let sealed = asked.attachment.as_ref();
            details.extend(sealed.map(|sealed| ("attached_for", sealed.centre.to_string())));
            ("ASKED", details)
        }
        Happening::Withdrawn { .. } => ("WITHDRAWN", vec![]),
        Happening::Rated { rating, .. } => (
            "RATED",
            vec![
                ("stars", rating.stars.to_string()),
                ("comment_shared", yes(rating.is_shared).to_owned()),
            ],
        ),
        Happening::Routed { centre, at } => (
            "ROUTED",
            vec![("centre", centre.to_string()), ("at", at.to_string())],
        ),
        Happening::Accepted {
            centre,
            at,
            deliver_by,
        } => {
            let mut details = vec![("centre", centre.to_string()), ("at", at.to_string())];
            details.extend(deliver_by.map(|day| ("deliver_by", day.to_string())));
            ("ACCEPTED", details)
        }
        Happening::Declined { centre, at, words } => {
            let mut details = vec![("centre", centre.to_string()), ("at", at.to_string())];
            details.extend(words.iter().map(|words| ("reason", words.to_string())));
            ("DECLINED", details)
        }
        Happening::Begun { at } => ("BEGUN", vec![("at", at.to_string())]),
        Happening::Done { at, words } => {
            let mut details = vec![("at", at.to_string())];
            details.extend(words.iter().map(|words| ("result", words.to_string())));
            ("DONE", details)
        }
        Happening::AnswerLate => ("ANSWER_LATE", vec![]),
        Happening::DeliveryLate => ("DELIVERY_LATE", vec![]),
    }
}
