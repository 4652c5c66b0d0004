//! Derived indicators: what a formula comes to by place, period and member, why
//! it has no number, and how rough it is. Terms differ in kind and base grain.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use proto::{
    indicator::{
        accumulator::{Accumulator, Level, Stock},
        catalogue::Catalogue,
        cell::{Breakdown, IndicatorId, Revision},
        rounded::Rounded,
    },
    place::{Level as PlaceLevel, Place},
};

use super::{
    tests::{A, B, C, three_communities},
    *,
};
use crate::register::Register;

/// Reports by day and category, households by month; solved and asked by week;
/// people (class B) by month.
const CATALOGUE: &str = r#"
[[dimension]]
code = "category"
name_zh = "类"
name_en = "Category"
members = [
  { id = 1, code = "a", name_zh = "甲", name_en = "A" },
  { id = 2, code = "b", name_zh = "乙", name_en = "B" },
]
"#;

fn indicator(id: u32, code: &str, fields: &str) -> String {
    format!(
        "[[indicator]]\nid = {id}\ncode = \"{code}\"\nrevision = 1\nname_zh = \"数\"\n\
         name_en = \"N\"\nunit = \"件\"\ndirection = \"higher\"\nowner = \"区\"\nreason = \"看\"\n{fields}\n"
    )
}

