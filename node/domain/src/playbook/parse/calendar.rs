//! The `[calendar]` table: zone, hours per weekday, and per year the holidays and
//! make-up working days. Spans of days are written `first/last`.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::super::reader::{Entry, Mistakes, Section};
use crate::calendar::{Calendar, Hours, InvalidCalendar};

const WEEK: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MAX_SPAN_DAYS: usize = 62;

pub(super) fn calendar(section: &Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<Calendar> {
    let known: Vec<&str> = WEEK.into_iter().chain(["zone", "year"]).collect();
    section.check_keys(&known, mistakes);
    let zone = section.required("zone", mistakes);
    let zone = zone.and_then(|entry| self::zone(&entry, mistakes));
    let week = WEEK.map(|day| {
        let entry = section.entry(day);
        entry.map_or_else(Vec::new, |entry| hours(&entry, mistakes))
    });
    let (mut holidays, mut makeup_days) = (Vec::new(), Vec::new());
    for year in section.sections("year", mistakes) {
        year.check_keys(&["year", "holidays", "makeup_days"], mistakes);
        year.required("year", mistakes);
        let number = year.number("year", 1970..=2199, mistakes);
        for (key, days) in [
            ("holidays", &mut holidays),
            ("makeup_days", &mut makeup_days),
        ] {
            if let Some(entry) = year.entry(key) {
                read_days(&entry, number, days, mistakes);
            }
        }
    }
    let calendar = Calendar::new(zone?, week, holidays, makeup_days);
    let calendar = calendar.map_err(|invalid| {
        let zh = match invalid {
            InvalidCalendar::NeverWorks => "每周至少一天要有工作时间".to_owned(),
            InvalidCalendar::Overlap => "同一天的时段要先后有序,不能重叠".to_owned(),
            InvalidCalendar::BothHolidayAndMakeup(day) => {
                format!("{day} 不能既放假又补班")
            }
        };
        mistakes.add(&section.span, &section.path, zh, invalid.to_string());
    });
    calendar.ok()
}

fn zone(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<TimeZone> {
    let zone = TimeZone::get(entry.text(mistakes)?).ok();
    if zone.is_none() {
        let (zh, en) = (
            "时区名,例如 \"Asia/Shanghai\"",
            "a time zone such as \"Asia/Shanghai\"",
        );
        entry.wants(zh, en, mistakes);
    }
    zone
}

fn hours(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Hours> {
    let mut all = Vec::new();
    for item in entry.items(mistakes) {
        let parse = |text: &str| {
            let (opens, closes) = text.split_once('-')?;
            Hours::new(time(opens)?, time(closes)?)
        };
        match item.value.as_str().and_then(parse) {
            Some(hours) => all.push(hours),
            None => item.wants(
                "起止时间,例如 \"08:30-12:00\",起在止前",
                "hours such as \"08:30-12:00\", the first before the second",
                mistakes,
            ),
        }
    }
    all
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| -> Option<i8> {
        let two = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        two.then(|| digits.parse().ok())?
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

fn read_days(
    entry: &Entry<'_>,
    year: Option<u32>,
    days: &mut Vec<Date>,
    mistakes: &mut Mistakes<'_>,
) {
    for item in entry.items(mistakes) {
        let in_year = |day: &Date| year.is_none_or(|year| i64::from(day.year()) == i64::from(year));
        let span = item.value.as_str().and_then(span);
        match span.filter(|span| span.iter().all(in_year)) {
            Some(span) => days.extend(span),
            None => item.wants(
                "该年的日期,例如 \"2026-01-01\" 或 \"2026-02-15/2026-02-23\"",
                "days of that year such as \"2026-01-01\" or \"2026-02-15/2026-02-23\"",
                mistakes,
            ),
        }
    }
}

fn span(text: &str) -> Option<Vec<Date>> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last): (Date, Date) = (first.parse().ok()?, last.parse().ok()?);
    let mut days = Vec::new();
    let mut day = first;
    while day <= last && days.len() <= MAX_SPAN_DAYS {
        days.push(day);
        day = day.tomorrow().ok()?;
    }
    (!days.is_empty() && days.len() <= MAX_SPAN_DAYS).then_some(days)
}
