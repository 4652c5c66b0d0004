//! A question as it came, parsed: every wrong field is named at once. What can
//! be asked together is decided by `hub_domain::query`.

use hub_domain::query::{Asked, Comparison, Group, MemberFilter, Rank, RankOrder, Request};
use proto::{
    indicator::cell::Revision,
    pb::{hub as pb, types},
    period::{Grain, Period},
    place::{Level, Place},
};
use proto_edge::problem::Problem;

use crate::rpc::{
    field,
    status::{Mistake, Mistakes},
};

pub fn question(wire: &pb::QueryIndicatorsRequest) -> Result<Request, Problem> {
    let mut mistakes = Mistakes::default();
    let indicators = indicators(&wire.indicators, &mut mistakes);
    let place = mistakes.take(asked_place(&wire.place));
    let from = mistakes.take(period("from", &wire.from));
    let to = match wire.to.as_str() {
        "" => from,
        to => mistakes.take(period("to", to)),
    };
    let grain = mistakes.take(grain(wire.grain));
    let group = group(wire, &mut mistakes);
    let filters = filters(&wire.filters, &mut mistakes);
    let comparisons = comparisons(&wire.comparisons, &mut mistakes);
    let rank = mistakes.take(rank(wire.rank, wire.limit));
    let register_date = mistakes.take(field::date("register_date", &wire.register_date));
    mistakes.take(register_as(wire));
    let parsed = (|| {
        Some(Request {
            indicators,
            place: place?,
            from: from?,
            to: to?,
            grain: grain?,
            group,
            filters,
            comparisons,
            rank: rank?,
            register_date: register_date?,
        })
    })();
    mistakes.finish(parsed)
}

fn indicators(codes: &[String], mistakes: &mut Mistakes) -> Vec<Asked> {
    if codes.is_empty() {
        mistakes.add(Mistake::new(
            "indicators",
            "name at least one, for example QS.R02",
            "请至少给出一个指标，如 QS.R02",
        ));
    }
    let asked = codes.iter().enumerate();
    asked
        .filter_map(|(at, code)| mistakes.take(indicator(at, code)))
        .collect()
}

pub fn indicator(at: usize, text: &str) -> Result<Asked, Mistake> {
    let (code, revision) = match text.split_once('@') {
        None => (text, Ok(None)),
        Some((code, revision)) => (code, revision.parse().map(Some)),
    };
    match revision {
        Ok(revision) if !code.is_empty() => Ok(Asked {
            code: code.to_owned(),
            revision: revision.map(Revision),
        }),
        _ => {
            let shown: String = text.chars().take(40).collect();
            Err(Mistake::new(
                format!("indicators[{at}]"),
                format!("{shown:?}: want a code such as QS.R02, or QS.R02@1 for revision 1"),
                format!("{shown:?} 有误，应为代码如 QS.R02，或 QS.R02@1 指第 1 版"),
            ))
        }
    }
}

pub fn asked_place(text: &str) -> Result<Place, Mistake> {
    let place = field::place("place", text)?;
    match place.level() {
        Level::Grid => Err(Mistake::new(
            "place",
            "a grid is not a place of its own here: ask for its community and filter by grid",
            "网格不是独立地点：请查其社区并按网格筛选",
        )),
        _ => Ok(place),
    }
}

pub fn period(name: &str, text: &str) -> Result<Period, Mistake> {
    text.parse()
        .map_err(|invalid: proto::period::InvalidPeriod| {
            Mistake::new(
                name,
                invalid.to_string(),
                "应为周期，如 20260131、2026W05、202601、2026Q1、2026S1 或 2026",
            )
        })
}

fn grain(number: i32) -> Result<Option<Grain>, Mistake> {
    match types::Grain::try_from(number) {
        Ok(types::Grain::Unspecified) => Ok(None),
        Ok(grain) => Grain::try_from(grain)
            .map(Some)
            .map_err(|_| unknown("grain", number)),
        Err(_) => Err(unknown("grain", number)),
    }
}

