//! Periods: civil stretches of time as DHIS2 codes them (`20260131`,
//! `2026W05`, `202601`, `2026Q1`, `2026S1`, `2026`). Knows no clock and no time
//! zone; whoever turns an instant into a civil date does.

use std::{fmt, str::FromStr};

use jiff::civil::{Date, ISOWeekDate, Weekday, date};

use crate::pb::types as pb;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    Day = 1,
    Week = 2,
    Month = 3,
    Quarter = 4,
    Half = 5,
    Year = 6,
}

impl Grain {
    pub const ALL: [Grain; 6] = [
        Grain::Day,
        Grain::Week,
        Grain::Month,
        Grain::Quarter,
        Grain::Half,
        Grain::Year,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Half => "half",
            Grain::Year => "year",
        }
    }

    fn from_number(number: u32) -> Option<Grain> {
        Grain::ALL.into_iter().find(|grain| *grain as u32 == number)
    }
}

impl TryFrom<pb::Grain> for Grain {
    type Error = InvalidPeriod;

    fn try_from(grain: pb::Grain) -> Result<Grain, InvalidPeriod> {
        Grain::from_number(grain as u32).ok_or_else(|| InvalidPeriod("grain unspecified".into()))
    }
}

impl From<Grain> for pb::Grain {
    fn from(grain: Grain) -> pb::Grain {
        pb::Grain::try_from(grain as i32).unwrap_or_default()
    }
}

/// One period of a grain, from 1900 to 2199. Orders by grain, then time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    grain: Grain,
    // Periods of this grain since the one that holds 1900-01-01.
    index: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("period {0:?}: want 20260131, 2026W05, 202601, 2026Q1, 2026S1 or 2026, from 1900 to 2199")]
pub struct InvalidPeriod(pub String);

const FIRST_YEAR: i16 = 1900;
const LAST_YEAR: i16 = 2199;
// 1900-01-01 was a Monday, so weeks count from it too.
const FIRST_DAY: Date = date(1900, 1, 1);

impl Period {
    /// The period of `grain` that holds `day`; `None` outside 1900 to 2199.
    pub fn containing(day: Date, grain: Grain) -> Option<Period> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
            return None;
        }
        let years = u32::try_from(day.year() - FIRST_YEAR).ok()?;
        let month0 = u32::try_from(day.month() - 1).ok()?;
        let index = match grain {
            Grain::Day => days_since_first(day)?,
            Grain::Week => days_since_first(day)? / 7,
            Grain::Month => years * 12 + month0,
            Grain::Quarter => years * 4 + month0 / 3,
            Grain::Half => years * 2 + month0 / 6,
            Grain::Year => years,
        };
        Some(Period { grain, index })
    }

    pub const fn grain(self) -> Grain {
        self.grain
    }

    pub fn first_day(self) -> Date {
        let month = |months: u32| {
            let year = FIRST_YEAR + (months / 12) as i16;
            date(year, (months % 12) as i8 + 1, 1)
        };
        match self.grain {
            Grain::Day => day_at(self.index),
            Grain::Week => day_at(self.index * 7),
            Grain::Month => month(self.index),
            Grain::Quarter => month(self.index * 3),
            Grain::Half => month(self.index * 6),
            Grain::Year => month(self.index * 12),
        }
    }

    pub fn last_day(self) -> Date {
        let next = Period {
            grain: self.grain,
            index: self.index + 1,
        };
        next.first_day().yesterday().unwrap_or(FIRST_DAY)
    }

    /// The next period of the same grain; `None` past 2199.
    pub fn next(self) -> Option<Period> {
        Period::containing(self.last_day().tomorrow().ok()?, self.grain)
    }

    /// The period before of the same grain; `None` before 1900.
    pub fn previous(self) -> Option<Period> {
        Period::containing(self.first_day().yesterday().ok()?, self.grain)
    }

    /// The same period one year earlier; a week keeps its ISO number where the
    /// earlier year has it.
    pub fn year_before(self) -> Option<Period> {
        match self.grain {
            Grain::Week => {
                let week = self.first_day().iso_week_date();
                let earlier =
                    ISOWeekDate::new(week.year() - 1, week.week(), Weekday::Monday).ok()?;
                Period::containing(earlier.date(), Grain::Week)
            }
            Grain::Day => {
                let day = self.first_day();
                Period::containing(
                    Date::new(day.year() - 1, day.month(), day.day()).ok()?,
                    Grain::Day,
                )
            }
            grain => {
                let day = self.first_day();
                Period::containing(Date::new(day.year() - 1, day.month(), 1).ok()?, grain)
            }
        }
    }

    /// The coarser period this one counts to; `None` when `grain` is finer or
    /// does not nest. A week counts to the month, quarter, half or year that
    /// holds its Thursday, so at least four of its days.
    pub fn within(self, grain: Grain) -> Option<Period> {
        if grain == self.grain {
            return Some(self);
        }
        if grain < self.grain || (grain == Grain::Week && self.grain != Grain::Day) {
            return None;
        }
        let day = match self.grain {
            Grain::Week => day_at(self.index * 7 + 3),
            _ => self.first_day(),
        };
        Period::containing(day, grain)
    }

    /// A compact number for columns and keys: neighbours differ by 8, order
    /// holds within a grain.
    pub const fn number(self) -> u32 {
        self.index << 3 | self.grain as u32
    }

    /// The inverse of [`Period::number`].
    pub fn from_number(number: u32) -> Result<Period, InvalidPeriod> {
        let invalid = || InvalidPeriod(format!("number {number}"));
        let grain = Grain::from_number(number & 7).ok_or_else(invalid)?;
        let period = Period {
            grain,
            index: number >> 3,
        };
        if period.index > last_index(grain) {
            Err(invalid())
        } else {
            Ok(period)
        }
    }
}

