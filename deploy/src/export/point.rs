//! A row as exchange formats want it: element, period, place, category, value.
//! A rate goes as its numerator and its denominator, each an element of its own;
//! what has no value is left out, and the statement of method counts it.

use proto::pb::hub as pb;
use proto::period::Period;

use super::Answer;
use crate::failure::{Exit, Failure};

#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// `QS.R01`, or `QS.R02.numerator`.
    pub element: String,
    pub period: Period,
    pub place: String,
    /// The breakdown's member.
    pub category: Option<String>,
    /// In decimal, as it is.
    pub value: String,
}

pub fn points(answer: &Answer<'_>) -> Result<Vec<Point>, Failure> {
    let mut points = Vec::with_capacity(answer.rows.len());
    for row in answer.rows {
        points.extend(of_row(row, answer)?);
    }
    Ok(points)
}

fn of_row(row: &pb::Row, answer: &Answer<'_>) -> Result<Vec<Point>, Failure> {
    let period = match row.period.as_str() {
        "" => answer.period.ok_or_else(|| {
            missing(crate::text!(
                "每个数要有周期：请加 --by period",
                "every value needs its period: add --by period"
            ))
        })?,
        period => period,
    };
    let period = period
        .parse::<Period>()
        .map_err(|invalid| missing(invalid.to_string()))?;
    let place = [row.place.as_str(), answer.place];
    let place = place.into_iter().find(|place| !place.is_empty());
    let place = place.ok_or_else(|| {
        missing(crate::text!(
            "每个数要有地点：请加 --place 或 --by community",
            "every value needs its place: add --place or --by community"
        ))
    })?;
    if !row.community_type.is_empty() {
        return Err(missing(crate::text!(
            "按类型分组的数没有地点，不能以此格式交换",
            "values by community type have no place and cannot be exchanged this way"
        )));
    }
    let point = |suffix: &str, value: String| Point {
        element: format!("{}{suffix}", row.indicator),
        period,
        place: place.to_owned(),
        category: Some(row.member.clone()).filter(|member| !member.is_empty()),
        value,
    };
    let Some(value) = row.value.as_ref().filter(|value| has_number(value)) else {
        return Ok(Vec::new());
    };
    Ok(match value.denominator {
        0 => vec![point("", value.number.to_string())],
        denominator => vec![
            point(".numerator", value.numerator.to_string()),
            point(".denominator", denominator.to_string()),
        ],
    })
}

fn missing(text: String) -> Failure {
    Failure::new(Exit::Usage, text)
}

pub fn has_number(value: &pb::Value) -> bool {
    matches!(
        value.state(),
        pb::ValueState::Value | pb::ValueState::Zero | pb::ValueState::Stale
    )
}
