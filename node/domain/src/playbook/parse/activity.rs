//! `[[activity]]`: kinds of programmes.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Head, Mistakes, Section};
use super::flag;
use crate::activities::{Kind, Rules};
use crate::code::Code;

const KEYS: [&str; 6] = [
    "small_every_days",
    "large_weekly",
    "record_days",
    "publish_days",
    "themes",
    "crops",
];
const MOST_CODES: usize = 50;

pub(super) fn activities(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("activity", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let small_every_days = section.number("small_every_days", 1..=60, mistakes);
    let is_large_weekly = flag(section, "large_weekly", false, mistakes);
    let record_days = section.number("record_days", 0..=60, mistakes);
    let publish_days = section.number("publish_days", 1..=366, mistakes);
    let themes = codes(section, "themes", mistakes);
    let crops = codes(section, "crops", mistakes);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            small_every_days: small_every_days.unwrap_or(0) as u8,
            is_large_weekly,
            record_days: record_days.unwrap_or(0) as u8,
            publish_days: publish_days.unwrap_or(0) as u16,
            themes,
            crops,
        },
    })
}

fn codes(section: &Section<'_>, key: &str, mistakes: &mut Mistakes<'_>) -> Box<[Code]> {
    let items = section.entry(key).map(|entry| entry.items(mistakes));
    let items = items.unwrap_or_default();
    if items.len() > MOST_CODES
        && let Some(last) = items.last()
    {
        last.wants("最多 50 项", "at most 50 of them", mistakes);
    }
    items
        .iter()
        .filter_map(|item| item.code(mistakes))
        .collect()
}
