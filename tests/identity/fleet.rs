//! A district's certificates over 400 days: a hundred nodes behind outages and
//! wrong clocks, a hub that restarts. The schedule is the one that nodes run;
//! connections are judged as both ends judge them; time is simulated. Two times
//! the district's root is replaced.

use std::time::Duration;

use proto::sync::jitter::Jitter;
use proto_child::renewal::{Leaf, Moment};

use crate::{
    district::{DAY, NOW},
    roots::{Contact, ROLLS, is_free, roll_over},
};

pub const HOUR: u64 = 3_600;
pub const DAYS: u64 = 400;
pub const NODES: usize = 100;
/// Nodes that reach the hub for one hour in any seven days; the others are away
/// for up to twenty days.
const PROMISED: usize = 70;
const RESTARTS: usize = 50;
pub const LEAF_S: u64 = 14 * DAY;
/// Between two hours within reach, so that any seven days hold a whole one.
const LONGEST_GAP: u64 = 7 * DAY - 2 * HOUR;
const BUILT: u64 = NOW - 30 * DAY;

/// How the machine's clock tells the time.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Off(i64),
    /// 1970 at every start, and set right after so long, if ever.
    Reset(Option<u64>),
}

const CLOCKS: [Clock; 8] = [
    Clock::Off(0),
    Clock::Off(-(DAY as i64)),
    Clock::Off(DAY as i64),
    Clock::Off(-400 * DAY as i64),
    Clock::Off(400 * DAY as i64),
    Clock::Reset(None),
    Clock::Reset(Some(30 * 60)),
    Clock::Off(0),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reachable,
    /// The process runs on without its hub.
    Cut,
    Off,
}

struct Node {
    clock: Clock,
    started: u64,
    /// Told when the process started, or raised since: runs on.
    floor: u64,
    floor_at: u64,
    recorded: u64,
    leaf: Leaf,
    held_since: Option<u64>,
    failures: u32,
    share: f64,
    next: u64,
    renewals: u32,
    expiries: u32,
    /// When it got a leaf, and whether somebody had to approve it.
    contacts: Vec<(u64, bool)>,
}

/// The wait until the leaf is due; the schedule under test, or the old one.
type Due = fn(&Leaf, Moment, u64, f64) -> Duration;

fn due(leaf: &Leaf, at: Moment, _told: u64, chance: f64) -> Duration {
    leaf.due_in(at, chance)
}

/// From half life, 10 % earlier or later, by the wall clock alone.
fn old_due(leaf: &Leaf, _at: Moment, told: u64, chance: f64) -> Duration {
    let share = 0.4 + 0.2 * chance;
    let at = leaf.not_before_s + leaf.life().mul_f64(share).as_secs();
    Duration::from_secs(at.saturating_sub(told))
}

fn issued(at: u64) -> Leaf {
    Leaf {
        not_before_s: at - HOUR,
        not_after_s: at + LEAF_S,
    }
}

struct Hub {
    /// When it is not there: from, until.
    restarts: Vec<(u64, u64)>,
}

impl Hub {
    fn new(dice: &mut Jitter) -> Hub {
        let restarts = (0..RESTARTS).map(|_| {
            let at = NOW + below(dice, DAYS * DAY);
            (at, at + 60 + below(dice, 7 * 60))
        });
        Hub {
            restarts: restarts.collect(),
        }
    }

    fn is_up(&self, at: u64) -> bool {
        !self
            .restarts
            .iter()
            .any(|(from, until)| (*from..*until).contains(&at))
    }

    /// Its own leaf, renewed at half of its life.
    fn leaf(&self, at: u64) -> Leaf {
        issued(at - (at - NOW) % (LEAF_S / 2))
    }
}

impl Node {
    fn new(clock: Clock, chance: f64) -> Node {
        Node {
            clock,
            started: NOW,
            floor: BUILT,
            floor_at: NOW,
            recorded: 0,
            leaf: issued(NOW),
            held_since: None,
            failures: 0,
            share: chance,
            next: NOW,
            renewals: 0,
            expiries: 0,
            contacts: Vec::new(),
        }
    }

    fn machine(&self, at: u64) -> u64 {
        match self.clock {
            Clock::Off(by) => at.saturating_add_signed(by),
            Clock::Reset(Some(after)) if at - self.started >= after => at,
            Clock::Reset(_) => at - self.started,
        }
    }

    fn floor_now(&self, at: u64) -> u64 {
        self.floor + (at - self.floor_at)
    }

    fn told(&self, at: u64) -> u64 {
        self.machine(at).max(self.floor_now(at))
    }

    fn raise(&mut self, floor: u64, at: u64) {
        self.floor = self.floor_now(at).max(floor);
        self.floor_at = at;
    }

    /// The floor is max(build, last record, own leaf).
    fn start(&mut self, at: u64) {
        (self.started, self.floor, self.floor_at) = (at, BUILT.max(self.recorded), at);
        self.raise(self.leaf.not_before_s, at);
        (self.held_since, self.failures, self.next) = (None, 0, at);
    }

    fn moment(&self, at: u64) -> Moment {
        let is_wrong = self.machine(at) + 60 < self.floor_now(at);
        Moment {
            wall_s: (!is_wrong).then(|| self.told(at)),
            held: self.held_since.map(|since| Duration::from_secs(at - since)),
        }
    }

    fn take(&mut self, at: u64, chance: f64) {
        self.leaf = issued(at);
        self.raise(self.leaf.not_before_s, at);
        (self.held_since, self.failures, self.share) = (Some(at), 0, chance);
        // A schedule that is due again at once gets no further than this.
        self.next = at + 60;
    }

