//! The uplink's life: rest, mint a nonce, connect, greet, store what was
//! granted, stream; and, whatever goes wrong, a time for the next attempt.
//!
//! ```text
//! Idle → Connect → HelloSent → {Streaming → Checkpoint → Idle
//!                              | Reclaiming → Idle
//!                              | Backoff | Quarantined | Blocked}
//! ```
//! Every state has a deadline. Knows no stream, no store, no clock.

pub mod action;
mod life;
mod listing;
mod machine;
mod memory;
mod reclaim;
mod refused;
mod round;
mod session;
mod state;
mod suspect;

pub use machine::Uplink;
pub use state::Phase;

#[cfg(test)]
mod tests;
