//! A new entry: what its register asks of it.

use super::{DESK, group, no_title, term};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::registers::{Form, Happening, Open, Pair, Registered, Rules};
use crate::stored::Day;

const MOST_HELPERS: usize = 10;

pub(super) fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let own_grid = matches!(context.by, Actor::GridWorker(grid) if open.grid == Some(*grid));
    if !context.by.is_office() && !own_grid {
        return Err(Refusal::not_yours(DESK));
    }
    let Some(kind) = context.playbooks.register(&open.register) else {
        let zh = format!("已采用的预案没有列出名册“{}”", open.register);
        let en = format!("no adopted playbook lists the register {}", open.register);
        return Err(Refusal::input("register", "UNKNOWN_KIND", zh, en));
    };
    let rules = &kind.rules;
    let today = Day(context.day());
    group(rules, open.group.as_ref())?;
    let term = term(rules, open.from.map_or(today, Day), open.until)?;
    title(open, rules)?;
    if rules.needs_consent && open.consented_on.is_none_or(|on| on > today.0) {
        let (zh, en) = (
            "须本人同意：请填写同意的日期",
            "want the day, not after today, on which the person agreed",
        );
        return Err(Refusal::input("consented_on", "CONSENT_MISSING", zh, en));
    }
    let registered = Registered {
        register: open.register.clone(),
        rules: rules.clone(),
        title: open.title.clone(),
        group: open.group.clone(),
        grid: open.grid,
        area: open.area.clone(),
        unit: open.unit,
        parent: open.parent.map(|parent| parent.entry),
        level: level(open, rules)?,
        term,
        consented_on: open.consented_on.map(Day),
        personal: open.personal.clone(),
        resident: open.resident,
        pair: pair(open, rules, today)?,
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    };
    let mut happenings = vec![Happening::Registered(Box::new(registered))];
    if !kind.conditions.is_empty() {
        let conditions = kind.conditions.clone();
        happenings.push(Happening::Bound { conditions });
    }
    if term.from <= today {
        happenings.push(Happening::Joined { on: term.from });
    }
    Ok(happenings)
}

fn title(open: &Open, rules: &Rules) -> Result<(), Refusal> {
    match (&open.title, rules.form.is_private()) {
        (Some(_), true) => Err(no_title()),
        (None, false) => {
            let (zh, en) = ("请填写名称", "want what it is called");
            Err(Refusal::input("title", "TITLE_MISSING", zh, en))
        }
        _ => Ok(()),
    }
}

fn level(open: &Open, rules: &Rules) -> Result<u8, Refusal> {
    let level = match (rules.levels, open.parent) {
        (0, None) => 0,
        (0, Some(_)) => {
            let (zh, en) = (
                "这个名册没有上下级",
                "entries of this register form no tree",
            );
            return Err(Refusal::input("parent", "NO_TREE", zh, en));
        }
        (_, None) => 1,
        (_, Some(parent)) => parent.level.saturating_add(1),
    };
    if level > rules.levels {
        let zh = format!("最多 {} 级", rules.levels);
        let en = format!("there are at most {} levels", rules.levels);
        return Err(Refusal::input("parent", "TOO_DEEP", zh, en).with("levels", rules.levels));
    }
    Ok(level)
}

fn pair(open: &Open, rules: &Rules, today: Day) -> Result<Option<Pair>, Refusal> {
    let wanted = rules.form == Form::Pair;
    let (person, helpers) = match (open.person, &open.helpers) {
        (None, helpers) if helpers.is_empty() && !wanted => return Ok(None),
        (Some(person), helpers) if wanted => (person, helpers),
        _ => {
            let (zh, en) = (
                "结对要有一位被照顾的人；别的名册没有",
                "a pair has a person who is cared for; other registers have none",
            );
            return Err(Refusal::input("person", "PERSON_OF_A_PAIR", zh, en));
        }
    };
    let mut distinct = helpers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let odd = distinct.len() != helpers.len() || helpers.contains(&person);
    if helpers.is_empty() || helpers.len() > MOST_HELPERS || odd {
        let zh = format!("应有 1 到 {MOST_HELPERS} 位互不相同的志愿者，不含被照顾的人");
        let en = format!("want 1 to {MOST_HELPERS} helpers, each once, not the person");
        return Err(Refusal::input("helpers", "HELPERS_OF_A_PAIR", zh, en));
    }
    if open.before.is_paired {
        let (zh, en) = ("已经结对", "this person has a pair already");
        return Err(Refusal::exists("ALREADY_PAIRED", zh, en));
    }
    let again = open.before.ended_on.map(|ended| {
        let days = today.days_since(ended).max(0);
        let in_time = days <= i64::from(rules.again_days);
        (u32::try_from(days).unwrap_or(u32::MAX), in_time)
    });
    Ok(Some(Pair {
        person,
        helpers: helpers.clone(),
        accepted: Vec::new(),
        again,
    }))
}
