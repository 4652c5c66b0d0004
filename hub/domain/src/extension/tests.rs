//! Extensions from registration to their end, by hand or by date.

use jiff::{SignedDuration, Timestamp, civil::Date};
use proto::{
    identity::{Label, LogId, Subject},
    indicator::catalogue::{Catalogue, Item},
    pb::types as pb,
};

use super::*;
use crate::{
    catalogue::Log,
    event,
    hub::Hub,
    issuance::{self, InviteId, SecretHash},
    rollout::{self, Draft, Terms},
};

const FIRST: &str = include_str!("../../../../deploy/catalogue/first.toml");

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn code() -> Label {
    "flood-watch".parse().unwrap()
}

fn asked(request: &str) -> Asked {
    Asked {
        by: "operator/li".parse().unwrap(),
        request: request.parse().unwrap(),
    }
}

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn registration() -> Registration {
    Registration {
        code: code(),
        purpose_zh: "汛情周报".to_owned(),
        purpose_en: "Weekly flood report".to_owned(),
        owner: "蓉水数据".to_owned(),
        contact: "区水务局 028-82720000".to_owned(),
        reads: Vec::new(),
        places: vec!["510115003".parse().unwrap()],
        until: day("2026-06-30"),
    }
}

/// Like QS.R01, but counting what was reported and not what was accepted; and one
/// that is computed from it.
fn items() -> Vec<Item> {
    let first = Catalogue::from_toml(FIRST).unwrap();
    let mut wire = pb::IndicatorDefinition::from(&**first.by_code("QS.R01", None).unwrap());
    (wire.id, wire.code) = (2201, "EXT.N1".to_owned());
    wire.centres = vec![code().to_string()];
    wire.breakdowns.clear();
    if let Some(of) = wire.accumulator.as_mut().and_then(|held| held.of.as_mut()) {
        of.fact_type = "case.reported".to_owned();
    }
    vec![Item::from_definition(wire).unwrap()]
}

fn derived() -> Item {
    let Item::Definition(definition) = &items()[0] else {
        panic!("a definition");
    };
    let mut wire = pb::IndicatorDefinition::from(&**definition);
    (wire.id, wire.code) = (2202, "DIST.D1".to_owned());
    (wire.accumulator, wire.protection) = (None, 0);
    wire.formula = "2 * EXT.N1@1".to_owned();
    Item::from_definition(wire).unwrap()
}

fn draft(items: Vec<Item>) -> Option<Draft> {
    let terms = Terms {
        hold: SignedDuration::from_secs(1),
        trial: Vec::new(),
    };
    Some(Draft { items, terms })
}

fn founded() -> Hub {
    let mut hub = Hub::default();
    hub.catalogue = Arc::new(Log::new(LogId([7; 16])));
    let first = Catalogue::from_toml(FIRST)
        .unwrap()
        .items()
        .collect::<Vec<_>>();
    Arc::make_mut(&mut hub.catalogue).apply(&first);
    hub
}

fn register(hub: &Hub, registration: Registration, draft: Option<Draft>) -> Result<Event, Refusal> {
    let wanted = Wanted {
        registration,
        draft,
    };
    let parts = (&*hub.catalogue, &*hub.rollouts);
    let when = (day("2026-01-01"), at());
    (hub.extensions).register(parts, |_| true, asked("r-1"), wanted, when)
}

fn happens(hub: &mut Hub, event: Event) {
    hub.apply(&event::Event::Extension(event));
}

fn retire(hub: &Hub) -> Result<Event, Refusal> {
    let parts = (&*hub.catalogue, &*hub.rollouts);
    hub.extensions.retire(parts, &code(), asked("r-3"), at())
}

