//! What goes wrong: processes die and come back, lines are cut at one end,
//! communities go to another hub, and not every old hub is told.

use std::time::Duration;

use hub_domain::{
    event::Asked,
    tree::{self, assignment::Released},
};
use proto::sync::end::End;

use crate::world::{DISTRICTS, Event, HUBS, LEAVES, What, World};

impl World {
    pub(super) fn crash_somebody(&mut self) {
        if !self.is_writing() {
            return;
        }
        let next = self.rng.within(Duration::from_secs(90));
        self.after(next, 0, Event::Crash);
        // Hubs more often than their share.
        let below = if self.rng.next_u64().is_multiple_of(2) {
            HUBS
        } else {
            HUBS + LEAVES
        };
        let who = (self.rng.next_u64() % below as u64) as usize;
        if !self.actors[who].is_up {
            return;
        }
        self.outcome.crashes += 1;
        let actor = &mut self.actors[who];
        actor.is_up = false;
        actor.life += 1;
        actor.uplink = None;
        let links = self
            .links
            .iter()
            .filter(|(_, link)| link.child == who || link.parent == who);
        let links: Vec<u64> = links.map(|(number, _)| *number).collect();
        links.into_iter().for_each(|number| self.cut(number));
        let away = self.rng.within(Duration::from_secs(180));
        self.after(away, who, Event::Restart);
    }

    pub(super) fn cut_something(&mut self) {
        if !self.is_writing() {
            return;
        }
        let next = self.rng.within(Duration::from_secs(20));
        self.after(next, 0, Event::Cut);
        let open: Vec<u64> = self.links.keys().copied().collect();
        if !open.is_empty() {
            self.outcome.cuts += 1;
            let picked = self.rng.next_u64() as usize % open.len();
            self.cut(open[picked]);
        }
    }

    /// A community goes on under another district's hub, with its store.
    pub(super) fn move_somebody(&mut self) {
        if !self.is_writing() {
            return;
        }
        let next = self.rng.within(Duration::from_secs(20 * 60));
        self.after(next, 0, Event::Move);
        let who = HUBS + (self.rng.next_u64() % LEAVES as u64) as usize;
        let to = DISTRICTS.start + (self.rng.next_u64() % DISTRICTS.len() as u64) as usize;
        let Some(from) = self.actors[who].parent.filter(|from| *from != to) else {
            return;
        };
        self.outcome.moves += 1;
        let links = self.links.iter().filter(|(_, link)| link.child == who);
        let links: Vec<u64> = links.map(|(number, _)| *number).collect();
        links.into_iter().for_each(|number| self.cut(number));
        let (place, wall) = (self.actors[who].place, self.wall());
        let is_released = self.rng.next_u64().is_multiple_of(2);
        if let What::Hub(hub) = &mut self.actors[from].what {
            hub.sessions.remove(&who);
            if is_released {
                hub.reassign(&tree::Event::Released(Released {
                    asked: Asked {
                        by: "operator/li".parse().expect("a name"),
                        request: "r1".parse().expect("a request"),
                    },
                    node: place,
                    at: wall,
                }));
            }
        }
        if let What::Hub(hub) = &mut self.actors[to].what {
            hub.tree.assignments.enrol(place, wall);
        }
        let actor = &mut self.actors[who];
        actor.parent = Some(to);
        actor.has_moved = true;
        actor.life += 1;
        actor.uplink = None;
        actor.outbox.depart();
        if actor.is_up {
            actor.is_up = false;
            self.after(Duration::from_secs(1), who, Event::Restart);
        }
    }

    /// The child notices soon, or by its own deadline.
    pub(super) fn cut(&mut self, number: u64) {
        let notices = self.rng.next_u64().is_multiple_of(2);
        let delay = self.delay();
        let Some(link) = self.links.get_mut(&number) else {
            return;
        };
        link.is_open = false;
        let (child, to) = (link.child, link.to);
        if notices {
            self.after(delay, child, Event::Ended(to, End::fault("cut")));
        }
    }

    pub(super) fn restart(&mut self, who: usize) {
        let (now, planted, seed) = (self.now, self.planted, self.rng.next_u64());
        let actor = &mut self.actors[who];
        actor.is_up = true;
        actor.outbox.coverage = None;
        if let What::Hub(hub) = &mut actor.what {
            hub.restart(planted.filter(|_| actor.life > 0), &mut actor.outbox);
        }
        if actor.parent.is_some() {
            actor.uplink = Some(actor.outbox.machine(now, seed));
        }
    }
}
