//! `[[deliberation]]`: kinds of deliberations, their steps and thresholds.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use super::flag;
use crate::code::{Code, Name};
use crate::deliberations::{Base, Kind, Rules, Step, VoteRule};
use crate::share::Share;

const KEYS: [&str; 16] = [
    "order_document",
    "steps",
    "triaged",
    "parties",
    "quorum",
    "presence",
    "drafter",
    "talk_parties",
    "notice_days",
    "turnout",
    "passes",
    "passes_of",
    "announce_days",
    "supervisors",
    "order_rules",
    "yearly",
];
/// `quorum` counts up to here.
const MOST_PARTIES: usize = 30;

pub(super) fn deliberations(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds(
        "deliberation",
        &KEYS,
        mistakes,
        |section, head, mistakes| kind(section, head, id, mistakes),
    )
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let steps = section.required("steps", mistakes);
    let steps = steps.and_then(|entry| steps_of(&entry, mistakes));
    let parties = codes(section, "parties", mistakes);
    let quorum = section.number("quorum", 0..=MOST_PARTIES as u32, mistakes);
    if let Some(entry) = section.entry("quorum")
        && quorum.is_some_and(|quorum| quorum as usize > parties.len())
    {
        entry.wants(
            "不多于 parties 的数目",
            "no more than there are parties",
            mistakes,
        );
    }
    let presence = section.entry("presence");
    let presence = presence.and_then(|entry| share(&entry, mistakes));
    let drafter = section.entry("drafter");
    let drafter = drafter.and_then(|entry| entry.name(mistakes));
    let talk_parties = section.number("talk_parties", 1..=20, mistakes);
    let notice_days = section.number("notice_days", 0..=366, mistakes);
    let announce_days = section.number("announce_days", 0..=366, mistakes);
    let supervisors = names(section, "supervisors", mistakes);
    let order_rules = codes(section, "order_rules", mistakes);
    let order_document = section.entry("order_document");
    let order_document = order_document.and_then(|entry| entry.code(mistakes));
    let is_triaged = flag(section, "triaged", false, mistakes);
    let is_yearly = flag(section, "yearly", false, mistakes);
    let vote = match &steps {
        Some(steps) if !steps.contains(&Step::Vote) => Some(None),
        None if section.entry("turnout").is_none() => None,
        _ => vote(section, mistakes).map(Some),
    };
    let (steps, vote) = (steps?, vote?);
    // All parties, unless it says fewer.
    let quorum = quorum.map_or(parties.len(), |quorum| quorum as usize);
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        rules: Rules {
            playbook: id?.clone(),
            steps,
            is_triaged,
            parties: parties.into(),
            quorum: quorum as u8,
            presence,
            drafter,
            talk_parties: talk_parties.unwrap_or(1) as u8,
            notice_days: notice_days.unwrap_or(0) as u16,
            vote,
            announce_days: announce_days.unwrap_or(0) as u16,
            supervisors: supervisors.into(),
            order_rules: order_rules.into(),
            is_yearly,
        },
        order_document,
    })
}

/// Each once, what is drafted after its draft, the deciding one last.
fn steps_of(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Box<[Step]>> {
    let mut steps: Vec<Step> = Vec::new();
    for item in entry.items(mistakes) {
        let named = |step: &Step| Some(step.code()) == item.value.as_str();
        let Some(step) = Step::ALL.into_iter().find(named) else {
            let choice = Step::ALL.map(Step::code).join(", ");
            let en = format!("one of {choice}");
            item.wants(&format!(" {choice} 之一"), &en, mistakes);
            continue;
        };
        let is_ended = steps.iter().any(|before| before.decides());
        let lacks_draft = step.needs_draft() && !steps.contains(&Step::Draft);
        if steps.contains(&step) || is_ended || lacks_draft {
            let en = "each step once, a draft before what needs one, nothing after session or vote";
            let zh = "每步一次,需要方案的步骤在 draft 之后,session 或 vote 之后不再有步骤";
            item.wants(zh, en, mistakes);
        }
        steps.push(step);
    }
    if !steps.last().is_some_and(|last| last.decides()) {
        let (zh, en) = (
            "以 session 或 vote 结尾的步骤",
            "steps that end with session or vote",
        );
        entry.wants(zh, en, mistakes);
        return None;
    }
    Some(steps.into())
}

fn vote(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<VoteRule> {
    let turnout = section.required("turnout", mistakes);
    let turnout = turnout.and_then(|entry| share(&entry, mistakes));
    let yes = section.required("passes", mistakes);
    let yes = yes.and_then(|entry| share(&entry, mistakes));
    let of = section.required("passes_of", mistakes);
    let of = of.and_then(|entry| match entry.value.as_str() {
        Some("roll") => Some(Base::Roll),
        Some("ballots") => Some(Base::Cast),
        _ => {
            entry.wants(" roll 或 ballots", "roll or ballots", mistakes);
            None
        }
    });
    Some(VoteRule {
        turnout: turnout?,
        yes: yes?,
        of: of?,
    })
}

fn share(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Share> {
    let share = entry.text(mistakes)?.parse().ok();
    if share.is_none() {
        let zh = "份额，例如 \"2/3\"、\"more than 1/2\"、\"all\"";
        let en = "a share such as \"2/3\", \"more than 1/2\", \"all\"";
        entry.wants(zh, en, mistakes);
    }
    share
}

fn codes(section: &Section<'_>, key: &str, mistakes: &mut Mistakes<'_>) -> Vec<Code> {
    let items = section.entry(key).map(|entry| entry.items(mistakes));
    let items = items.unwrap_or_default();
    if items.len() > MOST_PARTIES
        && let Some(last) = items.last()
    {
        last.wants("最多 30 项", "at most 30 of them", mistakes);
    }
    items
        .iter()
        .filter_map(|item| item.code(mistakes))
        .collect()
}

fn names(section: &Section<'_>, key: &str, mistakes: &mut Mistakes<'_>) -> Vec<Name> {
    let items = section.entry(key).map(|entry| entry.items(mistakes));
    let items = items.unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.name(mistakes))
        .collect()
}
