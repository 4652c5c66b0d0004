//! What ingest cannot do without: decode each batch, put its cells into a hash
//! table, write it to a log and sync. One thread, no TLS, no sharing, no rule.

use std::{
    collections::HashMap,
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use prost::Message as _;
use proto::{
    indicator::{
        cell::{Cell, CellKey, CellState, Order},
        columns,
    },
    pb::sync::Cells,
};

use crate::cells::{self, PER_NODE};

const BATCH: usize = 500;
/// Batches that wait for one sync, as when 16 nodes send 4 each.
const GROUP: usize = 64;

/// Cells a second, for the first load and for the update.
pub fn rates(dir: &Path, communities: usize) -> anyhow::Result<[f64; 2]> {
    let mut log = File::create(dir.join("log"))?;
    let mut table: HashMap<(usize, CellKey), (Order, CellState)> = HashMap::new();
    let mut rates = [0.0; 2];
    for (pass, rate) in rates.iter_mut().enumerate() {
        let batches = batches(communities, pass as u64)?;
        let began = Instant::now();
        for group in batches.chunks(GROUP) {
            let mut bytes = Vec::new();
            for (node, message) in group {
                for cell in columns::decode(&Cells::decode(&message[..])?)? {
                    let newer = (cell.order, cell.state);
                    let held = table
                        .entry((*node, cell.key))
                        .or_insert_with(|| newer.clone());
                    if held.0 < newer.0 {
                        *held = newer;
                    }
                }
                bytes.extend_from_slice(message);
            }
            log.write_all(&bytes)?;
            log.sync_data()?;
        }
        let took: Duration = began.elapsed();
        *rate = communities as f64 * PER_NODE as f64 / took.as_secs_f64();
    }
    Ok(rates)
}

/// One community's after the other's, encoded before the clock starts.
fn batches(communities: usize, pass: u64) -> anyhow::Result<Vec<(usize, Vec<u8>)>> {
    let months = cells::months();
    let mut batches = Vec::new();
    for node in 0..communities {
        let seqs = pass * PER_NODE + 1..=(pass + 1) * PER_NODE;
        let cells: Vec<Cell> = seqs.map(|seq| cells::cell(&months, node, seq)).collect();
        for batch in cells.chunks(BATCH) {
            let message = columns::encode(batch).context("one message")?;
            batches.push((node, message.encode_to_vec()));
        }
    }
    Ok(batches)
}
