//! Questions of those who may not see everything: narrowed to what they see, or
//! refused with what it is that they may not. Knows no number.

use proto::{indicator::catalogue::Catalogue, period::Grain, place::Place};

use super::request::{Comparison, Request};
use crate::centre::Scope;

/// A question beyond its asker's scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Beyond {
    #[error("indicator {0:?} is outside your scope")]
    Indicator(String),
    #[error("place {0:?} is outside your scope: ask for a place inside it")]
    Place(String),
    #[error("grain {asked} is finer than your scope allows: {finest}")]
    Grain {
        asked: &'static str,
        finest: &'static str,
    },
    #[error("a comparison with all communities of a type is outside your scope")]
    TypeMedian,
}

impl Beyond {
    /// UPPER_SNAKE, stable.
    pub const fn reason(&self) -> &'static str {
        match self {
            Beyond::Indicator(_) => "SCOPE_INDICATOR",
            Beyond::Place(_) => "SCOPE_PLACE",
            Beyond::Grain { .. } => "SCOPE_GRAIN",
            Beyond::TypeMedian => "SCOPE_COMPARISON",
        }
    }

    pub const fn field(&self) -> &'static str {
        match self {
            Beyond::Indicator(_) => "indicators",
            Beyond::Place(_) => "place",
            Beyond::Grain { .. } => "grain",
            Beyond::TypeMedian => "comparisons",
        }
    }
}

/// A question about the whole hub comes down to the one place of a scope. What
/// the catalogue does not know is left for `resolve` to refuse.
pub fn within(
    mut request: Request,
    scope: &Scope,
    catalogue: &Catalogue,
) -> Result<Request, Beyond> {
    for asked in &request.indicators {
        let definition = catalogue.by_code(&asked.code, asked.revision);
        let derived = catalogue.derived_by_code(&asked.code, asked.revision);
        let is_beyond = definition.is_some_and(|definition| !scope.reads(definition))
            || derived.is_some_and(|derived| !scope.reads_code(&derived.code, &derived.centres));
        if is_beyond {
            return Err(Beyond::Indicator(asked.code.chars().take(40).collect()));
        }
    }
    if !scope.sees(request.place) {
        request.place = match scope.only_place() {
            Some(only) if request.place == Place::COUNTRY => only,
            _ => return Err(Beyond::Place(request.place.to_string())),
        };
    }
    let grain = request.grain.unwrap_or(request.from.grain());
    if !scope.allows(grain) {
        let finest = Grain::ALL.into_iter().find(|grain| scope.allows(*grain));
        return Err(Beyond::Grain {
            asked: grain.name(),
            finest: finest.map_or("none", Grain::name),
        });
    }
    if request.comparisons.contains(&Comparison::TypeMedian) && !scope.is_everywhere() {
        return Err(Beyond::TypeMedian);
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        centre::Reader,
        query::{Asked, Group},
    };

    fn request(code: &str, place: &str, grain: Option<Grain>) -> Request {
        Request {
            indicators: vec![Asked {
                code: code.into(),
                revision: None,
            }],
            place: place.parse().unwrap(),
            from: "2026Q1".parse().unwrap(),
            to: "2026Q1".parse().unwrap(),
            grain,
            group: Group::default(),
            filters: vec![],
            comparisons: vec![],
            rank: None,
            register_date: None,
        }
    }

    fn asked(request: Request, places: &[&str]) -> Result<String, &'static str> {
        let first = include_str!("../../../../deploy/catalogue/first.toml");
        let catalogue = Catalogue::from_toml(first).unwrap();
        let scope = Scope::Reader(Reader {
            reads: vec!["QS.R02".parse().unwrap(), "QS.R03".parse().unwrap()],
            places: places.iter().map(|place| place.parse().unwrap()).collect(),
            finest: Some(Grain::Month),
            ..Reader::default()
        });
        let within = within(request, &scope, &catalogue);
        within
            .map(|request| request.place.to_string())
            .map_err(|beyond| beyond.reason())
    }

    #[test]
    fn a_question_is_narrowed_or_refused_by_name() {
        let street: &[&str] = &["510115003"];
        let two: &[&str] = &["510115003", "510115001"];
        let all: &[&str] = &[];
        let (week, month) = (Some(Grain::Week), Some(Grain::Month));
        for (code, place, grain, places, want) in [
            ("QS.R02", "510115003064", None, street, Ok("510115003064")),
            ("QS.R02", "", None, street, Ok("510115003")),
            ("QS.R02", "", None, two, Err("SCOPE_PLACE")),
            ("QS.R02", "", None, all, Ok("")),
            ("QS.R02", "510115", None, street, Err("SCOPE_PLACE")),
            ("QS.R02", "510115001001", None, street, Err("SCOPE_PLACE")),
            ("QS.R04", "510115003", None, street, Err("SCOPE_INDICATOR")),
            // For `resolve` to refuse.
            ("QS.R99", "510115003", None, street, Ok("510115003")),
            ("QS.R02", "510115003", month, street, Ok("510115003")),
            ("QS.R02", "510115003", week, street, Err("SCOPE_GRAIN")),
        ] {
            let want = want.map(str::to_owned);
            assert_eq!(
                asked(request(code, place, grain), places),
                want,
                "{code} {place}"
            );
        }
        let mut median = request("QS.R02", "510115003", None);
        median.comparisons = vec![Comparison::TypeMedian];
        assert_eq!(asked(median.clone(), street), Err("SCOPE_COMPARISON"));
        assert!(asked(median, all).is_ok());
        assert_eq!(
            within(
                request("QS.R02", "", None),
                &Scope::Nothing,
                &Catalogue::default()
            ),
            Err(Beyond::Place(String::new()))
        );
    }
}