fn group(wire: &pb::QueryIndicatorsRequest, mistakes: &mut Mistakes) -> Group {
    let mut group = Group::default();
    let mut by_breakdown = false;
    for (at, number) in wire.group_by.iter().enumerate() {
        let level = match pb::GroupBy::try_from(*number) {
            Ok(pb::GroupBy::Community) => Level::Community,
            Ok(pb::GroupBy::Street) => Level::Street,
            Ok(pb::GroupBy::District) => Level::District,
            Ok(pb::GroupBy::City) => Level::City,
            Ok(pb::GroupBy::Province) => Level::Province,
            Ok(pb::GroupBy::CommunityType) => {
                group.community_type = true;
                continue;
            }
            Ok(pb::GroupBy::Period) => {
                group.period = true;
                continue;
            }
            Ok(pb::GroupBy::Breakdown) => {
                by_breakdown = true;
                continue;
            }
            // Indicators do not add up: rows are always apart by them.
            Ok(pb::GroupBy::Indicator) => continue,
            Ok(pb::GroupBy::Unspecified) | Err(_) => {
                mistakes.add(unknown(format!("group_by[{at}]"), *number));
                continue;
            }
        };
        if group.place.is_some_and(|before| before != level) {
            mistakes.add(Mistake::new(
                format!("group_by[{at}]"),
                "want one level of places: community, street, district, city or province",
                "地点只能取一级：社区、街道、区、市或省",
            ));
        }
        group.place = Some(level);
    }
    match (by_breakdown, wire.breakdown.is_empty()) {
        (true, true) => mistakes.add(Mistake::new(
            "breakdown",
            "name the dimension to group by, for example category",
            "请给出分组的维度，如 category",
        )),
        (false, false) => mistakes.add(Mistake::new(
            "breakdown",
            "leave it out, or group by GROUP_BY_BREAKDOWN",
            "请删去，或按 GROUP_BY_BREAKDOWN 分组",
        )),
        (true, false) => group.breakdown = Some(wire.breakdown.clone()),
        (false, true) => {}
    }
    group
}

fn filters(wire: &[pb::BreakdownFilter], mistakes: &mut Mistakes) -> Vec<MemberFilter> {
    let mut filters = Vec::with_capacity(wire.len());
    for (at, filter) in wire.iter().enumerate() {
        if filter.dimension.is_empty() {
            mistakes.add(Mistake::new(
                format!("filters[{at}].dimension"),
                "name a dimension, for example category",
                "请给出维度，如 category",
            ));
        }
        filters.push(MemberFilter {
            dimension: filter.dimension.clone(),
            members: filter.members.clone(),
        });
    }
    filters
}

fn comparisons(wire: &[i32], mistakes: &mut Mistakes) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (at, number) in wire.iter().enumerate() {
        let comparison = match pb::Comparison::try_from(*number) {
            Ok(pb::Comparison::PreviousPeriod) => Comparison::PreviousPeriod,
            Ok(pb::Comparison::YearBefore) => Comparison::YearBefore,
            Ok(pb::Comparison::TypeMedian) => Comparison::TypeMedian,
            Ok(pb::Comparison::Unspecified) | Err(_) => {
                mistakes.add(unknown(format!("comparisons[{at}]"), *number));
                continue;
            }
        };
        if !comparisons.contains(&comparison) {
            comparisons.push(comparison);
        }
    }
    comparisons
}

fn rank(order: i32, limit: u32) -> Result<Option<Rank>, Mistake> {
    let order = match pb::RankOrder::try_from(order) {
        Ok(pb::RankOrder::Top) => RankOrder::Top,
        Ok(pb::RankOrder::Bottom) => RankOrder::Bottom,
        Ok(pb::RankOrder::Unspecified) if limit == 0 => return Ok(None),
        Ok(pb::RankOrder::Unspecified) => {
            return Err(Mistake::new(
                "limit",
                "only a ranking has a limit: set rank, or leave it out",
                "只有排名才有行数：请设 rank，或删去",
            ));
        }
        Err(_) => return Err(unknown("rank", order)),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(Some(Rank { order, limit }))
}

/// A word or a date; what day the word is, the caller knows.
fn register_as(wire: &pb::QueryIndicatorsRequest) -> Result<(), Mistake> {
    match pb::RegisterAs::try_from(wire.register_as) {
        Err(_) => Err(unknown("register_as", wire.register_as)),
        Ok(pb::RegisterAs::Unspecified) => Ok(()),
        Ok(_) if wire.register_date.is_empty() => Ok(()),
        Ok(_) => Err(Mistake::new(
            "register_as",
            "give a word or a date: leave register_date empty",
            "词与日期只取其一：请将 register_date 留空",
        )),
    }
}

fn unknown(field: impl Into<String>, number: i32) -> Mistake {
    Mistake::new(
        field,
        format!("{number}: not a choice that this hub knows"),
        format!("{number} 不是本枢纽认得的选项"),
    )
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
