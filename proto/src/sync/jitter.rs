//! Random delays from a given seed, so that a machine stays a pure function of
//! what it is told. Spreads load; protects no secret.

use std::time::Duration;

/// SplitMix64: small, seedable, good enough to keep nodes apart.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Jitter {
        Jitter(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform from zero to `span`, to the microsecond.
    pub fn within(&mut self, span: Duration) -> Duration {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let draw = self.next_u64();
        Duration::from_micros(micros.checked_add(1).map_or(draw, |bound| draw % bound))
    }

    /// `span` give or take a fifth.
    pub fn around(&mut self, span: Duration) -> Duration {
        span * 4 / 5 + self.within(span * 2 / 5)
    }
}

/// Where in an interval a name's turn is: the same for ever, even over names.
pub fn slot(name: &str, interval: Duration) -> Duration {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Jitter::new(hash).within(interval.saturating_sub(Duration::from_micros(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_inside_and_fill_their_span() {
        let mut jitter = Jitter::new(7);
        let span = Duration::from_secs(10);
        let draws: Vec<_> = (0..1000).map(|_| jitter.within(span)).collect();
        assert!(draws.iter().all(|draw| *draw <= span));
        assert!(draws.iter().any(|draw| *draw < span / 10));
        assert!(draws.iter().any(|draw| *draw > span * 9 / 10));
        for _ in 0..1000 {
            let around = jitter.around(span);
            assert!(around >= span * 4 / 5 && around <= span * 6 / 5);
        }
    }

    #[test]
    fn slots_spread_a_district_evenly() {
        let interval = Duration::from_secs(60);
        let mut per_tenth = [0; 10];
        for n in 0..10_000u64 {
            let at = slot(&format!("community/{}", 510_115_001_000 + n), interval);
            per_tenth[(at.as_secs() / 6) as usize] += 1;
        }
        assert!(
            per_tenth.iter().all(|n| (800..1200).contains(n)),
            "{per_tenth:?}"
        );
    }
}
