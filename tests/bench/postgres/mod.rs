//! PostgreSQL as the peer: a private cluster in the bench's own directory, on
//! loopback with TLS, as Debian ships it. Measures what the product does, in
//! the way that is usual there.

mod cells;
#[allow(dead_code, reason = "a story uses more of it")]
mod cluster;
mod events;
mod questions;

use crate::{Bench, Peers};
use cluster::Cluster;

/// All of the peer's figures, before ours; its processes are gone then.
pub fn measure(bench: &Bench) -> anyhow::Result<Peers> {
    let dir = bench.dir("postgres")?;
    let cluster = Cluster::start(&bench.runtime, &dir)?;
    eprintln!("  {}", cluster.version);
    let events = events::measure(bench, &cluster)?;
    let ingest = cells::measure(bench, &cluster)?;
    let questions = questions::measure(bench, &cluster)?;
    let nation = questions::nation(bench, &cluster)?;
    cluster.stop()?;
    Ok(Peers {
        events,
        ingest,
        questions,
        nation,
    })
}
