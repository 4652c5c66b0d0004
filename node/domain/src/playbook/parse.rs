//! The format of a playbook file. Goes on after a mistake, so that one reading
//! shows them all.

use std::{collections::BTreeMap, sync::Arc};

use toml::de::DeTable;

use super::{
    Kind, Mistake, Playbook, PlaybookId, Rules, Since, Title,
    reader::{Entry, Head, Mistakes, Section},
};
use crate::{actor::Role, calendar::Limit, code::Code};

mod activity;
mod assessment;
mod calendar;
mod consent;
mod deliberation;
mod document;
mod duty;
mod election;
mod fund;
mod limit;
mod register;
mod support;
mod survey;

const KEYS: [&str; 11] = [
    "code",
    "revision",
    "zh",
    "en",
    "calendar",
    "category",
    "pause_cause",
    "defaults",
    "profile",
    "kind",
    "support",
];
/// What `[defaults]` may give for all kinds.
const RULE_KEYS: [&str; 17] = [
    "reporters",
    "needs_accepting",
    "accept",
    "dispatch",
    "reply",
    "reply_since",
    "complete",
    "complete_since",
    "level",
    "rework",
    "rate",
    "appeal",
    "pause_causes",
    "max_bounces",
    "reopen_rounds",
    "escalate_to",
    "settle_days",
];
/// Tables of the engines beside cases.
const KIND_KEYS: [&str; 10] = [
    "register",
    "duty",
    "fund",
    "assessment",
    "consent",
    "election",
    "document",
    "deliberation",
    "activity",
    "survey",
];
/// Who can report at all; the other roles only read or stand for the machine.
const REPORTERS: [Role; 4] = [Role::Resident, Role::GridWorker, Role::Handler, Role::Staff];
const MAX_KINDS: usize = 500;
const DEFAULT_SETTLE_DAYS: u32 = 30;

pub(super) fn playbook(text: &str) -> Result<Playbook, Vec<Mistake>> {
    let mut mistakes = Mistakes::new(text);
    let (table, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let span = fault.span().unwrap_or_default();
        let zh = format!("TOML 语法:{}", fault.message());
        let en = format!("TOML syntax: {}", fault.message());
        mistakes.add(&span, "", zh, en);
    }
    if !faults.is_empty() {
        return Err(mistakes.finish());
    }
    let root = Section::root(table.get_ref());
    let playbook = whole(&root, &mut mistakes);
    let mistakes = mistakes.finish();
    match playbook {
        Some(playbook) if mistakes.is_empty() => Ok(playbook),
        _ => Err(mistakes),
    }
}

fn whole(root: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<Playbook> {
    root.check_keys(&[&KEYS[..], &KIND_KEYS].concat(), mistakes);
    let code = root.code("code", mistakes);
    root.required("revision", mistakes);
    let revision = root.number("revision", 1..=u32::MAX, mistakes);
    let title = root.title(mistakes);
    let calendar = root.section("calendar", mistakes);
    let calendar = calendar.and_then(|section| calendar::calendar(&section, mistakes));
    let categories = titles(root, "category", mistakes);
    let causes = titles(root, "pause_cause", mistakes);
    let defaults = match root.entry("defaults") {
        Some(_) => root.section("defaults", mistakes),
        None => None,
    };
    let id = code.zip(revision);
    // Kinds are read even when the head is wrong: for their mistakes. So is what no
    // kind may need.
    let id = id.map(|(code, revision)| PlaybookId { code, revision });
    if let Some(defaults) = &defaults {
        defaults.check_keys(&RULE_KEYS, mistakes);
        rules(defaults, id.as_ref(), &causes, mistakes);
        let reporters = defaults.entry("reporters");
        reporters.and_then(|entry| self::reporters(&entry, mistakes));
    }
    let registers = register::registers(root, id.as_ref(), mistakes);
    let duties = duty::duties(root, id.as_ref(), mistakes);
    let deliberations = deliberation::deliberations(root, id.as_ref(), mistakes);
    let activities = activity::activities(root, id.as_ref(), mistakes);
    let surveys = survey::surveys(root, id.as_ref(), mistakes);
    let consents = consent::consents(root, id.as_ref(), mistakes);
    let elections = election::elections(root, id.as_ref(), mistakes);
    let documents = document::documents(root, id.as_ref(), mistakes);
    let funds = fund::funds(root, id.as_ref(), mistakes);
    let assessments = assessment::assessments(root, id.as_ref(), mistakes);
    let known = [&["category", "appointment"][..], &RULE_KEYS].concat();
    let kinds = root.kinds("kind", &known, mistakes, |section, head, mistakes| {
        let mut section = section.clone();
        if let Some(defaults) = &defaults {
            section = section.with_fallback(defaults);
        }
        let kind = kind(
            &section,
            head,
            id.as_ref(),
            (&categories, &causes),
            mistakes,
        )?;
        Some(Arc::new(kind))
    });
    // A place may have other engines only.
    let others = KIND_KEYS.iter().any(|key| root.entry(key).is_some());
    let listed = root.count("kind");
    if listed == 0 && !others || listed > MAX_KINDS {
        let zh = format!("要有 1 到 {MAX_KINDS} 个 [[kind]]");
        let en = format!("want 1 to {MAX_KINDS} [[kind]] tables");
        mistakes.add(&root.span, "kind", zh, en);
    }
    Some(Playbook {
        id: id?,
        title: title?,
        calendar: Arc::new(calendar?),
        categories,
        pause_causes: causes,
        registers,
        duties,
        funds,
        assessments,
        consents,
        elections,
        documents,
        deliberations,
        activities,
        surveys,
        support_answer: support::answer(root, mistakes),
        kinds,
    })
}

fn titles(root: &Section<'_>, key: &str, mistakes: &mut Mistakes<'_>) -> BTreeMap<Code, Title> {
    root.kinds(key, &[], mistakes, |_, head, _| head.map(|head| head.title))
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    (categories, causes): (&BTreeMap<Code, Title>, &BTreeMap<Code, Title>),
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let category = section.required("category", mistakes);
    let category = category.and_then(|entry| listed(&entry, categories, mistakes));
    let reporters = section.required("reporters", mistakes);
    let reporters = reporters.and_then(|entry| self::reporters(&entry, mistakes));
    let is_appointment = flag(section, "appointment", false, mistakes);
    let rules = rules(section, id, causes, mistakes);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        category: category?,
        reporters: reporters?,
        is_appointment,
        rules: Arc::new(rules?),
    })
}

