//! One virtual clock and everything that happens on it: messages under way,
//! store answers, crashes, cuts. The scheduler draws from one seed.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use proto::{
    identity::Nonce,
    place::Place,
    sync::{
        assignment::Assignment,
        end::End,
        instant::Instant,
        jitter::Jitter,
        uplink::{Down, Up},
    },
};
use proto_child::uplink::{
    Phase, Uplink,
    action::{Connection, Scan, Standing, Ticket},
};

use crate::{
    hub::Hub,
    leaf::Leaf,
    network::Link,
    outbox::Outbox,
    plan::{Outcome, Planted},
};

pub const HUBS: usize = 9;
pub const LEAVES: usize = 60;
pub const DISTRICTS: std::ops::Range<usize> = 3..HUBS;
const WRITING: Duration = Duration::from_secs(2 * 60 * 60);
const SETTLING: Duration = Duration::from_secs(45 * 60);
const TICK: Duration = Duration::from_secs(2);

pub enum What {
    Hub(Box<Hub>),
    Leaf(Leaf),
}

pub struct Actor {
    pub place: Place,
    pub parent: Option<usize>,
    pub outbox: Outbox,
    pub what: What,
    /// `None`: it is down, or has no parent.
    pub uplink: Option<Uplink>,
    pub is_up: bool,
    /// Since the beginning, from one hub to another.
    pub has_moved: bool,
    pub life: u64,
}

pub enum Event {
    Connected(u64),
    Up(u64, Up),
    Down(u64, Down),
    Ended(Connection, End),
    Minted(Ticket),
    Stored(Ticket, Standing),
    Scanned(Ticket, Scan),
    Told(Vec<Assignment>),
    Write,
    Merge,
    Crash,
    Restart,
    Cut,
    Move,
    Tick,
}

pub struct World {
    pub now: Instant,
    pub rng: Jitter,
    pub planted: Option<Planted>,
    pub actors: Vec<Actor>,
    pub links: BTreeMap<u64, Link>,
    pub opened: u64,
    /// Whose event, in which life, by time and number.
    pub queue: BTreeMap<(Instant, u64), (usize, u64, Event)>,
    pub numbered: u64,
    pub outcome: Outcome,
}

pub fn run(seed: u64, planted: Option<Planted>) -> Result<Outcome, String> {
    let mut world = World::new(seed, planted);
    world.begin();
    let end = Instant::START + WRITING + SETTLING;
    while let Some(((at, _), (who, life, event))) = world.queue.pop_first() {
        if at > end {
            break;
        }
        world.now = at;
        world.step(who, life, event)?;
    }
    world.settled()?;
    Ok(world.outcome)
}

impl World {
    fn new(seed: u64, planted: Option<Planted>) -> World {
        let places = ["51", "5101", "5102", "510101", "510102", "510103"];
        let places = places.into_iter().chain(["510201", "510202", "510203"]);
        let mut codes: Vec<String> = places.map(str::to_owned).collect();
        for leaf in 0..LEAVES {
            codes.push(format!("{}001{:03}", codes[3 + leaf / 10], 1 + leaf % 10));
        }
        let parents = [None, Some(0), Some(0)].into_iter();
        let parents = parents.chain((0..6).map(|at| Some(1 + at / 3)));
        let parents = parents.chain((0..LEAVES).map(|leaf| Some(3 + leaf / 10)));
        let actors = codes.iter().zip(parents).enumerate();
        let actors = actors.map(|(at, (code, parent))| {
            let place = code.parse().expect("a place");
            Actor {
                place,
                parent,
                outbox: Outbox::new(code.clone(), at as u8),
                what: match at < HUBS {
                    true => What::Hub(Box::new(Hub::new(parent.map(|_| place)))),
                    false => What::Leaf(Leaf::default()),
                },
                uplink: None,
                is_up: false,
                has_moved: false,
                life: 0,
            }
        });
        World {
            now: Instant::START,
            rng: Jitter::new(seed),
            planted,
            actors: actors.collect(),
            links: BTreeMap::new(),
            opened: 0,
            queue: BTreeMap::new(),
            numbered: 0,
            outcome: Outcome::default(),
        }
    }

    fn begin(&mut self) {
        for who in 0..self.actors.len() {
            self.restart(who);
            if who >= HUBS {
                let delay = self.rng.within(Duration::from_secs(120));
                self.after(delay, who, Event::Write);
            }
        }
        self.after(TICK, 0, Event::Tick);
        for fault in [Event::Crash, Event::Cut, Event::Move] {
            self.after(Duration::from_secs(60), 0, fault);
        }
    }

    /// Half past midnight, so that hours begin while everything runs.
    pub fn wall(&self) -> Timestamp {
        let begun: Timestamp = "2026-05-01T00:30:00Z".parse().expect("a time");
        begun + jiff::SignedDuration::try_from(self.now.0).expect("hours")
    }

    pub fn is_writing(&self) -> bool {
        self.now < Instant::START + WRITING
    }

    pub fn after(&mut self, delay: Duration, who: usize, event: Event) {
        let life = self.actors[who].life;
        let at = self.now + delay;
        self.at(at, who, life, event);
    }

