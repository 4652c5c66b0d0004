//! Bad networks, crowds and hostile peers against the real binary: one district,
//! real processes, loopback only.

mod harness;

#[path = "net/bombs.rs"]
mod bombs;
#[path = "net/episodes.rs"]
mod episodes;
#[path = "net/files.rs"]
mod files;
#[path = "net/hostile.rs"]
mod hostile;
#[allow(dead_code, reason = "the benchmark uses all of it")]
#[path = "bench/usage.rs"]
mod usage;
#[path = "net/wire.rs"]
mod wire;
#[path = "net/witness.rs"]
mod witness;
