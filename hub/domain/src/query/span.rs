//! Spans: the stretches of time that answers are about, and the base periods
//! each is made of. Knows no clock; the district's time zone is an argument.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use proto::period::{Grain, Period};

/// One stretch of time: what its cells are called, and when it starts and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The period it is; `None` for a range of several.
    pub period: Option<Period>,
    /// The base periods inside, ascending.
    pub bases: Vec<Period>,
    pub first_day: Date,
    pub last_day: Date,
}

/// The periods of `grain` from `from` to `to`; `None` when the grain does not
/// nest in theirs.
pub fn periods(from: Period, to: Period, grain: Grain) -> Option<Vec<Period>> {
    let coarse = from.grain();
    let first = Period::containing(from.first_day(), grain)?;
    // A week may count to a month in which it does not begin.
    let mut at = first.previous().unwrap_or(first);
    let mut periods = Vec::new();
    while at.first_day() <= to.last_day() {
        let whole = at.within(coarse)?;
        if (from..=to).contains(&whole) {
            periods.push(at);
        }
        let Some(next) = at.next() else { break };
        at = next;
    }
    Some(periods)
}

impl Span {
    /// The span of `periods` (ascending, of one grain) over cells of `base`;
    /// `None` when the base grain does not nest in theirs.
    pub fn over(periods: &[Period], base: Grain) -> Option<Span> {
        let (first, last) = (*periods.first()?, *periods.last()?);
        let bases = self::periods(first, last, base)?;
        Some(Span {
            period: (periods.len() == 1).then_some(first),
            first_day: bases.first()?.first_day(),
            last_day: bases.last()?.last_day(),
            bases,
        })
    }

    /// Its base periods and those of the year before it.
    pub fn with_year_before(&self) -> Vec<Period> {
        let Some(first) = self.bases.first() else {
            return Vec::new();
        };
        let year_ago = self.first_day.saturating_sub(jiff::Span::new().years(1));
        let back = std::iter::successors(first.previous(), |base| base.previous());
        let mut bases: Vec<Period> = back
            .take_while(|base| base.last_day() >= year_ago)
            .collect();
        bases.reverse();
        bases.extend_from_slice(&self.bases);
        bases
    }

    pub fn starts_at(&self, zone: &TimeZone) -> Timestamp {
        midnight(self.first_day, zone)
    }

    /// The first instant after it.
    pub fn ends_at(&self, zone: &TimeZone) -> Timestamp {
        let next = self.last_day.tomorrow().unwrap_or(self.last_day);
        midnight(next, zone)
    }
}

/// When `day` begins. A date beyond what instants reach is the last instant.
pub fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    let instant = zone.to_timestamp(day.at(0, 0, 0, 0));
    instant.unwrap_or(if day.year() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(from: &str, to: &str, grain: Grain) -> Option<Vec<String>> {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let found = periods(from, to, grain)?;
        Some(found.iter().map(Period::to_string).collect())
    }

    #[test]
    fn a_range_is_cut_into_finer_periods() {
        assert_eq!(
            codes("2026Q1", "2026Q1", Grain::Month).unwrap(),
            ["202601", "202602", "202603"]
        );
        assert_eq!(
            codes("202611", "202701", Grain::Month).unwrap(),
            ["202611", "202612", "202701"]
        );
        assert_eq!(codes("2024", "2024", Grain::Day).unwrap().len(), 366);
        assert_eq!(codes("202601", "202601", Grain::Week).unwrap().len(), 5);
        assert_eq!(codes("2026", "2026", Grain::Week).unwrap().len(), 53);
        assert_eq!(codes("2026W05", "2026W05", Grain::Month), None);
        assert_eq!(codes("202601", "202601", Grain::Quarter), None);
    }

    #[test]
    fn a_month_of_weeks_begins_and_ends_with_its_weeks() {
        let month: Period = "202601".parse().unwrap();
        let span = Span::over(&[month], Grain::Week).unwrap();
        assert_eq!(span.bases.first().unwrap().to_string(), "2026W01");
        assert_eq!(span.first_day.to_string(), "2025-12-29");
        assert_eq!(span.last_day.to_string(), "2026-02-01");
        assert!(Span::over(&["2026W02".parse().unwrap()], Grain::Month).is_none());
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_district() {
        let span = Span::over(&["20260131".parse().unwrap()], Grain::Day).unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(span.starts_at(&zone).to_string(), "2026-01-30T16:00:00Z");
        assert_eq!(span.ends_at(&zone).to_string(), "2026-01-31T16:00:00Z");
    }
}
