//! The shipped indicators on known facts, and the edges of periods.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proto::{
    fact::{Fact, FactTypeId, case},
    indicator::{
        accumulator::Accumulator,
        catalogue::{Catalogue, Item},
        cell::{Breakdown, CellState, OTHER_MEMBER},
        definition::Definition,
    },
    pb::types as pb,
};

use super::*;
use crate::cases::Origin;

fn catalogue() -> Catalogue {
    let text = include_str!("../../../../deploy/catalogue/first.toml");
    Catalogue::from_toml(text).unwrap()
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

pub fn evaluator() -> Evaluator {
    Evaluator::new(&catalogue(), shanghai())
}

/// `more` are the members after kind, category, origin and grid.
fn fact(fact_type: FactTypeId, at: &str, more: &[&str], measures: &[i64]) -> Fact {
    let first = ["report", "noise", "phone", "007"];
    let members = first.iter().chain(more).map(|code| (*code).into());
    Fact {
        fact_type,
        occurred_at: at.parse().unwrap(),
        members: members.collect(),
        measures: measures.into(),
    }
}

/// Cells as (code, period, breakdown, state), sorted.
pub fn cells(evaluator: &Evaluator, facts: &[Fact]) -> Vec<(String, String, Breakdown, CellState)> {
    let names: BTreeMap<_, _> = catalogue()
        .definitions()
        .map(|definition| (definition.id, definition.code.to_string()))
        .collect();
    let tally = backfill(evaluator, facts).unwrap();
    let rows = tally.cells.iter().map(|(key, accumulator)| {
        let code = names.get(&key.indicator).cloned().unwrap_or_default();
        (
            code,
            key.period.to_string(),
            key.breakdown,
            accumulator.encode(),
        )
    });
    rows.collect()
}

fn of(facts: &[Fact], code: &str, period: &str) -> Option<Accumulator> {
    let rows = cells(&evaluator(), facts);
    let row = rows
        .into_iter()
        .find(|row| row.0 == code && row.1 == period)?;
    assert_eq!(row.2, Breakdown::new([3, 3, 7]), "noise, phone, grid 7");
    Some(Accumulator::decode(&row.3).unwrap())
}

#[test]
fn known_facts_give_known_numerators_and_denominators() {
    let at = "2026-01-15T10:00:00+08:00";
    let facts = [
        fact(case::ACCEPTED, at, &[], &[60]),
        fact(case::ACCEPTED, at, &[], &[90]),
        fact(case::FELL_DUE, at, &["yes"], &[]),
        fact(case::FELL_DUE, at, &["yes"], &[]),
        fact(case::FELL_DUE, at, &["no"], &[]),
        fact(case::COMPLETED, at, &["done", "yes"], &[7_200]),
        fact(case::COMPLETED, at, &["done", "yes"], &[7_201]),
        fact(case::COMPLETED, at, &["done", "yes"], &[9_999_999]),
        fact(case::COMPLETED, at, &["done", "no"], &[10]),
        fact(case::COMPLETION_RATED, at, &[], &[]),
        fact(case::RATED, at, &["1", "yes"], &[]),
        fact(case::RATED, at, &["2", "yes"], &[]),
        fact(case::RATED, at, &["5", "no"], &[]),
        fact(case::BAD_REVIEW_RIGHTED, at, &[], &[]),
        fact(case::SETTLED, at, &["no"], &[]),
        fact(case::SETTLED, at, &["yes"], &[]),
        fact(case::BOUNCED, at, &[], &[]),
    ];
    let ratio = |code, period| of(&facts, code, period).unwrap().fraction();
    assert_eq!(of(&facts, "QS.R01", "20260115").unwrap().number(), Some(2));
    assert_eq!(ratio("QS.R02", "202601"), Some((2, 3)));
    let histogram = of(&facts, "QS.R03", "202601").unwrap();
    assert_eq!(
        histogram.buckets(),
        Some(&[1, 1, 0, 0, 0, 1][..]),
        "bounds are inclusive"
    );
    assert_eq!(ratio("QS.R04", "202601"), Some((2, 3)));
    assert_eq!(ratio("QS.R05", "202601"), Some((1, 4)));
    assert_eq!(ratio("QS.R06", "2026Q1"), Some((1, 2)));
    assert_eq!(ratio("QS.R07", "2026Q1"), Some((1, 2)));
    assert_eq!(cells(&evaluator(), &facts).len(), 7);
}

#[test]
fn a_late_fact_revises_its_own_period() {
    let january = fact(case::FELL_DUE, "2026-01-31T12:00:00+08:00", &["no"], &[]);
    let february = fact(case::FELL_DUE, "2026-02-03T12:00:00+08:00", &["yes"], &[]);
    let late = fact(case::FELL_DUE, "2026-01-02T12:00:00+08:00", &["yes"], &[]);
    let facts = [january, february, late];
    assert_eq!(
        of(&facts[..2], "QS.R02", "202601").unwrap().fraction(),
        Some((0, 1))
    );
    assert_eq!(
        of(&facts, "QS.R02", "202601").unwrap().fraction(),
        Some((1, 2))
    );
    assert_eq!(
        of(&facts, "QS.R02", "202602").unwrap().fraction(),
        Some((1, 1))
    );
}

#[test]
fn a_day_begins_at_midnight_in_shanghai() {
    for (at, day) in [
        ("2026-01-31T23:59:59.999+08:00", "20260131"),
        ("2026-01-31T16:00:00Z", "20260201"),
        ("2026-01-31T15:59:59.999Z", "20260131"),
        // Summer time of 1986 to 1991: 22:59 standard is 23:59.
        ("1990-07-01T14:59:59Z", "19900701"),
        ("1990-07-01T15:00:00Z", "19900702"),
    ] {
        let facts = [fact(case::ACCEPTED, at, &[], &[1])];
        assert!(
            of(&facts, "QS.R01", day).is_some(),
            "{at} {:?}",
            cells(&evaluator(), &facts)
        );
    }
    let ratio = [fact(case::FELL_DUE, "2025-12-31T16:00:00Z", &["yes"], &[])];
    assert!(of(&ratio, "QS.R02", "202601").is_some());
    let quarter = [fact(case::SETTLED, "2026-03-31T15:59:59Z", &["no"], &[])];
    assert!(of(&quarter, "QS.R07", "2026Q1").is_some());
}

#[test]
fn strangers_are_other_and_short_facts_do_not_panic() {
    let mut stranger = fact(case::ACCEPTED, "2026-01-15T10:00:00Z", &[], &[1]);
    stranger.members = ["report", "ufo", "fax", ""].map(Into::into).into();
    let row = cells(&evaluator(), &[stranger.clone()]).remove(0);
    assert_eq!(row.2, Breakdown::new([OTHER_MEMBER; 3]));

    stranger.members = Box::default();
    stranger.measures = Box::default();
    assert_eq!(cells(&evaluator(), &[stranger.clone()]).remove(0).2, row.2);
    stranger.fact_type = FactTypeId(u16::MAX);
    assert!(cells(&evaluator(), &[stranger]).is_empty());
}

#[test]
fn every_origin_and_category_that_cases_write_is_a_member() {
    let catalogue = catalogue();
    let origin = catalogue.dimension("origin").unwrap();
    for one in Origin::ALL {
        assert_ne!(origin.member_id(one.code()), OTHER_MEMBER, "{one:?}");
    }
    let playbook = include_str!("../../../../deploy/playbooks/qingshan.toml");
    let playbook: toml::Table = playbook.parse().unwrap();
    let category = catalogue.dimension("category").unwrap();
    let codes = playbook["category"].as_array().unwrap().iter();
    let strangers = codes
        .map(|table| table["code"].as_str().unwrap())
        .filter(|code| category.member_id(code) == OTHER_MEMBER);
    assert_eq!(strangers.collect::<Vec<_>>(), [""; 0]);
}

/// The catalogue with QS.R01 changed under another number.
fn with(change: impl FnOnce(&mut pb::IndicatorDefinition)) -> Catalogue {
    let mut catalogue = catalogue();
    let mut wire = pb::IndicatorDefinition::from(&**catalogue.by_code("QS.R01", None).unwrap());
    (wire.id, wire.code) = (900, "QS.X01".into());
    change(&mut wire);
    let definition = Definition::try_from(wire).unwrap_or_else(|invalid| panic!("{invalid}"));
    catalogue.take(Item::Definition(definition.into())).unwrap();
    catalogue
}

fn only_new(catalogue: &Catalogue) -> Evaluator {
    Evaluator::of(catalogue, shanghai(), |definition| definition.id.0 == 900)
}

#[test]
fn after_the_sunset_nothing_counts() {
    let catalogue = with(|wire| wire.sunset = "2026-01-31".into());
    let facts = [
        fact(case::ACCEPTED, "2026-01-31T23:59:59+08:00", &[], &[1]),
        fact(case::ACCEPTED, "2026-02-01T00:00:00+08:00", &[], &[1]),
    ];
    let rows = cells(&only_new(&catalogue), &facts);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].1, "20260131");
}