/// Of the period that holds 2199-12-31: a number is checked for every cell that
/// a hub receives.
const fn last_index(grain: Grain) -> u32 {
    match grain {
        Grain::Day => 109_572,
        Grain::Week => 109_572 / 7,
        Grain::Month => 12 * 300 - 1,
        Grain::Quarter => 4 * 300 - 1,
        Grain::Half => 2 * 300 - 1,
        Grain::Year => 300 - 1,
    }
}

fn days_since_first(day: Date) -> Option<u32> {
    let span = day.since(FIRST_DAY).ok()?;
    u32::try_from(span.get_days()).ok()
}

fn day_at(days: u32) -> Date {
    FIRST_DAY
        .checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))
        .unwrap_or(FIRST_DAY)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.first_day();
        let (year, month) = (day.year(), day.month());
        match self.grain {
            Grain::Day => write!(f, "{year:04}{month:02}{:02}", day.day()),
            Grain::Week => {
                let week = day.iso_week_date();
                write!(f, "{:04}W{:02}", week.year(), week.week())
            }
            Grain::Month => write!(f, "{year:04}{month:02}"),
            Grain::Quarter => write!(f, "{year:04}Q{}", (month - 1) / 3 + 1),
            Grain::Half => write!(f, "{year:04}S{}", (month - 1) / 6 + 1),
            Grain::Year => write!(f, "{year:04}"),
        }
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Period({self})")
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    fn from_str(code: &str) -> Result<Period, InvalidPeriod> {
        parse(code).ok_or_else(|| InvalidPeriod(code.chars().take(32).collect()))
    }
}