/// Registered, approved, and its definition with every node.
fn live() -> Hub {
    let mut hub = founded();
    let registered = register(&hub, registration(), draft(items())).unwrap();
    happens(&mut hub, registered);
    let approved = hub.extensions.approve(&code(), asked("r-2"), at()).unwrap();
    happens(&mut hub, approved);
    let (number, wave, through) = (1, rollout::Wave::All, u64::MAX);
    let at = at();
    hub.apply(&event::Event::Rollout(rollout::Event::Widened {
        number,
        wave,
        through,
        at,
    }));
    hub
}

fn invite(hub: &mut Hub) {
    let invited = issuance::Event::Invited {
        invite: InviteId([1; 16]),
        secret: SecretHash([2; 32]),
        subject: Subject::Extension(code()),
        expires_at: at() + SignedDuration::from_hours(1),
        by: "operator/li".parse().unwrap(),
        at: at(),
    };
    hub.apply(&event::Event::Issued(invited));
}

#[test]
fn it_is_drafted_when_registered_goes_out_when_approved_and_sees_its_own() {
    let mut hub = founded();
    let registered = register(&hub, registration(), draft(items())).unwrap();
    happens(&mut hub, registered);
    assert_eq!(
        hub.rollouts.of("EXT.N1").unwrap().stage,
        rollout::Stage::Draft
    );
    assert_eq!(
        hub.extensions.scope(&code()),
        Scope::Nothing,
        "not approved"
    );
    let hub = live();
    let scope = hub.extensions.scope(&code());
    let catalogue = hub.catalogue.catalogue();
    let read: Vec<String> = catalogue
        .definitions()
        .filter(|of| scope.reads(of))
        .map(|of| of.code.to_string())
        .collect();
    assert_eq!(read, ["EXT.N1"]);
    assert!(scope.sees("510115003064".parse().unwrap()));
    assert!(!scope.sees("510115001001".parse().unwrap()) && !scope.is_everywhere());
    assert_eq!(
        hub.extensions.scope(&"weather".parse().unwrap()),
        Scope::Nothing
    );
    let again = hub.extensions.approve(&code(), asked("r-9"), at());
    assert_eq!(again.unwrap_err().reason(), "EXTENSION_NOT_WAITING");
}

#[test]
fn what_it_may_not_be_or_want_is_refused_by_name() {
    let hub = founded();
    let mut care = registration();
    care.code = "care".parse().unwrap();
    let refused = register(&hub, care, draft(items())).unwrap_err();
    assert_eq!(refused.reason(), "CENTRE_CODE");
    for (until, fits) in [
        ("2025-12-31", false),
        ("2026-01-01", true),
        ("2029-01-03", true),
        ("2029-01-04", false),
    ] {
        let mut wanted = registration();
        wanted.until = day(until);
        let registered = register(&hub, wanted, draft(items()));
        assert_eq!(registered.is_ok(), fits, "{until}: {registered:?}");
    }
    let refused = register(&hub, registration(), None).unwrap_err();
    assert_eq!(refused.reason(), "NOTHING_WANTED");
    let mut wanted = registration();
    wanted.reads = vec!["QS.R".parse().unwrap()];
    assert!(register(&hub, wanted.clone(), None).is_ok());
    wanted.reads.push("ZZ".parse().unwrap());
    let refused = register(&hub, wanted, None).unwrap_err();
    assert_eq!(refused, Refusal::ReadsNothing("ZZ".to_owned()));

    // What QS.R01 has is not asked for again.
    let first = Catalogue::from_toml(FIRST).unwrap();
    let mut wire = pb::IndicatorDefinition::from(&**first.by_code("QS.R01", None).unwrap());
    (wire.id, wire.code) = (2203, "EXT.N3".to_owned());
    let same = vec![Item::from_definition(wire).unwrap()];
    let refused = register(&hub, registration(), draft(same)).unwrap_err();
    assert!(refused.to_string().contains("QS.R01@1"), "{refused}");
    assert_eq!(refused.reason(), "ALREADY_ASKED");
}

