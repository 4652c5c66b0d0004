//! Joined, in time and asked once, by hand and as questions ask for them.

use std::{convert::Infallible, sync::Arc};

use jiff::civil::date;
use proto::{
    identity::LogId,
    indicator::catalogue::{Catalogue, Item},
    pb::types as pb,
};

use super::*;
use crate::{
    asks,
    event::Asked,
    query::{
        self, Asked as AskedIndicator, Column, ColumnId, Columns, Group, Request, Roster, World,
    },
    register::Row,
    rollout::{Event, Rollouts},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

#[test]
fn a_month_is_reached_when_its_last_day_is_over_in_the_district() {
    let now = at("2026-04-02T00:00:00Z");
    let of = |before: Option<&str>, until: Option<&str>| {
        let found = reached(before.map(at), until.map(at), &zone(), now);
        found.map(|reached| reached.month.to_string())
    };
    let march = Some("202603".to_owned());
    assert_eq!(of(None, Some("2026-03-31T16:00:00Z")), march);
    assert_eq!(
        of(Some("2026-03-31T15:59:59Z"), Some("2026-03-31T16:00:00Z")),
        march
    );
    assert_eq!(
        of(Some("2026-03-31T16:00:00Z"), Some("2026-04-01T16:00:00Z")),
        None
    );
    // After a time away only the last is said: the earlier ones are as whole.
    assert_eq!(
        of(Some("2026-01-05T00:00:00Z"), Some("2026-04-01T16:00:00Z")),
        march
    );
    assert_eq!(of(Some("2026-01-05T00:00:00Z"), None), None);
}

#[test]
fn a_month_is_due_seven_days_after_its_end() {
    assert_eq!(month_due(date(2026, 4, 7)), Some(month("202602")));
    assert_eq!(month_due(date(2026, 4, 8)), Some(month("202603")));
}

#[test]
fn two_years_are_remembered() {
    for (text, is_so) in [
        ("202604", true),
        ("202605", false),
        ("202405", true),
        ("202404", false),
        ("2025", false),
    ] {
        assert_eq!(
            is_remembered(month(text), date(2026, 4, 8)),
            is_so,
            "{text}"
        );
    }
}

fn code(number: u32) -> Place {
    format!("51011500100{number}").parse().unwrap()
}

/// Five communities, of which the fifth closed in February.
fn register() -> Register {
    let row = |number: u32| Row {
        code: format!("51011500100{number}"),
        name: format!("第{number}社区"),
        street: "柳城街道".to_owned(),
        closed: ["", "2026-02-20"][usize::from(number == 5)].to_owned(),
        ..Row::default()
    };
    let rows: Vec<Row> = (1..=5).map(row).collect();
    let mut register = Register::default();
    let imported = register.import(&rows, date(2026, 3, 1)).unwrap();
    let events = imported.events.iter();
    events.for_each(|event| register.apply(event));
    register
}

#[test]
fn whoever_has_joined_should_report_within_seven_days() {
    let register = register();
    let enrolled: BTreeMap<Place, Timestamp> = [
        (code(1), at("2026-01-10T00:00:00Z")),
        (code(2), at("2026-01-10T00:00:00Z")),
        // After March had ended in the district, and not in Greenwich.
        (code(3), at("2026-03-31T16:00:00Z")),
        (code(5), at("2026-01-10T00:00:00Z")),
    ]
    .into();
    let (numerator, denominator) = (3, 4);
    assert_eq!(
        joined(&register, &enrolled, &zone(), date(2026, 4, 1)),
        Share {
            numerator,
            denominator
        }
    );

    let line = |reached: &[(&str, &str)]| Line {
        reached: reached
            .iter()
            .map(|(of, when)| Reached {
                month: month(of),
                at: at(when),
            })
            .collect(),
        ..Line::default()
    };
    let said = |first: &str| {
        let lines = [
            (
                code(1),
                line(&[("202602", "2026-03-01T00:00:00Z"), ("202603", first)]),
            ),
            (code(2), line(&[("202604", "2026-05-01T00:00:00Z")])),
        ]
        .into();
        let of = |text| in_time(&register, &enrolled, &lines, &zone(), month(text));
        let both = [of("202602"), of("202603")];
        both.map(|share| (share.numerator, share.denominator))
    };
    assert_eq!(said("2026-04-07T16:00:00Z"), [(1, 3), (1, 2)]);
    assert_eq!(said("2026-04-07T16:00:00.001Z"), [(1, 3), (0, 2)]);
}

#[test]
fn a_number_that_another_gives_is_not_asked_once() {
    let first = Catalogue::from_toml(include_str!("../../../../deploy/catalogue/first.toml"));
    let first = first.unwrap();
    let mut items: Vec<Item> = first
        .dimensions()
        .map(|of| Item::Dimension(Arc::clone(of)))
        .collect();
    let mut ask = |of: &str, id: u32, code: &str, sunset: &str| {
        let mut wire = pb::IndicatorDefinition::from(&**first.by_code(of, None).unwrap());
        (wire.id, wire.code, wire.sunset) = (id, code.to_owned(), sunset.to_owned());
        items.push(Item::from_definition(wire).unwrap());
    };
    ask("QS.R01", 7001, "NEW.N01", "");
    ask("QS.R02", 7002, "NEW.N02", "");
    ask("QS.R01", 7003, "NEW.N03", "2026-06-30");
    let mut log = Log::new(LogId([7; 16]));
    log.apply(&items);
    let on = |day| {
        let asks = asks::register(&log, &Rollouts::default(), day);
        let share = asked_once(&log, &asks);
        (share.numerator, share.denominator)
    };
    assert_eq!(on(date(2026, 6, 30)), (1, 3), "two are one number");
    assert_eq!(on(date(2026, 7, 1)), (2, 2), "one of them is over");
}

/// Five communities as above, asked about on 20 April 2026.
struct Hub {
    register: Register,
    enrolled: BTreeMap<Place, Timestamp>,
    lines: BTreeMap<Place, Line>,
    log: Log,
    rollouts: Rollouts,
}

const NOW: &str = "2026-04-20T01:00:00Z";

impl Columns for Hub {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        panic!("no node counts {ids:?}")
    }

    fn observations(&self) -> Vec<Observation> {
        let net = Net {
            register: &self.register,
            enrolled: &self.enrolled,
            lines: &self.lines,
            catalogue: &self.log,
            rollouts: &self.rollouts,
            zone: &zone(),
            now: at(NOW),
        };
        net.observations()
    }
}

