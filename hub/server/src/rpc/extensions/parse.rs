//! What is said when an extension is registered. Knows no store.

use hub_domain::{
    centre::{PLACES, READS},
    extension::{Registration, TEXT_CHARS, Wanted},
    rollout::{Draft, HOLD, Terms},
};
use jiff::SignedDuration;
use proto::{identity::Label, pb::hub as pb, place::Place};
use proto_edge::problem::Problem;

use super::COLLECTION;
use crate::rpc::{
    centres::{reads, scope_place},
    field::date,
    indicators::items,
    rollout::community,
    status::{Mistake, Mistakes, catalogue_problem},
};

pub fn code(field: &str, name: &str) -> Result<Label, Mistake> {
    let code = name.strip_prefix(COLLECTION).unwrap_or(name);
    code.parse()
        .map_err(|_| Mistake::new(field, "want extensions/<code>", "应为 extensions/<代码>"))
}

pub fn wanted(mut wire: pb::RegisterExtensionRequest) -> Result<Wanted, Problem> {
    let mut mistakes = Mistakes::default();
    let of = wire.extension.take().unwrap_or_default();
    let registration = registration(of, &mut mistakes);
    let trial = wire.dry_run_on.iter().map(|code| community(code));
    let trial = mistakes.take(trial.collect::<Result<Vec<Place>, Mistake>>());
    let (registration, trial) = mistakes.finish(registration.zip(trial))?;
    let hold = (wire.wave_hold).map_or(HOLD, |hold| SignedDuration::from_secs(hold.seconds));
    if wire.indicators.is_empty() && wire.dimensions.is_empty() {
        return Ok(Wanted {
            registration,
            draft: None,
        });
    }
    // What it wants, it reads.
    let own = registration.code.to_string();
    for indicator in &mut wire.indicators {
        if !indicator.centres.contains(&own) {
            indicator.centres.push(own.clone());
        }
    }
    let items = items(wire.indicators, wire.dimensions);
    let items = items.map_err(|refused| catalogue_problem(&refused))?;
    let terms = Terms { hold, trial };
    Ok(Wanted {
        registration,
        draft: Some(Draft { items, terms }),
    })
}

fn registration(of: pb::Extension, mistakes: &mut Mistakes) -> Option<Registration> {
    let code = mistakes.take(code("extension.name", &of.name));
    for (field, text) in [
        ("extension.purpose_zh", &of.purpose_zh),
        ("extension.purpose_en", &of.purpose_en),
        ("extension.owner", &of.owner),
        ("extension.contact", &of.contact),
    ] {
        let fits = (1..=TEXT_CHARS).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            mistakes.add(Mistake::new(
                field,
                format!("want 1 to {TEXT_CHARS} characters on one line"),
                format!("应为一行，1 至 {TEXT_CHARS} 字"),
            ));
        }
    }
    for (field, count, most) in [
        ("extension.reads", of.reads.len(), READS),
        ("extension.places", of.places.len(), PLACES),
    ] {
        if count > most {
            let (en, zh) = (format!("want at most {most}"), format!("至多 {most} 个"));
            mistakes.add(Mistake::new(field, en, zh));
        }
    }
    let reads = reads("extension.reads", &of.reads, mistakes);
    let places = of.places.iter().enumerate().filter_map(|(at, text)| {
        let field = format!("extension.places[{at}]");
        mistakes.take(scope_place(&field, text))
    });
    let places = places.collect();
    let until = mistakes.take(date("extension.until", &of.until).and_then(|day| {
        day.ok_or_else(|| {
            Mistake::new(
                "extension.until",
                "want its last day, such as 2026-12-31",
                "请给出最后一天，如 2026-12-31",
            )
        })
    }));
    Some(Registration {
        code: code?,
        purpose_zh: of.purpose_zh,
        purpose_en: of.purpose_en,
        owner: of.owner,
        contact: of.contact,
        reads,
        places,
        until: until?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = pb::RegisterExtensionRequest {
            extension: Some(pb::Extension {
                name: "extensions/Flood".to_owned(),
                purpose_zh: "汛情\n周报".to_owned(),
                purpose_en: "Floods".to_owned(),
                owner: String::new(),
                contact: "区水务局".to_owned(),
                reads: vec!["qs".to_owned()],
                places: vec!["5101150030640".to_owned()],
                until: "tomorrow".to_owned(),
                ..pb::Extension::default()
            }),
            dry_run_on: vec!["510115003".to_owned()],
            ..pb::RegisterExtensionRequest::default()
        };
        let fields = wanted(wrong).unwrap_err().fields;
        let fields: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "extension.name",
                "extension.purpose_zh",
                "extension.owner",
                "extension.reads[0]",
                "extension.places[0]",
                "extension.until",
                "dry_run_on"
            ]
        );
    }

    #[test]
    fn what_it_wants_it_reads() {
        let first = include_str!("../../../../../deploy/catalogue/first.toml");
        let first = proto::indicator::catalogue::Catalogue::from_toml(first).unwrap();
        let definition = first.by_code("QS.R01", None).unwrap();
        let right = pb::RegisterExtensionRequest {
            extension: Some(pb::Extension {
                name: "extensions/flood".to_owned(),
                purpose_zh: "汛".to_owned(),
                purpose_en: "Floods".to_owned(),
                owner: "o".to_owned(),
                contact: "c".to_owned(),
                until: "2026-06-30".to_owned(),
                ..pb::Extension::default()
            }),
            indicators: vec![(&**definition).into()],
            ..pb::RegisterExtensionRequest::default()
        };
        let draft = wanted(right).unwrap().draft.unwrap();
        let [proto::indicator::catalogue::Item::Definition(of)] = &draft.items[..] else {
            panic!("{draft:?}");
        };
        assert_eq!(of.centres, ["flood".parse().unwrap()]);
        assert_eq!(draft.terms.hold, HOLD);
    }
}