    /// Everything that the process does between two times.
    fn run(&mut self, until: u64, is_reachable: bool, hub: &Hub, dice: &mut Jitter, due: Due) {
        while self.next < until {
            let at = self.next;
            let wait = due(&self.leaf, self.moment(at), self.told(at), self.share);
            if self.failures == 0 && !wait.is_zero() {
                // Looks are ten minutes apart; hourly ones find the same.
                self.next = at + wait.as_secs().clamp(1, HOUR);
                continue;
            }
            let hub_leaf = hub.leaf(at);
            let good = hub_leaf.not_before_s..=hub_leaf.not_after_s;
            let mut times = self.leaf.plausible_s(self.told(at));
            if is_reachable && hub.is_up(at) && times.any(|time| good.contains(&time)) {
                drop(times);
                // Somebody approves once: it joins again with a new invite.
                let is_over = at > self.leaf.not_after_s;
                self.expiries += u32::from(is_over);
                self.contacts.push((at, is_over));
                self.renewals += 1;
                self.take(at, chance(dice));
            } else {
                drop(times);
                self.failures = self.failures.saturating_add(1);
                let retry = self.leaf.retry_in(self.failures, chance(dice));
                self.next = at + retry.as_secs().max(1);
                // Waits no longer grow: of those until the cut ends, the last counts.
                if !is_reachable && self.failures > 12 {
                    self.next = until + retry.as_secs();
                }
            }
        }
        self.recorded = self.recorded.max(self.told(until));
    }
}

fn below(dice: &mut Jitter, bound: u64) -> u64 {
    dice.next_u64() % bound
}

fn chance(dice: &mut Jitter) -> f64 {
    (dice.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// How a node's days go: states and how long each lasts.
fn next_state(number: usize, was: State, dice: &mut Jitter) -> (State, u64) {
    let is_tight = number.is_multiple_of(2);
    match was {
        State::Reachable => {
            let gap = match (number < PROMISED, is_tight) {
                (true, true) => LONGEST_GAP,
                (true, false) => below(dice, LONGEST_GAP + 1),
                (false, _) => below(dice, 20 * DAY),
            };
            let state = [State::Cut, State::Off][below(dice, 2) as usize];
            (state, gap)
        }
        _ if is_tight => (State::Reachable, HOUR),
        _ => (State::Reachable, HOUR + below(dice, 47 * HOUR)),
    }
}

#[derive(Default)]
struct Fleet {
    /// Expiries of the promised nodes and of the others.
    promised: u32,
    others: u32,
    renewals: u32,
    contacts: Vec<Contact>,
}

fn fleet(seed: u64, due: Due) -> Fleet {
    let mut dice = Jitter::new(seed);
    let hub = Hub::new(&mut dice);
    let mut fleet = Fleet::default();
    for number in 0..NODES {
        // Every way of life with every clock.
        let clock = CLOCKS[(number / 2) % CLOCKS.len()];
        let mut node = Node::new(clock, chance(&mut dice));
        node.start(NOW);
        let (mut at, mut state) = (NOW, State::Reachable);
        let mut lasts = HOUR + below(&mut dice, DAY);
        while at < NOW + DAYS * DAY {
            if state != State::Off {
                node.run(at + lasts, state == State::Reachable, &hub, &mut dice, due);
            }
            at += lasts;
            let was_off = state == State::Off;
            (state, lasts) = next_state(number, state, &mut dice);
            if was_off {
                node.start(at);
            }
        }
        match number < PROMISED {
            true => fleet.promised += node.expiries,
            false => fleet.others += node.expiries,
        }
        fleet.renewals += node.renewals;
        fleet
            .contacts
            .extend(node.contacts.iter().map(|(at, is_approved)| Contact {
                at: *at,
                number,
                is_approved: *is_approved,
            }));
    }
    fleet
}

fn seeds() -> u64 {
    let seeds = std::env::var("TONGXIN_FLEET_SEEDS");
    seeds.map_or(20, |seeds| seeds.parse().expect("a number of seeds"))
}

#[test]
fn nodes_within_reach_for_an_hour_in_any_seven_days_never_expire() {
    let (mut others, mut renewals, mut refused) = (0, 0, 0);
    for seed in 1..=seeds() {
        let fleet = fleet(seed, due);
        assert_eq!(fleet.promised, 0, "TONGXIN_SEED={seed}");
        others += fleet.others;
        renewals += fleet.renewals;
        let rolled = roll_over(fleet.contacts, is_free).unwrap_or_else(|lost| {
            panic!("TONGXIN_SEED={seed}: {lost}");
        });
        refused += rolled;
    }
    eprintln!(
        "{} seeds: {NODES} nodes, {DAYS} days, {renewals} renewals, 0 expired within the promise, \
         {others} outside it, each back by one approval; {} roll-overs lost nobody, \
         {refused} early removals of an old root refused",
        seeds(),
        seeds() * ROLLS.len() as u64
    );
    // The simulation is one in which certificates can end, and roots go too early.
    assert!(others > 0 && refused > 0);
}

#[test]
fn an_old_root_that_goes_after_a_week_is_caught() {
    let hasty = |_: &hub_domain::issuance::State, since: u64, now: u64| now >= since + 7 * DAY;
    let lost = (1..=5).find_map(|seed| roll_over(fleet(seed, due).contacts, hasty).err());
    eprintln!("{}", lost.expect("who was away for longer is lost"));
}

#[test]
fn the_schedule_before_this_one_is_caught() {
    let lost: u32 = (1..=5).map(|seed| fleet(seed, old_due).promised).sum();
    assert!(
        lost > 0,
        "half life give or take a tenth leaves seven days to none"
    );
}
