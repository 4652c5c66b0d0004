//! `[[election]]`: kinds of elections: the body and its seats, how much more
//! candidates than seats, quorum, ties, counting, objections, terms.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Head, Mistakes, Section};
use super::consent::{one_of, share};
use super::flag;
use crate::code::Code;
use crate::elections::{Kind, Rules, Tie};

const KEYS: [&str; 14] = [
    "body",
    "seats",
    "surplus",
    "criteria",
    "gathers_views",
    "notice_days",
    "quorum",
    "majority",
    "tie",
    "counters",
    "smallest_box",
    "objection_days",
    "term_months",
    "excludes",
];
const DEFAULT_SURPLUS: u32 = 1;
const DEFAULT_COUNTERS: u32 = 2;
const DEFAULT_SMALLEST_BOX: u32 = 10;
const DEFAULT_OBJECTION_DAYS: u32 = 7;
const DEFAULT_TERM_MONTHS: u32 = 36;

pub(super) fn elections(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("election", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let body = section.code("body", mistakes);
    let tie = section.required("tie", mistakes);
    let tie = tie.and_then(|entry| {
        let words = [("lot", Tie::Lot), ("vacant", Tie::Vacant)];
        one_of(&entry, &words, mistakes)
    });
    let mut share = |key| section.entry(key).and_then(|entry| share(&entry, mistakes));
    let (quorum, majority) = (share("quorum"), share("majority"));
    let mut codes = |key| -> Box<[Code]> {
        let items = section.entry(key).map(|entry| entry.items(mistakes));
        let items = items.unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.code(mistakes))
            .collect()
    };
    let (criteria, excludes) = (codes("criteria"), codes("excludes"));
    let gathers_views = flag(section, "gathers_views", false, mistakes);
    let mut number = |key, range, default| {
        let number = section.number(key, range, mistakes);
        number.unwrap_or(default)
    };
    let seats = number("seats", 1..=500, 0) as u16;
    let surplus = number("surplus", 0..=500, DEFAULT_SURPLUS) as u16;
    let notice_days = number("notice_days", 0..=366, 0) as u16;
    let counters = number("counters", 2..=20, DEFAULT_COUNTERS) as u16;
    let smallest_box = number("smallest_box", 1..=1_000, DEFAULT_SMALLEST_BOX);
    let objection_days = number("objection_days", 0..=366, DEFAULT_OBJECTION_DAYS) as u16;
    let term_months = number("term_months", 1..=120, DEFAULT_TERM_MONTHS) as u16;
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            body: body?,
            seats: (seats > 0).then_some(seats),
            surplus,
            criteria,
            gathers_views,
            notice_days,
            quorum,
            majority,
            tie: tie?,
            counters,
            smallest_box,
            objection_days,
            term_months,
            excludes,
        },
    })
}
