//! Lines between children and parents: what a machine asks for, messages under
//! way in order, both ends of a connection.

use std::time::Duration;

use hub_domain::sync::session::Session;
use proto::sync::{end::End, instant::Instant, uplink::Up};
use proto_child::uplink::action::{Action, Connection, Notice};

use crate::{
    hub::Said,
    world::{Event, What, World},
};

pub struct Link {
    pub child: usize,
    pub parent: usize,
    pub to: Connection,
    pub is_open: bool,
    /// Messages of one direction arrive in order.
    pub last_up: Instant,
    pub last_down: Instant,
}

impl World {
    pub(super) fn perform(&mut self, who: usize, action: Action) {
        let soon = self.rng.within(Duration::from_millis(200));
        match action {
            Action::Mint(ticket) => self.after(soon, who, Event::Minted(ticket)),
            // A hub says nothing of its journal.
            Action::Root(ticket, _) => {
                self.machine(who, |machine, now| machine.handle_root(now, ticket, None));
            }
            Action::Store(ticket, standing) => {
                self.after(soon, who, Event::Stored(ticket, standing));
            }
            Action::Scan(ticket, scan) => self.after(soon, who, Event::Scanned(ticket, scan)),
            Action::Connect(to) => {
                self.opened += 1;
                let parent = self.actors[who].parent.expect("a child");
                let link = Link {
                    child: who,
                    parent,
                    to,
                    is_open: true,
                    last_up: self.now,
                    last_down: self.now,
                };
                self.links.insert(self.opened, link);
                let opened = self.opened;
                self.after(soon, who, Event::Connected(opened));
            }
            Action::Send(to, up) => {
                let delay = self.delay();
                let mut open = self.links.iter_mut().rev();
                let open =
                    open.find(|(_, link)| link.child == who && link.to == to && link.is_open);
                if let Some((number, link)) = open {
                    let (number, parent) = (*number, link.parent);
                    let at = (self.now + delay).max(link.last_up);
                    link.last_up = at;
                    let life = self.actors[parent].life;
                    self.at(at, parent, life, Event::Up(number, up));
                }
            }
            Action::Disconnect(from) => {
                for link in self.links.values_mut() {
                    link.is_open &= !(link.child == who && link.to == from);
                }
            }
            Action::Notify(Notice::Assigned(said)) => self.after(soon, who, Event::Told(said)),
            Action::Remember(_) | Action::Notify(_) => {}
            Action::Reclaim(..) => panic!("no store was turned away"),
        }
    }

    pub(super) fn delay(&mut self) -> Duration {
        let slow = self.rng.next_u64().is_multiple_of(50);
        self.rng
            .within(Duration::from_millis(if slow { 4_000 } else { 80 }))
    }

    pub(super) fn connected(&mut self, number: u64) {
        let Some(link) = self.links.get(&number).filter(|link| link.is_open) else {
            return;
        };
        let (child, parent, to) = (link.child, link.parent, link.to);
        let wall = self.wall();
        if !self.actors[parent].is_up {
            let end = End::fault("nobody listens");
            return self.machine(child, |machine, now| machine.handle_ended(now, to, end));
        }
        let session = Session::new(self.now, self.rng.next_u64());
        if let What::Hub(hub) = &mut self.actors[parent].what {
            hub.sessions.insert(child, (number, session));
        }
        self.machine(child, |machine, now| {
            machine.handle_connected(now, to, wall)
        });
        self.links.retain(|_, link| link.is_open);
    }

    pub(super) fn up(&mut self, number: u64, up: Up) -> Result<(), String> {
        let Some(link) = self.links.get(&number).filter(|link| link.is_open) else {
            return Ok(());
        };
        let (child, parent) = (link.child, link.parent);
        let (now, wall, place) = (self.now, self.wall(), self.actors[child].place);
        let What::Hub(hub) = &mut self.actors[parent].what else {
            return Ok(());
        };
        if hub
            .sessions
            .get(&child)
            .is_none_or(|(current, _)| *current != number)
        {
            return Ok(());
        }
        let said = hub.hear(child, place, up, now, wall)?;
        self.say(number, said);
        self.keeps_promise(parent, child)
    }

    pub(super) fn say(&mut self, number: u64, said: Vec<Said>) {
        for said in said {
            let delay = self.delay();
            let Some(link) = self.links.get_mut(&number).filter(|link| link.is_open) else {
                return;
            };
            let (child, to) = (link.child, link.to);
            let at = (self.now + delay).max(link.last_down);
            link.last_down = at;
            let event = match said {
                Said::Down(down) => Event::Down(number, down),
                Said::Closed(end) => Event::Ended(to, end),
            };
            let life = self.actors[child].life;
            self.at(at, child, life, event);
        }
    }
}