impl Hub {
    /// Two communities since January, a third since April; the first reports in
    /// time, the second came late with everything. QS.R01 is asked for twice, so neither
    /// is asked once.
    fn new() -> Hub {
        let files = [
            include_str!("../../../../deploy/catalogue/first.toml"),
            include_str!("../../../../deploy/catalogue/network.toml"),
        ];
        let catalogue = Catalogue::from_toml(&files.join("\n")).unwrap();
        let mut again =
            pb::IndicatorDefinition::from(&**catalogue.by_code("QS.R01", None).unwrap());
        (again.id, again.code) = (7001, "NEW.N01".to_owned());
        let again = Item::from_definition(again).unwrap();
        let dimensions = catalogue
            .dimensions()
            .map(|of| Item::Dimension(Arc::clone(of)));
        let definitions = catalogue
            .definitions()
            .map(|of| Item::Definition(Arc::clone(of)));
        let items: Vec<Item> = dimensions.chain(definitions).collect();
        let mut log = Log::new(LogId([7; 16]));
        log.apply(&items);
        log.apply(std::slice::from_ref(&again));
        let mut rollouts = Rollouts::default();
        let asked = || Asked {
            by: "hub".parse().unwrap(),
            request: "0190f5b2-7c1e-7cc0-8000-000000000001".parse().unwrap(),
        };
        let turned = |when| Event::Turned {
            asked: asked(),
            code: "NEW.N02".to_owned(),
            by: "QS.R02".to_owned(),
            at: at(when),
        };
        rollouts.apply(&Event::Drafted {
            asked: asked(),
            number: 1,
            items: vec![again].into(),
            unchanged: 0,
            terms: crate::rollout::Terms {
                hold: jiff::SignedDuration::ZERO,
                trial: Vec::new(),
            },
            at: at("2026-02-01T00:00:00Z"),
        });
        // The second is of February already, in the district.
        rollouts.apply(&turned("2026-01-31T15:59:59Z"));
        rollouts.apply(&turned("2026-01-31T16:00:00Z"));
        rollouts.apply(&turned("2026-03-05T00:00:00Z"));
        let reached = |of: &str, when: &str| Reached {
            month: month(of),
            at: at(when),
        };
        let mut lines = BTreeMap::from([(code(1), Line::default()), (code(2), Line::default())]);
        lines.get_mut(&code(1)).unwrap().reached = [
            reached("202601", "2026-02-01T00:00:00Z"),
            reached("202602", "2026-03-01T00:00:00Z"),
            reached("202603", "2026-04-01T00:00:00Z"),
        ]
        .into();
        lines.get_mut(&code(2)).unwrap().reached =
            [reached("202603", "2026-04-19T00:00:00Z")].into();
        Hub {
            register: register(),
            enrolled: [
                (code(1), at("2026-01-10T00:00:00Z")),
                (code(2), at("2026-01-10T00:00:00Z")),
                (code(3), at("2026-03-31T16:00:00Z")),
            ]
            .into(),
            lines,
            log,
            rollouts,
        }
    }

