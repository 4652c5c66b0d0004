//! Watch rules and warnings as the wire has them.

use hub_domain::{
    register::Register,
    watch::{Condition, Rule, Warning, WarningId},
};
use jiff::tz::TimeZone;
use proto::{
    pb::{
        hub::{self as pb, watch_rule::Condition as Wire},
        types,
    },
    place::Level,
};

use crate::rpc::field::wire_time;

pub fn rule(rule: &Rule) -> pb::WatchRule {
    let code = &rule.indicator.code;
    let (warn, clear) = rule.condition.bounds();
    let bounds = pb::WatchBounds { warn, clear };
    let level = match rule.level {
        Level::Community => pb::WatchLevel::Community,
        Level::Street => pb::WatchLevel::Street,
        Level::District => pb::WatchLevel::District,
        Level::City => pb::WatchLevel::City,
        Level::Province => pb::WatchLevel::Province,
        Level::Country | Level::Grid => pb::WatchLevel::Unspecified,
    };
    pb::WatchRule {
        name: format!("watch-rules/{}", rule.code),
        indicator: match rule.indicator.revision {
            Some(revision) => format!("{code}@{}", revision.0),
            None => code.clone(),
        },
        place: rule.place.to_string(),
        level: level.into(),
        grain: types::Grain::from(rule.grain).into(),
        condition: Some(match rule.condition {
            Condition::Above { .. } => Wire::Above(bounds),
            Condition::Below { .. } => Wire::Below(bounds),
            Condition::Rising { .. } => Wire::Rising(bounds),
            Condition::Falling { .. } => Wire::Falling(bounds),
        }),
        periods: rule.periods.into(),
        centre: rule.centre.to_string(),
        note: rule.note.clone(),
    }
}

/// Named as on the day that it was raised.
pub fn warning(
    id: WarningId,
    warning: &Warning,
    register: &Register,
    zone: &TimeZone,
) -> pb::Warning {
    let day = zone.to_datetime(warning.raised_at).date();
    let taken = warning.acknowledged.as_ref();
    let cleared = warning.cleared.as_ref();
    pb::Warning {
        name: format!("warnings/{}", id.0),
        rule: format!("watch-rules/{}", warning.rule),
        centre: warning.centre.to_string(),
        place: warning.place.to_string(),
        place_name: register.name_of(warning.place, day).unwrap_or_default(),
        period: warning.period.to_string(),
        value: warning.value,
        raised_at: Some(wire_time(warning.raised_at)),
        acknowledged_by: taken.map(|taken| taken.by.to_string()).unwrap_or_default(),
        note: taken.map(|taken| taken.note.clone()).unwrap_or_default(),
        acknowledged_at: taken.map(|taken| wire_time(taken.at)),
        cleared_at: cleared.map(|cleared| wire_time(cleared.at)),
        cleared_period: cleared
            .and_then(|cleared| cleared.period)
            .map(|period| period.to_string())
            .unwrap_or_default(),
        change: warning.change,
    }
}
