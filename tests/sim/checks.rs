//! What must always hold, by its number and sentence in `reference/
//! sync-protocol.md` section 6, looked at after every step.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use proto::{
    indicator::cell::{CellKey, Order},
    sync::{
        instant::Instant,
        limits,
        uplink::{Ack, Down, ReclaimMode, Up},
    },
};
use proto_child::uplink::{Phase, action::Notice};

use crate::{
    disk::{Disk, Parted},
    events::{NodeAt, Remade},
    node::Node,
    plan::Stream,
    reclaim,
    table::{Kind, Record, Table},
};

/// The first thing that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

#[derive(Default)]
pub struct Checks {
    violation: Option<Violation>,
    /// The furthest point acknowledged to each node.
    pub acked: Vec<u64>,
    is_dirty: bool,
    /// Looked at up to here; all again every so often.
    looked: Vec<u64>,
    looks: u32,
    accepted: BTreeMap<(NodeAt, Order, CellKey), u128>,
    attempts: BTreeMap<(NodeAt, Stream), VecDeque<Instant>>,
    /// Per starting point: what was sent last, and how often in a row.
    sends: Vec<BTreeMap<u64, (u64, u128, u32)>>,
    store_failed: bool,
    pub repairs: Vec<u32>,
    pub agreed: Vec<u32>,
    pub withheld: u32,
    pub refused: u32,
    pub acks: u32,
    pub reclaims: u32,
    pub adopted: u32,
    /// Stores that came back in this step, as they were before.
    remade: Vec<(NodeAt, Disk, Remade)>,
}

/// However unlucky the draws; the ceiling is ten minutes.
const ATTEMPTS_PER_HOUR: usize = 60;

