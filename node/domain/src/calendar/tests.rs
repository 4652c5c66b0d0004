//! Properties of working time, on a plain week, on split days with a lunch
//! break, and across a change of summer time.

use jiff::civil::{date, time};
use proptest::prelude::*;

use super::*;

fn office(zone: &str) -> Calendar {
    let day = || {
        vec![
            Hours::new(time(8, 30, 0, 0), time(12, 0, 0, 0)).unwrap(),
            Hours::new(time(14, 0, 0, 0), time(17, 30, 0, 0)).unwrap(),
        ]
    };
    let week = [day(), day(), day(), day(), day(), vec![], vec![]];
    Calendar::new(
        TimeZone::get(zone).unwrap(),
        week,
        // National Day 2026 and its make-up Saturday.
        (1..=7).map(|day| date(2026, 10, day)).collect(),
        vec![date(2026, 10, 10)],
    )
    .unwrap()
}

/// Open through the night on which Boston's clocks change.
fn night_desk() -> Calendar {
    let hours = || vec![Hours::new(time(0, 30, 0, 0), time(3, 0, 0, 0)).unwrap()];
    let week = std::array::from_fn(|_| hours());
    let zone = TimeZone::get("America/New_York").unwrap();
    Calendar::new(zone, week, vec![], vec![]).unwrap()
}

fn at(calendar: &Calendar, civil: &str) -> Timestamp {
    let civil: jiff::civil::DateTime = civil.parse().unwrap();
    calendar.zone.to_timestamp(civil).unwrap()
}

fn civil(calendar: &Calendar, instant: Timestamp) -> String {
    calendar.zone.to_datetime(instant).to_string()
}

#[test]
fn due_times_follow_the_office_hours() {
    let calendar = office("Asia/Shanghai");
    for (start, limit, due) in [
        // Thursday before the holidays; 10-10 is a make-up Saturday.
        (
            "2026-09-30T16:30:00",
            Limit::WorkingHours(2),
            "2026-10-08T09:30:00",
        ),
        (
            "2026-09-30T16:30:00",
            Limit::WorkingDays(1),
            "2026-10-08T17:30:00",
        ),
        (
            "2026-09-30T16:30:00",
            Limit::WorkingDays(3),
            "2026-10-10T17:30:00",
        ),
        ("2026-09-30T16:30:00", Limit::Days(3), "2026-10-03T16:30:00"),
        (
            "2026-09-30T16:30:00",
            Limit::Hours(2),
            "2026-09-30T18:30:00",
        ),
        (
            "2026-10-12T11:00:00",
            Limit::WorkingHours(1),
            "2026-10-12T12:00:00",
        ),
        (
            "2026-10-12T11:00:00",
            Limit::WorkingHours(2),
            "2026-10-12T15:00:00",
        ),
        (
            "2026-10-12T13:00:00",
            Limit::WorkingHours(7),
            "2026-10-13T12:00:00",
        ),
        (
            "2026-10-11T13:00:00",
            Limit::WorkingDays(1),
            "2026-10-12T17:30:00",
        ),
        (
            "2026-10-11T13:00:00",
            Limit::WorkingDays(0),
            "2026-10-12T08:30:00",
        ),
    ] {
        let due_at = calendar.due(at(&calendar, start), limit);
        assert_eq!(civil(&calendar, due_at), due, "{start} {limit:?}");
    }
}

#[test]
fn a_changed_clock_makes_a_night_shorter_or_longer() {
    let desk = night_desk();
    let night = |day: &str| {
        let noon = |day: &str| at(&desk, &format!("{day}T12:00:00"));
        let before: Date = day.parse().unwrap();
        let before = before.yesterday().unwrap().to_string();
        desk.between(noon(&before), noon(day)).as_mins()
    };
    // The shift ends at 03:00 by the wall clock, whatever the night's length.
    assert_eq!(night("2026-03-07"), 150);
    assert_eq!(night("2026-03-08"), 90);
    assert_eq!(night("2026-11-01"), 210);
}

#[test]
fn a_pause_moves_only_by_what_its_clock_would_have_counted() {
    let calendar = office("Asia/Shanghai");
    let due = at(&calendar, "2026-10-13T17:30:00");
    let (paused, resumed) = (
        at(&calendar, "2026-10-12T17:00:00"),
        at(&calendar, "2026-10-13T09:00:00"),
    );
    let shifted = |limit| civil(&calendar, calendar.shift(due, limit, paused, resumed));
    // Half an hour on Monday and half an hour on Tuesday.
    assert_eq!(shifted(Some(Limit::WorkingDays(1))), "2026-10-14T09:30:00");
    assert_eq!(shifted(Some(Limit::Days(1))), "2026-10-14T09:30:00");
    assert_eq!(shifted(None), "2026-10-14T09:30:00");
    let nothing = calendar.shift(due, Some(Limit::WorkingHours(1)), paused, paused);
    assert_eq!(nothing, due);
}

