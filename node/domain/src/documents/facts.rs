//! What documents mean for statistics, and what their history says.

use jiff::Timestamp;
use proto::fact::{Fact, FactTypeId, Member, document as fact_type};

use super::{Document, Grounds, Happening};
use crate::actor::Grid;
use crate::process::Happened;

pub(super) fn facts(before: Option<&Document>, happened: &Happened<Happening>) -> Vec<Fact> {
    let Some(document) = before else {
        return Vec::new();
    };
    let at = happened.at;
    match &happened.what {
        Happening::Consulted { comments } => {
            let measures = [i64::from(*comments)];
            vec![fact(document, fact_type::CONSULTED, at, &[], &measures)]
        }
        Happening::PutInForce { .. } => {
            let amends = ["no", "yes"][usize::from(document.in_force().is_some())];
            vec![
                fact(document, fact_type::PUT_IN_FORCE, at, &[amends], &[]),
                fact(document, fact_type::STANDING, at, &[], &[1]),
            ]
        }
        Happening::Repealed { .. } => vec![fact(document, fact_type::STANDING, at, &[], &[0])],
        _ => Vec::new(),
    }
}

fn fact(
    document: &Document,
    fact_type: FactTypeId,
    occurred_at: Timestamp,
    members: &[&str],
    measures: &[i64],
) -> Fact {
    let grid = document.grid.map_or_else(|| "".into(), Grid::member);
    let own = members.iter().copied().map(Member::from);
    Fact {
        fact_type,
        occurred_at,
        members: [document.kind.member(), grid]
            .into_iter()
            .chain(own)
            .collect(),
        measures: measures.into(),
    }
}

type Details = Vec<(&'static str, String)>;

pub(super) fn told(what: &Happening) -> (&'static str, Details) {
    match what {
        Happening::Opened {
            kind,
            rules,
            title,
            text,
            ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("title", title.to_string()),
                ("sha256", text.sha256.to_string()),
            ],
        ),
        Happening::Drafted {
            number,
            text,
            reason,
        } => (
            "DRAFTED",
            vec![
                ("version", number.to_string()),
                ("sha256", text.sha256.to_string()),
                ("reason", reason.to_string()),
            ],
        ),
        Happening::Posted { place, until } => (
            "POSTED",
            vec![("place", place.to_string()), ("until", until.to_string())],
        ),
        Happening::Consulted { comments } => {
            ("CONSULTED", vec![("comments", comments.to_string())])
        }
        Happening::Adopted { grounds } => ("ADOPTED", said(grounds)),
        Happening::PutInForce { from } => ("PUT_IN_FORCE", vec![("from", from.to_string())]),
        Happening::Dropped { reason } => ("DROPPED", vec![("reason", reason.to_string())]),
        Happening::Repealed {
            on,
            grounds,
            reason,
        } => {
            let mut details = vec![("on", on.to_string()), ("reason", reason.to_string())];
            details.extend(said(grounds));
            ("REPEALED", details)
        }
    }
}

fn said(grounds: &Grounds) -> Details {
    match grounds {
        Grounds::Consent(consent) => vec![("consent", format!("consents/{consent}"))],
        Grounds::Decision { by, document } => {
            vec![
                ("by", by.to_string()),
                ("document_sha256", document.to_string()),
            ]
        }
        Grounds::Publication => vec![],
    }
}
