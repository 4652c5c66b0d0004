//! What an assessment's history says.

use super::{Happening, Outcome};

type Told = (&'static str, Vec<(&'static str, String)>);

pub(super) fn told(what: &Happening) -> Told {
    let by = |id: &u64| ("by", format!("entries/{id}"));
    match what {
        Happening::Opened {
            kind,
            rules,
            subject,
            year,
            number,
            ..
        } => (
            "OPENED",
            vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
                ("subject", format!("entries/{subject}")),
                ("period", format!("{year}/{number}")),
            ],
        ),
        Happening::Appointed { part, by: who } => {
            ("APPOINTED", vec![("part", part.to_string()), by(who)])
        }
        Happening::Scored { by: who, points } => {
            ("SCORED", vec![by(who), ("points", points.to_string())])
        }
        Happening::Counted { satisfied, valid } => (
            "COUNTED",
            vec![
                ("satisfied", satisfied.to_string()),
                ("valid", valid.to_string()),
            ],
        ),
        Happening::Judged {
            by: who,
            unsuitable,
        } => {
            let mut details = vec![by(who)];
            let reason = unsuitable.as_ref();
            details.extend(reason.map(|reason| ("reason", reason.to_string())));
            ("JUDGED", details)
        }
        Happening::Noticed { on } => ("NOTICED", vec![("on", on.to_string())]),
        Happening::Replied { text } => ("REPLIED", vec![("text", text.to_string())]),
        Happening::Finalised { outcome } => {
            let details = match outcome {
                Outcome::Scored { average, listing } => vec![
                    ("centipoints", average.centipoints().to_string()),
                    ("listing", listing.code().to_owned()),
                ],
                Outcome::Surveyed { satisfied, valid } => {
                    vec![("satisfied", format!("{satisfied}/{valid}"))]
                }
                Outcome::Suitable => vec![("suitable", "true".to_owned())],
                Outcome::Unsuitable { reason } => vec![("reason", reason.to_string())],
            };
            ("FINALISED", details)
        }
        Happening::Published { on } => ("PUBLISHED", vec![("on", on.to_string())]),
        Happening::Corrected { reason } => ("CORRECTED", vec![("reason", reason.to_string())]),
    }
}
