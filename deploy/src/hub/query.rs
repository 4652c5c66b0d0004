//! `tongxin hub query`: from flags to a question, from rows to a sheet. Knows
//! nothing of how the hub finds the answer.

use std::collections::BTreeMap;

use proto::pb::{hub as pb, types};

use crate::{
    cli::{Comparison, Grain, GroupBy, Query, RegisterAs},
    failure::{Exit, Failure},
    output::{Cell, Column, Sheet, column},
};

pub fn request(query: &Query) -> Result<pb::QueryIndicatorsRequest, Failure> {
    let (rank, limit) = match (query.top, query.bottom) {
        (Some(limit), _) => (pb::RankOrder::Top, limit),
        (_, Some(limit)) => (pb::RankOrder::Bottom, limit),
        _ => (pb::RankOrder::Unspecified, 0),
    };
    Ok(pb::QueryIndicatorsRequest {
        indicators: query.indicators.clone(),
        place: query.place.clone(),
        from: query.from.clone(),
        to: query.to.clone(),
        grain: query.grain.map_or(types::Grain::Unspecified, grain).into(),
        group_by: query.group_by.iter().map(|by| group(*by).into()).collect(),
        breakdown: query.breakdown.clone(),
        filters: query
            .filters
            .iter()
            .map(|text| filter(text))
            .collect::<Result<_, _>>()?,
        comparisons: query
            .comparisons
            .iter()
            .map(|with| comparison(*with).into())
            .collect(),
        rank: rank.into(),
        limit,
        page_size: 10_000,
        page_token: String::new(),
        register_date: query.register_date.clone(),
        register_as: match query.register_as {
            None => pb::RegisterAs::Unspecified,
            Some(RegisterAs::Then) => pb::RegisterAs::Then,
            Some(RegisterAs::Now) => pb::RegisterAs::Now,
        }
        .into(),
    })
}

pub(super) fn grain(grain: Grain) -> types::Grain {
    match grain {
        Grain::Day => types::Grain::Day,
        Grain::Week => types::Grain::Week,
        Grain::Month => types::Grain::Month,
        Grain::Quarter => types::Grain::Quarter,
        Grain::Half => types::Grain::Half,
        Grain::Year => types::Grain::Year,
    }
}

fn group(by: GroupBy) -> pb::GroupBy {
    match by {
        GroupBy::Community => pb::GroupBy::Community,
        GroupBy::Street => pb::GroupBy::Street,
        GroupBy::District => pb::GroupBy::District,
        GroupBy::City => pb::GroupBy::City,
        GroupBy::Province => pb::GroupBy::Province,
        GroupBy::Type => pb::GroupBy::CommunityType,
        GroupBy::Period => pb::GroupBy::Period,
        GroupBy::Breakdown => pb::GroupBy::Breakdown,
    }
}

fn comparison(with: Comparison) -> pb::Comparison {
    match with {
        Comparison::Previous => pb::Comparison::PreviousPeriod,
        Comparison::YearBefore => pb::Comparison::YearBefore,
        Comparison::TypeMedian => pb::Comparison::TypeMedian,
    }
}

/// `category=trees,graffiti`; without members every member is meant.
fn filter(text: &str) -> Result<pb::BreakdownFilter, Failure> {
    let (dimension, members) = text.split_once('=').ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            crate::text!(
                "--where {:?}：要写成 维度=成员,成员",
                "--where {:?}: write dimension=member,member",
                text
            ),
        )
    })?;
    let members = members
        .split(',')
        .filter(|member| !member.is_empty())
        .map(str::to_owned);
    Ok(pb::BreakdownFilter {
        dimension: dimension.to_owned(),
        members: members.collect(),
    })
}

/// Units by indicator code, for how a number is shown.
pub type Units = BTreeMap<String, String>;

