//! Works a node's cells out again from its journal, up to one record, in a directory
//! beside the store. Reads journal and keys as they are and takes no lock, so a node
//! that runs is not disturbed. Judges nothing.

use std::path::Path;

use journal::Source;
use proto::indicator::catalogue::Catalogue;
use proto::indicator::cell::Cell;
use proto::sync::uplink::Checkpoint;

use super::fault::StoreFault;
use super::opening::{Setup, journal_dir, keys_dir};
use super::projection::Projection;
use super::view::ViewWriter;
use crate::sealing::Keyring;

/// A table of the view is published after so many records.
const GROUP: u64 = 1024;

/// What the first records of a journal give.
pub struct Replayed {
    /// Ascending by key, removed ones too.
    pub cells: Vec<Cell>,
    /// The digest of all of them.
    pub checkpoint: Checkpoint,
    /// The seq of the last change of a cell.
    pub through: u64,
    pub catalogue: Catalogue,
}

/// `beside` is made and removed again. `progress` is told of each record.
pub fn replay(
    dir: &Path,
    setup: &Setup,
    records: u64,
    beside: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Replayed, StoreFault> {
    let source = Source::at_rest(&journal_dir(dir))?;
    let keyring = Keyring::open(&keys_dir(dir))?;
    if beside.exists() {
        std::fs::remove_dir_all(beside).map_err(StoreFault::io("remove", beside))?;
    }
    std::fs::create_dir_all(beside).map_err(StoreFault::io("create", beside))?;
    let (writer, _) = ViewWriter::open(&beside.join("view"))?;
    let log_id = source.log_id();
    let zone = setup.zone.clone();
    let opened = Projection::open(&writer, source.clone(), log_id, zone, keyring.keys())?;
    let Some(mut projection) = opened else {
        return Err(StoreFault::View("an empty view does not start".to_owned()));
    };
    let wanted = usize::try_from(records).unwrap_or(usize::MAX);
    for record in source.reader(1)?.take(wanted) {
        let record = record?;
        projection.replay(record.seq, &record.payload)?;
        if record.seq % GROUP == 0 {
            projection.publish(&writer)?;
        }
        progress(record.seq);
    }
    projection.write_cells();
    let cells = projection.cells(None).map(|found| {
        let (key, stored) = found?;
        Ok(Cell {
            key,
            order: stored.order,
            state: stored.state,
        })
    });
    let replayed = Replayed {
        cells: cells.collect::<Result<_, StoreFault>>()?,
        checkpoint: Checkpoint {
            count: projection.digest().count(),
            root: projection.digest().root(),
        },
        through: projection.cell_seq(),
        catalogue: projection.catalogue().clone(),
    };
    drop(projection);
    writer.close()?;
    std::fs::remove_dir_all(beside).map_err(StoreFault::io("remove", beside))?;
    Ok(replayed)
}
