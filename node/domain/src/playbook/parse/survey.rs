//! `[[survey]]`: kinds of surveys.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Head, Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::surveys::{Kind, Rules};

const KEYS: [&str; 5] = ["runner", "visits", "record_days", "scheme", "reply_days"];

pub(super) fn surveys(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("survey", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let runner = section.entry("runner");
    let runner = runner.and_then(|entry| entry.name(mistakes));
    let visits = section.number("visits", 1..=20, mistakes);
    let record_days = section.number("record_days", 0..=60, mistakes);
    let has_scheme = flag(section, "scheme", false, mistakes);
    let reply_days = section.number("reply_days", 1..=366, mistakes);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
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
