//! What a hub with a planted bug makes of a batch.

use hub_domain::sync::batch::Accepted;
use proto::sync::uplink::Batch;

use crate::plan::Planted;

/// What a hub without a cursor would do.
pub fn taken_blindly(batch: &Batch) -> Accepted {
    Accepted {
        from: batch.from,
        through: batch.through,
        cells: batch.cells.clone(),
        ..Accepted::default()
    }
}

/// Acknowledged, then dropped.
pub fn forget(accepted: &mut Accepted, planted: Option<Planted>) {
    match planted {
        Some(Planted::RemovalForgotten) => {
            accepted.cells.retain(|cell| !cell.state.is_removed());
        }
        Some(Planted::RejectForgotten) => accepted.rejected.clear(),
        _ => {}
    }
}
