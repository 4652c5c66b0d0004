//! The shipped catalogue is what the list of wanted indicators says
//! (`reference/seed-systems.md` 1.3), and its payload bytes are frozen.

use super::{Catalogue, Item};
use crate::{
    indicator::{
        definition::{Definition, Direction, Fold, Protection},
        kind::Kind,
    },
    pb::types,
    period::Grain,
};

fn first() -> Catalogue {
    Catalogue::from_toml(include_str!("../../../../deploy/catalogue/first.toml")).unwrap()
}

#[test]
fn the_seven_indicators_are_there() {
    use Direction::{Context, Higher, Lower};
    use Grain::{Day, Month, Quarter};
    let expected = [
        (
            "QS.R01",
            Kind::Count,
            Day,
            Context,
            "件",
            vec![("case.accepted", "")],
        ),
        (
            "QS.R02",
            Kind::Ratio,
            Month,
            Higher,
            "%",
            vec![
                ("case.fell_due", "on_time == \"yes\""),
                ("case.fell_due", ""),
            ],
        ),
        (
            "QS.R03",
            Kind::Histogram,
            Month,
            Lower,
            "件",
            vec![("case.completed", "first == \"yes\"")],
        ),
        (
            "QS.R04",
            Kind::Ratio,
            Month,
            Lower,
            "%",
            vec![("case.rated", "bad == \"yes\""), ("case.rated", "")],
        ),
        (
            "QS.R05",
            Kind::Ratio,
            Month,
            Higher,
            "%",
            vec![("case.completion_rated", ""), ("case.completed", "")],
        ),
        (
            "QS.R06",
            Kind::Ratio,
            Quarter,
            Higher,
            "%",
            vec![
                ("case.bad_review_righted", ""),
                ("case.rated", "bad == \"yes\""),
            ],
        ),
        (
            "QS.R07",
            Kind::Ratio,
            Quarter,
            Higher,
            "%",
            vec![("case.settled", "reopened == \"no\""), ("case.settled", "")],
        ),
    ];
    let catalogue = first();
    assert_eq!(catalogue.definitions().count(), expected.len());
    for (definition, expected) in catalogue.definitions().zip(expected) {
        let (code, kind, grain, direction, unit, selectors) = expected;
        assert_eq!(definition.code.as_str(), code);
        assert_eq!(definition.fold.kind(), kind, "{code}");
        assert_eq!(definition.base_grain, grain, "{code}");
        assert_eq!(definition.direction, direction, "{code}");
        assert_eq!(definition.unit, unit, "{code}");
        assert_eq!(definition.protection, Protection::A, "{code}");
        assert!(definition.answers_in(Grain::Year), "{code}");
        let found = definition.fold.selectors();
        let found: Vec<_> = found
            .map(|s| (s.fact_type.code, s.filter.source()))
            .collect();
        assert_eq!(found, selectors, "{code}");
        let breakdowns = definition.breakdowns.iter().map(|code| code.as_str());
        assert_eq!(
            breakdowns.collect::<Vec<_>>(),
            ["category", "origin", "grid"]
        );
        assert!(catalogue.dimensions_of(definition).is_some(), "{code}");
    }
}

#[test]
fn times_to_complete_fall_into_six_buckets() {
    let catalogue = first();
    let definition = catalogue.by_code("QS.R03", None).unwrap();
    let Fold::Histogram { of, upper_bounds } = &definition.fold else {
        panic!("{:?}", definition.fold);
    };
    const HOUR: i64 = 3_600;
    let days = [3, 7, 15].map(|days| days * 24 * HOUR);
    assert_eq!(of.measure, "duration_s");
    assert_eq!(upper_bounds[..2], [2 * HOUR, 24 * HOUR]);
    assert_eq!(upper_bounds[2..], days);
}

#[test]
fn origins_are_the_eight_ways_to_report_and_grids_are_numbers() {
    let catalogue = first();
    let origins = catalogue.dimension("origin").unwrap().members();
    let origins: Vec<&str> = origins.map(|(_, member)| &*member.code).collect();
    let expected = [
        "online",
        "counter",
        "phone",
        "paper",
        "door-knock",
        "hotline",
        "patrol",
        "meeting",
    ];
    assert_eq!(origins, expected);
    assert!(catalogue.dimension("grid").unwrap().is_numbered());
}

/// Frozen: a payload's hash names it on the downlink.
#[test]
fn payload_bytes_are_golden() {
    let catalogue = first();
    let hex = |item: Item| -> String {
        let payload = item.payload();
        payload.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let grid = catalogue.dimension("grid").unwrap();
    assert_eq!(
        hex(Item::Dimension(grid.clone())),
        "0a04677269641206e7bd91e6a0bc1a04477269642001"
    );
    let definition = catalogue.by_code("QS.R02", None).unwrap();
    let mut wire = types::IndicatorDefinition::from(&**definition);
    (wire.owner, wire.reason) = ("o".into(), "r".into());
    (wire.name_zh, wire.name_en) = ("率".into(), "Rate".into());
    (wire.sunset, wire.centres) = ("2027-12-31".into(), vec!["care".into()]);
    let definition = Definition::try_from(wire).unwrap();
    let golden = concat!(
        "0802120651532e52303218012203e78e872a04526174653201253a36080312210a0d63",
        "6173652e66656c6c5f64756512106f6e5f74696d65203d3d2022796573221a0f0a0d63",
        "6173652e66656c6c5f64756540034a03040506520863617465676f727952066f726967",
        "696e520467726964580160016a016f7201727a0a323032372d31322d33318201046361",
        "7265",
    );
    assert_eq!(hex(Item::Definition(definition.into())), golden);
}
