//! A year that is planned: what happens in a place, when, and what the district
//! should come to see of it. Knows no server and no wire.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

use super::deed::Deed;

pub const YEAR: i16 = 2025;

/// Something that is made once and named later, as the plan knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thing(pub usize);

/// Seeded (SplitMix64): the same seed, the same year.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What was planned of an indicator: so many, or so many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub numerator: i64,
    pub denominator: Option<i64>,
    /// By how much the rounding of small counts may be off; 0: exact.
    pub tolerance: i64,
}

pub struct Plan {
    pub deeds: Vec<(Timestamp, Deed)>,
    pub expected: BTreeMap<&'static str, Expected>,
    pub things: usize,
    chance: Chance,
    zone: TimeZone,
}

impl Plan {
    pub fn new(seed: u64, zone: TimeZone) -> Plan {
        Plan {
            deeds: Vec::new(),
            expected: BTreeMap::new(),
            things: 0,
            chance: Chance(seed),
            zone,
        }
    }

    pub fn day(month: i8, day: i8) -> Date {
        date(YEAR, month, day)
    }

    pub fn time(&self, day: Date, hour: i8, minute: i8) -> Timestamp {
        let civil = day.at(hour, minute, 0, 0);
        self.zone.to_timestamp(civil).unwrap_or(Timestamp::MIN)
    }

    pub fn add(&mut self, at: Timestamp, deed: Deed) {
        self.deeds.push((at, deed));
    }

    /// At half past eight on a day, before everything else of it.
    pub fn first(&mut self, day: Date, deed: Deed) {
        self.add(self.time(day, 8, 30), deed);
    }

    pub fn thing(&mut self) -> Thing {
        self.things += 1;
        Thing(self.things - 1)
    }

    /// So many out of a hundred times.
    pub fn by_chance(&mut self, percent: u64) -> bool {
        self.chance.next() % 100 < percent
    }

    pub fn below(&mut self, end: i64) -> i64 {
        (self.chance.next() % end.max(1) as u64) as i64
    }

    pub fn expect(&mut self, indicator: &'static str, more: i64) {
        self.expected.entry(indicator).or_default().numerator += more;
    }

    pub fn expect_of(&mut self, indicator: &'static str, numerator: i64, denominator: i64) {
        let expected = self.expected.entry(indicator).or_default();
        expected.numerator += numerator;
        *expected.denominator.get_or_insert(0) += denominator;
    }

    /// The number leaves its community rounded to fives, once a period.
    pub fn rounded(&mut self, indicator: &'static str, periods: i64) {
        let expected = self.expected.entry(indicator).or_default();
        expected.tolerance = 5 * periods;
    }

    /// In the order of their times; what was planned first of the same moment first.
    pub fn finish(&mut self) {
        self.deeds.sort_by_key(|(at, _)| *at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_plans_the_same_year() {
        let zone = || TimeZone::get("Asia/Shanghai").unwrap();
        for place in super::super::place::PLACES {
            let plan = |seed| {
                let mut plan = Plan::new(seed, zone());
                (place.year)(&mut plan);
                plan.finish();
                plan
            };
            let (one, same, other) = (plan(7), plan(7), plan(8));
            assert_eq!(one.deeds, same.deeds, "{}", place.name);
            assert_eq!(one.expected, same.expected, "{}", place.name);
            assert_ne!(one.deeds, other.deeds, "{}", place.name);
            let begins = one.time(Plan::day(1, 1), 0, 0);
            assert!(one.deeds[0].0 >= begins, "{}", place.name);
            assert!(one.deeds.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        }
    }
}
