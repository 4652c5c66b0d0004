//! When a certificate is to be renewed, and how long to wait after a failure.
//! Pure: time and chance are arguments.

use std::time::Duration;

use crate::peer::Peer;

const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(600);

/// Seconds since 1970 from which `holder`'s certificate is renewed: half its
/// life, 10 % earlier or later by `chance` (0 to 1), so that a district that was
/// enrolled in one morning does not renew in one minute.
pub fn renew_at_s(holder: &Peer, chance: f64) -> u64 {
    let life = holder.not_after_s.saturating_sub(holder.not_before_s) as f64;
    let share = 0.5 + 0.2 * (chance.clamp(0.0, 1.0) - 0.5);
    holder.not_before_s + (life * share) as u64
}

/// Full jitter: anything up to the bound, which doubles with each failure from
/// 2 s to 10 min, but never more than a tenth of `life`.
pub fn retry_after(failures: u32, life: Duration, chance: f64) -> Duration {
    let bound = SHORTEST
        .saturating_mul(1 << failures.min(16))
        .min(LONGEST)
        .min(life / 10);
    bound.mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renewal_is_due_around_half_life() {
        let holder = Peer {
            identity: "spiffe://wenjiang/hub".parse().unwrap(),
            serial: vec![1],
            key_sha256: [0; 32],
            not_before_s: 1_000,
            not_after_s: 2_000,
        };
        for (chance, due) in [(0.0, 1_400), (0.5, 1_500), (1.0, 1_600), (7.0, 1_600)] {
            assert_eq!(renew_at_s(&holder, chance), due);
        }
    }

    #[test]
    fn waiting_grows_to_a_bound() {
        let year = Duration::from_secs(31_536_000);
        let secs = |failures, chance| retry_after(failures, year, chance).as_secs();
        assert_eq!((secs(0, 1.0), secs(3, 1.0), secs(3, 0.5)), (2, 16, 8));
        assert_eq!((secs(40, 1.0), secs(40, 0.0)), (600, 0));
        let minute = Duration::from_secs(60);
        assert_eq!(retry_after(40, minute, 1.0), Duration::from_secs(6));
    }
}