pub fn sheet(rows: &[pb::Row], units: &Units) -> Sheet {
    let shown: Vec<Field> = fields()
        .into_iter()
        .filter(|field| rows.is_empty() || rows.iter().any(|row| (field.present)(row)))
        .collect();
    let comparisons = comparisons_of(rows);
    let mut columns: Vec<Column> = shown
        .iter()
        .map(|field| column(field.key, field.zh, field.en))
        .collect();
    columns.extend(comparisons.iter().map(|with| compared_column(*with)));
    let mut sheet = Sheet::new(columns);
    for row in rows {
        let mut cells: Vec<Cell> = shown.iter().map(|field| (field.cell)(row, units)).collect();
        for with in &comparisons {
            let value = row
                .compared
                .iter()
                .find(|compared| compared.comparison() == *with);
            cells.push(
                value
                    .and_then(|c| c.value.as_ref())
                    .map_or(Cell::Empty, |v| number(row, v, units)),
            );
        }
        sheet.rows.push(cells);
    }
    sheet
}

/// One possible column: shown when some row has it.
struct Field {
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    present: fn(&pb::Row) -> bool,
    cell: fn(&pb::Row, &Units) -> Cell,
}

fn fields() -> Vec<Field> {
    macro_rules! field {
        ($key:literal, $zh:literal, $en:literal, $present:expr, $cell:expr) => {
            Field {
                key: $key,
                zh: $zh,
                en: $en,
                present: $present,
                cell: $cell,
            }
        };
    }
    vec![
        field!("rank", "名次", "rank", |row| row.rank > 0, |row, _| row
            .rank
            .into()),
        field!("indicator", "指标", "indicator", |_| true, |row, _| row
            .indicator
            .as_str()
            .into()),
        field!("revision", "版次", "revision", |_| true, |row, _| row
            .revision
            .into()),
        field!(
            "place",
            "地点",
            "place",
            |row| !row.place.is_empty(),
            |row, _| row.place.as_str().into()
        ),
        field!(
            "place_name",
            "名称",
            "name",
            |row| !row.place_name.is_empty(),
            |row, _| row.place_name.as_str().into()
        ),
        field!(
            "community_type",
            "类型",
            "type",
            |row| !row.community_type.is_empty(),
            |row, _| row.community_type.as_str().into()
        ),
        field!(
            "period",
            "周期",
            "period",
            |row| !row.period.is_empty(),
            |row, _| row.period.as_str().into()
        ),
        field!(
            "member",
            "细分",
            "member",
            |row| !row.member.is_empty(),
            |row, _| row.member.as_str().into()
        ),
        field!(
            "member_name",
            "细分名",
            "member name",
            |row| !row.member_name.is_empty(),
            |row, _| row.member_name.as_str().into()
        ),
        field!("value", "数值", "value", |_| true, |row, units| row
            .value
            .as_ref()
            .map_or(Cell::Empty, |v| number(row, v, units))),
        field!(
            "standard_error",
            "标准误",
            "standard error",
            |row| row.value.as_ref().is_some_and(|v| v.standard_error > 0.0),
            standard_error
        ),
        field!(
            "approved",
            "核定值",
            "approved",
            is_locked,
            |row, units| {
                let value = row.approved.as_ref().and_then(|held| held.value.as_ref());
                value.map_or(Cell::Empty, |value| number(row, value, units))
            }
        ),
        field!("revised", "已修订", "revised", is_locked, |row, _| {
            let held = row.approved.as_ref();
            held.map_or(Cell::Empty, |held| revised(held).into())
        }),
        field!("lock", "锁定", "lock", is_locked, |row, _| {
            let held = row.approved.as_ref();
            let number = held.and_then(|held| held.lock.rsplit('/').next());
            number.map_or(Cell::Empty, Cell::from)
        }),
        field!("state", "状态", "state", |_| true, |row, _| state(row)
            .into()),
        field!("numerator", "分子", "numerator", has_ratio, |row, _| {
            whole(row, |v| v.numerator)
        }),
        field!(
            "denominator",
            "分母",
            "denominator",
            has_ratio,
            |row, _| whole(row, |v| v.denominator)
        ),
        field!(
            "buckets",
            "分布",
            "buckets",
            |row| row.value.as_ref().is_some_and(|v| !v.buckets.is_empty()),
            |row, _| list(row, |v| &v.buckets)
        ),
        field!(
            "quantiles",
            "5·50·95%",
            "5·50·95%",
            |row| row.value.as_ref().is_some_and(|v| !v.quantiles.is_empty()),
            |row, _| list(row, |v| &v.quantiles)
        ),
        field!("reporting", "已报", "reporting", |_| true, |row, _| row
            .coverage
            .as_ref()
            .map_or(Cell::Empty, |c| c.reporting.into())),
        field!("expected", "应报", "expected", |_| true, |row, _| row
            .coverage
            .as_ref()
            .map_or(Cell::Empty, |c| c.expected.into())),
        field!(
            "oldest_watermark",
            "最旧水位",
            "oldest watermark",
            |_| true,
            |row, _| watermark(row)
        ),
    ]
}