fn catalogue(formulas: &[&str]) -> Catalogue {
    let accepted = r#"of = { fact_type = "case.accepted" }"#;
    let counted = |grain: &str, coarser: &str, kind: &str, protection: &str| {
        format!(
            "base_grain = \"{grain}\"\ncoarser_grains = [{coarser}]\nprotection = \"{protection}\"\n\
             accumulator = {{ {kind} }}"
        )
    };
    let by_category = "breakdowns = [\"category\"]\n";
    let count = format!("kind = \"count\", {accepted}");
    let ratio =
        format!("kind = \"ratio\", {accepted}, denominator = {{ fact_type = \"case.accepted\" }}");
    let level = r#"kind = "level", measure = "active", of = { fact_type = "register.stock" }"#;
    let mut text = CATALOGUE.to_owned();
    let day = counted("day", "\"month\", \"quarter\"", &count, "A");
    text += &indicator(1, "T.COUNT", &format!("{by_category}{day}"));
    text += &indicator(2, "T.STOCK", &counted("month", "\"quarter\"", level, "A"));
    text += &indicator(
        3,
        "T.RATE",
        &counted("week", "\"month\", \"quarter\"", &ratio, "A"),
    );
    text += &indicator(4, "T.PEOPLE", &counted("month", "\"quarter\"", &count, "B"));
    for (at, formula) in (10..).zip(formulas) {
        let breakdowns = match *formula == PER_THOUSAND {
            true => by_category,
            false => "",
        };
        text += &indicator(
            at,
            &format!("T.D{at}"),
            &format!(
                "formula = \"{formula}\"\n{breakdowns}base_grain = \"month\"\ncoarser_grains = [\"quarter\"]"
            ),
        );
    }
    Catalogue::from_toml(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

struct Hub {
    register: Register,
    roster: Roster,
    catalogue: Catalogue,
    columns: BTreeMap<ColumnId, Vec<(u64, u64, Accumulator)>>,
}

impl Columns for Hub {
    type Fault = Infallible;

    fn columns(&self, ids: &[ColumnId], _: Place) -> Result<Vec<Arc<Column>>, Infallible> {
        let found = ids.iter().map(|id| {
            let mut column = Column::default();
            let mut cells = self.columns.get(id).cloned().unwrap_or_default();
            cells.sort_by_key(|(place, member, _)| (*place, *member));
            for (place, member, cell) in cells {
                let state = cell.encode();
                let place = Place::reporting(place).unwrap();
                let breakdown = Breakdown(member);
                column
                    .push(place, breakdown, state.kind, &state.bytes)
                    .unwrap();
            }
            Arc::new(column)
        });
        Ok(found.collect())
    }
}

/// Three communities in two streets, of which all have reported but those that
/// `silent` names.
fn hub(formulas: &[&str], silent: &[&str]) -> Hub {
    let register = three_communities();
    let done: Timestamp = "2026-06-15T00:00:00Z".parse().unwrap();
    let heard = [A, B, C].map(|code| {
        let place: Place = code.parse().unwrap();
        (place, (!silent.contains(&code)).then_some(done))
    });
    Hub {
        roster: Roster::new(&register, heard),
        register,
        catalogue: catalogue(formulas),
        columns: BTreeMap::new(),
    }
}

impl Hub {
    fn with(mut self, id: u32, period: &str, cells: &[(&str, u16, Accumulator)]) -> Hub {
        let column = ColumnId {
            indicator: IndicatorId(id),
            revision: Revision(1),
            period: period.parse().unwrap(),
        };
        let cells = cells.iter().map(|(code, member, cell)| {
            let place: Place = code.parse().unwrap();
            (place.aligned(), Breakdown::new([*member]).0, cell.clone())
        });
        self.columns.entry(column).or_default().extend(cells);
        self
    }

    fn ask(&self, code: &str, period: &str, group: Group) -> Vec<Row> {
        self.compare(code, period, group, vec![], None)
    }

    fn compare(
        &self,
        code: &str,
        period: &str,
        group: Group,
        comparisons: Vec<Comparison>,
        rank: Option<Rank>,
    ) -> Vec<Row> {
        let request = Request {
            indicators: vec![Asked {
                code: code.into(),
                revision: None,
            }],
            place: Place::COUNTRY,
            from: period.parse().unwrap(),
            to: period.parse().unwrap(),
            grain: None,
            group,
            filters: vec![],
            comparisons,
            rank,
            register_date: None,
        };
        let world = World {
            register: &self.register,
            roster: &self.roster,
            zone: &TimeZone::UTC,
            now: "2026-06-15T12:00:00Z".parse().unwrap(),
        };
        let measures = resolve(&request, &self.catalogue).unwrap();
        answer(&request, &measures, world, self).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn whole(&self, code: &str, period: &str) -> Value {
        self.ask(code, period, Group::default()).remove(0).value
    }
}

fn count(n: u128) -> Accumulator {
    Accumulator::Count(n)
}

fn stock(value: i128) -> Accumulator {
    Accumulator::Level(Level(Some(Stock {
        set_at_ms: 1,
        value,
    })))
}

fn ratio(numerator: u128, denominator: u128) -> Accumulator {
    Accumulator::Ratio {
        numerator,
        denominator,
    }
}

const PER_THOUSAND: &str = "1000 * T.COUNT@1 / T.STOCK@1";

/// Reports on two days and in two months, households that stand since April.
fn counted() -> Hub {
    hub(&[PER_THOUSAND, "T.STOCK@1 - T.COUNT@1"], &[])
        .with(
            1,
            "20260503",
            &[(A, 1, count(2)), (B, 1, count(3)), (A, 2, count(1))],
        )
        .with(1, "20260520", &[(A, 1, count(2)), (C, 2, count(4))])
        .with(1, "20260402", &[(A, 1, count(6))])
        .with(
            2,
            "202604",
            &[(A, 0, stock(100)), (B, 0, stock(300)), (C, 0, stock(400))],
        )
}

fn communities() -> Group {
    Group {
        place: Some(PlaceLevel::Community),
        ..Group::default()
    }
}

#[test]
fn sums_are_divided_and_rates_never_averaged() {
    let hub = counted();
    let value = hub.whole("T.D10", "202605");
    assert_eq!((value.numerator, value.denominator), (12_000, 800));
    assert_eq!((value.state, value.number), (State::Value, 15.0));
    let rows = hub.ask("T.D10", "202605", communities());
    let numbers: Vec<f64> = rows.iter().map(|row| row.value.number).collect();
    assert_eq!(numbers, [50.0, 10.0, 10.0], "their mean would be 23.3");
    let difference = hub.whole("T.D11", "202605");
    assert_eq!((difference.number, difference.denominator), (788.0, 0));
    let quarter = hub.whole("T.D10", "2026Q2");
    assert_eq!((quarter.numerator, quarter.denominator), (18_000, 800));
}

#[test]
fn the_divisor_counts_in_whole_where_it_has_no_such_breakdown() {
    let by_member = Group {
        breakdown: Some("category".into()),
        ..Group::default()
    };
    let rows = counted().ask("T.D10", "202605", by_member);
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.member, row.value.numerator, row.value.denominator))
        .collect();
    assert_eq!(shown, [(Some(1), 7_000, 800), (Some(2), 5_000, 800)]);
}

#[test]
fn rankings_and_comparisons_work_as_for_counted_ones() {
    let hub = counted();
    let top = Some(Rank {
        order: RankOrder::Top,
        limit: 1,
    });
    let against = vec![Comparison::PreviousPeriod, Comparison::TypeMedian];
    let rows = hub.compare("T.D10", "202605", communities(), against, top);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].key.place.unwrap().to_string(), A);
    let compared: Vec<f64> = rows[0]
        .compared
        .iter()
        .map(|(_, value)| value.number)
        .collect();
    assert_eq!(compared, [60.0, 30.0], "a month before, and of its type");
}

