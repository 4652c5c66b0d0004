//! What goes wrong in a run, and when it stops; and what nodes write meanwhile.

use std::time::Duration;

use proto::sync::{
    end::{End, Reason},
    uplink::ReclaimMode,
};
use proto_child::uplink::Phase;

use crate::{
    cells, damage,
    disk::Parted,
    events::{Effect, Event, Fault},
    network::Shared,
    node::Node,
    world::World,
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
            let (key, effect) = cells::draw(&mut shared.rng, &shared.plan, burst > 100);
            if self.nodes[at].is_at_work() {
                self.nodes[at].record(shared, key, effect);
            }
        }
        let delay = shared.rng.within(shared.plan.write_every * 2);
        shared.after(delay, Event::Write(at));
    }

    pub fn fault(&mut self, fault: Fault) {
        let shared = &mut self.shared;
        if !shared.is_faulty {
            return;
        }
        let node = shared.below(self.nodes.len());
        let who = shared.who[node];
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
                shared.revoked[who] = true;
                let end = End::of(Reason::Revoked, None, "revoked");
                self.hub.end_sessions(shared, Some(who), Some(end));
                shared.after(Duration::from_secs(30), Event::Readmit(who));
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
                damage::damage(&mut self.hub, shared, who);
                None
            }
            Fault::Restore => {
                self.copy_or_restore(node);
                plan.restore_every
            }
            Fault::Clone => {
                self.clone_node(node);
                None
            }
            Fault::RestoreHub => {
                self.restore_hub();
                Some(plan.faults_for / 3)
            }
        };
        if let Some(every) = every {
            let delay = self.shared.rng.within(every * 2);
            self.shared.after(delay, Event::Fault(fault));
        }
    }

    /// Backups are made of stores in line. Any is put back: of before the last
    /// greeting, of the same session, of a moment ago.
    fn copy_or_restore(&mut self, at: usize) {
        let shared = &mut self.shared;
        let node = &mut self.nodes[at];
        if node.disk.parted_at.is_none() {
            node.copies.push(node.disk.clone());
        }
        if node.copies.is_empty() || shared.mishap(2) {
            return;
        }
        let copy = node.copies[shared.below(node.copies.len())].clone();
        if node.running.is_some() {
            node.crash(shared);
            let delay = shared.rng.within(Duration::from_secs(10));
            shared.after(delay, Event::NodeStart(at));
        }
        node.restore(shared, copy);
    }

    fn clone_node(&mut self, at: usize) {
        let shared = &mut self.shared;
        let original = &self.nodes[at];
        if shared.who.len() > shared.plan.nodes || original.disk.standing.nonce.is_some() {
            return;
        }
        let parted = Parted {
            facts: original.disk.facts.len(),
            seq: original.disk.head,
        };
        let mut clone = Node::new(shared.plan.nodes);
        clone.who = original.who;
        clone.restore(shared, original.disk.clone());
        shared.cloned_at = Some(parted);
        shared.who.push(original.who);
        shared.after(Duration::from_secs(1), Event::NodeStart(clone.at));
        shared.after(Duration::from_secs(1), Event::Write(clone.at));
        self.nodes.push(clone);
    }

    fn restore_hub(&mut self) {
        let shared = &mut self.shared;
        if self.hub.running.is_some() {
            self.hub.crash(shared);
            let delay = shared.rng.within(Duration::from_secs(10));
            shared.after(delay, Event::HubStart);
        }
        let length = shared.below(self.hub.journal.len() + 1);
        self.hub.restore(shared, length);
    }

    /// An operator looks now and then: of two that run one is switched off, and
    /// a store that was turned away is let in as the plan says.
    pub fn decide_about(&mut self, who: usize) {
        let shared = &mut self.shared;
        let delay = shared.rng.within(Duration::from_secs(60));
        shared.after(delay, Event::Decide(who));
        let of_it = self
            .nodes
            .iter()
            .filter(|node| node.who == who && !node.is_retired);
        let turned_away = |node: &&Node| {
            let running = node.running.as_ref();
            running.is_some_and(|running| running.uplink.phase() == Phase::Quarantined)
        };
        let running = of_it.clone().count();
        let mut away = of_it.clone().filter(turned_away).map(|node| node.at);
        let Some(at) = away.next_back() else {
            return;
        };
        if running > 1 {
            self.nodes[at].crash(shared);
            self.nodes[at].is_retired = true;
            return;
        }
        let restates = shared.plan.restates;
        let mode = if restates {
            ReclaimMode::Restate
        } else {
            ReclaimMode::Adopt
        };
        self.hub.decide_about(shared, who, mode);
        // It is told to try again, as an operator would.
        if let Some(running) = &mut self.nodes[at].running {
            running.uplink.wake(shared.now + Duration::from_secs(5));
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
                        node.record(shared, key, Effect::Put(cells::count(1)));
                    }
                }
            }
        }
    }
}