    /// `place numerator/denominator reporting/expected` of each row.
    fn ask(&self, indicator: &str, period: &str, group: Group) -> Vec<String> {
        let request = Request {
            indicators: vec![AskedIndicator {
                code: indicator.to_owned(),
                revision: None,
            }],
            place: "510115".parse().unwrap(),
            from: month(period),
            to: month(period),
            grain: None,
            group,
            filters: Vec::new(),
            comparisons: Vec::new(),
            rank: None,
            register_date: None,
        };
        let measures = query::resolve(&request, self.log.catalogue()).unwrap();
        let roster = Roster::new(&self.register, []);
        let world = World {
            register: &self.register,
            roster: &roster,
            zone: &zone(),
            now: at(NOW),
        };
        let rows = query::answer(&request, &measures, world, self).unwrap();
        let shown = rows.iter().map(|row| {
            let place = row.key.place.map(|place| place.to_string());
            let (value, coverage) = (&row.value, &row.coverage);
            format!(
                "{}{}/{} {}/{}",
                place.map_or(String::new(), |place| format!("{place} ")),
                value.numerator,
                value.denominator,
                coverage.reporting,
                coverage.expected
            )
        });
        shown.collect()
    }
}

#[test]
fn questions_about_the_net_are_answered_like_others() {
    let hub = Hub::new();
    for (indicator, period, want) in [
        // The fifth closed in February, the third joined in April.
        ("WJ.N01", "202604", "3/4 4/4"),
        ("WJ.N01", "202603", "2/4 4/4"),
        ("WJ.N01", "202601", "2/5 5/5"),
        ("WJ.N01", "202512", "0/5 5/5"),
        ("WJ.N02", "202601", "1/2 5/5"),
        ("WJ.N02", "202603", "1/2 4/4"),
        ("WJ.N02", "2026Q1", "3/6 5/5"),
        // Not due yet.
        ("WJ.N02", "202604", "0/0 4/4"),
        ("WJ.N03", "2026", "6/8 5/5"),
        ("HUB.B01", "202604", "1/0 4/4"),
        ("HUB.B02", "202602", "1/0 5/5"),
        ("HUB.B02", "2026Q1", "3/0 5/5"),
        // Nobody knows what is to come.
        ("WJ.N01", "202605", "0/0 0/4"),
    ] {
        let found = hub.ask(indicator, period, Group::default());
        assert_eq!(found, [want], "{indicator} {period}");
    }
}

#[test]
fn of_each_community_the_net_tells_its_own() {
    let hub = Hub::new();
    let each = || Group {
        place: Some(proto::place::Level::Community),
        ..Group::default()
    };
    let of = |last: u32, rest: &str| format!("{} {rest}", code(last));
    assert_eq!(
        hub.ask("WJ.N02", "202603", each()),
        [
            of(1, "1/1 1/1"),
            of(2, "0/1 1/1"),
            of(3, "0/0 1/1"),
            of(4, "0/0 1/1")
        ]
    );
    // What is asked of one is asked of all.
    assert_eq!(hub.ask("WJ.N03", "2026", each())[3], of(4, "6/8 1/1"));
}
