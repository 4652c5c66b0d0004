//! What a catalogue took stays true; files name every mistake with its line.

use super::*;
use crate::pb::{sync::ItemKind, types as pb};

const FIRST: &str = include_str!("../../../../deploy/catalogue/first.toml");

fn first() -> Catalogue {
    Catalogue::from_toml(FIRST).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn definition(change: impl FnOnce(&mut pb::IndicatorDefinition)) -> Item {
    let catalogue = first();
    let mut wire = pb::IndicatorDefinition::from(&**catalogue.by_code("QS.R02", None).unwrap());
    change(&mut wire);
    Item::Definition(Arc::new(wire.try_into().unwrap()))
}

fn dimension(change: impl FnOnce(&mut pb::Dimension)) -> Item {
    let mut wire = pb::Dimension::from(&**first().dimension("origin").unwrap());
    change(&mut wire);
    Item::Dimension(Arc::new(wire.try_into().unwrap()))
}

fn refusal(item: Item) -> String {
    first().take(item).unwrap_err().to_string()
}

#[test]
fn a_published_revision_never_changes() {
    assert_eq!(first().take(definition(|_| {})), Ok(Taken::Unchanged));
    let changed = definition(|wire| wire.unit = "件".into());
    assert!(refusal(changed).contains("QS.R02: revision: differs from the published"));

    let mut catalogue = first();
    let newer = definition(|wire| (wire.revision, wire.unit) = (2, "件".into()));
    assert_eq!(catalogue.take(newer), Ok(Taken::Changed));
    let newest = catalogue.by_code("QS.R02", None).unwrap();
    let old = catalogue.by_code("QS.R02", Some(Revision(1))).unwrap();
    assert_eq!((newest.revision, &*newest.unit), (Revision(2), "件"));
    assert_eq!(&*old.unit, "%", "both live side by side");
}

#[test]
fn numbers_and_codes_are_never_given_twice() {
    let other_code = definition(|wire| wire.code = "QS.X02".into());
    assert!(refusal(other_code.clone()).contains("QS.X02: id: \"2\" belongs to \"QS.R02\""));
    let other_id = definition(|wire| wire.id = 900);
    assert!(refusal(other_id).contains("QS.R02: code: \"QS.R02\" belongs to \"2\""));

    let mut catalogue = first();
    assert!(catalogue.retire(&"indicator/QS.R02@1".parse().unwrap()));
    assert!(!catalogue.retire(&"indicator/QS.R02@1".parse().unwrap()));
    assert!(catalogue.by_code("QS.R02", None).is_none());
    assert!(catalogue.take(other_code).is_err(), "retired, but taken");
}

#[test]
fn members_come_and_never_leave() {
    let more = dimension(|wire| {
        wire.members.push(pb::DimensionMember {
            id: 99,
            code: "letter".into(),
            name_zh: "来信".into(),
            name_en: "Letter".into(),
        });
    });
    let renamed = dimension(|wire| wire.members[0].name_zh = "网上".into());
    let gone = dimension(|wire| drop(wire.members.remove(0)));
    let reused = dimension(|wire| wire.members[0].code = "web".into());
    let numbered = dimension(|wire| {
        wire.numbered = true;
        wire.members.clear();
    });
    assert_eq!(first().take(more), Ok(Taken::Changed));
    assert_eq!(first().take(renamed), Ok(Taken::Changed));
    assert!(refusal(gone).contains("\"online\" is missing"));
    assert!(refusal(reused).contains("\"1\" belongs to \"online\""));
    assert!(refusal(numbered).contains("stays numbered or listed"));
}

#[test]
fn a_publication_is_all_or_nothing_and_names_every_refusal() {
    let published = first().publish(vec![
        definition(|wire| wire.revision = 2),
        definition(|_| {}),
        dimension(|wire| wire.name_en = "Channel".into()),
    ]);
    let published = published.unwrap();
    let changed: Vec<String> = published
        .changed
        .iter()
        .map(|i| i.id().to_string())
        .collect();
    assert_eq!(changed, ["dimension/origin", "indicator/QS.R02@2"]);
    assert_eq!(published.unchanged, 1);

    let refused =
        Catalogue::default().publish(vec![definition(|_| {}), definition(|wire| wire.id = 3)]);
    let refused: Vec<String> = refused
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        refused[0].contains("breakdowns[0]: \"category\""),
        "{refused:?}"
    );
    assert!(
        refused[1].contains("code: \"QS.R02\" belongs to \"2\""),
        "{refused:?}"
    );
}

