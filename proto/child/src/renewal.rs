//! When a certificate is to be renewed, how long to wait after a failure, and
//! what time a member judges its hub's certificate by. Pure: time and chance are
//! arguments.
//!
//! A leaf is renewed when 40 to 50 % of its life is over, so that a leaf of 14
//! days leaves seven days, and a member that reaches its hub for one hour in any
//! seven days misses none. That must hold with a wrong clock as well, so a
//! member counts how long it has held its leaf by a clock that merely runs, and
//! believes the wall clock as far as it can be true.

use std::time::Duration;

/// Of a certificate, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub not_before_s: u64,
    pub not_after_s: u64,
}

/// What a member knows of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970; `None`: the machine's clock is behind what has surely
    /// been.
    pub wall_s: Option<u64>,
    /// How long this process has held the leaf; `None`: longer than it runs.
    pub held: Option<Duration>,
}

const SHORTEST: Duration = Duration::from_secs(2);
/// Three attempts at least in an hour within reach.
pub const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// The first attempt comes when so much of a life is over, in shares of 20.
const EARLIEST: u32 = 8;
const LATEST: u32 = 10;
/// A wall clock is believed to be off by no more than life / 14: a day of 14.
const DOUBT: u32 = 14;

impl Leaf {
    pub fn life(&self) -> Duration {
        Duration::from_secs(self.not_after_s.saturating_sub(self.not_before_s))
    }

    /// Seconds since 1970 from which the leaf is renewed, by a clock that is right.
    /// `chance`, 0 to 1, spreads a district that was enrolled in one morning.
    pub fn renew_at_s(&self, chance: f64) -> u64 {
        self.not_before_s + self.due_after(chance).as_secs()
    }

    fn due_after(&self, chance: f64) -> Duration {
        let spread = self.life() * (LATEST - EARLIEST) / 20;
        self.life() * EARLIEST / 20 + spread.mul_f64(chance.clamp(0.0, 1.0))
    }

    /// How long to wait until the leaf is to be renewed; zero: now.
    pub fn due_in(&self, at: Moment, chance: f64) -> Duration {
        let after = self.due_after(chance);
        let by_held = at.held.map(|held| after.saturating_sub(held));
        let is_possible = |wall_s: &u64| (self.not_before_s..self.not_after_s).contains(wall_s);
        let by_wall = at.wall_s.filter(is_possible).map(|wall_s| {
            // Who has not seen it being made has only the wall clock.
            let doubt = match at.held {
                None => self.life() / DOUBT,
                Some(_) => Duration::ZERO,
            };
            let age = Duration::from_secs(wall_s - self.not_before_s);
            after.saturating_sub(age + doubt)
        });
        match (by_held, by_wall) {
            (Some(held), Some(wall)) => held.min(wall),
            (held, wall) => held.or(wall).unwrap_or_default(),
        }
    }

    /// Full jitter: anything up to the bound, which doubles with each failure from
    /// 2 s to 10 min, but never more than a tenth of the life.
    pub fn retry_in(&self, failures: u32, chance: f64) -> Duration {
        let bound = SHORTEST
            .saturating_mul(1 << failures.min(16))
            .min(LONGEST_RETRY)
            .min(self.life() / 10);
        bound.mul_f64(chance.clamp(0.0, 1.0))
    }

    /// The times by which the holder judges its hub's certificate: good at one of
    /// them is good. When the hub lets the holder in, the true time lies in the
    /// leaf's own life; so a clock that is behind may take a newer certificate than
    /// it knows of, never one that is over by its own time, and a clock past the
    /// leaf's end is not believed.
    pub fn plausible_s(&self, now_s: u64) -> impl Iterator<Item = u64> {
        let middle = self.not_before_s + self.life().as_secs() / 2;
        let end = self.not_after_s.saturating_sub(1);
        let is_past = now_s > end;
        let others = [middle, end].into_iter();
        [now_s]
            .into_iter()
            .chain(others.filter(move |other_s| is_past || *other_s > now_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const LEAF: Leaf = Leaf {
        not_before_s: 100 * DAY,
        not_after_s: 114 * DAY,
    };

    fn due_days(wall_days: Option<f64>, held_days: Option<f64>, chance: f64) -> f64 {
        let at = Moment {
            wall_s: wall_days.map(|days| (days * DAY as f64) as u64),
            held: held_days.map(|days| Duration::from_secs_f64(days * DAY as f64)),
        };
        let due = LEAF.due_in(at, chance).as_secs_f64() / DAY as f64;
        (due * 10.0).round() / 10.0
    }

    #[test]
    fn a_leaf_is_due_from_two_fifths_to_half_of_its_life() {
        for (chance, due) in [(0.0, 105.6), (0.5, 106.3), (1.0, 107.0), (7.0, 107.0)] {
            assert_eq!(LEAF.renew_at_s(chance), (due * DAY as f64).round() as u64);
        }
    }

    #[test]
    fn what_is_known_of_the_time_decides() {
        for (name, wall, held, due) in [
            ("just made", Some(100.0), Some(0.0), 7.0),
            ("half over", Some(107.0), Some(7.0), 0.0),
            ("a day behind, but held", Some(104.0), Some(5.0), 2.0),
            ("a day ahead", Some(106.0), Some(5.0), 1.0),
            ("after a start: a day of doubt", Some(103.0), None, 3.0),
            ("behind what has been, after a start", None, None, 0.0),
            ("behind what has been, and held", None, Some(1.0), 6.0),
            ("400 days ahead, after a start", Some(500.0), None, 0.0),
            ("400 days ahead, and held", Some(500.0), Some(1.0), 6.0),
            ("before its beginning, after a start", Some(99.0), None, 0.0),
        ] {
            assert_eq!(due_days(wall, held, 1.0), due, "{name}");
        }
        assert_eq!(due_days(Some(100.0), Some(0.0), 0.0), 5.6);
    }

    #[test]
    fn waiting_grows_to_a_bound() {
        let year = Leaf {
            not_before_s: 0,
            not_after_s: 365 * DAY,
        };
        let secs = |failures, chance| year.retry_in(failures, chance).as_secs();
        assert_eq!((secs(0, 1.0), secs(3, 1.0), secs(3, 0.5)), (2, 16, 8));
        assert_eq!((secs(40, 1.0), secs(40, 0.0)), (600, 0));
        let minute = Leaf {
            not_before_s: 0,
            not_after_s: 60,
        };
        assert_eq!(minute.retry_in(40, 1.0), Duration::from_secs(6));
    }

    #[test]
    fn a_hub_is_judged_by_later_times_and_by_earlier_ones_only_past_the_end() {
        let (middle, end) = (107 * DAY, 114 * DAY - 1);
        for (now_s, times) in [
            (0, vec![0, middle, end]),
            (105 * DAY, vec![105 * DAY, middle, end]),
            (110 * DAY, vec![110 * DAY, end]),
            (end, vec![end]),
            (500 * DAY, vec![500 * DAY, middle, end]),
        ] {
            assert_eq!(LEAF.plausible_s(now_s).collect::<Vec<_>>(), times);
        }
    }
}
