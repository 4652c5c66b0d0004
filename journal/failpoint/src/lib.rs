//! Named places at which a test may end the process, as `kill -9` would: nothing is flushed, nothing
//! is said. Without the feature `failpoints`, which no release has, a place costs nothing. Knows no
//! place by name; `tests/crash/points.rs` lists them.
//!
//! `TONGXIN_FAILPOINT=name=3` ends the process when it reaches `name` for the third time.

/// Whether this build can be told to end.
pub const ENABLED: bool = cfg!(feature = "failpoints");

#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn reached(_name: &str) {}

#[cfg(feature = "failpoints")]
pub use armed::reached;

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        left: AtomicU64,
    }

    /// Aborts where the environment says so.
    pub fn reached(name: &str) {
        static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
        let armed = ARMED.get_or_init(|| parse(&std::env::var("TONGXIN_FAILPOINT").ok()?));
        if let Some(armed) = armed
            && armed.name == name
            && armed.left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            std::process::abort();
        }
    }

    fn parse(text: &str) -> Option<Armed> {
        let (name, nth) = text.split_once('=')?;
        let left = AtomicU64::new(nth.parse().ok()?);
        let name = name.to_owned();
        Some(Armed { name, left })
    }
}
