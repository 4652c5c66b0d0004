//! The hub's end of the line: what it keeps per node, what it decides about a
//! greeting, a batch and a listing, and the machines of one session. Knows no
//! stream, no store, no clock.

pub mod admission;
pub mod batch;
pub mod downlink;
pub mod hello;
pub mod line;
pub mod reclaim;
pub mod release;
pub mod repair;
pub mod roster;
pub mod session;

#[cfg(test)]
mod samples;
