//! The time that certificates are judged by: never before a known floor, so
//! that a box without a clock battery does not find every certificate invalid.
//! Knows nothing of time zones or of what is measured with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

/// Seconds since 1970, shared by everything that judges a certificate.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    runs: bool,
    floor_s: AtomicU64,
}

impl Clock {
    /// The machine's clock, never before `floor_s` (for example the start of
    /// one's own certificate, or the newest record of the journal).
    pub fn system(floor_s: u64) -> Clock {
        Clock(Arc::new(Hands {
            runs: true,
            floor_s: floor_s.into(),
        }))
    }

    /// Stands still until it is raised: for tests and simulation.
    pub fn standing(now_s: u64) -> Clock {
        Clock(Arc::new(Hands {
            runs: false,
            floor_s: now_s.into(),
        }))
    }

    pub fn now_s(&self) -> u64 {
        let floor = self.0.floor_s.load(Ordering::Relaxed);
        if !self.0.runs {
            return floor;
        }
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(floor, |since| since.as_secs().max(floor))
    }

    /// No time before `floor_s` is told from now on.
    pub fn raise(&self, floor_s: u64) {
        self.0.floor_s.fetch_max(floor_s, Ordering::Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let since = std::time::Duration::from_secs(self.now_s());
        Some(UnixTime::since_unix_epoch(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_never_told_before_the_floor() {
        let far = 32_503_680_000;
        let clock = Clock::system(0);
        assert!(clock.now_s() > 1_700_000_000 && clock.now_s() < far);
        clock.raise(far);
        assert_eq!(clock.now_s(), far);
        clock.raise(5);
        assert_eq!(clock.now_s(), far);
    }
}
