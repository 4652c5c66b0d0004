//! `[[assessment]]`: kinds of assessments with their parts and cut-offs.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use crate::assessments::{Form, Kind, Part, Rules, Span};
use crate::code::Code;

const KEYS: [&str; 8] = [
    "form",
    "span",
    "part",
    "most_points",
    "red_from",
    "black_below",
    "notice_days",
    "publish_days",
];
const FORMS: [Form; 3] = [Form::Score, Form::Survey, Form::Check];
const SPANS: [Span; 4] = [Span::Quarter, Span::HalfYear, Span::Year, Span::Once];
/// Few enough for exact averages.
const MOST_PARTS: usize = 5;

pub(super) fn assessments(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("assessment", &KEYS, mistakes, |section, head, mistakes| {
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
    let form = form.and_then(|entry| one_of(&entry, &FORMS, Form::code, mistakes));
    let span = section.required("span", mistakes);
    let span = span.and_then(|entry| one_of(&entry, &SPANS, Span::code, mistakes));
    let parts = parts(section, mistakes);
    let number = |key, mistakes: &mut Mistakes<'_>| {
        let number = section.number(key, 0..=10_000, mistakes);
        number.unwrap_or(0) as u16
    };
    let most_points = section.number("most_points", 1..=10_000, mistakes);
    let most_points = most_points.unwrap_or(0) as u16;
    let (red_from, black_below) = (
        number("red_from", mistakes),
        number("black_below", mistakes),
    );
    let notice_days = number("notice_days", mistakes);
    let publish_days = number("publish_days", mistakes);
    let form = form?;
    let is_score = form == Form::Score;
    let has_parts = section.count("part") > 0;
    let has_points = section.entry("most_points").is_some();
    if is_score != has_parts || is_score != has_points {
        let zh = "打分的考评要有 [[assessment.part]] 和 most_points，别的没有".to_owned();
        let en = "scores want [[assessment.part]] and most_points, other forms none".to_owned();
        mistakes.add(&section.span, &format!("{}.part", section.path), zh, en);
    }
    if red_from > most_points || black_below > most_points || red_from > 0 && red_from < black_below
    {
        let zh = "红榜线不低于黑榜线，都不高于满分".to_owned();
        let en = "want red_from at or above black_below, both within most_points".to_owned();
        mistakes.add(&section.span, &format!("{}.red_from", section.path), zh, en);
    }
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            form,
            span: span?,
            parts,
            most_points,
            red_from,
            black_below,
            notice_days,
            publish_days,
        },
    })
}

fn one_of<T: Copy>(
    entry: &Entry<'_>,
    all: &[T],
    code: fn(T) -> &'static str,
    mistakes: &mut Mistakes<'_>,
) -> Option<T> {
    let text = entry.text(mistakes)?;
    let found = all.iter().copied().find(|one| code(*one) == text);
    if found.is_none() {
        let choice: Vec<&str> = all.iter().map(|one| code(*one)).collect();
        let choice = choice.join(", ");
        let en = format!("one of {choice}");
        entry.wants(&format!(" {choice} 之一"), &en, mistakes);
    }
    found
}

fn parts(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for part in section.sections("part", mistakes) {
        part.check_keys(&["code", "weight"], mistakes);
        let code = part.code("code", mistakes);
        part.required("weight", mistakes);
        let weight = part.number("weight", 1..=1_000, mistakes);
        let Some((code, weight)) = code.zip(weight) else {
            continue;
        };
        if parts.iter().any(|known| known.code == code) || parts.len() == MOST_PARTS {
            let zh = format!("这个部分已经列出，或多于 {MOST_PARTS} 个");
            let en = format!("this part is listed, or there are more than {MOST_PARTS}");
            mistakes.add(&part.span, &part.path, zh, en);
        }
        let weight = weight as u16;
        parts.push(Part { code, weight });
    }
    parts
}
