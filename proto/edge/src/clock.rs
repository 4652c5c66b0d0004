//! The time that certificates are judged by: never before a known floor, so
//! that a box without a clock battery does not find every certificate invalid.
//! From the floor on time runs, whatever the machine's clock says. Knows nothing
//! of time zones or of what is measured with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;

include!(concat!(env!("OUT_DIR"), "/built.rs"));

/// A clock that was put right by less than this was not wrong.
const SLACK_S: u64 = 60;

/// Seconds since 1970, shared by everything that judges a certificate.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    /// Of a clock that runs; `None`: it stands.
    began: Option<Instant>,
    /// Less what has passed since the clock began to run.
    floor_s: AtomicU64,
}

impl Clock {
    /// The machine's clock, never before `floor_s` (for example the start of
    /// one's own certificate, or the newest record of the journal), nor before
    /// this build was made.
    pub fn system(floor_s: u64) -> Clock {
        Clock(Arc::new(Hands {
            began: Some(Instant::now()),
            floor_s: floor_s.max(BUILT_S).into(),
        }))
    }

    /// Stands still until it is raised: for tests and simulation.
    pub fn standing(now_s: u64) -> Clock {
        Clock(Arc::new(Hands {
            began: None,
            floor_s: now_s.into(),
        }))
    }

    pub fn now_s(&self) -> u64 {
        let machine_s = self.0.began.map_or(0, |_| machine_s());
        machine_s.max(self.0.floor_now_s())
    }

    /// The same, unless the machine's clock is behind the floor, and therefore
    /// wrong by an unknown time.
    pub fn believed_s(&self) -> Option<u64> {
        let is_wrong = self.0.began.is_some() && machine_s() + SLACK_S < self.0.floor_now_s();
        (!is_wrong).then(|| self.now_s())
    }

    /// No time before `floor_s` is told from now on.
    pub fn raise(&self, floor_s: u64) {
        let floor_s = floor_s.saturating_sub(self.0.ran_s());
        self.0.floor_s.fetch_max(floor_s, Ordering::Relaxed);
    }
}

impl Hands {
    fn ran_s(&self) -> u64 {
        self.began.map_or(0, |began| began.elapsed().as_secs())
    }

    fn floor_now_s(&self) -> u64 {
        self.floor_s.load(Ordering::Relaxed) + self.ran_s()
    }
}

fn machine_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
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
        assert_eq!(clock.believed_s(), Some(clock.now_s()));
        clock.raise(far);
        assert!((far..far + 60).contains(&clock.now_s()));
        assert_eq!(clock.believed_s(), None, "the machine is behind");
        clock.raise(5);
        assert!(clock.now_s() >= far);
        let standing = Clock::standing(7);
        standing.raise(9);
        assert_eq!((standing.now_s(), standing.believed_s()), (9, Some(9)));
    }
}