#[test]
fn calendars_that_cannot_work_are_refused() {
    let zone = TimeZone::UTC;
    let empty = || std::array::from_fn(|_| Vec::new());
    let never = Calendar::new(zone.clone(), empty(), vec![], vec![]);
    assert_eq!(never, Err(InvalidCalendar::NeverWorks));
    let hours = |from, to| Hours::new(time(from, 0, 0, 0), time(to, 0, 0, 0)).unwrap();
    let mut week: [Vec<Hours>; 7] = empty();
    week[0] = vec![hours(9, 12), hours(11, 14)];
    let overlap = Calendar::new(zone.clone(), week, vec![], vec![]);
    assert_eq!(overlap, Err(InvalidCalendar::Overlap));
    let mut week: [Vec<Hours>; 7] = empty();
    week[0] = vec![hours(9, 12)];
    let day = date(2026, 1, 1);
    let both = Calendar::new(zone, week, vec![day], vec![day]);
    assert_eq!(both, Err(InvalidCalendar::BothHolidayAndMakeup(day)));
    assert_eq!(Hours::new(time(9, 0, 0, 0), time(9, 0, 0, 0)), None);
}

#[test]
fn the_end_of_time_saturates() {
    let calendar = office("Asia/Shanghai");
    assert_eq!(
        calendar.due(Timestamp::MAX, Limit::WorkingDays(9)),
        Timestamp::MAX
    );
    assert_eq!(calendar.due(Timestamp::MAX, Limit::Days(9)), Timestamp::MAX);
}

fn works_at(calendar: &Calendar, instant: Timestamp) -> bool {
    calendar
        .intervals(instant)
        .take_while(|(opens, _)| *opens <= instant)
        .any(|(_, closes)| closes >= instant)
}

fn calendars() -> [Calendar; 3] {
    [
        office("Asia/Shanghai"),
        office("America/New_York"),
        night_desk(),
    ]
}

// From 2026-02-20: summer time starts and ends, National Day, weekends.
const FROM_S: i64 = 1_771_545_600;

proptest! {
    #[test]
    fn adding_is_additive_and_lands_in_working_time(
        which in 0usize..3, start in 0i64..25_000_000, a in 0i64..200_000, b in 0i64..200_000
    ) {
        let calendar = &calendars()[which];
        let start = Timestamp::from_second(FROM_S + start).unwrap();
        let (a, b) = (SignedDuration::from_secs(a), SignedDuration::from_secs(b));
        let whole = calendar.add(start, a + b);
        prop_assert_eq!(calendar.add(calendar.add(start, a), b), whole);
        prop_assert!(works_at(calendar, whole));
        prop_assert!(whole >= start);
        prop_assert_eq!(calendar.between(start, whole), a + b);
    }

    #[test]
    fn adding_is_monotone(
        which in 0usize..3, start in 0i64..25_000_000, wait in 0i64..500_000, a in 0i64..200_000, b in 0i64..200_000
    ) {
        let calendar = &calendars()[which];
        let first = Timestamp::from_second(FROM_S + start).unwrap();
        let second = later(first, SignedDuration::from_secs(wait));
        let amount = SignedDuration::from_secs(a);
        prop_assert!(calendar.add(first, amount) <= calendar.add(second, amount));
        let more = amount + SignedDuration::from_secs(b);
        prop_assert!(calendar.add(first, amount) <= calendar.add(first, more));
    }

    #[test]
    fn working_days_are_additive_and_monotone(
        which in 0usize..3, start in 0i64..25_000_000, wait in 0i64..500_000, a in 1u16..30, b in 1u16..30
    ) {
        let calendar = &calendars()[which];
        let first = Timestamp::from_second(FROM_S + start).unwrap();
        let due = calendar.due(first, Limit::WorkingDays(a + b));
        let half = calendar.due(first, Limit::WorkingDays(a));
        prop_assert_eq!(calendar.due(half, Limit::WorkingDays(b)), due);
        prop_assert!(works_at(calendar, due) && half < due);
        let second = later(first, SignedDuration::from_secs(wait));
        prop_assert!(due <= calendar.due(second, Limit::WorkingDays(a + b)));
    }

    #[test]
    fn two_pauses_shift_as_far_as_their_sum(
        start in 0i64..20_000_000, first in 0i64..400_000, gap in 0i64..400_000, second in 0i64..400_000
    ) {
        let calendar = office("Asia/Shanghai");
        let instant = |s| Timestamp::from_second(FROM_S + s).unwrap();
        let due = calendar.due(instant(start), Limit::WorkingDays(20));
        let limit = Some(Limit::WorkingHours(1));
        let once = calendar.shift(due, limit, instant(start), instant(start + first));
        let again = start + first + gap;
        let twice = calendar.shift(once, limit, instant(again), instant(again + second));
        let stood = calendar.between(instant(start), instant(start + first))
            + calendar.between(instant(again), instant(again + second));
        prop_assert_eq!(twice, calendar.add(due, stood));
        prop_assert!(twice >= once && once >= due);
    }
}
