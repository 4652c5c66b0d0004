//! What the district sees of the six years, beside what was planned. Knows no server
//! but the hub.

use std::{collections::BTreeMap, path::Path};

use proto::pb::hub as pb;
use serde::Serialize;

use super::{
    place::Place,
    plan::{Expected, YEAR},
};
use crate::{
    failure::Failure,
    hub,
    output::{Cell, Sheet, column},
};

/// Every indicator that a plan expects something of.
const INDICATORS: &[&str] = &[
    "QS.R01",
    "QS.R02",
    "QS.R04",
    "QS.R05",
    "QS.R06",
    "QS.K01",
    "QS.M03",
    "TN.E01",
    "TN.E03",
    "TN.F01",
    "TN.F02.N",
    "TN.F02.D",
    "TN.F03",
    "TN.F04.N",
    "TN.F04.D",
    "BBT.M01",
    "BBT.M02",
    "BBT.V02",
    "BBT.P01",
    "BBT.P03.R",
    "BBT.P03.B",
    "WJ.C02.N",
    "WJ.C02.D",
    "WJ.C03",
    "WJ.G01.N",
    "WJ.G01.D",
    "CZY.M01",
    "CZY.T02",
    "CZY.F01",
    "CZY.O02",
    "CZY.O02P",
    "QH.E01",
    "QH.E02",
    "QH.C01",
    "QH.D01",
    "QH.S02",
];

/// As the hub answers, by community and indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub numerator: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<i64>,
}

type Answers = BTreeMap<(String, String), Answer>;

pub async fn ask(hub_dir: &Path) -> Result<Answers, Failure> {
    let request = pb::QueryIndicatorsRequest {
        indicators: INDICATORS.iter().map(|code| (*code).to_owned()).collect(),
        from: YEAR.to_string(),
        group_by: vec![pb::GroupBy::Community.into(), pb::GroupBy::Indicator.into()],
        ..Default::default()
    };
    let rows = hub::rows(hub_dir, request).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let value = row.value.unwrap_or_default();
            let answer = match value.denominator {
                0 => Answer {
                    numerator: value.number as i64,
                    denominator: None,
                },
                denominator => Answer {
                    numerator: value.numerator,
                    denominator: Some(denominator),
                },
            };
            ((row.place, row.indicator), answer)
        })
        .collect())
}

/// What `--check` prints.
#[derive(Debug, Serialize)]
pub struct Compared {
    pub agrees: bool,
    pub seconds: f64,
    pub deeds: usize,
    pub numbers: Vec<Number>,
}

#[derive(Debug, Serialize)]
pub struct Number {
    pub community: &'static str,
    pub name: &'static str,
    pub indicator: &'static str,
    pub hub: Answer,
    pub recorded: Answer,
    /// By how much the hub's may be off for the rounding of small counts.
    #[serde(skip_serializing_if = "is_exact")]
    pub tolerance: i64,
    pub agrees: bool,
}

fn is_exact(tolerance: &i64) -> bool {
    *tolerance == 0
}

fn agrees(hub: Answer, expected: Expected) -> bool {
    let near = |hub: i64, planned: i64, tolerance: i64| match tolerance {
        0 => hub == planned,
        tolerance => (hub - planned).abs() < tolerance,
    };
    near(hub.numerator, expected.numerator, expected.tolerance)
        && match (hub.denominator, expected.denominator) {
            // What is in the numerator and what is not are rounded apart.
            (Some(hub), Some(planned)) => near(hub, planned, 2 * expected.tolerance),
            (hub, planned) => hub == planned,
        }
}

pub fn compare(
    plans: &[(&'static Place, BTreeMap<&'static str, Expected>)],
    answers: &Answers,
    deeds: usize,
    seconds: f64,
) -> Compared {
    let numbers = plans.iter().flat_map(|(place, expected)| {
        expected.iter().map(|(indicator, expected)| {
            let key = (place.code.to_owned(), (*indicator).to_owned());
            let hub = answers.get(&key).copied().unwrap_or_default();
            Number {
                community: place.code,
                name: place.name,
                indicator,
                hub,
                recorded: Answer {
                    numerator: expected.numerator,
                    denominator: expected.denominator,
                },
                tolerance: expected.tolerance,
                agrees: agrees(hub, *expected),
            }
        })
    });
    let numbers: Vec<Number> = numbers.collect();
    Compared {
        agrees: !numbers.is_empty() && numbers.iter().all(|number| number.agrees),
        seconds,
        deeds,
        numbers,
    }
}

pub fn table(compared: &Compared) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("name", "社区", "community"),
        column("indicator", "指标", "indicator"),
        column("numerator", "分子或数值", "numerator or number"),
        column("denominator", "分母", "denominator"),
        column("share", "比率", "share"),
        column("recorded", "所记", "as recorded"),
    ]);
    for number in &compared.numbers {
        let of = number.hub.denominator.filter(|of| *of != 0);
        // Ratios that are not shares (points, candidates for a seat) exceed one.
        let share = of.map(|of| number.hub.numerator as f64 / of as f64);
        let share = share.filter(|share| *share <= 1.0);
        let recorded = match (number.agrees, number.tolerance) {
            (false, _) => "≠",
            (true, 0) => "=",
            (true, _) => "≈",
        };
        sheet.rows.push(vec![
            number.name.into(),
            number.indicator.into(),
            Cell::Whole(number.hub.numerator),
            of.map_or(Cell::Empty, Cell::Whole),
            share.map_or(Cell::Empty, Cell::Share),
            recorded.into(),
        ]);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_off_does_not_agree_unless_it_was_rounded() {
        let exact = Expected {
            numerator: 9,
            denominator: Some(12),
            tolerance: 0,
        };
        let answer = |numerator, denominator| Answer {
            numerator,
            denominator,
        };
        assert!(agrees(answer(9, Some(12)), exact));
        for off in [
            answer(8, Some(12)),
            answer(9, Some(13)),
            answer(9, None),
            Answer::default(),
        ] {
            assert!(!agrees(off, exact), "{off:?}");
        }
        let rounded = Expected {
            tolerance: 5,
            ..exact
        };
        assert!(agrees(answer(10, Some(15)), rounded));
        assert!(!agrees(answer(14, Some(15)), rounded));
        assert!(agrees(answer(10, Some(21)), rounded));
        assert!(!agrees(answer(10, Some(22)), rounded));
    }

    #[test]
    fn whatever_a_plan_expects_is_asked_for() {
        for (number, place) in (0..).zip(super::super::PLACES) {
            for code in super::super::planned(number, place).expected.keys() {
                assert!(INDICATORS.contains(code), "{code}");
            }
        }
    }
}