fn rules(
    section: &Section<'_>,
    id: Option<&PlaybookId>,
    causes: &BTreeMap<Code, Title>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Rules> {
    let mut limit = |key| -> Option<Limit> {
        section
            .entry(key)
            .and_then(|entry| limit::limit(&entry, mistakes))
    };
    let (accept, dispatch, reply) = (limit("accept"), limit("dispatch"), limit("reply"));
    let (complete, rework) = (limit("complete"), limit("rework"));
    let (rate, appeal, level) = (limit("rate"), limit("appeal"), limit("level"));
    let reply_since = since(section, "reply_since", Since::Accepted, mistakes);
    let complete_since = since(section, "complete_since", Since::Dispatched, mistakes);
    let max_bounces = section.number("max_bounces", 0..=100, mistakes);
    let reopen_rounds = section.number("reopen_rounds", 0..=9, mistakes);
    let settle_days = section.number("settle_days", 1..=366, mistakes);
    let escalate_to = section.entry("escalate_to");
    Some(Rules {
        needs_accepting: flag(section, "needs_accepting", true, mistakes),
        accept,
        dispatch,
        reply,
        reply_since,
        complete,
        complete_since,
        level,
        rework,
        rate,
        appeal,
        pause_causes: pause_causes(section, causes, mistakes),
        max_bounces: max_bounces.map(|most| most as u8),
        reopen_rounds: reopen_rounds.unwrap_or(0) as u8,
        escalate_to: escalate_to.and_then(|entry| entry.name(mistakes)),
        settle_days: settle_days.unwrap_or(DEFAULT_SETTLE_DAYS) as u16,
        playbook: id?.clone(),
    })
}

fn flag(section: &Section<'_>, key: &str, default: bool, mistakes: &mut Mistakes<'_>) -> bool {
    let Some(entry) = section.entry(key) else {
        return default;
    };
    entry.value.as_bool().unwrap_or_else(|| {
        entry.wants(" true 或 false", "true or false", mistakes);
        default
    })
}

fn since(section: &Section<'_>, key: &str, default: Since, mistakes: &mut Mistakes<'_>) -> Since {
    let Some(entry) = section.entry(key) else {
        return default;
    };
    match entry.value.as_str() {
        Some("reported") => Since::Reported,
        Some("accepted") => Since::Accepted,
        Some("dispatched") => Since::Dispatched,
        _ => {
            let choice = "\"reported\", \"accepted\", \"dispatched\"";
            let en = format!("one of {choice}");
            entry.wants(&format!(" {choice} 之一"), &en, mistakes);
            default
        }
    }
}

fn pause_causes(
    section: &Section<'_>,
    causes: &BTreeMap<Code, Title>,
    mistakes: &mut Mistakes<'_>,
) -> Box<[Code]> {
    let Some(entry) = section.entry("pause_causes") else {
        return Box::default();
    };
    let items = entry.items(mistakes);
    let codes = items
        .iter()
        .filter_map(|item| listed(item, causes, mistakes));
    codes.collect()
}

fn reporters(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Vec<Role>> {
    let mut roles = Vec::new();
    for item in entry.items(mistakes) {
        let named = |role: &Role| Some(role.code()) == item.value.as_str();
        match REPORTERS.into_iter().find(named) {
            Some(role) => roles.push(role),
            None => {
                let choice = REPORTERS.map(Role::code).join(", ");
                let en = format!("one of {choice}");
                item.wants(&format!(" {choice} 之一"), &en, mistakes);
            }
        }
    }
    (!roles.is_empty()).then_some(roles)
}

/// A code that the file itself lists.
fn listed(
    entry: &Entry<'_>,
    titles: &BTreeMap<Code, Title>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Code> {
    let code = entry.code(mistakes)?;
    if !titles.contains_key(&code) {
        let codes: Vec<&str> = titles.keys().map(Code::as_str).collect();
        let codes = codes.join(", ");
        let en = format!("a code that this file lists: {codes}");
        entry.wants(&format!("本文件列出的代码:{codes}"), &en, mistakes);
        return None;
    }
    Some(code)
}
