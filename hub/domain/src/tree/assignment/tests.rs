//! A province, two cities and four districts in which communities move, words
//! are lost and repeated, and hubs are let go: whatever happens, no community is
//! ever in one hub's numbers twice; and when it is quiet, each is in them once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proto::{
    place::Place,
    sync::{assignment::Assignment, coverage::Coverage},
};

use super::*;
use crate::{
    event::LineEvent,
    sync::{
        batch::Accepted,
        line::{Agreed, Line},
    },
    tree::{Event, Tree},
};

const CODES: [&str; 7] = ["51", "5101", "5102", "510101", "510102", "510201", "510202"];
const PARENTS: [Option<usize>; 7] = [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)];
const DISTRICTS: std::ops::Range<usize> = 3..7;

fn place(code: &str) -> Place {
    code.parse().unwrap()
}

fn community(n: usize) -> Place {
    place(&format!("{}001{:03}", CODES[3 + n % 4], 1 + n / 4))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

#[derive(Default)]
struct Hub {
    tree: Tree,
    lines: BTreeMap<Place, Line>,
    /// What the cells of each child hold, as they came with its last coverage.
    below: BTreeMap<Place, BTreeSet<Place>>,
    /// Under way: up, what the numbers hold and what is said beside them.
    up: Vec<(BTreeSet<Place>, Coverage)>,
    down: Vec<Vec<Assignment>>,
}

impl Hub {
    /// In the numbers of this hub, each as often as it is there.
    fn counted(&self) -> Vec<Place> {
        let own = self.lines.keys().filter(|node| !node.is_of_a_hub());
        let own = own.copied().filter(|node| self.tree.counts(*node));
        let children = self.below.iter();
        let children = children.filter(|(child, _)| self.tree.counts(**child));
        own.chain(children.flat_map(|(_, below)| below.iter().copied()))
            .collect()
    }

    fn apply(&mut self, event: &Event) {
        self.tree.apply(event);
    }
}

struct World {
    hubs: Vec<Hub>,
    /// The district that each community joined last.
    joined: BTreeMap<Place, usize>,
    clock: i64,
    /// A planted bug: a child is told "yours" at once.
    is_hasty: bool,
}

impl World {
    fn new(is_hasty: bool) -> World {
        let hubs = CODES.iter().zip(PARENTS).map(|(code, parent)| {
            let mut hub = Hub::default();
            if parent.is_some() {
                hub.apply(&Event::Placed(place(code)));
            }
            hub
        });
        let mut world = World {
            hubs: hubs.collect(),
            joined: BTreeMap::new(),
            clock: 0,
            is_hasty,
        };
        for (child, parent) in PARENTS.iter().enumerate() {
            if let Some(parent) = parent {
                let line = Line {
                    store_id: Some(proto::identity::StoreId([child as u8; 16])),
                    ..Line::default()
                };
                world.hubs[*parent].lines.insert(place(CODES[child]), line);
            }
        }
        world
    }

    fn join(&mut self, community: Place, district: usize) {
        self.clock += 1;
        self.joined.insert(community, district);
        let hub = &mut self.hubs[district];
        hub.tree.assignments.enrol(community, at(self.clock));
        hub.lines.entry(community).or_default().agreed = Some(Agreed {
            through: 1,
            at: at(self.clock),
        });
    }

    fn release(&mut self, community: Place, district: usize) {
        self.clock += 1;
        let released = Released {
            asked: crate::event::Asked {
                by: "operator/li".parse().unwrap(),
                request: "r1".parse().unwrap(),
            },
            node: community,
            at: at(self.clock),
        };
        self.hubs[district].apply(&Event::Released(released));
    }

    /// A hub merges and sends.
    fn send(&mut self, who: usize) {
        let hub = &mut self.hubs[who];
        let Some(own) = hub.tree.place else {
            return;
        };
        let claims = hub.tree.assignments.claims(own, &hub.lines);
        let counted = hub.counted().into_iter().collect();
        hub.up
            .push((counted, Coverage::default().with_claims(claims)));
    }

    /// The oldest that a child has sent arrives, or is lost with all that its
    /// connection had under way.
    fn arrive(&mut self, child: usize, is_lost: bool) {
        let Some(parent) = PARENTS[child] else {
            return;
        };
        if is_lost {
            self.hubs[child].up.clear();
            return;
        }
        if self.hubs[child].up.is_empty() {
            return;
        }
        let (counted, coverage) = self.hubs[child].up.remove(0);
        let (place, is_hasty) = (place(CODES[child]), self.is_hasty);
        let hub = &mut self.hubs[parent];
        hub.below.insert(place, counted);
        let claims = coverage.claims.clone();
        let accepted = LineEvent::Accepted(Accepted {
            coverage: Some(coverage),
            ..Accepted::default()
        });
        hub.lines.entry(place).or_default().apply(&accepted);
        let assigned = hub.tree.assignments.decide(hub.tree.place, place, &claims);
        hub.apply(&Event::Assigned(assigned));
        let mut said = hub.tree.assignments.told_to(place, &hub.lines);
        if is_hasty {
            let held = hub.tree.assignments.held.iter();
            let held = held.filter(|(_, held)| held.holder == Some(place));
            said.extend(held.map(|(community, held)| Assignment {
                community: *community,
                number: held.number,
                is_yours: true,
                asked_at: held.asked_at,
            }));
        }
        self.hubs[child].down.push(said);
    }

    /// What a parent said is heard: any of it, and perhaps again.
    fn hear(&mut self, child: usize, which: usize, again: bool) {
        self.clock += 1;
        let hub = &mut self.hubs[child];
        if hub.down.is_empty() {
            return;
        }
        let which = which % hub.down.len();
        let said = match again {
            true => hub.down[which].clone(),
            false => hub.down.remove(which),
        };
        let said = hub.tree.assignments.news(said);
        if !said.is_empty() {
            let at = at(self.clock);
            hub.apply(&Event::Told { said, at });
        }
    }

    fn twice(&self) -> Option<(Place, &'static str)> {
        self.hubs.iter().zip(CODES).find_map(|(hub, code)| {
            let mut seen = BTreeSet::new();
            let mut counted = hub.counted().into_iter();
            counted
                .find(|community| !seen.insert(*community))
                .map(|community| (community, code))
        })
    }

    fn settle(&mut self) {
        for _ in 0..12 {
            for who in (1..CODES.len()).rev() {
                self.send(who);
                while !self.hubs[who].up.is_empty() {
                    self.arrive(who, false);
                }
                while !self.hubs[who].down.is_empty() {
                    self.hear(who, 0, false);
                }
            }
        }
    }

    /// Where the top finds a community, down to the hub that it reports to.
    fn counted_by(&self, community: Place) -> Vec<usize> {
        DISTRICTS
            .filter(|district| self.hubs[*district].counted().contains(&community))
            .collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Join(usize, usize),
    Release(usize, usize),
    Send(usize),
    Arrive(usize, bool),
    Hear(usize, usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (community, district, hub) = (0usize..6, DISTRICTS, 1usize..7);
    prop_oneof![
        2 => (community.clone(), district.clone()).prop_map(|(c, d)| Step::Join(c, d)),
        1 => (community, district).prop_map(|(c, d)| Step::Release(c, d)),
        6 => hub.clone().prop_map(Step::Send),
        6 => (hub.clone(), prop::bool::weighted(0.1)).prop_map(|(h, l)| Step::Arrive(h, l)),
        6 => (hub, 0usize..4, prop::bool::weighted(0.2)).prop_map(|(h, w, a)| Step::Hear(h, w, a)),
    ]
}

fn take(world: &mut World, step: &Step) {
    match *step {
        Step::Join(c, district) => world.join(community(c), district),
        Step::Release(c, district) => {
            // Only who has it lets it go; and it joins somewhere sooner or later.
            if world.joined.get(&community(c)) != Some(&district) {
                world.release(community(c), district);
            }
        }
        Step::Send(hub) => world.send(hub),
        Step::Arrive(hub, is_lost) => world.arrive(hub, is_lost),
        Step::Hear(hub, which, again) => world.hear(hub, which, again),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nobody_is_counted_twice_and_in_the_end_everybody_once(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        let mut world = World::new(false);
        for step in &steps {
            take(&mut world, step);
            prop_assert_eq!(world.twice(), None, "after {:?}", step);
        }
        world.settle();
        prop_assert_eq!(world.twice(), None);
        let top: BTreeSet<Place> = world.hubs[0].counted().into_iter().collect();
        for (community, district) in &world.joined {
            prop_assert!(top.contains(community), "{} is nowhere", community);
            prop_assert_eq!(world.counted_by(*community), vec![*district]);
        }
    }
}

#[test]
fn the_planted_double_count_is_caught() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let found = runner.run(&prop::collection::vec(step(), 1..120), |steps| {
        let mut world = World::new(true);
        for step in &steps {
            take(&mut world, step);
            prop_assert_eq!(world.twice(), None);
        }
        Ok(())
    });
    assert!(found.is_err(), "a hasty parent was not caught");
}
