//! How new definitions reach the nodes: drafted, tried out, approved, handed on in
//! waves that halt when nodes refuse, live, retired. Knows no wire and no clock.

mod advance;
mod decide;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod uptake;

pub use advance::{Progress, progress};
pub use decide::{Draft, past_sunset, sunset};
pub use refusal::Refusal;
pub use state::{Cause, Event, Halt, Rollout, Rollouts, Stage, Terms, Tried, Turned, Wave, carry};
pub use uptake::{Standing, Taking, Uptake, mark_absent};

use jiff::SignedDuration;

/// How long a wave is watched before the next begins, unless it is said.
pub const HOLD: SignedDuration = SignedDuration::from_hours(24);
/// And at most.
pub const LONGEST_HOLD: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Per cent of a wave's nodes that may refuse before it halts.
pub const REFUSALS_PERCENT: u32 = 10;
/// Nodes of one dry run, at most.
pub const TRIAL_NODES: usize = 16;
/// Items of one rollout, at most.
pub const ITEMS: usize = 500;
