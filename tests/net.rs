//! Bad networks, crowds and hostile peers against the real binary: one district,
//! real processes, loopback only.

mod harness;

#[path = "net/episodes.rs"]
mod episodes;
