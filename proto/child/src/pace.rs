//! When to try again: slots, full-jitter back-off, the hub's own wishes. Draws
//! its jitter from the seed it was given. Uplink and downlink each have one.

use std::time::Duration;

use proto::sync::{
    instant::Instant,
    jitter::{Jitter, slot},
    limits,
};

#[derive(Clone, Debug)]
pub struct Pace {
    jitter: Jitter,
    interval: Duration,
    slot: Duration,
    reconnect_window: Duration,
    failures: u32,
    early: Early,
}

/// Rounds before their slot.
#[derive(Clone, Copy, Debug)]
struct Early {
    /// How far the next one may be put off.
    within: Duration,
    /// It was asked for; until then no other is.
    until: Instant,
    /// Without a change until then, the next is a first one again.
    quiet_at: Instant,
}

/// What changes after a time of quiet is sent within this.
const SOON: Duration = Duration::from_secs(1);

/// However lucky the draw, attempts are this far apart.
const LEAST: Duration = Duration::from_millis(500);

impl Pace {
    /// `name` chooses the slot within the interval.
    pub fn new(name: &str, interval: Duration, reconnect_window: Duration, seed: u64) -> Pace {
        // Below a millisecond a node would do nothing but ask.
        let interval = interval.max(Duration::from_millis(1));
        Pace {
            jitter: Jitter::new(seed),
            interval,
            slot: slot(name, interval),
            reconnect_window,
            failures: 0,
            early: Early {
                within: SOON,
                until: Instant::START,
                quiet_at: Instant::START,
            },
        }
    }

    /// Anywhere in the window in which a district comes back.
    pub fn arrival(&mut self) -> Duration {
        self.jitter.within(self.reconnect_window)
    }

    /// The next turn of this node, later than `now`.
    pub fn next_slot(&self, now: Instant) -> Instant {
        let interval = self.interval.as_nanos();
        let passed = now.0.as_nanos();
        let slot = self.slot.as_nanos();
        let turns = if passed < slot {
            0
        } else {
            (passed - slot) / interval + 1
        };
        let nanos = slot.saturating_add(turns.saturating_mul(interval));
        Instant(Duration::from_nanos(
            u64::try_from(nanos).unwrap_or(u64::MAX),
        ))
    }

    /// A round for a change at `now`, before its slot. While changes go on, such
    /// rounds come at half the pace each time, until the slots are as good: a busy
    /// community costs the hub no more than its rounds.
    pub fn early(&mut self, now: Instant) -> Option<Instant> {
        if now < self.early.until {
            return None;
        }
        if now >= self.early.quiet_at {
            self.early.within = SOON;
        }
        let within = self.early.within;
        self.early.quiet_at = now + self.interval;
        if within >= self.interval {
            return None;
        }
        self.early.within = within * 2;
        self.early.until = now + within;
        Some(now + self.jitter.within(within))
    }

    /// After a session that got nowhere: full jitter below a doubling ceiling.
    pub fn back_off(&mut self) -> Duration {
        let doubled = limits::BACKOFF_MIN * 2u32.pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        let ceiling = doubled.min(limits::BACKOFF_MAX);
        self.jitter.within(ceiling).max(LEAST)
    }

    /// After a session that got something across.
    pub fn come_back(&mut self, window: Option<Duration>) -> Duration {
        let window = window.map_or(self.reconnect_window, |w| w.min(limits::BACKOFF_MAX));
        self.jitter.within(window).max(LEAST)
    }

    /// Something came across.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The hub asked for at least this.
    pub fn respect(&mut self, retry_after: Duration) -> Duration {
        let asked = retry_after.min(limits::PROBE);
        asked + self.jitter.within(asked / 2)
    }

    pub fn probe(&mut self) -> Duration {
        self.jitter.around(limits::PROBE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(interval: Duration, seed: u64) -> Pace {
        let window = Duration::from_secs(120);
        Pace::new("community/510115001001", interval, window, seed)
    }

    #[test]
    fn slots_are_an_interval_apart_and_always_ahead() {
        let interval = Duration::from_secs(60);
        let pace = pace(interval, 1);
        let first = pace.next_slot(Instant::START);
        assert!(first.0 < interval);
        let mut at = first;
        for turn in 1..100 {
            at = pace.next_slot(at);
            assert_eq!(at, first + interval * turn);
        }
    }

    #[test]
    fn a_change_after_quiet_is_sent_soon_and_a_busy_node_keeps_to_its_slots() {
        let interval = Duration::from_secs(60);
        let mut pace = pace(interval, 1);
        let step = Duration::from_millis(100);
        let mut now = Instant::START + interval;
        let mut early = Vec::new();
        for _ in 0..6_000 {
            if let Some(at) = pace.early(now) {
                assert!(now <= at && at <= now + SOON * 2u32.pow(early.len() as u32));
                early.push(at);
            }
            now += step;
        }
        assert_eq!(early.len(), 6, "1, 2, 4 … 32 s");
        now += interval;
        let at = pace.early(now).expect("quiet again");
        assert!(at <= now + SOON);
    }

    #[test]
    fn slots_closer_than_a_second_need_no_early_round() {
        let mut pace = pace(SOON, 1);
        assert_eq!(pace.early(Instant::START), None);
    }

    #[test]
    fn back_off_grows_to_its_cap_and_jitters_after_it() {
        let mut pace = pace(Duration::from_secs(60), 1);
        let first = (0..50).map(|seed| {
            let mut fresh = pace.clone();
            fresh.jitter = Jitter::new(seed);
            fresh.back_off()
        });
        assert!(
            first
                .clone()
                .all(|d| d <= limits::BACKOFF_MIN && d >= LEAST)
        );
        for _ in 0..20 {
            pace.back_off();
        }
        let capped: Vec<Duration> = (0..200).map(|_| pace.back_off()).collect();
        assert!(capped.iter().all(|delay| *delay <= limits::BACKOFF_MAX));
        assert!(
            capped
                .iter()
                .any(|delay| *delay > limits::BACKOFF_MAX * 9 / 10)
        );
        assert!(capped.iter().any(|delay| *delay < limits::BACKOFF_MAX / 5));
        pace.succeeded();
        assert!(pace.back_off() <= limits::BACKOFF_MIN);
    }

    #[test]
    fn a_wish_of_the_hub_is_a_minimum() {
        let mut pace = pace(Duration::from_secs(60), 1);
        for _ in 0..100 {
            assert!(pace.respect(Duration::from_secs(7)) >= Duration::from_secs(7));
        }
    }
}
