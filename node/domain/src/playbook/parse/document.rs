//! `[[document]]`: kinds of documents: the clauses they must have, how long a draft
//! is posted, what puts a version in force.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Mistakes, Section};
use super::consent::one_of;
use crate::code::Code;
use crate::documents::{Adoption, Kind, Rules};

const KEYS: [&str; 6] = ["code", "zh", "en", "clauses", "consult_days", "adoption"];

pub(super) fn documents(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    let mut kinds = BTreeMap::new();
    for section in root.sections("document", mistakes) {
        section.check_keys(&KEYS, mistakes);
        let Some(kind) = kind(&section, id, mistakes) else {
            continue;
        };
        if kinds.insert(kind.code.clone(), kind).is_some() {
            let zh = "这个代码已经用过".to_owned();
            mistakes.add(
                &section.span,
                "document",
                zh,
                "this code is taken".to_owned(),
            );
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
    Some(Kind {
        code: code?,
        title: title?,
        rules: Rules {
            playbook: id?.clone(),
            clauses,
            consult_days: consult_days.unwrap_or(0) as u16,
            adoption: adoption?,
        },
    })
}