#[test]
fn a_distinct_count_is_exact_inside_the_community() {
    let catalogue = with(|wire| {
        let spec = wire.accumulator.get_or_insert_default();
        spec.set_kind(pb::AccumulatorKind::Distinct);
        spec.dimension = "grid".into();
        wire.breakdowns.clear();
    });
    let mut facts = Vec::new();
    for grid in ["001", "002", "001", "", "002"] {
        let mut one = fact(case::ACCEPTED, "2026-01-31T12:00:00+08:00", &[], &[1]);
        one.members[3] = grid.into();
        facts.push(one);
    }
    let tally = backfill(&only_new(&catalogue), &facts).unwrap();
    let cell = tally.cells.values().next().unwrap();
    assert_eq!((cell.number(), cell.upper_bound()), (Some(2), false));
    assert_eq!(tally.members.len(), 2);
}

#[test]
fn measures_reach_every_kind_that_takes_one() {
    use pb::AccumulatorKind::{Level, Mean, Quantile, Range, Sum};
    let facts = [5, 30, 10].map(|wait_s| {
        let at = format!("2026-01-31T12:00:{wait_s:02}+08:00");
        fact(case::ACCEPTED, &at, &[], &[wait_s])
    });
    let folded = |kind| {
        let catalogue = with(|wire| {
            let spec = wire.accumulator.get_or_insert_default();
            spec.set_kind(kind);
            spec.measure = "wait_s".into();
        });
        let tally = backfill(&only_new(&catalogue), &facts).unwrap();
        tally.cells.into_values().next().unwrap()
    };
    assert_eq!(folded(Sum).number(), Some(45));
    assert_eq!(folded(Mean).fraction(), Some((45, 3)));
    assert_eq!(folded(Range).extremes(), Some((5, 30)));
    assert_eq!(folded(Quantile).quantile(500), Some(10));
    assert_eq!(
        folded(Level).number(),
        Some(30),
        "set last, whatever the order"
    );
}

