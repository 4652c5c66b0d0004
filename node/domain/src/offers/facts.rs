//! What offers mean for statistics, and what their history says: of whom, never.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, support as fact_type};

use super::{Happening, Offer};
use crate::process::Happened;

pub(super) fn facts(before: Option<&Offer>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(offer) = before else {
        return Vec::new();
    };
    let kind = offer.offer.kind.code();
    match &happened.what {
        Happening::Enrolled { .. } => {
            vec![fact(offer, fact_type::ENROLLED, happened.at, &[kind], &[])]
        }
        Happening::Completed {
            on,
            is_council,
            is_first,
            ..
        } => {
            let members = [kind, yes(*is_council), yes(*is_first)];
            let noon = on.noon(&offer.zone);
            vec![fact(offer, fact_type::COMPLETED, noon, &members, &[])]
        }
        Happening::Applied { .. } => {
            let form = offer.offer.form.map_or("", |form| form.code());
            let fen = [i64::try_from(offer.offer.fen).unwrap_or(i64::MAX)];
            vec![fact(offer, fact_type::APPLIED, happened.at, &[form], &fen)]
        }
        _ => Vec::new(),
    }
}

fn yes(is_so: bool) -> &'static str {
    ["no", "yes"][usize::from(is_so)]
}

fn fact(
    offer: &Offer,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let centre = offer.offer.centre.as_str();
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
    let entry = |entry: &u64| ("entry", format!("entries/{entry}"));
    match what {
        Happening::Published { offer, .. } => (
            "PUBLISHED",
            vec![
                ("centre", offer.centre.to_string()),
                ("kind", offer.kind.to_string()),
                ("title", offer.title.to_string()),
            ],
        ),
        Happening::Changed { offer } => {
            let closed = offer.closed_at.map(|at| ("closed_at", at.to_string()));
            ("CHANGED", closed.into_iter().collect())
        }
        Happening::Enrolled { entry: of } => ("ENROLLED", vec![entry(of)]),
        Happening::Left { entry: of } => ("LEFT", vec![entry(of)]),
        Happening::Completed { entry: of, on, .. } => {
            ("COMPLETED", vec![entry(of), ("on", on.to_string())])
        }
        Happening::Applied { fund } => ("APPLIED", vec![("fund", format!("funds/{fund}"))]),
        Happening::Attended { entry: of, on } => {
            ("ATTENDED", vec![entry(of), ("on", on.to_string())])
        }
        Happening::Certified {
            entry: of,
            certificate,
        } => {
            let until = certificate.until.map(|until| ("until", until.to_string()));
            let from = ("from", certificate.from.to_string());
            let details = [entry(of), from].into_iter().chain(until);
            ("CERTIFIED", details.collect())
        }
    }
}
