//! Working time of an office: hours per weekday, holidays, make-up working days
//! (调休). Adds working time to instants and measures it between them. Knows no
//! clocks of cases and no current time.
//!
//! Intervals of one day are closed at both ends: work that is due when the
//! office closes is due on that day, not the next morning.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// A stretch of one day during which the office works; `opens < closes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    opens: Time,
    closes: Time,
}

/// At least one weekday has hours, so adding working time always ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    zone: TimeZone,
    /// From Monday; ascending, disjoint.
    week: [Vec<Hours>; 7],
    makeup_hours: Vec<Hours>,
    /// Sorted, disjoint.
    holidays: Vec<Date>,
    makeup_days: Vec<Date>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCalendar {
    #[error("no weekday has working hours")]
    NeverWorks,
    #[error("hours of one day must be in order and must not overlap")]
    Overlap,
    #[error("{0} is both a holiday and a make-up working day")]
    BothHolidayAndMakeup(Date),
}

/// A limit of a clock. Hours and days without "working" run day and night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    Hours(u16),
    Days(u16),
    WorkingHours(u16),
    /// Ends when the office closes on the n-th working day after the day it
    /// starts; that day itself does not count.
    WorkingDays(u16),
}

impl Limit {
    pub fn is_working(self) -> bool {
        matches!(self, Limit::WorkingHours(_) | Limit::WorkingDays(_))
    }
}

impl Hours {
    pub fn new(opens: Time, closes: Time) -> Option<Hours> {
        (opens < closes).then_some(Hours { opens, closes })
    }
}

impl Calendar {
    /// `week` from Monday. A make-up day has the hours of the first weekday that
    /// has any.
    pub fn new(
        zone: TimeZone,
        week: [Vec<Hours>; 7],
        mut holidays: Vec<Date>,
        mut makeup_days: Vec<Date>,
    ) -> Result<Calendar, InvalidCalendar> {
        let makeup_hours = week.iter().find(|hours| !hours.is_empty());
        let makeup_hours = makeup_hours.ok_or(InvalidCalendar::NeverWorks)?.clone();
        let ordered =
            |hours: &Vec<Hours>| hours.windows(2).all(|pair| pair[0].closes < pair[1].opens);
        if !week.iter().all(ordered) {
            return Err(InvalidCalendar::Overlap);
        }
        holidays.sort_unstable();
        makeup_days.sort_unstable();
        let both = makeup_days
            .iter()
            .find(|day| holidays.binary_search(day).is_ok());
        if let Some(day) = both {
            return Err(InvalidCalendar::BothHolidayAndMakeup(*day));
        }
        Ok(Calendar {
            zone,
            week,
            makeup_hours,
            holidays,
            makeup_days,
        })
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When a clock with this limit, started at `start`, falls due. Saturates at
    /// the end of time.
    pub fn due(&self, start: Timestamp, limit: Limit) -> Timestamp {
        match limit {
            Limit::Hours(hours) => later(start, hours_of(hours)),
            Limit::Days(days) => later(start, hours_of(days) * 24),
            Limit::WorkingHours(hours) => self.add(start, hours_of(hours)),
            Limit::WorkingDays(days) => self.add_days(start, days),
        }
    }

    /// The instant after `amount` of working time, or the next working instant
    /// when that is nothing. Negative amounts count as nothing.
    pub fn add(&self, start: Timestamp, amount: SignedDuration) -> Timestamp {
        let mut left = amount.max(SignedDuration::ZERO);
        let mut from = start;
        for (opens, closes) in self.intervals(start) {
            from = from.max(opens);
            let open_for = from.duration_until(closes);
            if left <= open_for {
                return later(from, left);
            }
            left -= open_for.max(SignedDuration::ZERO);
        }
        Timestamp::MAX
    }

    /// Working time from one instant to a later one; nothing when `to` is earlier.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.intervals(from)
            .take_while(|(opens, _)| *opens < to)
            .map(|(opens, closes)| opens.max(from).duration_until(closes.min(to)))
            .filter(|stretch| stretch.is_positive())
            .sum()
    }

    /// Where `due` moves when its clock stood still from `paused` to `resumed`:
    /// by working time for a working limit, else by what the wall clock showed.
    pub fn shift(
        &self,
        due: Timestamp,
        limit: Option<Limit>,
        paused: Timestamp,
        resumed: Timestamp,
    ) -> Timestamp {
        if limit.is_some_and(Limit::is_working) {
            self.add(due, self.between(paused, resumed))
        } else {
            later(
                due,
                paused.duration_until(resumed).max(SignedDuration::ZERO),
            )
        }
    }

    fn add_days(&self, start: Timestamp, days: u16) -> Timestamp {
        let first = self.zone.to_datetime(start).date();
        if days == 0 {
            return self.add(start, SignedDuration::ZERO);
        }
        from_day(first)
            .skip(1)
            .filter_map(|day| self.hours(day).last().map(|hours| (day, hours.closes)))
            .nth(usize::from(days) - 1)
            .map_or(Timestamp::MAX, |(day, closes)| self.instant(day, closes))
    }

    /// Working intervals from the day of `start` on, without end.
    fn intervals(&self, start: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = self.zone.to_datetime(start).date();
        from_day(first)
            .flat_map(move |day| {
                self.hours(day).iter().map(move |hours| {
                    (
                        self.instant(day, hours.opens),
                        self.instant(day, hours.closes),
                    )
                })
            })
            // The zone's gap can swallow hours.
            .filter(|(opens, closes)| opens < closes)
    }

    fn hours(&self, day: Date) -> &[Hours] {
        if self.holidays.binary_search(&day).is_ok() {
            &[]
        } else if self.makeup_days.binary_search(&day).is_ok() {
            &self.makeup_hours
        } else {
            let weekday = day.weekday().to_monday_zero_offset();
            &self.week[usize::from(weekday.unsigned_abs())]
        }
    }

    /// In a gap of the zone the later, in a fold the earlier instant.
    fn instant(&self, day: Date, time: Time) -> Timestamp {
        let civil = day.to_datetime(time);
        self.zone.to_timestamp(civil).unwrap_or(Timestamp::MAX)
    }
}

fn from_day(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
}

fn hours_of(hours: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(hours))
}

fn later(start: Timestamp, amount: SignedDuration) -> Timestamp {
    start.checked_add(amount).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
