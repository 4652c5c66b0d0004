//! Whom an offer goes to: communities that are open today and fit its places, its
//! types and its numbers at the moment of publication. Whoever offers chooses by
//! numbers that it may read and by no others.

use std::collections::{BTreeSet, HashMap};

use hub_domain::{
    centre::Scope,
    query::{Asked, Group, Request as Question, State, Unanswered, World, resolve},
    register::CommunityType,
};
use jiff::{Timestamp, civil::Date};
use proto::{
    identity::Subject,
    indicator::{catalogue::Catalogue, cell::Revision},
    pb::hub as pb,
    period::Period,
    place::{Level, Place},
};
use proto_edge::problem::Problem;

use crate::{
    rpc::status::{Mistake, Mistakes, not_readable, question_problem, unreadable},
    store::Store,
};

/// Of one audience.
const MOST_THRESHOLDS: usize = 10;
const MOST_PLACES: usize = 1_000;

pub struct Audience {
    places: Vec<Place>,
    types: Vec<CommunityType>,
    thresholds: Vec<Threshold>,
}

struct Threshold {
    indicator: Asked,
    /// Taken off.
    less: Option<Asked>,
    period: Period,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

impl Audience {
    pub fn parse(wire: pb::Audience) -> Result<Audience, Problem> {
        let mut mistakes = Mistakes::default();
        if wire.places.len() > MOST_PLACES {
            let (en, zh) = ("want at most 1000", "最多 1000 个");
            mistakes.add(Mistake::new("audience.places", en, zh));
        }
        let places = wire.places.iter().enumerate().filter_map(|(at, code)| {
            let field = format!("audience.places[{at}]");
            mistakes.take(crate::rpc::field::place(&field, code))
        });
        let places = places.collect();
        let types = wire.types.iter().enumerate().filter_map(|(at, code)| {
            let parsed = code.parse::<CommunityType>().map_err(|wrong| {
                let zh = "应为六种社区类型之一，如 old-estate";
                Mistake::new(format!("audience.types[{at}]"), wrong.to_string(), zh)
            });
            mistakes.take(parsed)
        });
        let types = types.collect();
        if wire.thresholds.len() > MOST_THRESHOLDS {
            let (en, zh) = ("want at most 10", "最多 10 条");
            mistakes.add(Mistake::new("audience.thresholds", en, zh));
        }
        let thresholds = wire.thresholds.iter().enumerate();
        let thresholds = thresholds.filter_map(|(at, wire)| threshold(at, wire, &mut mistakes));
        let thresholds = thresholds.collect();
        mistakes.finish(Some(Audience {
            places,
            types,
            thresholds,
        }))
    }

