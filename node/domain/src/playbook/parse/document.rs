//! `[[document]]`: kinds of documents: the clauses they must have, how long a draft
//! is posted, what puts a version in force.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Head, Mistakes, Section};
use super::consent::one_of;
use crate::code::Code;
use crate::documents::{Adoption, Kind, Rules};

const KEYS: [&str; 3] = ["clauses", "consult_days", "adoption"];

pub(super) fn documents(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("document", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let adoption = section.required("adoption", mistakes);
    let adoption = adoption.and_then(|entry| {
        let words = [
            ("vote", Adoption::Vote),
            ("decision", Adoption::Decision),
            ("publication", Adoption::Publication),
        ];
        one_of(&entry, &words, mistakes)
    });
    let items = section.entry("clauses").map(|entry| entry.items(mistakes));
    let items = items.unwrap_or_default();
    let clauses = items.iter().filter_map(|item| item.code(mistakes));
    let clauses = clauses.collect();
    let consult_days = section.number("consult_days", 0..=366, mistakes);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            clauses,
            consult_days: consult_days.unwrap_or(0) as u16,
            adoption: adoption?,
        },
    })
}
