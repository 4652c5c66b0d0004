//! Watch rules as they come over the wire.

use hub_domain::{
    query,
    watch::{Condition, Rule, WarningId},
};
use proto::{
    identity::Label,
    indicator::cell::Revision,
    pb::{
        hub::{self as pb, watch_rule::Condition as Wire},
        types,
    },
    period::Grain,
    place::Level,
};

use crate::rpc::{
    field,
    status::{Mistake, Mistakes},
};

/// `None` comes with mistakes.
pub fn rule(wire: Option<&pb::WatchRule>, mistakes: &mut Mistakes) -> Option<Rule> {
    let Some(wire) = wire else {
        mistakes.add(Mistake::new("rule", "want a rule", "应有规则"));
        return None;
    };
    let code = mistakes.take(named(&wire.name).map_err(inside));
    let indicator = mistakes.take(indicator(&wire.indicator));
    let place = mistakes.take(field::place("rule.place", &wire.place));
    let level = mistakes.take(level(wire.level()));
    let grain = mistakes.take(grain(wire.grain()));
    let condition = mistakes.take(condition(wire.condition.as_ref()));
    let centre = mistakes.take(label("rule.centre", &wire.centre));
    let rule = Rule {
        code: code?,
        indicator: indicator?,
        place: place?,
        level: level?,
        grain: grain?,
        condition: condition?,
        periods: u8::try_from(wire.periods.max(1)).unwrap_or(u8::MAX),
        centre: centre?,
        note: wire.note.clone(),
    };
    let checked = rule.checked().map_err(|invalid| {
        let field = format!("rule.{}", invalid.field());
        Mistake::new(field, invalid.to_string(), in_chinese(invalid))
    });
    mistakes.take(checked)
}

const fn in_chinese(invalid: hub_domain::watch::InvalidRule) -> &'static str {
    use hub_domain::watch::InvalidRule;
    match invalid {
        InvalidRule::NotANumber => "应为数",
        InvalidRule::Inverted => "解除界限应在预警界限好的一侧，或与之相同",
        InvalidRule::Periods => "应为 1 至 12 个周期",
        InvalidRule::Level => "应为社区、街道、区、市或省",
        InvalidRule::Note => "最多 500 字",
    }
}

/// "watch-rules/{code}"
pub fn named(name: &str) -> Result<Label, Mistake> {
    label(
        "name",
        name.strip_prefix("watch-rules/").unwrap_or_default(),
    )
    .map_err(|_| {
        Mistake::new(
            "name",
            "want watch-rules/ and a code of lower-case letters, digits and hyphens",
            "应为 watch-rules/ 加代码：小写字母、数字、连字符",
        )
    })
}

/// "warnings/{number}"
pub fn warning(name: &str) -> Result<WarningId, Mistake> {
    let number = name
        .strip_prefix("warnings/")
        .and_then(|number| number.parse().ok());
    number.map(WarningId).ok_or_else(|| {
        Mistake::new(
            "name",
            "want warnings/ and a number",
            "应为 warnings/ 加编号",
        )
    })
}

fn inside(mut mistake: Mistake) -> Mistake {
    mistake.field = format!("rule.{}", mistake.field);
    mistake
}

fn label(field: &str, text: &str) -> Result<Label, Mistake> {
    text.parse().map_err(|_| {
        Mistake::new(
            field,
            "want a code of lower-case letters, digits and hyphens",
            "应为代码：小写字母、数字、连字符",
        )
    })
}

fn indicator(text: &str) -> Result<query::Asked, Mistake> {
    let (code, revision) = match text.split_once('@') {
        None => (text, Some(None)),
        Some((code, revision)) => (
            code,
            revision.parse().ok().map(|number| Some(Revision(number))),
        ),
    };
    match revision {
        Some(revision) if !code.is_empty() => Ok(query::Asked {
            code: code.to_owned(),
            revision,
        }),
        _ => Err(Mistake::new(
            "rule.indicator",
            "want a code such as QS.R02, or QS.R02@1 for revision 1",
            "应为代码如 QS.R02，或 QS.R02@1 指第 1 版",
        )),
    }
}

fn level(level: pb::WatchLevel) -> Result<Level, Mistake> {
    match level {
        pb::WatchLevel::Community => Ok(Level::Community),
        pb::WatchLevel::Street => Ok(Level::Street),
        pb::WatchLevel::District => Ok(Level::District),
        pb::WatchLevel::City => Ok(Level::City),
        pb::WatchLevel::Province => Ok(Level::Province),
        pb::WatchLevel::Unspecified => Err(Mistake::new(
            "rule.level",
            "want a community, street, district, city or province",
            "应为社区、街道、区、市或省",
        )),
    }
}

fn grain(grain: types::Grain) -> Result<Grain, Mistake> {
    Grain::try_from(grain).map_err(|_| {
        Mistake::new(
            "rule.grain",
            "want a day, week, month, quarter, half or year",
            "应为日、周、月、季、半年或年",
        )
    })
}

fn condition(wire: Option<&Wire>) -> Result<Condition, Mistake> {
    let bounds = |bounds: &pb::WatchBounds| (bounds.warn, bounds.clear);
    Ok(match wire {
        Some(Wire::Above(wire)) => {
            let (warn, clear) = bounds(wire);
            Condition::Above { warn, clear }
        }
        Some(Wire::Below(wire)) => {
            let (warn, clear) = bounds(wire);
            Condition::Below { warn, clear }
        }
        Some(Wire::Rising(wire)) => {
            let (warn, clear) = bounds(wire);
            Condition::Rising { warn, clear }
        }
        Some(Wire::Falling(wire)) => {
            let (warn, clear) = bounds(wire);
            Condition::Falling { warn, clear }
        }
        None => {
            return Err(Mistake::new(
                "rule.condition",
                "want above, below, rising or falling",
                "应有条件：高于、低于、上升或下降",
            ));
        }
    })
}