#[test]
fn what_a_term_lacks_is_never_a_zero() {
    let state = |hub: Hub| hub.whole("T.D10", "202605").state;
    let formula = [PER_THOUSAND];
    let no_households = hub(&formula, &[]).with(1, "20260503", &[(A, 1, count(2))]);
    assert_eq!(
        state(no_households),
        State::None,
        "a stock that was never set"
    );
    let none_live = hub(&formula, &[]).with(2, "202604", &[(A, 0, stock(0))]);
    assert_eq!(state(none_live), State::NotApplicable);
    let quiet = hub(&formula, &[]).with(2, "202604", &[(A, 0, stock(9))]);
    assert_eq!(state(quiet), State::Zero);
    assert_eq!(state(hub(&formula, &[A, B, C])), State::None);
    let behind = hub(&formula, &[A, B, C])
        .with(1, "20260503", &[(A, 1, count(2))])
        .with(2, "202604", &[(A, 0, stock(9))]);
    assert_eq!(state(behind), State::Stale);
    let rates = hub(&["numerator(T.RATE@1) / denominator(T.RATE@1)"], &[]);
    assert_eq!(state(rates), State::NotApplicable);
}

#[test]
fn sides_of_a_rate_add_up_over_its_own_weeks() {
    let hub = hub(
        &[
            "numerator(T.RATE@1) / denominator(T.RATE@1)",
            "denominator(T.RATE@1) - T.STOCK@1",
        ],
        &[B],
    )
    .with(3, "2026W19", &[(A, 0, ratio(1, 4)), (C, 0, ratio(3, 3))])
    .with(3, "2026W20", &[(A, 0, ratio(0, 3))])
    .with(2, "202605", &[(A, 0, stock(7))]);
    let value = hub.whole("T.D10", "202605");
    assert_eq!((value.numerator, value.denominator), (4, 10));
    let row = hub.ask("T.D11", "202605", Group::default()).remove(0);
    assert_eq!(row.value.number, 3.0);
    assert_eq!((row.coverage.reporting, row.coverage.expected), (2, 3));
    assert_eq!(row.coverage.oldest_watermark, None);
}

#[test]
fn protection_carries_through() {
    let people = |count, variance| Accumulator::Rounded(Rounded::Count { count, variance });
    let formulas = ["T.PEOPLE@1 / T.STOCK@1", "3 * T.PEOPLE@1 - T.STOCK@1"];
    let with = |count, variance| {
        hub(&formulas, &[])
            .with(4, "202605", &[(A, 0, people(count, variance))])
            .with(2, "202605", &[(A, 0, stock(1000))])
    };
    let hidden = with(5, 20).whole("T.D10", "202605");
    assert_eq!((hidden.state, hidden.number), (State::Protected, 0.0));
    let shown = with(500, 380).whole("T.D10", "202605");
    assert_eq!((shown.number, shown.standard_error), (0.5, 0.02));
    let difference = with(500, 380).whole("T.D11", "202605");
    assert_eq!(
        (difference.number, difference.standard_error),
        (500.0, 60.0)
    );
    let nobody_said = hub(&formulas, &[]).with(2, "202605", &[(A, 0, stock(1000))]);
    assert_eq!(nobody_said.whole("T.D10", "202605").state, State::Protected);
}
