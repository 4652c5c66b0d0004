//! `[[survey]]`: kinds of surveys.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::surveys::{Kind, Rules};

const KEYS: [&str; 8] = [
    "code",
    "zh",
    "en",
    "runner",
    "visits",
    "record_days",
    "scheme",
    "reply_days",
];

pub(super) fn surveys(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    let mut kinds = BTreeMap::new();
    for section in root.sections("survey", mistakes) {
        section.check_keys(&KEYS, mistakes);
        let Some(kind) = kind(&section, id, mistakes) else {
            continue;
        };
        if kinds.insert(kind.code.clone(), kind).is_some() {
            let zh = "这个代码已经用过".to_owned();
            let en = "this code is taken".to_owned();
            mistakes.add(&section.span, "survey", zh, en);
        }
    }
    kinds
}

fn kind(
    section: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let code = section.code("code", mistakes);
    let title = section.title(mistakes);
    let runner = section.entry("runner");
    let runner = runner.and_then(|entry| entry.name(mistakes));
    let visits = section.number("visits", 1..=20, mistakes);
    let record_days = section.number("record_days", 0..=60, mistakes);
    let has_scheme = flag(section, "scheme", false, mistakes);
    let reply_days = section.number("reply_days", 1..=366, mistakes);
    Some(Kind {
        code: code?,
        title: title?,
        rules: Rules {
            playbook: id?.clone(),
            runner,
            visits: visits.unwrap_or(0) as u8,
            record_days: record_days.unwrap_or(0) as u16,
            has_scheme,
            reply_days: reply_days.unwrap_or(0) as u16,
        },
    })
}