fn parse(code: &str) -> Option<Period> {
    if !code.is_ascii() || code.len() < 4 {
        return None;
    }
    let number = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| s.parse::<i16>().ok())?
    };
    let year = number(&code[..4])?;
    let rest = &code[4..];
    let month_of = |grain, month: i16| {
        Period::containing(Date::new(year, i8::try_from(month).ok()?, 1).ok()?, grain)
    };
    match (rest.len(), rest.as_bytes().first()) {
        (0, _) => month_of(Grain::Year, 1),
        (2, Some(b'Q')) => {
            let quarter = number(&rest[1..]).filter(|q| (1..=4).contains(q))?;
            month_of(Grain::Quarter, quarter * 3)
        }
        (2, Some(b'S')) => {
            let half = number(&rest[1..]).filter(|s| (1..=2).contains(s))?;
            month_of(Grain::Half, half * 6)
        }
        (2, _) => month_of(Grain::Month, number(rest)?),
        (3, Some(b'W')) => {
            let week = i8::try_from(number(&rest[1..])?).ok()?;
            let monday = ISOWeekDate::new(year, week, Weekday::Monday).ok()?;
            Period::containing(monday.date(), Grain::Week)
        }
        (4, _) => {
            let (month, day) = (number(&rest[..2])?, number(&rest[2..])?);
            let day = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
            Period::containing(day, Grain::Day)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_those_of_dhis2() {
        let day = date(2026, 1, 31);
        let codes: Vec<String> = Grain::ALL
            .into_iter()
            .map(|grain| Period::containing(day, grain).unwrap().to_string())
            .collect();
        assert_eq!(
            codes,
            ["20260131", "2026W05", "202601", "2026Q1", "2026S1", "2026"]
        );
    }

    #[test]
    fn the_last_period_of_every_grain_holds_the_last_day() {
        for grain in Grain::ALL {
            let last = Period::containing(date(LAST_YEAR, 12, 31), grain).unwrap();
            assert_eq!(last.index, last_index(grain), "{grain:?}");
            assert!(Period::from_number(last.number()).is_ok());
            assert!(Period::from_number(last.number() + 8).is_err());
        }
    }

    #[test]
    fn a_week_counts_to_the_month_of_its_thursday() {
        // 2026-01-29 is a Thursday; the week runs into February.
        let week: Period = "2026W05".parse().unwrap();
        assert_eq!(week.within(Grain::Month).unwrap().to_string(), "202601");
        assert_eq!(week.within(Grain::Day), None);
        let month: Period = "202601".parse().unwrap();
        assert_eq!(month.within(Grain::Week), None);
    }

    #[test]
    fn malformed_codes_are_refused() {
        for code in [
            "",
            "26",
            "2026Q5",
            "2026Q0",
            "2026S3",
            "202613",
            "20260230",
            "2026W54",
            "1899",
            "2200",
            "二〇二六",
            "+026",
        ] {
            assert!(code.parse::<Period>().is_err(), "{code}");
        }
        assert!(Period::from_number(0).is_err());
        assert!(Period::from_number(u32::MAX).is_err());
    }

    #[test]
    fn a_year_before_keeps_the_place_in_the_year() {
        for (now, before) in [
            ("20250301", "20240301"),
            ("2026W05", "2025W05"),
            ("202602", "202502"),
            ("2026Q1", "2025Q1"),
            ("2026S2", "2025S2"),
            ("2026", "2025"),
        ] {
            let period: Period = now.parse().unwrap();
            assert_eq!(period.year_before().unwrap().to_string(), before);
        }
    }

    proptest! {
        #[test]
        fn every_day_of_every_grain_round_trips(days in 0u32..109_000, grain in 0usize..6) {
            let day = day_at(days);
            let period = Period::containing(day, Grain::ALL[grain]).unwrap();
            prop_assert!(period.first_day() <= day && day <= period.last_day());
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
            prop_assert_eq!(Period::from_number(period.number()).unwrap(), period);
            if let Some(next) = period.next() {
                prop_assert_eq!(next.previous(), Some(period));
                prop_assert_eq!(next.first_day().yesterday().unwrap(), period.last_day());
            }
        }

        #[test]
        fn coarser_periods_hold_the_finer(days in 0u32..109_000, fine in 0usize..6, coarse in 0usize..6) {
            let (fine, coarse) = (Grain::ALL[fine], Grain::ALL[coarse]);
            let period = Period::containing(day_at(days), fine).unwrap();
            if let Some(whole) = period.within(coarse) {
                let inside = whole.first_day() <= period.first_day() && period.last_day() <= whole.last_day();
                prop_assert!(inside || fine == Grain::Week);
            }
        }
    }
}