#[test]
fn retired_it_takes_its_definitions_and_its_identity_with_it() {
    let mut hub = live();
    invite(&mut hub);
    let own = hub.rollouts.own(Some(1), &hub.catalogue);
    assert_eq!(own.len(), 1);
    let retired = retire(&hub).unwrap();
    happens(&mut hub, retired);
    assert!(hub.catalogue.is_retired(&own[0]));
    assert_eq!(hub.extensions.scope(&code()), Scope::Nothing);
    let invite = hub.issuance.invite(InviteId([1; 16])).unwrap();
    assert!(invite.withdrawn.is_some());
    assert_eq!(retire(&hub).unwrap_err().reason(), "EXTENSION_RETIRED");

    // The code is free for another term, with another version of its scope.
    let mut next = registration();
    next.reads = vec!["QS.R".parse().unwrap()];
    let registered = register(&hub, next, None).unwrap();
    happens(&mut hub, registered);
    let known = hub.extensions.extension(&code()).unwrap();
    assert_eq!((known.version, known.stage), (1, Stage::Registered));
}

#[test]
fn a_draft_that_nobody_was_sent_is_free_again() {
    let mut hub = founded();
    for _ in 0..2 {
        let registered = register(&hub, registration(), draft(items())).unwrap();
        happens(&mut hub, registered);
        let retired = retire(&hub).unwrap();
        assert!(matches!(&retired, Event::Retired { items, .. } if items.len() == 1));
        happens(&mut hub, retired);
    }
}

#[test]
fn its_last_day_is_announced_and_ends_it() {
    let mut hub = live();
    let left = |today| {
        let known = hub.extensions.extension(&code());
        known.and_then(|known| known.days_left(day(today)))
    };
    assert_eq!(left("2026-05-31"), None);
    assert_eq!(left("2026-06-01"), Some(30));
    assert_eq!(left("2026-06-30"), Some(1));
    let due = |hub: &Hub, today| {
        let parts = (&*hub.catalogue, &*hub.rollouts);
        hub.extensions.due(parts, (day(today), at()))
    };
    assert_eq!(due(&hub, "2026-06-30"), []);
    let ended = due(&hub, "2026-07-01");
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].asked().by, Subject::Hub);
    happens(&mut hub, ended[0].clone());
    assert!(hub.extensions.extension(&code()).unwrap().is_ended);
    assert_eq!(hub.rollouts.own(Some(1), &hub.catalogue), []);
    assert_eq!(due(&hub, "2026-07-01"), [], "once");
}

#[test]
fn what_others_are_computed_from_stays() {
    let mut hub = live();
    Arc::make_mut(&mut hub.catalogue).apply(&[derived()]);
    let refused = retire(&hub).unwrap_err();
    assert_eq!(refused.reason(), "DERIVED_FROM");
    let parts = (&*hub.catalogue, &*hub.rollouts);
    let ended = hub.extensions.due(parts, (day("2026-07-01"), at()));
    assert!(matches!(&ended[..], [Event::Retired { items, .. }] if items.is_empty()));
}

#[test]
fn a_definition_is_retired_the_day_after_its_sunset() {
    let Item::Definition(definition) = &items()[0] else {
        panic!("a definition");
    };
    let mut wire = pb::IndicatorDefinition::from(&**definition);
    wire.sunset = "2026-06-30".to_owned();
    let mut hub = founded();
    let item = Item::from_definition(wire).unwrap();
    Arc::make_mut(&mut hub.catalogue).apply(std::slice::from_ref(&item));
    let sunset = |hub: &Hub, today| rollout::sunset(&hub.catalogue, day(today), at());
    assert_eq!(sunset(&hub, "2026-06-30"), None);
    let retired = sunset(&hub, "2026-07-01").unwrap();
    assert!(
        matches!(&retired, rollout::Event::Retired { items, .. } if **items == [item.id()]),
        "{retired:?}"
    );
    hub.apply(&event::Event::Rollout(retired));
    assert!(hub.catalogue.is_retired(&item.id()));
    assert_eq!(sunset(&hub, "2026-07-02"), None, "once");
}