impl Checks {
    pub fn new(nodes: usize) -> Checks {
        Checks {
            acked: vec![0; nodes],
            // A clone is one process more.
            looked: vec![0; nodes + 1],
            sends: vec![BTreeMap::new(); nodes + 1],
            repairs: vec![0; nodes],
            agreed: vec![0; nodes + 1],
            ..Checks::default()
        }
    }

    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    pub fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.violation.is_none() {
            self.violation = Some(Violation(what()));
        }
    }

    /// After every step.
    pub fn step(&mut self, now: Instant, nodes: &[Node], durable: &Table, clones: bool) {
        for (who, before, remade) in std::mem::take(&mut self.remade) {
            self.adopted(who, &before, &remade, durable);
        }
        for node in nodes {
            let Some(running) = &node.running else {
                continue;
            };
            let phase = running.uplink.phase();
            let is_alone = node.disk.parted_at.is_none() && !clones;
            self.require(phase != Phase::Quarantined || !is_alone, || {
                format!("7. one store, one identity: node {} quarantined", node.at)
            });
            let rests = matches!(phase, Phase::Blocked | Phase::Quarantined);
            let longest = if rests {
                limits::PROBE * 6 / 5
            } else {
                limits::BACKOFF_MAX * 3 / 2
            };
            let armed = running.uplink.next_deadline();
            self.require(armed.since(now) <= longest, || {
                format!(
                    "13. unsynced and not blocked, a timer is armed: node {}",
                    node.at
                )
            });
        }
        if std::mem::take(&mut self.is_dirty) {
            self.held(nodes, durable);
        }
    }

    fn held(&mut self, nodes: &[Node], durable: &Table) {
        self.looks += 1;
        if self.looks.is_multiple_of(32) {
            self.looked.fill(0);
        }
        for node in nodes {
            let who = node.who;
            let acked = self.acked[who];
            let line = &durable.lines[who];
            self.require(line.acked >= acked, || {
                format!(
                    "1. an acked through survives any hub crash: node {} {} < {acked}",
                    node.at, line.acked
                )
            });
            if node.disk.parted_at.is_some() || node.is_retired {
                continue; // Not the store that was acknowledged.
            }
            let looked = std::mem::replace(&mut self.looked[node.at], acked);
            for cell in node.disk.between(looked, acked) {
                let held = durable.cells[who].get(&cell.key) == Some(cell);
                let marker = line.rejected.get(&cell.key);
                let marked = marker.is_some_and(|marker| marker.order == cell.order);
                self.require(held || marked, || {
                    format!(
                        "2. after ack {acked} every cell up to it is held exactly or has a \
                         marker: node {} {:?} {:?}",
                        node.at, cell.key, cell.order
                    )
                });
            }
        }
    }

    /// A record is about to be folded into what is durable.
    pub fn becomes_durable(&mut self, record: &Record, durable: &Table) {
        let node = record.node;
        let Kind::Accepted(accepted, _) = &record.kind else {
            return;
        };
        let current = durable.lines[node].epoch;
        self.require(record.epoch == current, || {
            format!(
                "6. after a grant, zero commits from older epochs: node {node} {} < {current}",
                record.epoch
            )
        });
        for cell in &accepted.cells {
            let held = durable.cells[node].get(&cell.key);
            self.require(held.is_none_or(|held| held.order < cell.order), || {
                format!("3. per cell, hub order never decreases: node {node} {cell:?}")
            });
            let hash = cell.hash();
            let known = *self
                .accepted
                .entry((node, cell.order, cell.key))
                .or_insert(hash);
            self.require(known == hash, || {
                format!("4. an order and key is accepted with one hash only: node {node} {cell:?}")
            });
        }
        for (key, marker) in &accepted.rejected {
            self.require(marker.order.seq <= accepted.through, || {
                format!("12. a poison cell delays no other: node {node} {key:?}")
            });
        }
    }

    pub fn remade(&mut self, who: NodeAt, before: &Disk, remade: &Remade) {
        self.remade.push((who, before.clone(), remade.clone()));
    }

    /// What came back is what the hub held when it parted, and what the store
    /// recorded since, each once.
    fn adopted(&mut self, who: NodeAt, before: &Disk, remade: &Remade, durable: &Table) {
        let own = reclaim::own(before);
        let parted = before.parted_at.unwrap_or(Parted {
            facts: before.facts.len(),
            seq: before.head,
        });
        let wanted = match remade.mode {
            ReclaimMode::Adopt if durable.lines[who].acked > parted.seq => {
                let held = durable.cells[who].values();
                reclaim::grown(own, held, &before.facts[parted.facts..])
            }
            _ => own,
        };
        self.adopted += 1;
        let differs = remade
            .cells
            .iter()
            .find(|(key, state)| wanted.get(key) != Some(state));
        self.require(
            differs.is_none() && wanted.len() == remade.cells.len(),
            || {
                format!(
                    "8. after rollback and adopt, totals are the hub's and new events: node {who} \
                 {:?} wants {:?}",
                    differs,
                    differs.and_then(|(key, _)| wanted.get(key))
                )
            },
        );
    }

    pub fn hub_restored(&mut self, node: NodeAt, acked: u64) {
        self.acked[node] = self.acked[node].min(acked);
        self.looked.fill(0);
        self.accepted
            .retain(|(of, order, _), _| *of != node || order.seq <= acked);
        self.sends.iter_mut().for_each(BTreeMap::clear);
    }

    pub fn line_moves(&mut self) {
        self.is_dirty = true;
    }

    pub fn acknowledged(&mut self, ack: &Ack, count: usize, is_synced: bool) {
        self.acks += 1;
        self.refused += ack.rejected.len() as u32;
        let counted = ack.applied as usize + ack.stale as usize + ack.rejected.len();
        self.require(counted == count, || {
            format!("11. applied + stale + rejected = cells sent: {counted} of {count}")
        });
        let failed = self.store_failed;
        self.require(!failed && is_synced, || {
            format!(
                "23. a failed or unsynced store never acks: through {}",
                ack.through
            )
        });
    }

    pub fn replied(&mut self, node: NodeAt, down: &Down) {
        match down {
            Down::Ack(ack) => {
                self.acked[node] = self.acked[node].max(ack.through);
                self.is_dirty = true;
            }
            Down::Welcome(welcome) => {
                self.acked[node] = self.acked[node].max(welcome.acked);
                self.is_dirty = true;
            }
            _ => {}
        }
    }

    pub fn replayed(&mut self, node: NodeAt, is_unchanged: bool) {
        self.require(is_unchanged, || {
            format!("5. replay, duplication, reorder of batches: no change: node {node}")
        });
    }

    pub fn store_failed(&mut self, failed: bool) {
        self.store_failed = failed;
    }

    pub fn budget(&mut self, bytes: u64, holders: usize) {
        let fits = bytes <= limits::CREDIT_BYTES && holders <= limits::CREDIT_HOLDERS;
        self.require(fits, || format!("15. credit stays in its budget: {bytes}"));
    }

    /// Damage is of two cells at most.
    pub fn wants(&mut self, node: NodeAt, buckets: usize) {
        self.require(buckets <= 2, || {
            format!("24. a mismatch is repaired, never wiped: node {node}, {buckets} buckets")
        });
    }

    pub fn repairs(&mut self, node: NodeAt) {
        self.repairs[node] += 1;
        self.require(self.repairs[node] == 1, || {
            format!("24. at most one repair a day: node {node}")
        });
    }

    pub fn alarm(&mut self, node: NodeAt) {
        self.require(self.repairs[node] > 0, || {
            format!("24. an alarm only after a repair: node {node}")
        });
    }

    pub fn node_started(&mut self, node: NodeAt) {
        self.sends[node].clear();
        self.attempts.remove(&(node, Stream::Uplink));
        self.attempts.remove(&(node, Stream::Downlink));
    }

    pub fn attempted(&mut self, node: NodeAt, stream: Stream, now: Instant) {
        let attempts = self.attempts.entry((node, stream)).or_default();
        attempts.push_back(now);
        while attempts
            .front()
            .is_some_and(|at| now.since(*at) > Duration::from_secs(3600))
        {
            attempts.pop_front();
        }
        let count = attempts.len();
        self.require(count <= ATTEMPTS_PER_HOUR, || {
            format!("14. attempts per node-hour are bounded: node {node}, {count} without success")
        });
    }

    /// Something came across; the next attempts start anew.
    pub fn uplink_progress(&mut self, node: NodeAt) {
        self.attempts.remove(&(node, Stream::Uplink));
        self.sends[node].clear();
    }

    pub fn downlink_progress(&mut self, node: NodeAt) {
        self.attempts.remove(&(node, Stream::Downlink));
    }

    pub fn sent(&mut self, node: NodeAt, up: &Up) {
        let Up::Batch(batch) = up else {
            return;
        };
        if batch.cells.is_empty() {
            return;
        }
        let cells = batch.cells.iter();
        let content = cells.fold(0u128, |sum, cell| sum.wrapping_add(cell.hash()));
        let sent = self.sends[node].entry(batch.from).or_default();
        let is_same = (sent.0, sent.1) == (batch.through, content);
        let count = if is_same { sent.2 + 1 } else { 1 };
        *sent = (batch.through, content, count);
        self.require(count <= limits::SENDS_PER_BATCH, || {
            format!(
                "14. no unchanged batch sent more than 3 times: node {node} {}..{}",
                batch.from, batch.through
            )
        });
    }

    /// The hub itself asked for another time: sending again is no stubbornness.
    pub fn asked_to_wait(&mut self, node: NodeAt) {
        self.sends[node].clear();
    }

    pub fn noticed(&mut self, node: NodeAt, notice: &Notice) {
        match notice {
            Notice::Agreed { .. } => self.agreed[node] += 1,
            Notice::Withheld { .. } => self.withheld += 1,
            _ => {}
        }
    }
}
