//! What goes wrong in a run, and when it stops; and what nodes write meanwhile.

use std::time::Duration;

use proto::sync::end::{End, Reason};

use crate::{
    cells,
    events::{Event, Fault},
    network::Shared,
    world::World,
    writer,
};

impl World {
    pub fn write(&mut self, at: usize) {
        let shared = &mut self.shared;
        if self.faults_ended.is_some() {
            return;
        }
        let burst = shared.plan.burst;
        let count = if shared.rng.next_u64().is_multiple_of(10) {
            1 + shared.rng.next_u64() % burst
        } else {
            1
        };
        for _ in 0..count {
            let (key, state) = cells::draw(&mut shared.rng, &shared.plan, burst > 100);
            self.nodes[at].write_cell(shared, key, state);
        }
        let delay = shared.rng.within(shared.plan.write_every * 2);
        shared.after(delay, Event::Write(at));
    }

    pub fn fault(&mut self, fault: Fault) {
        let shared = &mut self.shared;
        if !shared.is_faulty {
            return;
        }
        let node = shared.below(shared.plan.nodes);
        let plan = shared.plan.clone();
        let brief = |shared: &mut Shared| shared.rng.within(Duration::from_secs(10));
        let every = match fault {
            Fault::Cut => {
                let open: Vec<_> = shared.wires.iter().filter(|(_, w)| w.node_end).collect();
                let open: Vec<_> = open.into_iter().map(|(link, _)| *link).collect();
                if !open.is_empty() {
                    let link = open[shared.below(open.len())];
                    shared.cut(link);
                }
                shared.forget_wires();
                plan.cut_every
            }
            Fault::NodeCrash => {
                if self.nodes[node].running.is_some() {
                    self.nodes[node].crash(shared);
                    let delay = brief(shared);
                    shared.after(delay, Event::NodeStart(node));
                }
                plan.node_crash_every
            }
            Fault::HubCrash => {
                if shared.mishap(3) {
                    self.hub.end_sessions(shared, None, None);
                }
                self.hub_crash();
                plan.hub_crash_every
            }
            Fault::Partition => {
                shared.partitioned[node] = true;
                let wires = shared.wires.values_mut();
                for wire in wires.filter(|wire| wire.node == node) {
                    wire.drops_up = true;
                    wire.drops_down = true;
                }
                let delay = shared.rng.within(Duration::from_secs(60));
                shared.after(delay, Event::Heal(node));
                plan.partition_every
            }
            Fault::Revoke => {
                shared.revoked[node] = true;
                let end = End::of(Reason::Revoked, None, "revoked");
                self.hub.end_sessions(shared, Some(node), Some(end));
                shared.after(Duration::from_secs(30), Event::Readmit(node));
                plan.revoke_every
            }
            Fault::Publish => {
                let n = shared.rng.next_u64() % 6;
                let bad = if n == 0 { "bad/" } else { "indicator/" };
                self.hub.publish(format!("{bad}{n}"));
                self.hub.announce(shared);
                Some(plan.faults_for / 5)
            }
            Fault::DamageView => {
                writer::damage(&mut self.hub, shared, node);
                None
            }
        };
        if let Some(every) = every {
            let delay = self.shared.rng.within(every * 2);
            self.shared.after(delay, Event::Fault(fault));
        }
    }

    pub fn hub_crash(&mut self) {
        let shared = &mut self.shared;
        if self.hub.running.is_some() {
            self.hub.crash(shared);
            let delay = shared.rng.within(Duration::from_secs(10));
            shared.after(delay, Event::HubStart);
        }
    }

    pub fn end_faults(&mut self) {
        let shared = &mut self.shared;
        shared
            .trace
            .line(shared.now, format_args!("faults end, writes too"));
        shared.is_faulty = false;
        self.faults_ended = Some(shared.now);
        shared.partitioned.fill(false);
        shared.revoked.fill(false);
        self.hub.knows_unknown = true;
        self.hub.publish("indicator/unknown".into());
        self.hub.announce(shared);
        for node in 0..self.nodes.len() {
            shared.after(Duration::from_millis(1), Event::NodeStart(node));
        }
        shared.after(Duration::from_millis(1), Event::HubStart);
        if shared.plan.heals_killers {
            for node in &mut self.nodes {
                for breakdown in 0..2 {
                    let key = cells::key(cells::KILLER, breakdown);
                    if node.disk.cells.contains_key(&key) {
                        node.write_cell(shared, key, cells::count(1));
                    }
                }
            }
        }
    }
}
