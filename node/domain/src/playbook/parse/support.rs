//! `[support]`: how long a centre has for its answer to this community.

use super::limit::limit;
use crate::calendar::Limit;
use crate::playbook::reader::{Mistakes, Section};

/// The article gives none.
const DEFAULT: Limit = Limit::WorkingDays(3);

pub(super) fn answer(root: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Limit {
    if root.entry("support").is_none() {
        return DEFAULT;
    }
    let section = root.section("support", mistakes);
    let answer = section.and_then(|section| {
        section.check_keys(&["answer"], mistakes);
        let entry = section.required("answer", mistakes)?;
        if entry.value.as_str() == Some("none") {
            let (zh, en) = (
                "一个时限，例如 \"3 working days\"",
                "a limit such as \"3 working days\"",
            );
            entry.wants(zh, en, mistakes);
            return None;
        }
        limit(&entry, mistakes)
    });
    answer.unwrap_or(DEFAULT)
}
