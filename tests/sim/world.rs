//! One run: a seed, its plan, and steps until everything agrees, or a check
//! fails, or it takes too long.

use std::time::Duration;

use proto::sync::{end::Reason, instant::Instant, uplink::Down};

use crate::{
    checks::Violation,
    events::{Event, Fault, ToNode},
    hub::Hub,
    network::Shared,
    node::Node,
    plan::{Plan, Planted, Stream},
    settled,
};

pub struct World {
    pub shared: Shared,
    pub nodes: Vec<Node>,
    pub hub: Hub,
    last_due: (Instant, u32),
    pub faults_ended: Option<Instant>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub hash: u64,
    pub lines: u64,
    pub acks: u32,
    pub refused: u32,
    pub withheld: u32,
    pub repairs: u32,
    pub adopted: u32,
    pub settled_after: Duration,
}

/// After the last fault: a refused cell waits up to an hour, a blocked node up
/// to an hour and a fifth, then ordinary back-off.
const SETTLES_WITHIN: Duration = Duration::from_secs(4 * 3600);

/// `Err`: what did not hold.
pub fn run(plan: Plan, seed: u64, is_printed: bool) -> Result<Outcome, Violation> {
    if is_printed {
        eprintln!("{plan:#?}");
    }
    let mut world = World::new(plan, seed, is_printed);
    loop {
        if let Some(outcome) = world.step()? {
            return Ok(outcome);
        }
    }
}

impl World {
    fn new(plan: Plan, seed: u64, is_printed: bool) -> World {
        let nodes = (0..plan.nodes).map(Node::new).collect();
        let hub = Hub::new(plan.nodes);
        let shared = Shared::new(plan, seed, is_printed);
        let mut world = World {
            shared,
            nodes,
            hub,
            last_due: (Instant::START, 0),
            faults_ended: None,
        };
        let shared = &mut world.shared;
        shared.after(Duration::ZERO, Event::HubStart);
        for node in 0..shared.plan.nodes {
            shared.after(Duration::ZERO, Event::NodeStart(node));
            shared.after(Duration::from_millis(5), Event::Write(node));
        }
        let plan = shared.plan.clone();
        for (fault, every) in [
            (Fault::Cut, plan.cut_every),
            (Fault::NodeCrash, plan.node_crash_every),
            (Fault::HubCrash, plan.hub_crash_every),
            (Fault::Partition, plan.partition_every),
            (Fault::Revoke, plan.revoke_every),
            (Fault::Restore, plan.restore_every),
            (Fault::Clone, plan.clones.then_some(plan.faults_for / 4)),
            (
                Fault::RestoreHub,
                plan.restores_hub.then_some(plan.faults_for / 3),
            ),
            (Fault::Publish, Some(plan.faults_for / 5)),
        ] {
            if let Some(every) = every {
                let delay = shared.rng.within(every * 2);
                shared.after(delay, Event::Fault(fault));
            }
        }
        if plan.damages_view {
            // Cells that are written again later are repaired with it.
            let at = match plan.planted {
                Some(Planted::XorDigest) => plan.faults_for * 99 / 100,
                _ => plan.faults_for * 3 / 4,
            };
            shared.after(at, Event::Fault(Fault::DamageView));
        }
        if plan.restore_every.is_some() || plan.clones {
            for node in 0..plan.nodes {
                shared.after(Duration::from_secs(20), Event::Decide(node));
            }
        }
        shared.after(plan.faults_for, Event::FaultsEnd);
        world
    }

    fn step(&mut self) -> Result<Option<Outcome>, Violation> {
        let nodes = self.nodes.iter().filter_map(Node::next_deadline);
        let due = nodes.chain(self.hub.next_deadline()).min();
        let event = self.shared.queue.next_at();
        match (due, event) {
            (Some(due), event) if event.is_none_or(|at| due <= at) => self.timers(due),
            (_, Some(at)) => {
                self.shared.now = self.shared.now.max(at);
                if let Some(event) = self.shared.queue.pop() {
                    self.handle(event);
                }
            }
            (_, None) => {}
        }
        for node in &mut self.nodes {
            node.pump(&mut self.shared);
        }
        self.part_original();
        let now = self.shared.now;
        let clones = self.shared.plan.clones;
        let checks = &mut self.shared.checks;
        checks.step(now, &self.nodes, &self.hub.durable, clones);
        if let Some(violation) = self.shared.checks.violation() {
            return Err(violation.clone());
        }
        let Some(ended) = self.faults_ended else {
            return Ok(None);
        };
        let settled_after = now.since(ended);
        match settled::unsettled(&self.shared, &self.nodes, &self.hub) {
            None => settled::merges(&self.nodes, &mut self.shared.rng)?,
            Some(why) if settled_after > SETTLES_WITHIN => {
                return Err(Violation(format!(
                    "10. faults stop, equal digests within 4 h: {why}"
                )));
            }
            Some(_) => return Ok(None),
        }
        let checks = &self.shared.checks;
        Ok(Some(Outcome {
            hash: self.shared.trace.hash(),
            lines: self.shared.trace.lines(),
            acks: checks.acks,
            refused: checks.refused,
            withheld: checks.withheld,
            repairs: checks.repairs.iter().sum(),
            adopted: checks.adopted,
            settled_after,
        }))
    }

