//! The demo's answer: what the hub says of each community, as a table and as a
//! comparison with a plain reading of the file. Knows no server.

use std::{collections::BTreeMap, path::Path};

use proto::pb::hub as pb;
use serde::Serialize;

use super::boston::{Community, Expected};
use crate::{
    failure::Failure,
    hub,
    output::{Cell, Sheet, column},
};

/// The file's last promise lies in 2019; nothing of it happened before 2015.
pub const FROM: &str = "2015";
pub const TO: &str = "2019";

/// One community as the hub answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    pub reported: u64,
    pub completed: u64,
    pub fell_due: u64,
    pub on_time: u64,
    pub median_seconds: Option<i64>,
    pub reporting: u32,
    pub expected: u32,
}

/// Answers by community code.
pub async fn ask(hub_dir: &Path) -> Result<BTreeMap<String, Answer>, Failure> {
    let request = pb::QueryIndicatorsRequest {
        indicators: ["QS.R01", "QS.R02", "DEMO.C01", "DEMO.H01"]
            .map(str::to_owned)
            .to_vec(),
        from: FROM.to_owned(),
        to: TO.to_owned(),
        group_by: vec![pb::GroupBy::Community.into(), pb::GroupBy::Indicator.into()],
        ..Default::default()
    };
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    for row in hub::rows(hub_dir, request).await? {
        let answer = answers.entry(row.place.clone()).or_default();
        answer.take(&row);
    }
    Ok(answers)
}

impl Answer {
    fn take(&mut self, row: &pb::Row) {
        let value = row.value.clone().unwrap_or_default();
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        if let Some(coverage) = row.coverage {
            (self.reporting, self.expected) = (coverage.reporting, coverage.expected);
        }
        match row.indicator.as_str() {
            "QS.R01" => self.reported = count(value.numerator),
            "DEMO.C01" => self.completed = count(value.numerator),
            "DEMO.H01" => self.median_seconds = value.quantiles.get(1).copied(),
            _ => {
                self.on_time = count(value.numerator);
                self.fell_due = count(value.denominator);
            }
        }
    }

    /// What differs from the file; empty when nothing does. The median comes from
    /// a sketch that promises one per cent.
    fn differences(&self, file: &Expected) -> Vec<String> {
        let exact = [
            ("reported", self.reported, file.reported),
            ("completed", self.completed, file.completed),
            ("fell_due", self.fell_due, file.fell_due),
            ("on_time", self.on_time, file.on_time),
        ];
        let mut differences: Vec<String> = exact
            .into_iter()
            .filter(|(_, hub, file)| hub != file)
            .map(|(what, hub, file)| format!("{what}: hub {hub}, file {file}"))
            .collect();
        let (hub, file) = (self.median_seconds, file.median_seconds());
        let close = match (hub, file) {
            (Some(hub), Some(file)) => (hub - file).abs() as f64 <= 1.0 + 0.01 * file.abs() as f64,
            (hub, file) => hub == file,
        };
        if !close {
            differences.push(format!("median_seconds: hub {hub:?}, file {file:?}"));
        }
        differences
    }
}

/// What `--check` prints.
#[derive(Debug, Serialize)]
pub struct Check {
    pub agrees: bool,
    pub seconds: f64,
    pub rows: u64,
    pub rejected: u64,
    pub communities: Vec<Checked>,
}

#[derive(Debug, Serialize)]
pub struct Checked {
    pub community: String,
    pub name: String,
    pub hub: Answer,
    pub file: Expected,
    pub differences: Vec<String>,
}

pub fn check(
    communities: &[Community],
    answers: &BTreeMap<String, Answer>,
    rejected: u64,
    seconds: f64,
) -> Check {
    let mut total = Expected::default();
    let checked: Vec<Checked> = communities
        .iter()
        .map(|community| {
            total.add(&community.expected);
            let hub = answers
                .get(&community.code.to_string())
                .cloned()
                .unwrap_or_default();
            Checked {
                community: community.code.to_string(),
                name: community.name.clone(),
                differences: hub.differences(&community.expected),
                file: community.expected.clone(),
                hub,
            }
        })
        .collect();
    let agrees =
        rejected == total.impossible && checked.iter().all(|one| one.differences.is_empty());
    Check {
        agrees,
        seconds,
        rows: total.rows,
        rejected,
        communities: checked,
    }
}

pub fn table(communities: &[Community], answers: &BTreeMap<String, Answer>) -> Sheet {
    let mut sheet = Sheet::new(vec![
        column("community", "社区", "community"),
        column("name", "名称", "name"),
        column("reported", "报事", "reported"),
        column("on_time", "按时办结", "on time"),
        column("median_hours", "中位用时（小时）", "median hours"),
        column("open", "未办结", "open"),
        column("coverage", "覆盖", "coverage"),
    ]);
    for community in communities {
        let code = community.code.to_string();
        let answer = answers.get(&code).cloned().unwrap_or_default();
        let share = (answer.fell_due > 0).then(|| answer.on_time as f64 / answer.fell_due as f64);
        let hours = answer
            .median_seconds
            .map(|seconds| Cell::Number(seconds as f64 / 3600.0, 1));
        sheet.rows.push(vec![
            code.into(),
            community.name.as_str().into(),
            answer.reported.into(),
            share.map_or(Cell::Empty, Cell::Share),
            hours.unwrap_or(Cell::Empty),
            answer.reported.saturating_sub(answer.completed).into(),
            format!("{}/{}", answer.reporting, answer.expected).into(),
        ]);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Expected {
        let seconds_to_complete = vec![1000, 3000, 2000];
        Expected {
            rows: 5,
            impossible: 1,
            reported: 4,
            completed: 3,
            fell_due: 2,
            on_time: 1,
            seconds_to_complete,
        }
    }

    fn hub() -> Answer {
        Answer {
            reported: 4,
            completed: 3,
            fell_due: 2,
            on_time: 1,
            median_seconds: Some(2015),
            reporting: 1,
            expected: 1,
        }
    }

    #[test]
    fn a_hub_that_is_off_by_one_does_not_agree() {
        assert!(hub().differences(&file()).is_empty());
        for wrong in [
            Answer {
                reported: 5,
                ..hub()
            },
            Answer {
                completed: 2,
                ..hub()
            },
            Answer {
                fell_due: 3,
                ..hub()
            },
            Answer {
                on_time: 2,
                ..hub()
            },
            Answer {
                median_seconds: Some(2100),
                ..hub()
            },
            Answer {
                median_seconds: None,
                ..hub()
            },
        ] {
            assert_eq!(wrong.differences(&file()).len(), 1, "{wrong:?}");
        }
    }
}