#[test]
fn items_travel_as_bytes() {
    for item in first().items() {
        let again = Item::from_payload(item.kind(), &item.payload()).unwrap();
        assert_eq!(again, item);
        assert_eq!(item.id().to_string().parse(), Ok(item.id()));
    }
    for id in [
        "indicator/QS.R02",
        "indicator/QS.R02@0",
        "indicator/QS.R02@01",
        "grid/x",
        "dimension/",
    ] {
        assert!(id.parse::<ItemId>().is_err(), "{id}");
    }
    assert!(Item::from_payload(ItemKind::Indicator, &[0xff]).is_err());
    assert!(Item::from_payload(ItemKind::Retired, &[]).is_err());
}

#[test]
fn what_cannot_be_protected_in_its_class_is_no_definition() {
    use pb::{AccumulatorKind as Kind, ProtectionClass};
    let refusal = |class, kind, breakdowns: &[&str]| {
        let catalogue = first();
        let mut wire = pb::IndicatorDefinition::from(&**catalogue.by_code("QS.R02", None).unwrap());
        wire.set_protection(class);
        wire.breakdowns = breakdowns.iter().map(|code| (*code).into()).collect();
        let spec = wire.accumulator.get_or_insert_default();
        let of = pb::Selector {
            fact_type: "case.accepted".into(),
            filter: String::new(),
        };
        *spec = pb::AccumulatorSpec {
            denominator: (kind == Kind::Ratio).then(|| of.clone()),
            of: Some(of),
            ..Default::default()
        };
        spec.set_kind(kind);
        match kind {
            Kind::Count | Kind::Ratio => {}
            Kind::Distinct => spec.dimension = "kind".into(),
            _ => spec.measure = "wait_s".into(),
        }
        if kind == Kind::Histogram {
            spec.bucket_bounds = vec![60];
        }
        if class == ProtectionClass::C {
            wire.set_base_grain(pb::Grain::Quarter);
            wire.coarser_grains.clear();
        }
        Definition::try_from(wire)
            .err()
            .map(|invalid| invalid.to_string())
    };
    use ProtectionClass::{A, B, C};
    for kind in [Kind::Count, Kind::Ratio, Kind::Histogram] {
        assert_eq!(refusal(B, kind, &["origin"]), None);
    }
    for kind in [
        Kind::Sum,
        Kind::Mean,
        Kind::Range,
        Kind::Quantile,
        Kind::Level,
        Kind::Distinct,
    ] {
        assert_eq!(refusal(A, kind, &["grid"]), None);
        let refused = refusal(B, kind, &[]).unwrap();
        assert!(
            refused.contains("accumulator.kind: class B cannot protect a"),
            "{refused}"
        );
    }
    let grid = refusal(B, Kind::Count, &["origin", "grid"]).unwrap();
    assert!(
        grid.contains("breakdowns[1]: class B allows no breakdown by grid"),
        "{grid}"
    );
    assert_eq!(refusal(C, Kind::Ratio, &[]), None);
    let histogram = refusal(C, Kind::Histogram, &[]).unwrap();
    assert!(histogram.contains("want count or ratio"), "{histogram}");
}