    pub fn at(&mut self, at: Instant, who: usize, life: u64, event: Event) {
        self.numbered += 1;
        self.queue.insert((at, self.numbered), (who, life, event));
    }

    fn step(&mut self, who: usize, life: u64, event: Event) -> Result<(), String> {
        match event {
            Event::Tick => self.tick()?,
            Event::Crash => self.crash_somebody(),
            Event::Cut => self.cut_something(),
            Event::Move => self.move_somebody(),
            Event::Restart => self.restart(who),
            Event::Write => self.write(who),
            _ if self.actors[who].life != life || !self.actors[who].is_up => {}
            Event::Connected(link) => self.connected(link),
            Event::Up(link, up) => self.up(link, up)?,
            Event::Down(link, down) => {
                let wall = self.wall();
                let open = self.links.get(&link).filter(|link| link.is_open);
                if let Some(to) = open.map(|link| link.to) {
                    self.machine(who, |machine, now| {
                        machine.handle_received(now, to, down, wall);
                    });
                }
            }
            Event::Ended(to, end) => {
                self.machine(who, |machine, now| machine.handle_ended(now, to, end));
            }
            Event::Minted(ticket) => {
                let nonce = Nonce(std::array::from_fn(|_| self.rng.next_u64() as u8));
                self.actors[who].outbox.standing.nonce = Some(nonce);
                self.machine(who, |machine, now| {
                    machine.handle_minted(now, ticket, nonce)
                });
            }
            Event::Stored(ticket, standing) => {
                self.actors[who].outbox.standing = standing;
                self.machine(who, |machine, now| machine.handle_stored(now, ticket));
            }
            Event::Scanned(ticket, scan) => {
                let wall = self.wall();
                let actor = &self.actors[who];
                let until = match &actor.what {
                    What::Leaf(_) => Some(wall),
                    What::Hub(_) => actor.outbox.coverage.as_ref().and_then(|all| all.oldest()),
                };
                let scanned = actor.outbox.scan(&scan, until);
                self.machine(who, |machine, now| {
                    machine.handle_scanned(now, ticket, scanned)
                });
            }
            Event::Told(said) => {
                let wall = self.wall();
                if let What::Hub(hub) = &mut self.actors[who].what {
                    hub.tell(said, wall);
                }
            }
            Event::Merge => {
                let (wall, planted) = (self.wall(), self.planted);
                let Actor { what, outbox, .. } = &mut self.actors[who];
                if let What::Hub(hub) = what {
                    hub.merge(wall, planted, outbox);
                }
                let head = self.actors[who].outbox.head;
                self.machine(who, |machine, now| machine.handle_head(now, head));
            }
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<(), String> {
        self.after(TICK, 0, Event::Tick);
        self.counted_once()?;
        let (now, wall) = (self.now, self.wall());
        for who in 0..self.actors.len() {
            self.machine(who, |machine, now| machine.handle_deadline(now));
            let actor = &mut self.actors[who];
            let quarantined = actor.uplink.as_ref().map(Uplink::phase) == Some(Phase::Quarantined);
            if quarantined {
                return Err(format!("{}: quarantined", actor.place));
            }
            let What::Hub(hub) = &mut actor.what else {
                continue;
            };
            if !actor.is_up {
                continue;
            }
            let starts = actor.parent.is_some() && !hub.is_merging;
            hub.is_merging |= starts;
            let children: Vec<usize> = hub.sessions.keys().copied().collect();
            for child in children {
                self.deadline(who, child, now, wall)?;
            }
            if starts {
                let delay = self.rng.within(Duration::from_secs(30));
                self.after(delay, who, Event::Merge);
            }
        }
        Ok(())
    }

    fn deadline(
        &mut self,
        who: usize,
        child: usize,
        now: Instant,
        wall: Timestamp,
    ) -> Result<(), String> {
        let place = self.actors[child].place;
        let What::Hub(hub) = &mut self.actors[who].what else {
            return Ok(());
        };
        let Some((link, session)) = hub.sessions.get_mut(&child) else {
            return Ok(());
        };
        let link = *link;
        session.handle_deadline(now);
        let said = hub.outputs(child, place, now, wall)?;
        self.say(link, said);
        Ok(())
    }

    pub fn machine(&mut self, who: usize, tell: impl FnOnce(&mut Uplink, Instant)) {
        let now = self.now;
        if let Some(machine) = &mut self.actors[who].uplink {
            tell(machine, now);
        }
        while let Some(machine) = &mut self.actors[who].uplink
            && let Some(action) = machine.poll_action()
        {
            self.perform(who, action);
        }
    }

    fn write(&mut self, who: usize) {
        if !self.is_writing() {
            return;
        }
        let delay = self.rng.within(Duration::from_secs(120));
        self.after(delay, who, Event::Write);
        let wall = self.wall();
        let Actor {
            what,
            outbox,
            is_up,
            ..
        } = &mut self.actors[who];
        if let (What::Leaf(leaf), true) = (what, *is_up) {
            leaf.write(&mut self.rng, wall, who, outbox);
            self.outcome.writes += 1;
            let head = self.actors[who].outbox.head;
            self.machine(who, |machine, now| machine.handle_head(now, head));
        }
    }
}
