//! Limits as people write them: `2 hours`, `7 days`, `4 working hours`,
//! `5 working days`, `none`.

use super::super::reader::{Entry, Mistakes};
use crate::calendar::Limit;

const MAX_HOURS: u16 = 8_784;
const MAX_DAYS: u16 = 366;

pub(super) fn limit(entry: &Entry<'_>, mistakes: &mut Mistakes<'_>) -> Option<Limit> {
    let text = entry.text(mistakes)?;
    if text == "none" {
        return None;
    }
    let limit = parse(text);
    if limit.is_none() {
        entry.wants(
            "时限,例如 \"2 hours\"、\"7 days\"、\"4 working hours\"、\"5 working days\" 或 \"none\",不超过一年",
            "a limit such as \"2 hours\", \"7 days\", \"4 working hours\", \"5 working days\" or \"none\", at most a year",
            mistakes,
        );
    }
    limit
}

fn parse(text: &str) -> Option<Limit> {
    let mut words = text.split(' ');
    let number: u16 = words.next()?.parse().ok().filter(|number| *number > 0)?;
    let unit: Vec<&str> = words.collect();
    let (limit, most) = match unit.as_slice() {
        ["hour" | "hours"] => (Limit::Hours(number), MAX_HOURS),
        ["day" | "days"] => (Limit::Days(number), MAX_DAYS),
        ["working", "hour" | "hours"] => (Limit::WorkingHours(number), MAX_HOURS),
        ["working", "day" | "days"] => (Limit::WorkingDays(number), MAX_DAYS),
        _ => return None,
    };
    (number <= most).then_some(limit)
}
