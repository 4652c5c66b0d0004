//! What everybody must have come to once the faults are over, and the sum that
//! must not depend on the order of adding.

use std::collections::BTreeMap;

use hub_domain::sync::line::Marker;
use proto::{
    indicator::{accumulator::Accumulator, cell::CellKey},
    sync::{jitter::Jitter, uplink::RejectReason},
};
use proto_child::uplink::Phase;

use crate::{
    cells,
    checks::Violation,
    hub::{Hub, Process, in_force},
    network::Shared,
    node::Node,
    plan::Stream,
};

/// `Some`: what is still missing.
pub fn unsettled(shared: &Shared, nodes: &[Node], hub: &Hub) -> Option<String> {
    let Some(process) = &hub.running else {
        return Some("hub is down".into());
    };
    for node in nodes.iter().filter(|node| !node.is_retired) {
        let at = node.who;
        let Some(running) = &node.running else {
            return Some(format!("node {at} is down"));
        };
        // 16. Uplink progresses with downlink stalled, and vice versa.
        if shared.plan.stalled != Some(Stream::Downlink) {
            let wanted = in_force(&hub.log);
            let wanted: Vec<_> = wanted
                .iter()
                .filter(|item| !item.item_id.contains("bad"))
                .collect();
            let mut active: Vec<_> = node.disk.items.values().collect();
            active.sort_by_key(|item| item.cursor.seq);
            if active != wanted {
                return Some(format!("node {at}: catalogue is not the hub's"));
            }
        }
        if shared.plan.stalled == Some(Stream::Uplink) {
            continue;
        }
        let phase = running.uplink.phase();
        let is_calm = match phase {
            Phase::Idle => true,
            _ if !shared.plan.stays_connected => true,
            _ => false,
        };
        let line = &hub.durable.lines[at];
        if !is_calm || line.acked != node.disk.head {
            return Some(format!(
                "node {at}: {phase:?}, acked {} of {}",
                line.acked, node.disk.head
            ));
        }
        if running.uplink.agreed() != Some(node.disk.head) {
            return Some(format!("node {at}: digests not found equal"));
        }
        // A catalogue that never came leaves refused what it would have explained.
        let is_stuck = shared.plan.stalled == Some(Stream::Downlink);
        let passes = |(key, marker): (&CellKey, &Marker)| {
            let cell = node.disk.cells.get(key);
            let is_unknown = key.indicator.0 == cells::UNKNOWN;
            let stays = cell.is_some_and(|cell| is_for_good(marker.reason, cell));
            !stays || (is_unknown && !is_stuck)
        };
        if line.rejected.iter().any(passes) {
            return Some(format!("node {at}: refused cells never came again"));
        }
    }
    let line_up = nodes.iter().filter(|node| !node.is_retired);
    let mut line_up = line_up.filter(|_| shared.plan.stalled != Some(Stream::Uplink));
    line_up.find_map(|node| differs(node, hub, process))
}

/// Cell by cell; once nothing is missing otherwise.
fn differs(node: &Node, hub: &Hub, process: &Process) -> Option<String> {
    let at = node.who;
    let digest = cells::digest(node.disk.cells.values());
    for (name, table) in [("durable", &hub.durable), ("view", &process.view)] {
        if table.digests[at] != digest {
            return Some(format!("node {at}: {name} digest differs"));
        }
        for cell in node.disk.cells.values() {
            let is_held = table.cells[at].get(&cell.key) == Some(cell);
            let marker = table.lines[at].rejected.get(&cell.key);
            let is_marked = marker.is_some_and(|marker| {
                marker.order == cell.order && is_for_good(marker.reason, cell)
            });
            if is_held == is_marked {
                return Some(format!(
                    "node {at}: {name} has {:?} held {is_held} and marked {is_marked}",
                    cell.key
                ));
            }
        }
        if table.cells[at].len() > node.disk.cells.len() {
            return Some(format!("node {at}: {name} holds more than the node"));
        }
    }
    None
}

fn is_for_good(reason: RejectReason, cell: &proto::indicator::cell::Cell) -> bool {
    match reason {
        RejectReason::MalformedState => Accumulator::decode(&cell.state).is_err(),
        RejectReason::Withheld => cells::kills(cell),
        // Unless the catalogue could not come down; asked for apart.
        RejectReason::UnknownIndicator => true,
        _ => false,
    }
}

/// 18. Merge: commutative, associative, identity, byte-canonical.
pub fn merges(nodes: &[Node], rng: &mut Jitter) -> Result<(), Violation> {
    let mut by_key: BTreeMap<CellKey, Vec<Accumulator>> = BTreeMap::new();
    for cell in nodes.iter().flat_map(|node| node.disk.cells.values()) {
        if let Ok(accumulator) = Accumulator::decode(&cell.state) {
            by_key.entry(cell.key).or_default().push(accumulator);
        }
    }
    for (key, parts) in by_key {
        let forth = fold(parts.iter());
        let back = fold(parts.iter().rev());
        let split = rng.next_u64() as usize % (parts.len() + 1);
        let halves = [fold(parts[..split].iter()), fold(parts[split..].iter())];
        let grouped = fold(halves.iter().flatten());
        let bytes = |sum: &Option<Accumulator>| sum.as_ref().map(Accumulator::encode);
        if bytes(&forth) != bytes(&back) || bytes(&forth) != bytes(&grouped) {
            return Err(Violation(format!(
                "18. merge: commutative, associative, identity, byte-canonical: {key:?}"
            )));
        }
    }
    Ok(())
}

fn fold<'a>(mut parts: impl Iterator<Item = &'a Accumulator>) -> Option<Accumulator> {
    let mut sum = parts.next()?.clone();
    for part in parts {
        sum.merge_places(part).expect("one kind per key");
    }
    Some(sum)
}
