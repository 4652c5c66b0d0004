//! `[[duty]]`: kinds of duties, and cadences as people write them: `daily`,
//! `every 3 days`, `weekly`, `every thursday`, `first thursday of the month`,
//! `day 15 of the month`, `monthly`, `quarterly`, `half-yearly`, `yearly`,
//! `every 10-01`, `yearly on a given day`, `within 2 days of an event`.

use std::collections::BTreeMap;

use super::super::PlaybookId;
use super::super::reader::{Entry, Head, Mistakes, Section};
use super::flag;
use crate::code::Code;
use crate::duties::{Kind, Rule, Rules};

const KEYS: [&str; 4] = ["rule", "record_days", "alert_after", "mandatory"];
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const NTH: [&str; 4] = ["first", "second", "third", "fourth"];

pub(super) fn duties(
    root: &Section<'_>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<Code, Kind> {
    root.kinds("duty", &KEYS, mistakes, |section, head, mistakes| {
        kind(section, head, id, mistakes)
    })
}

fn kind(
    section: &Section<'_>,
    head: Option<Head>,
    id: Option<&PlaybookId>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Kind> {
    let rule = section.required("rule", mistakes);
    let rule = rule.and_then(|entry| rule_of(&entry, mistakes));
    let record_days = section.number("record_days", 0..=60, mistakes);
    let alert_after = section.number("alert_after", 1..=100, mistakes);
    let is_mandatory = flag(section, "mandatory", false, mistakes);
    let (rule, is_day_given) = rule?;
    let Head { code, title } = head?;
    Some(Kind {
        code,
        title,
        is_day_given,
        rules: Rules {
            playbook: id?.clone(),
            rule,
            record_days: record_days.unwrap_or(0) as u16,
            alert_after: alert_after.unwrap_or(0) as u8,
            is_mandatory,
        },
    })
}

/// Whether the day of the year is given when a duty is opened.
fn rule_of(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<(Rule, bool)> {
    let text = entry.text(mistakes)?;
    let rule = parse(text);
    if rule.is_none() {
        entry.wants(
            "日程，例如 \"daily\"、\"every thursday\"、\"first thursday of the month\"、\"within 2 days of an event\"",
            "a cadence such as \"daily\", \"every thursday\", \"first thursday of the month\", \"within 2 days of an event\"",
            mistakes,
        );
    }
    rule
}

fn parse(text: &str) -> Option<(Rule, bool)> {
    let words: Vec<&str> = text.split(' ').collect();
    let rule = match words.as_slice() {
        ["daily"] => Rule::EveryDays(1),
        ["weekly"] => Rule::Week,
        ["monthly"] => Rule::Month,
        ["quarterly"] => Rule::Quarter,
        ["half-yearly"] => Rule::HalfYear,
        ["yearly"] => Rule::Year,
        ["yearly", "on", "a", "given", "day"] => {
            return Some((Rule::OnYearDay { month: 1, day: 1 }, true));
        }
        ["every", days, "days"] => Rule::EveryDays(number(days, 2..=366)?),
        ["every", day] if day.contains('-') => year_day(day)?,
        ["every", day] => Rule::OnWeekday(weekday(day)?),
        ["day", day, "of", "the", "month"] => Rule::OnMonthDay(number(day, 1..=31)? as u8),
        [nth, day, "of", "the", "month"] => Rule::OnNthWeekday {
            nth: NTH.iter().position(|word| word == nth)? as u8 + 1,
            weekday: weekday(day)?,
        },
        ["within", days, "day" | "days", "of", "an", "event"] => Rule::AfterEvent {
            within_days: number(days, 1..=366)?,
        },
        _ => return None,
    };
    Some((rule, false))
}

fn weekday(word: &str) -> Option<u8> {
    WEEKDAYS
        .iter()
        .position(|day| *day == word)
        .map(|at| at as u8 + 1)
}

fn number(word: &str, range: std::ops::RangeInclusive<u16>) -> Option<u16> {
    word.parse().ok().filter(|number| range.contains(number))
}

fn year_day(word: &str) -> Option<Rule> {
    let (month, day) = word.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    // A leap year, so that 29 February can be named.
    jiff::civil::Date::new(2024, month, day).ok()?;
    Some(Rule::OnYearDay {
        month: month as u8,
        day: day as u8,
    })
}
