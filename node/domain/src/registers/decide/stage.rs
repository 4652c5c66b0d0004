//! From one stage to another: their order, and what a stage asks beside it.

use crate::code::{Code, Name};
use crate::process::Refusal;
use crate::registers::{Condition, Entry, Happening, Seen};
use crate::stored::Day;

pub(super) fn move_on(
    entry: &Entry,
    to: &Code,
    reason: Option<Name>,
    seen: Seen,
    today: Day,
) -> Result<Vec<Happening>, Refusal> {
    let Some(stage) = entry.rules.stage(to) else {
        let listed = entry.rules.stages.iter().map(|stage| stage.code.as_str());
        let listed = listed.collect::<Vec<_>>().join(", ");
        let zh = format!("名册的状态有：{listed}");
        let en = format!("the register has these stages: {listed}");
        return Err(Refusal::input("to", "UNKNOWN_STAGE", zh, en));
    };
    let follows = stage.after.is_empty() || stage.after.contains(&entry.stage);
    if !follows || *to == entry.stage {
        let zh = format!("不能从“{}”转为“{to}”", entry.stage);
        let en = format!("{to} does not follow {}", entry.stage);
        return Err(Refusal::state("STAGE_ORDER", zh, en).with("stage", &entry.stage));
    }
    if stage.counts && !is_agreed(entry) {
        let (zh, en) = ("要双方都同意", "both sides have to agree first");
        return Err(Refusal::state("NOT_ACCEPTED", zh, en));
    }
    if let Some(condition) = entry.condition(to) {
        meets(entry, condition, reason.as_ref(), seen, today)?;
    }
    let moved = Happening::Moved {
        to: to.clone(),
        reason,
    };
    if stage.ends && entry.is_member {
        let (on, reason) = (today, to.clone());
        return Ok(vec![Happening::Left { on, reason }, moved]);
    }
    Ok(vec![moved])
}

fn is_agreed(entry: &Entry) -> bool {
    entry.pair.as_ref().is_none_or(|pair| {
        let mut parties = pair.helpers.iter().chain([&pair.person]);
        parties.all(|party| pair.accepted.contains(party))
    })
}

fn meets(
    entry: &Entry,
    condition: &Condition,
    reason: Option<&Name>,
    seen: Seen,
    today: Day,
) -> Result<(), Refusal> {
    let since = entry.stage_since_day();
    let left = i64::from(condition.least_days) - today.days_since(since);
    if left > 0 {
        let zh = format!(
            "在“{}”满 {} 天之后，还差 {left} 天",
            entry.stage, condition.least_days
        );
        let en = format!(
            "only after {} days in {}; {left} are missing",
            condition.least_days, entry.stage
        );
        return Err(Refusal::state("TOO_SOON", zh, en).with("days", left));
    }
    if condition.wants_reason && reason.is_none() {
        let (zh, en) = ("请写明理由", "say why");
        return Err(Refusal::input("reason", "REASON_MISSING", zh, en));
    }
    if condition.wants_group && entry.group.is_none() {
        let listed = entry.rules.groups.iter().map(Code::as_str);
        let listed = listed.collect::<Vec<_>>().join(", ");
        let zh = format!("请先写明类别：{listed}");
        let en = format!("first say of which group it is: {listed}");
        return Err(Refusal::state("GROUP_MISSING", zh, en));
    }
    let (seats, filled) = entry.seats();
    if condition.wants_roles && filled < seats {
        let zh = format!("必需的职务还缺 {} 人", seats - filled);
        let en = format!("{} of the roles that it needs are not held", seats - filled);
        return Err(Refusal::state("ROLES_MISSING", zh, en).with("missing", seats - filled));
    }
    if let Some(first) = &condition.first
        && entry.group.as_ref() != Some(first)
        && seen.waiting > 0
        && reason.is_none()
    {
        let waiting = seen.waiting;
        let zh = format!("有 {waiting} 个“{first}”优先；越过他们须写明理由");
        let en = format!("{waiting} of {first} go first; say why they are passed over");
        return Err(Refusal::state("OTHERS_FIRST", zh, en).with("waiting", waiting));
    }
    let Some(wanted) = &condition.result else {
        return Ok(());
    };
    match seen.result {
        Some((on, reaches)) if on >= since => match reaches {
            true => Ok(()),
            false => {
                let zh = format!("“{}”的结果不到 {} 分", wanted.kind, wanted.points);
                let en = format!("the result of {} is below {}", wanted.kind, wanted.points);
                Err(Refusal::state("RESULT_TOO_LOW", zh, en).with("points", wanted.points))
            }
        },
        _ => {
            let zh = format!("进入“{}”以来没有公布过“{}”的结果", entry.stage, wanted.kind);
            let en = format!(
                "no {} was published since it is {}",
                wanted.kind, entry.stage
            );
            Err(Refusal::state("RESULT_MISSING", zh, en).with("kind", &wanted.kind))
        }
    }
}