#[test]
fn what_hubs_tell_is_counted_whole_and_apart_from_what_nodes_tell() {
    let network = include_str!("../../../../deploy/catalogue/network.toml");
    let catalogue = Catalogue::from_toml(network).unwrap();
    let refusal = |change: fn(&mut pb::IndicatorDefinition)| {
        let mut wire = pb::IndicatorDefinition::from(&**catalogue.by_code("WJ.N02", None).unwrap());
        change(&mut wire);
        Definition::try_from(wire).map_or_else(|invalid| invalid.to_string(), |_| String::new())
    };
    assert_eq!(refusal(|_| {}), "");
    for (change, want) in [
        (
            (|wire| wire.set_protection(pb::ProtectionClass::B))
                as fn(&mut pb::IndicatorDefinition),
            "protection: want A",
        ),
        (
            |wire| wire.breakdowns = vec!["in_time".into()],
            "breakdowns: not used by network.*",
        ),
        (
            |wire| {
                let spec = wire.accumulator.get_or_insert_default();
                spec.denominator.get_or_insert_default().fact_type = "case.accepted".into();
            },
            "accumulator.denominator.fact_type: \"case.accepted\": want network.* above and below",
        ),
        (
            |wire| {
                let spec = wire.accumulator.get_or_insert_default();
                (spec.denominator, spec.dimension) = (None, "in_time".into());
                spec.set_kind(pb::AccumulatorKind::Distinct);
            },
            "accumulator.kind: \"distinct\": want count or ratio over network.*",
        ),
    ] {
        let refused = refusal(change);
        assert!(refused.contains(want), "{refused}");
    }
}

#[test]
fn every_mistake_of_a_file_has_its_line() {
    let text = r#"
[[dimension]]
code = "grid"
name_zh = "网格"
name_en = "Grid"
numbered = true

[[indicator]]
id = 1
code = "qs.r01"
revision = 1
name_zh = "报事受理量"
name_en = "Reports accepted"
unit = "件"
base_grain = "daily"
breakdowns = ["grid", "origin", "colour"]
protection = "A"
direction = "context"
owner = "x"
reason = "y"

[indicator.accumulator]
kind = "count"
measure = "wait_s"

[indicator.accumulator.of]
fact_type = "case.accepted"
filter = 'orign == "phone"'
"#;
    let found = Catalogue::from_toml(text).unwrap_err().to_string();
    let expected = [
        "line 10: qs.r01: code: \"qs.r01\": want a code such as QS.R02",
        "line 15: qs.r01: base_grain: want day, week, month, quarter, half or year",
        "line 24: qs.r01: accumulator.measure: not used by count: leave it out",
        "line 28: qs.r01: accumulator.of.filter: column 1: \"orign\" is no dimension",
    ];
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{found}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }

    let fixed = text
        .replace("qs.r01", "QS.R01")
        .replace("daily", "day")
        .replace("measure = \"wait_s\"\n", "")
        .replace("orign", "origin");
    let found = Catalogue::from_toml(&fixed).unwrap_err().to_string();
    assert!(
        found.starts_with("line 16: QS.R01: breakdowns[2]: \"colour of case.accepted\""),
        "{found}"
    );
    let fixed = fixed.replace(", \"colour\"", "");
    let found = Catalogue::from_toml(&fixed).unwrap_err().to_string();
    assert_eq!(
        found,
        "line 16: QS.R01: breakdowns[1]: \"origin\": want one of grid"
    );
    let fixed = fixed.replace(", \"origin\"", "");
    assert_eq!(
        Catalogue::from_toml(&fixed).unwrap().definitions().count(),
        1
    );
}

#[test]
fn broken_toml_and_unknown_keys_have_their_line_too() {
    for (text, start) in [
        ("\n\n[[indicator", "line 3: "),
        (
            "[[indicator]]\nid = 1\ncolour = 3",
            "line 3: unknown field `colour`",
        ),
        ("[[indicator]]\nid = -1", "line 2: "),
    ] {
        let found = Catalogue::from_toml(text).unwrap_err().to_string();
        assert!(found.starts_with(start), "{found}");
    }
}