    /// Reads the view: for a thread that may block.
    pub fn find(&self, store: &Store, by: &Subject, now: Timestamp) -> Result<Vec<Place>, Problem> {
        let today = store.zone().to_datetime(now).date();
        let register = store.register();
        let open = register.open_on(Place::COUNTRY, today);
        let fit = open.filter(|community| {
            let kind = community.described_on(today).kind;
            let in_place = |place: &Place| place.contains(community.code);
            (self.places.is_empty() || self.places.iter().any(in_place))
                && (self.types.is_empty() || kind.is_some_and(|kind| self.types.contains(&kind)))
        });
        let mut found: BTreeSet<Place> = fit.map(|community| community.code).collect();
        // A centre may write to all; an extension to those whose numbers it sees.
        if matches!(by, Subject::Extension(_)) {
            let scope = store.scope(by);
            found.retain(|community| scope.sees(*community));
        }
        for threshold in &self.thresholds {
            let fitting = threshold.fitting(store, by, today, now)?;
            found.retain(|community| fitting.contains(community));
        }
        Ok(found.into_iter().collect())
    }
}

fn threshold(
    at: usize,
    wire: &pb::AudienceThreshold,
    mistakes: &mut Mistakes,
) -> Option<Threshold> {
    let field = |name: &str| format!("audience.thresholds[{at}].{name}");
    let indicator = mistakes.take(indicator(field("indicator"), &wire.indicator));
    let less = match wire.less.as_str() {
        "" => Some(None),
        code => mistakes
            .take(self::indicator(field("less"), code))
            .map(Some),
    };
    let period = wire.period.parse::<Period>().map_err(|wrong| {
        Mistake::new(
            field("period"),
            wrong.to_string(),
            "应为周期，如 202601 或 2026Q1",
        )
    });
    let period = mistakes.take(period);
    let bounds = [wire.at_least, wire.at_most];
    let is_sound = bounds.iter().flatten().all(|bound| bound.is_finite())
        && bounds.iter().any(Option::is_some);
    if !is_sound {
        let (en, zh) = (
            "want at_least, at_most or both",
            "请给出 at_least、at_most 或两者",
        );
        mistakes.add(Mistake::new(field("at_least"), en, zh));
    }
    Some(Threshold {
        indicator: indicator?,
        less: less?,
        period: period?,
        at_least: wire.at_least,
        at_most: wire.at_most,
    })
}

fn indicator(field: String, text: &str) -> Result<Asked, Mistake> {
    let (code, revision) = match text.split_once('@') {
        None => (text, Ok(None)),
        Some((code, revision)) => (code, revision.parse().map(Some)),
    };
    match revision {
        Ok(revision) if !code.is_empty() => Ok(Asked {
            code: code.to_owned(),
            revision: revision.map(Revision),
        }),
        _ => Err(Mistake::new(
            field,
            "want a code such as QS.R02, or QS.R02@1",
            "应为指标代码，如 QS.R02 或 QS.R02@1",
        )),
    }
}

impl Threshold {
    fn fitting(
        &self,
        store: &Store,
        by: &Subject,
        today: Date,
        now: Timestamp,
    ) -> Result<BTreeSet<Place>, Problem> {
        let numbers = numbers(store, by, &self.indicator, self.period, today, now)?;
        let less = match &self.less {
            Some(less) => Some(self::numbers(store, by, less, self.period, today, now)?),
            None => None,
        };
        let fits = |community: &Place, number: f64| {
            let number = match &less {
                // A community without the second number is not known to fit.
                Some(less) => number - less.get(community)?,
                None => number,
            };
            let is_within = self.at_least.is_none_or(|least| number >= least)
                && self.at_most.is_none_or(|most| number <= most);
            is_within.then_some(*community)
        };
        let fitting = numbers
            .iter()
            .filter_map(|(place, number)| fits(place, *number));
        Ok(fitting.collect())
    }
}

/// What is known of each community.
fn numbers(
    store: &Store,
    by: &Subject,
    indicator: &Asked,
    period: Period,
    today: Date,
    now: Timestamp,
) -> Result<HashMap<Place, f64>, Problem> {
    let log = store.catalogue();
    let question = Question {
        indicators: vec![indicator.clone()],
        place: Place::COUNTRY,
        from: period,
        to: period,
        grain: None,
        group: Group {
            place: Some(Level::Community),
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: Some(today),
    };
    let measures = resolve(&question, log.catalogue());
    let measures = measures.map_err(|refusal| question_problem(&refusal))?;
    let scope = store.scope(by);
    may_read(&scope, log.catalogue(), by, indicator, period)?;
    // The roster before any column: no watermark promises cells not yet seen.
    let (roster, register) = (store.roster(), store.register());
    let world = World {
        register: &register,
        roster: &roster,
        zone: store.zone(),
        now,
    };
    let rows = store.answer(&question, &measures, world);
    let rows = rows.map_err(|unanswered| match unanswered {
        Unanswered::Refused(refusal) => question_problem(&refusal),
        Unanswered::Unreadable(fault) => unreadable(&fault),
        Unanswered::Columns(fault) => unreadable(&fault),
    })?;
    let known = rows.into_iter().filter_map(|row| {
        let is_known = matches!(row.value.state, State::Value | State::Zero | State::Stale);
        let place = row.key.place.filter(|place| is_known && scope.sees(*place));
        place.map(|place| (place, row.value.number))
    });
    Ok(known.collect())
}

/// Whom an offer reaches tells something of the number: only its readers choose by it,
/// and only as finely as they read it.
fn may_read(
    scope: &Scope,
    catalogue: &Catalogue,
    by: &Subject,
    asked: &Asked,
    period: Period,
) -> Result<(), Problem> {
    let definitions = catalogue.definitions().filter(|definition| {
        let fits = |revision| definition.revision == revision;
        definition.code.as_str() == asked.code && asked.revision.is_none_or(fits)
    });
    let definition = definitions.max_by_key(|definition| definition.revision);
    let is_read = definition.is_some_and(|definition| scope.reads(definition));
    match is_read && scope.allows(period.grain()) {
        true => Ok(()),
        false => Err(not_readable(by, &asked.code)),
    }
}
