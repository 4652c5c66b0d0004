//! Bad networks, crowds and hostile peers against the real binary: one district,
//! real processes, loopback only.

mod harness;

#[path = "bench/crowd.rs"]
mod bench_crowd;
#[path = "net/bombs.rs"]
mod bombs;
#[allow(dead_code, reason = "the benchmark uses all of it")]
#[path = "bench/cells.rs"]
mod cells;
#[path = "net/crowd.rs"]
mod crowd;
#[path = "net/episodes.rs"]
mod episodes;
#[path = "net/files.rs"]
mod files;
#[path = "net/hostile.rs"]
mod hostile;
#[allow(dead_code, reason = "the benchmark uses all of it")]
#[path = "bench/hub.rs"]
mod hub;
#[allow(dead_code, reason = "the benchmark uses all of it")]
#[path = "bench/line.rs"]
mod line;
#[path = "net/namespaces.rs"]
mod namespaces;
#[path = "bench/patience.rs"]
mod patience;
#[allow(dead_code, reason = "the benchmark uses all of it")]
#[path = "bench/usage.rs"]
mod usage;
#[path = "net/wire.rs"]
mod wire;
#[path = "net/witness.rs"]
mod witness;
