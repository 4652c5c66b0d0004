//! The machines' monotonic time, told from when a direction started.

use std::time::Duration;

use proto::sync::instant::Instant;
use tokio::time::Instant as Timer;

#[derive(Clone, Copy, Debug)]
pub struct Clock(Timer);

/// A timer that is set further off is set again then.
const FURTHEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Clock {
    pub fn start() -> Clock {
        Clock(Timer::now())
    }

    pub fn now(&self) -> Instant {
        Instant(self.0.elapsed())
    }

    /// Returns when it is `deadline`, or some time before.
    pub async fn reach(&self, deadline: Instant) {
        let left = deadline.since(self.now()).min(FURTHEST);
        tokio::time::sleep(left).await;
    }
}
