//! Bytes of a cell on the wire: batches of 500 as the sync service sends them,
//! raw and as gRPC compresses them.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use prost::Message as _;
use proto::{
    indicator::cell::Cell,
    pb::sync as pb,
    sync::uplink::{Batch, Up},
};

use crate::{
    Bench,
    cells::{self, PER_NODE},
    figures::{Row, count},
};

const BATCH: usize = 500;
const BATCHES: usize = 40;

pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let months = cells::months();
    let year = (1..=PER_NODE).map(|seq| cells::cell(&months, 1, seq));
    let dense: Vec<Cell> = year.take(BATCH * BATCHES).collect();
    // In the order of writing, as one node's changes of a day.
    let of_many = (1..=PER_NODE).flat_map(|seq| {
        let months = &months;
        (1..=8).map(move |node| (node, cells::cell(months, node, seq)))
    });
    let kept = of_many.filter(|(node, cell)| cells::mixed(*node, cell.order.seq, 8) == 0);
    let sparse: Vec<Cell> = (1..)
        .zip(kept)
        .map(|(seq, (_, mut cell))| {
            cell.order.seq = seq;
            cell
        })
        .take(BATCH * BATCHES)
        .collect();
    for (what, cells) in [("every key", dense), ("one key in eight", sparse)] {
        let (mut raw, mut packed) = (0, 0);
        for (at, cells) in cells.chunks(BATCH).enumerate() {
            let batch = Batch {
                from: (at * BATCH) as u64,
                through: (at * BATCH + cells.len()) as u64,
                cells: cells.to_vec(),
                ..Batch::default()
            };
            let message = pb::UplinkRequest::try_from(&Up::Batch(batch))?.encode_to_vec();
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            gzip.write_all(&message)?;
            raw += message.len();
            packed += gzip.finish()?.len();
        }
        let [raw, packed] = [raw, packed].map(|bytes| bytes as f64 / cells.len() as f64);
        bench.figures.add(
            Row::new(format!("wire, batches of 500, {what}"))
                .figure(format!("{} B/cell raw, {} gzip", count(raw), count(packed)))
                .goal("≤ 10 raw", raw <= 10.0)
                .goal("≤ 3 compressed", packed <= 3.0),
        );
    }
    Ok(())
}
