//! Rows that the hub's view loses, or holds otherwise than they were written.

use crate::{cells, events::NodeAt, hub::Hub, network::Shared, plan::Planted};

/// A lost or damaged row of the view.
pub fn damage(hub: &mut Hub, shared: &mut Shared, node: NodeAt) {
    let pick = shared.rng.next_u64() as usize;
    let Some(running) = &mut hub.running else {
        return;
    };
    let held = &mut running.view.cells[node];
    let keys: Vec<_> = held.keys().copied().collect();
    if keys.is_empty() {
        return;
    }
    let key = keys[pick % keys.len()];
    let twin = held
        .iter()
        .find(|(at, cell)| **at != key && cell.state == held[&key].state);
    let is_pair = pick.is_multiple_of(3) || shared.plan.planted == Some(Planted::XorDigest);
    if let (Some((twin, _)), true) = (twin, is_pair) {
        // A lost page: two cells that an exclusive or would not miss.
        let twin = *twin;
        held.remove(&twin);
        held.remove(&key);
    } else if pick.is_multiple_of(2) {
        held.remove(&key);
    } else if let Some(cell) = held.get_mut(&key) {
        cell.state = cells::count(999_999);
    }
    running.view.count(node);
    shared.trace.line(
        shared.now,
        format_args!("hub's view of node {node} is damaged"),
    );
}