#[test]
fn protected_cells_are_exact_and_apart_from_the_others() {
    let catalogue = with(|wire| {
        wire.set_protection(pb::ProtectionClass::B);
        wire.breakdowns.pop();
    });
    let facts: Vec<Fact> = (0..7)
        .map(|at_s| {
            let at = format!("2026-01-31T12:00:{at_s:02}+08:00");
            fact(case::ACCEPTED, &at, &[], &[1])
        })
        .collect();
    let tally = backfill(&only_new(&catalogue), &facts).unwrap();
    assert!(tally.cells.is_empty());
    let mut expected = Exact::empty(Shape::Count);
    for fact in &facts {
        expected.apply(&Change::Count, || fact.digest()).unwrap();
    }
    assert_eq!(tally.exact.into_values().collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_ratio_over_measures_sums_them_and_not_the_facts() {
    let catalogue = with(|wire| {
        let spec = wire.accumulator.get_or_insert_default();
        spec.set_kind(pb::AccumulatorKind::Ratio);
        let accepted = spec.of.clone();
        spec.measure = "duration_s".into();
        spec.of.get_or_insert_default().fact_type = "case.completed".into();
        spec.denominator = accepted;
        spec.denominator_measure = "wait_s".into();
    });
    let definition = catalogue.by_code("QS.X01", None).unwrap();
    let wire = pb::IndicatorDefinition::from(&**definition);
    assert_eq!(
        Definition::try_from(wire.clone()).as_ref(),
        Ok(&**definition)
    );
    let at = "2026-01-31T12:00:00+08:00";
    let facts = [
        fact(case::ACCEPTED, at, &[], &[40]),
        fact(case::ACCEPTED, at, &[], &[-7]),
        fact(case::COMPLETED, at, &["done", "yes"], &[10]),
        fact(case::COMPLETED, at, &["done", "no"], &[20]),
    ];
    let tally = backfill(&only_new(&catalogue), &facts).unwrap();
    let cell = tally.cells.into_values().next().unwrap();
    assert_eq!(cell.fraction(), Some((30, 40)));
    let mut protected = wire.clone();
    protected.breakdowns.clear();
    protected.set_protection(pb::ProtectionClass::B);
    let mistakes = Definition::try_from(protected).unwrap_err().to_string();
    assert!(mistakes.contains("ratio over measures"), "{mistakes}");
    let mut half = wire;
    half.accumulator
        .get_or_insert_default()
        .denominator_measure
        .clear();
    let mistakes = Definition::try_from(half).unwrap_err().to_string();
    assert!(
        mistakes.contains("accumulator.denominator_measure"),
        "{mistakes}"
    );
}

#[test]
fn a_community_must_be_large_enough_for_a_class() {
    use pb::ProtectionClass::{A, B, C};
    let judged = |class, residents| {
        let catalogue = with(|wire| {
            wire.set_protection(class);
            wire.breakdowns.clear();
            wire.coarser_grains.clear();
            wire.set_base_grain(pb::Grain::Quarter);
        });
        large_enough(catalogue.by_code("QS.X01", None).unwrap(), residents)
    };
    assert_eq!(judged(A, None), Ok(()));
    assert_eq!(judged(B, None), Err(TooFew::Unknown));
    assert_eq!(judged(B, Some(40)), Ok(()));
    assert_eq!(judged(C, Some(250)), Ok(()));
    for (class, residents, named) in [(B, 39, "class B wants at least 40"), (C, 249, "250")] {
        let refused = judged(class, Some(residents)).unwrap_err().to_string();
        assert!(refused.contains(named), "{refused}");
    }
}

#[test]
fn what_cannot_be_broken_down_is_left_out() {
    let catalogue = catalogue();
    let definition = catalogue.by_code("QS.R01", None).unwrap();
    let mut early = Catalogue::default();
    early.take(Item::Definition(definition.clone())).unwrap();
    let missing = Obstacle::Dimension("category".parse().unwrap());
    assert_eq!(obstacle(&early, definition), Some(missing));
}
