//! `[[profile]]`: what counts as consent, as data: thresholds of the unit or the
//! estate, by heads and area, of the roll or of those who took part. `[[consent]]`:
//! kinds of consent, each with a course and one of the file's profiles.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::consents::{Base, Course, Kind, Of, Rules, Threshold, When};
use crate::share::Share;

const PROFILE_KEYS: [&str; 1] = ["threshold"];
const THRESHOLD_KEYS: [&str; 7] = [
    "when",
    "of",
    "base",
    "quorum_heads",
    "quorum_area",
    "heads",
    "area",
];
const KEYS: [&str; 8] = [
    "course",
    "profile",
    "written",
    "needs_text",
    "collect_days",
    "recollect_days",
    "notice_days",
    "proxy_principals",
];
/// Five years.
const MAX_DAYS: u32 = 1_830;
const MAX_THRESHOLDS: usize = 16;
const DEFAULT_COLLECT_DAYS: u32 = 180;
const DEFAULT_RECOLLECT_DAYS: u32 = 30;

type Profiles = BTreeMap<Code, Box<[Threshold]>>;

pub(super) fn consents(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    let profiles = profiles(root, mistakes);
    root.kinds("consent", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, &profiles, mistakes)
    })
}

fn profiles(root: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Profiles {
    root.kinds(
        "profile",
        &PROFILE_KEYS,
        mistakes,
        |section, _, mistakes| {
            let sections = section.sections("threshold", mistakes);
            if !(1..=MAX_THRESHOLDS).contains(&sections.len()) {
                let zh = format!("要有 1 到 {MAX_THRESHOLDS} 个 [[profile.threshold]]");
                let en = format!("want 1 to {MAX_THRESHOLDS} [[profile.threshold]] tables");
                let field = format!("{}.threshold", section.path);
                mistakes.add(&section.span, &field, zh, en);
            }
            let thresholds = sections.iter().filter_map(|one| threshold(one, mistakes));
            Some(thresholds.collect())
        },
    )
}

fn threshold(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<Threshold> {
    section.check_keys(&THRESHOLD_KEYS, mistakes);
    let when = section.entry("when").map_or(Some(When::Always), |entry| {
        let words = [
            ("always", When::Always),
            ("common-area", When::CommonArea),
            ("special", When::Special),
            ("ordinary", When::Ordinary),
        ];
        one_of(&entry, &words, mistakes)
    });
    let of = section.required("of", mistakes);
    let of = of.and_then(|entry| {
        let words = [("unit", Of::Unit), ("estate", Of::Estate)];
        one_of(&entry, &words, mistakes)
    });
    let base = section.required("base", mistakes);
    let base = base.and_then(|entry| {
        let words = [("roll", Base::Roll), ("participants", Base::Participants)];
        one_of(&entry, &words, mistakes)
    });
    let mut share = |key| section.entry(key).and_then(|entry| share(&entry, mistakes));
    let (quorum_heads, quorum_area) = (share("quorum_heads"), share("quorum_area"));
    let (heads, area) = (share("heads"), share("area"));
    if heads.is_none() && area.is_none() {
        let zh = "要有 heads 或 area".to_owned();
        let en = "want heads or area, or both".to_owned();
        mistakes.add(&section.span, &section.path, zh, en);
    }
    Some(Threshold {
        when: when?,
        of: of?,
        base: base?,
        quorum_heads,
        quorum_area,
        heads,
        area,
    })
}

pub(super) fn share(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Share> {
    let share = entry.text(mistakes)?.parse().ok();
    if share.is_none() {
        entry.wants(
            "份额，例如 \"all\"、\"2/3\"（含本数）、\"more than 1/2\"（不含）",
            "a share: \"all\", \"2/3\" and more, \"more than 1/2\"",
            mistakes,
        );
    }
    share
}

/// The value that the entry's word stands for.
pub(super) fn one_of<T: Copy>(
    entry: &Entry<'_>,
    words: &[(&str, T)],
    mistakes: &mut Mistakes<'_>,
) -> Option<T> {
    let text = entry.text(mistakes)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let words = words.join(", ");
        entry.wants(
            &format!(" {words} 之一"),
            &format!("one of {words}"),
            mistakes,
        );
    }
    found.map(|(_, value)| *value)
}

fn profile_of(
    entry: &Entry<'_>,
    profiles: &Profiles,
    mistakes: &mut Mistakes<'_>,
) -> Option<(Option<Code>, Box<[Threshold]>)> {
    let profile = entry.code(mistakes)?;
    let Some(thresholds) = profiles.get(&profile) else {
        let codes: Vec<&str> = profiles.keys().map(Code::as_str).collect();
        let codes = codes.join(", ");
        let en = format!("a profile of this file: {codes}");
        entry.wants(&format!("本文件列出的规则:{codes}"), &en, mistakes);
        return None;
    };
    Some((Some(profile), thresholds.clone()))
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    profiles: &Profiles,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let course = section.required("course", mistakes);
    let course = course.and_then(|entry| {
        let words = [
            ("works", Course::Works),
            ("vote", Course::Vote),
            ("mandate", Course::Mandate),
        ];
        one_of(&entry, &words, mistakes)
    });
    // A mandate is given by one; without a course nobody knows whether one is wanted.
    let profile = match course {
        Some(Course::Mandate) => Some((None, Box::default())),
        Some(_) => {
            let entry = section.required("profile", mistakes);
            entry.and_then(|entry| profile_of(&entry, profiles, mistakes))
        }
        None => {
            let entry = section.entry("profile");
            entry.and_then(|entry| profile_of(&entry, profiles, mistakes))
        }
    };
    let mut days = |key, least, default| {
        let days = section.number(key, least..=MAX_DAYS, mistakes);
        days.unwrap_or(default) as u16
    };
    let collect_days = days("collect_days", 1, DEFAULT_COLLECT_DAYS);
    let recollect_days = days("recollect_days", 0, DEFAULT_RECOLLECT_DAYS);
    let notice_days = days("notice_days", 0, 0);
    let principals = section.number("proxy_principals", 0..=1_000, mistakes);
    let is_written = flag(section, "written", false, mistakes);
    let needs_text = flag(section, "needs_text", false, mistakes);
    let (profile, thresholds) = profile?;
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            profile,
            course: course?,
            thresholds,
            is_written,
            needs_text,
            collect_days,
            recollect_days,
            notice_days,
            proxy_principals: principals.unwrap_or(1) as u16,
        },
    })
}
