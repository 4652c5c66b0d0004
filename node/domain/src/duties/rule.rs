//! Cadences: on which days something is owed. Civil days only; knows no zone, no
//! holidays (a meeting that would fall on one is postponed by somebody, with a
//! reason) and no duty.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::stored::Day;

/// When a duty is owed. Days of the week count from Monday, 1 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// Once every so many days, counted from the duty's first day.
    EveryDays(u16),
    /// Once in each week, Monday to Sunday.
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,
    /// On this day of every week.
    OnWeekday(u8),
    /// On this day of every month, or on the month's last.
    OnMonthDay(u8),
    /// On the n-th such weekday of every month, n from 1 to 4.
    OnNthWeekday {
        nth: u8,
        weekday: u8,
    },
    /// On this day of every year; 29 February becomes the 28th.
    OnYearDay {
        month: u8,
        day: u8,
    },
    /// Within so many days of an event that somebody enters.
    AfterEvent {
        within_days: u16,
    },
}

/// The days on which one occurrence can be held, both included; its first day is
/// its rule date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    pub on: Day,
    pub until: Day,
}

impl Window {
    fn new(on: Date, until: Date) -> Window {
        Window {
            on: Day(on),
            until: Day(until),
        }
    }

    fn of_days(on: Date, days: u16) -> Option<Window> {
        let until = on.checked_add((i64::from(days.max(1)) - 1).days()).ok()?;
        Some(Window::new(on, until))
    }

    pub fn holds(&self, day: Date) -> bool {
        (self.on.0..=self.until.0).contains(&day)
    }
}

impl Rule {
    pub fn is_periodic(self) -> bool {
        !matches!(self, Rule::AfterEvent { .. })
    }

    /// The first window whose rule date is on or after `day`; `start` is the
    /// duty's first day. `None`: there is no calendar, or no such day any more.
    pub fn next(self, start: Date, day: Date) -> Option<Window> {
        match self {
            Rule::EveryDays(every) => {
                let every = i64::from(every.max(1));
                let gone = i64::from(start.until(day).ok()?.get_days()).max(0);
                let turns = gone.checked_add(every - 1)? / every;
                let on = start.checked_add((turns * every).days()).ok()?;
                Window::of_days(on, every as u16)
            }
            Rule::Week => {
                let on = from(day, |d| d.weekday() == Weekday::Monday, 7)?;
                Window::of_days(on, 7)
            }
            Rule::Month => months(day, 1),
            Rule::Quarter => months(day, 3),
            Rule::HalfYear => months(day, 6),
            Rule::Year => months(day, 12),
            Rule::OnWeekday(weekday) => one(from(day, |d| is_weekday(d, weekday), 7)?),
            Rule::OnMonthDay(of_month) => one(from(day, |d| is_day(d, d.month(), of_month), 62)?),
            Rule::OnNthWeekday { nth, weekday } => one(from(
                day,
                |d| is_weekday(d, weekday) && (d.day() + 6) / 7 == nth as i8,
                62,
            )?),
            Rule::OnYearDay {
                month,
                day: of_month,
            } => one(from(day, |d| is_day(d, month as i8, of_month), 366)?),
            Rule::AfterEvent { .. } => None,
        }
    }

    /// Of an event on `day`.
    pub fn after_event(self, day: Date) -> Option<Window> {
        match self {
            Rule::AfterEvent { within_days } => Some(Window::new(
                day,
                day.checked_add(i64::from(within_days).days()).ok()?,
            )),
            _ => None,
        }
    }
}

fn one(on: Date) -> Option<Window> {
    Some(Window::new(on, on))
}

/// The first of at most `days` + 1 days that fits.
fn from(day: Date, fits: impl Fn(Date) -> bool, days: usize) -> Option<Date> {
    let days = std::iter::successors(Some(day), |day| day.tomorrow().ok()).take(days + 1);
    days.into_iter().find(|day| fits(*day))
}

fn is_weekday(day: Date, weekday: u8) -> bool {
    day.weekday().to_monday_one_offset() == weekday as i8
}

fn is_day(day: Date, month: i8, of_month: u8) -> bool {
    let last = day.days_in_month();
    day.month() == month && day.day() == (of_month as i8).min(last)
}

/// Calendar blocks of `length` months, counted from January.
fn months(day: Date, length: i8) -> Option<Window> {
    let starts = |d: Date| d.day() == 1 && (d.month() - 1) % length == 0;
    let on = from(day, starts, 366)?;
    let after = on.checked_add(i64::from(length).months()).ok()?;
    Some(Window::new(on, after.yesterday().ok()?))
}
