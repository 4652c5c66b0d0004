//! `[[register]]`: registers with their stages and roles.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::registers::{Condition, Form, Kind, Post, Rules, Stage, WantedResult};

const KEYS: [&str; 11] = [
    "form",
    "groups",
    "stage",
    "role",
    "exclusive",
    "levels",
    "longest_term_days",
    "consent",
    "again_days",
    "lottery",
    "warn_days",
];
const STAGE_KEYS: [&str; 11] = [
    "code",
    "after",
    "counts",
    "ends",
    "least_days",
    "reason",
    "group",
    "roles",
    "first",
    "result",
    "points",
];
const FORMS: [(&str, Form); 5] = [
    ("person", Form::Person),
    ("household", Form::Household),
    ("body", Form::Body),
    ("garden", Form::Garden),
    ("pair", Form::Pair),
];

pub(super) fn registers(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("register", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let form = section.required("form", mistakes);
    let form = form.and_then(|entry| form_of(&entry, mistakes));
    let groups = section.entry("groups");
    let groups = groups.map_or_else(Vec::new, |entry| codes(&entry, mistakes));
    let stages = stages(section, mistakes);
    let conditions = conditions(section, &groups, form, mistakes);
    let roles = roles(section, mistakes);
    let is_exclusive = flag(section, "exclusive", false, mistakes);
    let levels = section.number("levels", 2..=9, mistakes);
    let longest_term_days = section.number("longest_term_days", 1..=10_000, mistakes);
    let needs_consent = flag(section, "consent", false, mistakes);
    let again_days = section.number("again_days", 1..=366, mistakes);
    let is_lottery = flag(section, "lottery", false, mistakes);
    let warn_days = section.number("warn_days", 0..=366, mistakes);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            form: form?,
            groups,
            stages,
            roles,
            is_exclusive,
            levels: levels.unwrap_or(0) as u8,
            longest_term_days: longest_term_days.unwrap_or(0) as u16,
            needs_consent,
            again_days: again_days.unwrap_or(0) as u16,
            is_lottery,
            warn_days: warn_days.unwrap_or(0) as u16,
        },
        conditions,
    })
}

fn form_of(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Form> {
    let text = entry.text(mistakes)?;
    let form = FORMS.iter().find(|(name, _)| *name == text);
    if form.is_none() {
        let choice = FORMS.map(|(name, _)| name).join(", ");
        let en = format!("one of {choice}");
        entry.wants(&format!(" {choice} 之一"), &en, mistakes);
    }
    form.map(|(_, form)| *form)
}

fn codes(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Code> {
    let items = entry.items(mistakes);
    let codes = items.iter().filter_map(|item| item.code(mistakes));
    codes.collect()
}

/// One that counts, where the file lists none.
fn stages(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for stage in section.sections("stage", mistakes) {
        stage.check_keys(&STAGE_KEYS, mistakes);
        let code = stage.code("code", mistakes);
        let after = stage.entry("after");
        let after = after.map_or_else(Vec::new, |entry| codes(&entry, mistakes));
        let counts = flag(&stage, "counts", false, mistakes);
        let ends = flag(&stage, "ends", false, mistakes);
        let Some(code) = code else {
            continue;
        };
        if stages.iter().any(|known| known.code == code) {
            let zh = "这个状态已经列出".to_owned();
            mistakes.add(
                &stage.span,
                &stage.path,
                zh,
                "this stage is listed".to_owned(),
            );
        }
        stages.push(Stage {
            code,
            after,
            counts,
            ends,
        });
    }
    let known: Vec<Code> = stages.iter().map(|stage| stage.code.clone()).collect();
    for code in stages.iter().flat_map(|stage| &stage.after) {
        if !known.contains(code) {
            let zh = format!("没有列出状态 {code}");
            let en = format!("there is no stage {code}");
            mistakes.add(
                &section.span,
                &format!("{}.stage.after", section.path),
                zh,
                en,
            );
        }
    }
    if stages.is_empty()
        && let Ok(code) = "active".parse()
    {
        let (after, counts, ends) = (Vec::new(), true, false);
        stages.push(Stage {
            code,
            after,
            counts,
            ends,
        });
    }
    stages
}

/// What stages ask beside their order. Two who agree begin a pair: nothing else is
/// asked of it.
fn conditions(
    section: &Section<'_>,
    groups: &[Code],
    form: Option<Form>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for stage in section.sections("stage", mistakes) {
        let least_days = stage.number("least_days", 1..=3_660, mistakes);
        let wants_reason = flag(&stage, "reason", false, mistakes);
        let wants_group = flag(&stage, "group", false, mistakes);
        let wants_roles = flag(&stage, "roles", false, mistakes);
        let first = stage.entry("first").and_then(|entry| {
            let code = entry.code(mistakes)?;
            if !groups.contains(&code) {
                entry.wants(" groups 之一", "one of the groups", mistakes);
            }
            Some(code)
        });
        let points = stage.number("points", 0..=10_000, mistakes);
        let kind = stage.entry("result").and_then(|entry| entry.code(mistakes));
        if let Some(entry) = stage.entry("points").filter(|_| kind.is_none()) {
            entry.wants("与 result 同用", "it together with result", mistakes);
        }
        let Some(code) = stage.entry("code").and_then(|entry| entry.code(mistakes)) else {
            continue;
        };
        let condition = Condition {
            stage: code,
            least_days: least_days.unwrap_or(0) as u16,
            wants_reason,
            wants_group,
            wants_roles,
            first,
            result: kind.map(|kind| WantedResult {
                kind,
                points: points.unwrap_or(0) as u16,
            }),
        };
        if condition.is_any() {
            conditions.push(condition);
        }
    }
    if !conditions.is_empty() && form == Some(Form::Pair) {
        let zh = "结对由双方同意开始，不设条件".to_owned();
        let en = "a pair begins when both agree: its stages ask nothing else".to_owned();
        mistakes.add(&section.span, &format!("{}.stage", section.path), zh, en);
    }
    conditions
}

fn roles(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Post> {
    let mut roles: Vec<Post> = Vec::new();
    for role in section.sections("role", mistakes) {
        role.check_keys(&["code", "needed", "most"], mistakes);
        let code = role.code("code", mistakes);
        let needed = role.number("needed", 0..=10_000, mistakes).unwrap_or(0) as u16;
        let most = role.number("most", 1..=10_000, mistakes).unwrap_or(0) as u16;
        let Some(code) = code else {
            continue;
        };
        if most > 0 && needed > most || roles.iter().any(|known| known.role == code) {
            let zh = "这个角色已经列出，或需要的人数多于上限".to_owned();
            let en = "this role is listed, or needs more than there may be".to_owned();
            mistakes.add(&role.span, &role.path, zh, en);
        }
        roles.push(Post {
            role: code,
            needed,
            most,
        });
    }
    roles
}
