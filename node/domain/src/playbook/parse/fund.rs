//! `[[fund]]`: kinds of funds.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::funds::{Form, Kind, Rules};

const KEYS: [&str; 9] = [
    "form",
    "incomes",
    "approvals",
    "countersigned",
    "first_percent",
    "stages",
    "approved_stage",
    "paid_stage",
    "fundings",
];
const FORMS: [Form; 4] = [Form::Project, Form::Scheme, Form::Budget, Form::Grant];

pub(super) fn funds(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("fund", &KEYS, mistakes, |section, head, mistakes| {
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
    let approvals = section.number("approvals", 0..=9, mistakes).unwrap_or(0);
    let is_countersigned = flag(section, "countersigned", false, mistakes);
    let first_percent = section.number("first_percent", 1..=100, mistakes);
    let mut codes = |key| {
        let entry = section.entry(key);
        entry.map_or_else(Vec::new, |entry| {
            let items = entry.items(mistakes);
            let codes = items.iter().filter_map(|item| item.code(mistakes));
            codes.collect::<Vec<Code>>()
        })
    };
    let (incomes, stages, fundings) = (codes("incomes"), codes("stages"), codes("fundings"));
    let approved_stage = stage(section, "approved_stage", &stages, mistakes);
    let paid_stage = stage(section, "paid_stage", &stages, mistakes);
    let form = form?;
    let missing = match form {
        Form::Grant if stages.len() < 2 => Some("stages"),
        Form::Scheme if first_percent.is_none() => Some("first_percent"),
        _ => None,
    };
    if let Some(key) = missing {
        let zh = format!("这类经费要有 {key}");
        let field = format!("{}.{key}", section.path);
        mistakes.add(&section.span, &field, zh, format!("this form wants {key}"));
    }
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            form,
            incomes,
            approvals: approvals as u8,
            is_countersigned,
            first_percent: first_percent.unwrap_or(0) as u8,
            stages,
            approved_stage,
            paid_stage,
            fundings,
        },
    })
}

fn form_of(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Form> {
    let text = entry.text(mistakes)?;
    let form = FORMS.into_iter().find(|form| form.code() == text);
    if form.is_none() {
        let choice = FORMS.map(Form::code).join(", ");
        let en = format!("one of {choice}");
        entry.wants(&format!(" {choice} 之一"), &en, mistakes);
    }
    form
}

/// One that the kind lists.
fn stage(
    section: &Section<'_>,
    key: &str,
    stages: &[Code],
    mistakes: &mut Mistakes<'_>,
) -> Option<Code> {
    let entry = section.entry(key)?;
    let code = entry.code(mistakes)?;
    if !stages.contains(&code) {
        entry.wants("stages 里的一个", "one of stages", mistakes);
        return None;
    }
    Some(code)
}