/// In the number's own unit; absent where nothing was rounded.
fn standard_error(row: &pb::Row, units: &Units) -> Cell {
    let value = row.value.as_ref();
    let error = value
        .map(|value| value.standard_error)
        .filter(|error| *error > 0.0);
    match (error, units.get(&row.indicator).map(String::as_str)) {
        (None, _) => Cell::Empty,
        (Some(error), Some("%")) => Cell::Share(error),
        (Some(error), _) => Cell::Number(error, 1),
    }
}

fn is_locked(row: &pb::Row) -> bool {
    row.approved.is_some()
}

fn revised(held: &pb::Approved) -> &'static str {
    let (zh, en) = if held.revised {
        ("是", "yes")
    } else {
        ("否", "no")
    };
    crate::locale::pick(zh, en)
}

fn has_ratio(row: &pb::Row) -> bool {
    row.value
        .as_ref()
        .is_some_and(|value| value.denominator != 0)
}

fn whole(row: &pb::Row, of: fn(&pb::Value) -> i64) -> Cell {
    row.value
        .as_ref()
        .map_or(Cell::Empty, |value| Cell::Whole(of(value)))
}

fn list(row: &pb::Row, of: fn(&pb::Value) -> &[i64]) -> Cell {
    let numbers = row.value.as_ref().map(of).unwrap_or_default();
    Cell::List(numbers.iter().map(i64::to_string).collect())
}

fn watermark(row: &pb::Row) -> Cell {
    let oldest = row
        .coverage
        .as_ref()
        .and_then(|coverage| coverage.oldest_watermark);
    oldest.map_or(Cell::Empty, |time| crate::client::time_text(time).into())
}

fn state(row: &pb::Row) -> &'static str {
    let state = row
        .value
        .as_ref()
        .map_or(pb::ValueState::None, pb::Value::state);
    match state {
        pb::ValueState::Value => crate::locale::pick("有值", "value"),
        pb::ValueState::Zero => crate::locale::pick("零", "zero"),
        pb::ValueState::None | pb::ValueState::Unspecified => crate::locale::pick("未报", "none"),
        pb::ValueState::NotApplicable => crate::locale::pick("不适用", "not applicable"),
        pb::ValueState::Protected => crate::locale::pick("受保护", "protected"),
        pb::ValueState::Stale => crate::locale::pick("过时", "stale"),
    }
}

/// The number as its unit asks; absent when there is none, which is not zero.
pub fn number(row: &pb::Row, value: &pb::Value, units: &Units) -> Cell {
    let absent = matches!(
        value.state(),
        pb::ValueState::None
            | pb::ValueState::NotApplicable
            | pb::ValueState::Protected
            | pb::ValueState::Unspecified
    );
    match units.get(&row.indicator).map(String::as_str) {
        _ if absent => Cell::Empty,
        Some("%") => Cell::Share(value.number),
        _ if value.number.fract() == 0.0 && value.number.abs() < 9e15 => {
            Cell::Whole(value.number as i64)
        }
        _ => Cell::Number(value.number, 2),
    }
}

fn comparisons_of(rows: &[pb::Row]) -> Vec<pb::Comparison> {
    let mut found: Vec<pb::Comparison> = Vec::new();
    for compared in rows.iter().flat_map(|row| &row.compared) {
        if !found.contains(&compared.comparison()) {
            found.push(compared.comparison());
        }
    }
    found
}

fn compared_column(with: pb::Comparison) -> Column {
    match with {
        pb::Comparison::YearBefore => column("year_before", "上年同期", "year before"),
        pb::Comparison::TypeMedian => column("type_median", "同类中位", "type median"),
        _ => column("previous_period", "上期", "previous"),
    }
}

#[cfg(test)]
mod tests;