    /// A clone was welcomed, so the hub has nothing of the original past it.
    fn part_original(&mut self) {
        let Some(clone) = self.nodes.get(self.shared.plan.nodes) else {
            return;
        };
        // A welcome that the original was sent before may still reach it.
        let is_past = clone.disk.standing.epoch > self.nodes[clone.who].disk.standing.epoch;
        if clone.disk.parted_at.is_none()
            && is_past
            && let Some(parted) = self.shared.cloned_at
        {
            let who = clone.who;
            self.nodes[who].disk.parted_at.get_or_insert(parted);
        }
    }

    fn timers(&mut self, due: Instant) {
        let now = self.shared.now.max(due);
        self.shared.now = now;
        let (at, times) = self.last_due;
        self.last_due = (now, if at == now { times + 1 } else { 0 });
        self.shared.checks.require(self.last_due.1 < 200, || {
            "13. a timer that is due moves on".into()
        });
        for node in &mut self.nodes {
            if node.next_deadline().is_some_and(|at| at <= now) {
                node.handle_deadline(now);
                node.pump(&mut self.shared);
            }
        }
        self.hub.handle_deadlines(&mut self.shared);
    }

    fn handle(&mut self, event: Event) {
        let shared = &mut self.shared;
        match event {
            Event::Opened(link) => self.hub.handle_opened(shared, link),
            Event::Connected(link) => {
                let Some(wire) = shared.wires.get(&link) else {
                    return;
                };
                let (wall, now) = (shared.node_wall(), shared.now);
                let node = &mut self.nodes[wire.node];
                let head = node.disk.journal_head();
                if let Some(running) = &mut node.running
                    && wire.node_life == node.life
                    && wire.node_end
                {
                    match wire.stream {
                        Stream::Uplink => {
                            running.uplink.handle_journal_head(head);
                            running.uplink.handle_connected(now, wire.connection, wall)
                        }
                        Stream::Downlink => running.downlink.handle_connected(now, wire.connection),
                    }
                }
            }
            Event::ToHub(link, what) => {
                if shared.reaches_hub(link, &what) {
                    self.hub.handle_message(shared, link, what);
                }
            }
            Event::ToNode(link, what) => self.deliver(link, what),
            Event::NodeStore(at, life, what) => {
                if self.nodes[at].life == life && self.nodes[at].running.is_some() {
                    self.nodes[at].handle_store(shared, what);
                }
            }
            Event::HubCollect(life) if life == self.hub.life => self.hub.collect(shared),
            Event::HubHeld(life, request) if life == self.hub.life => {
                self.hub.resume(shared, *request);
            }
            Event::HubSynced(life, length) if life == self.hub.life => {
                self.hub.synced(shared, length);
            }
            Event::HubFlushFails(life) if life == self.hub.life => {
                self.hub.flush_fails(shared);
                self.hub_crash();
            }
            Event::HubView(life) if life == self.hub.life => self.hub.view(shared),
            Event::HubRead(life, link, what) if life == self.hub.life => {
                self.hub.handle_read(shared, link, what);
            }
            // Asked by a life that is over.
            Event::HubCollect(_)
            | Event::HubHeld(..)
            | Event::HubSynced(..)
            | Event::HubFlushFails(_)
            | Event::HubView(_)
            | Event::HubRead(..) => {}
            Event::Write(at) => self.write(at),
            Event::Fault(fault) => self.fault(fault),
            Event::NodeStart(at) => {
                if self.nodes[at].running.is_none() && !self.nodes[at].is_retired {
                    self.nodes[at].start(shared);
                }
            }
            Event::HubStart => {
                if self.hub.running.is_none() {
                    shared.checks.store_failed(false);
                    self.hub.start(shared);
                    shared.checks.line_moves();
                }
            }
            Event::Heal(at) => shared.partitioned[at] = false,
            Event::Readmit(at) => shared.revoked[at] = false,
            Event::Decide(at) => self.decide_about(at),
            Event::FaultsEnd => self.end_faults(),
        }
    }

    fn deliver(&mut self, link: crate::events::Link, what: ToNode) {
        let shared = &mut self.shared;
        let Some(wire) = shared.wires.get(&link).cloned() else {
            return;
        };
        let node = &mut self.nodes[wire.node];
        if !shared.reaches_node(link, node.life, &what) {
            return;
        }
        let (now, wall, to) = (shared.now, shared.node_wall(), wire.connection);
        let Some(running) = &mut node.running else {
            return;
        };
        match what {
            ToNode::Down(down) => {
                match &down {
                    Down::Ack(_) => shared.checks.uplink_progress(node.at),
                    Down::Drain(_) => shared.checks.asked_to_wait(node.at),
                    _ => {}
                }
                shared.trace.line(
                    now,
                    format_args!("node {} hears {}", node.at, crate::brief_down(&down)),
                );
                running.uplink.handle_received(now, to, down, wall);
            }
            ToNode::Issue(issue) => running.downlink.handle_received(now, to, issue),
            ToNode::End(end) => {
                shared.trace.line(
                    now,
                    format_args!("node {} {:?} ends: {end:?}", node.at, wire.stream),
                );
                if end.reason.is_some_and(|reason| reason != Reason::Malformed) {
                    shared.checks.asked_to_wait(node.at);
                }
                match wire.stream {
                    Stream::Uplink => running.uplink.handle_ended(now, to, end),
                    Stream::Downlink => running.downlink.handle_ended(now, to, end),
                }
                if let Some(wire) = shared.wires.get_mut(&link) {
                    wire.node_end = false;
                }
            }
        }
    }
}
