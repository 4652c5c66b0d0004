//! The machine against a small hub: letters arrive once and in order whatever is
//! lost, restored or forgotten at either end.

use proto::{
    identity::LogId,
    support::{Answer, Card, Down, RequestKey, Up},
    sync::{end::Reason, instant::Instant, jitter::Jitter},
};

use super::*;

fn up(number: u64) -> Up {
    Up::Withdrawn {
        request: RequestKey(number),
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn number(letter: &Up) -> u64 {
    match letter {
        Up::Withdrawn { request, .. } => request.0,
        other => panic!("{other:?}"),
    }
}

fn down(seq: u64) -> Letter {
    Letter {
        seq,
        down: Down::Card(Card {
            centre: "care".parse().unwrap(),
            recipient: format!("age1{}", "q".repeat(58)).parse().unwrap(),
        }),
    }
}

/// The hub as the contract has it: takes what follows, says what it has.
#[derive(Clone, Default)]
struct Hub {
    lineage: u32,
    taken: Vec<u64>,
    log: u8,
    head: u64,
}

impl Hub {
    fn answer(&mut self, exchange: &Exchange) -> Option<Answer> {
        if exchange.lineage > self.lineage {
            (self.lineage, self.taken) = (exchange.lineage, Vec::new());
        }
        for (seq, letter) in (exchange.first..).zip(&exchange.letters) {
            if seq == self.taken.len() as u64 + 1 {
                self.taken.push(number(letter));
            }
        }
        let log_id = LogId([self.log; 16]);
        let known = exchange.cursor.filter(|cursor| cursor.log_id == log_id);
        let after = known.map_or(0, |cursor| cursor.seq);
        let letters: Vec<Letter> = (after + 1..=self.head).take(3).map(down).collect();
        if letters.is_empty() && exchange.waits {
            return None;
        }
        Some(Answer {
            received: self.taken.len() as u64,
            cursor: Cursor {
                log_id,
                seq: letters.last().map_or(after, |last| last.seq),
            },
            letters,
        })
    }
}

fn config(stays_connected: bool) -> Config {
    Config {
        name: "community/510115001001".into(),
        interval: Duration::from_secs(60),
        reconnect_window: Duration::from_secs(1),
        stays_connected,
    }
}

/// A node, its hub, and what is under way between them.
struct World {
    now: Instant,
    machine: Letters,
    stays_connected: bool,
    letters: u64,
    cursor: Option<Cursor>,
    hub: Hub,
    held: Option<(Ticket, Exchange)>,
    reads: usize,
    calls: usize,
}

impl World {
    fn new(stays_connected: bool) -> World {
        World {
            now: Instant::START,
            machine: Letters::new(Instant::START, &config(stays_connected), None, 1),
            stays_connected,
            letters: 0,
            cursor: None,
            hub: Hub::default(),
            held: None,
            reads: 0,
            calls: 0,
        }
    }

    fn standing(&mut self, lineage: u32) {
        self.machine
            .handle_standing(self.now, lineage, 7, self.letters);
    }

    /// Does what the machine asks until it only waits; `lost`: of each call, whether
    /// the way there or the way back fails.
    fn settle(&mut self, mut lost: impl FnMut() -> (bool, bool)) {
        while let Some(action) = self.machine.poll_action() {
            match action {
                Action::Read(ticket, after) => {
                    self.reads += 1;
                    let letters = (after + 1..=self.letters).take(4).map(up).collect();
                    self.machine.handle_read(self.now, ticket, letters);
                }
                Action::Call(ticket, exchange) => {
                    self.calls += 1;
                    let (there, back) = lost();
                    let end = End::fault("cut");
                    if there {
                        self.machine.handle_failed(self.now, ticket, end);
                        continue;
                    }
                    match self.hub.answer(&exchange) {
                        _ if back => self.machine.handle_failed(self.now, ticket, end),
                        Some(answer) => self.machine.handle_answer(self.now, ticket, answer),
                        None => self.held = Some((ticket, exchange)),
                    }
                }
                Action::Cancel(ticket) => {
                    self.held.take_if(|(held, _)| *held == ticket);
                }
                Action::Apply(ticket, cursor, letters) => {
                    assert!(letters.is_sorted_by(|a, b| a.seq < b.seq));
                    assert_eq!(letters.last().unwrap().seq, cursor.seq);
                    self.cursor = Some(cursor);
                    self.machine.handle_applied(self.now, ticket);
                }
                Action::Notify(_) => {}
            }
        }
    }

    /// Time passes to the machine's deadline.
    fn pass(&mut self) {
        self.now = self
            .machine
            .next_deadline()
            .expect("a deadline")
            .max(self.now);
        self.held = None;
        self.machine.handle_deadline(self.now);
    }

    /// The hub has a letter for the node, which may wait for one.
    fn write(&mut self) {
        self.hub.head += 1;
        if let Some((ticket, exchange)) = self.held.take() {
            self.now += Duration::from_secs(2);
            let answer = self.hub.answer(&exchange).expect("a letter");
            self.machine.handle_answer(self.now, ticket, answer);
        }
    }

    fn is_done(&self) -> bool {
        let all: Vec<u64> = (1..=self.letters).collect();
        self.hub.taken == all && self.cursor.map_or(0, |cursor| cursor.seq) == self.hub.head
    }
}

fn whole() -> (bool, bool) {
    (false, false)
}

#[test]
fn letters_go_up_and_come_down_while_a_call_is_held() {
    let mut world = World::new(true);
    world.letters = 10;
    world.standing(1);
    world.settle(whole);
    assert!(world.is_done() && world.held.is_some());
    assert_eq!(world.reads, 3, "four at once");
    world.letters = 11;
    world.standing(1);
    world.settle(whole);
    assert!(
        world.is_done() && world.held.is_some(),
        "the held call gave way"
    );
    world.write();
    world.settle(whole);
    assert!(world.is_done() && world.held.is_some());
    // Nothing happens: the call ends, another is held, and nothing else is done.
    let calls = world.calls;
    world.standing(1);
    world.settle(whole);
    assert_eq!(world.calls, calls);
}

#[test]
fn a_node_that_does_not_stay_comes_at_its_turns_and_with_each_letter() {
    let mut world = World::new(false);
    world.standing(1);
    world.settle(whole);
    assert!(world.held.is_none());
    world.write();
    assert!(!world.is_done());
    world.pass();
    world.settle(whole);
    assert!(world.is_done());
    let before = world.now;
    world.letters = 1;
    world.standing(1);
    world.settle(whole);
    assert!(world.is_done() && world.now == before);
}

#[test]
fn before_it_has_a_lineage_a_node_says_nothing() {
    let mut world = World::new(true);
    world.letters = 1;
    world.standing(0);
    world.pass();
    world.settle(whole);
    assert_eq!(world.calls, 0);
    world.standing(1);
    world.settle(whole);
    assert!(world.is_done());
}

#[test]
fn a_restored_hub_is_told_everything_that_it_lost_and_lists_anew() {
    let mut world = World::new(true);
    (world.letters, world.hub.head) = (9, 5);
    world.standing(1);
    world.settle(whole);
    assert!(world.is_done());
    world.hub.taken.truncate(2);
    (world.hub.log, world.hub.head) = (1, 4);
    world.pass();
    for _ in 0..3 {
        world.settle(whole);
        world.pass();
    }
    world.settle(whole);
    assert!(world.is_done());
    assert_eq!(world.cursor.unwrap().log_id, LogId([1; 16]));
}

#[test]
fn a_node_that_lost_letters_waits_for_a_lineage_of_its_own() {
    let mut world = World::new(true);
    world.letters = 6;
    world.standing(1);
    world.settle(whole);
    world.machine = Letters::new(world.now, &config(true), world.cursor, 2);
    world.letters = 2;
    world.standing(1);
    world.settle(whole);
    assert_eq!(
        world.hub.taken.len(),
        6,
        "nothing is sent over what was taken"
    );
    let is_resting = |world: &World| world.machine.next_deadline().unwrap() > world.now;
    assert!(is_resting(&world));
    world.standing(2);
    world.settle(whole);
    assert!(world.is_done());
    assert_eq!(world.hub.lineage, 2);
}

#[test]
fn a_hub_that_shuts_the_node_out_is_asked_again_after_an_hour() {
    let mut machine = Letters::new(Instant::START, &config(true), None, 1);
    machine.handle_standing(Instant::START, 1, 7, 0);
    let Some(Action::Call(ticket, exchange)) = machine.poll_action() else {
        panic!("a call");
    };
    assert!(!exchange.waits, "what the hub has is not known yet");
    let end = End::of(Reason::Revoked, None, "revoked");
    machine.handle_failed(Instant::START, ticket, end);
    assert!(matches!(
        machine.poll_action(),
        Some(Action::Notify(Notice::Blocked { .. }))
    ));
    let rest = machine.next_deadline().unwrap().0;
    assert!(rest > Duration::from_secs(40 * 60), "{rest:?}");
    // A hub that answers held calls at once, and empty, is not called in a loop.
    machine.wake(Instant(rest));
    let mut calls = 0;
    while let Some(action) = machine.poll_action() {
        if let Action::Call(ticket, _) = action {
            calls += 1;
            let answer = Answer {
                received: 0,
                cursor: Cursor {
                    log_id: LogId([0; 16]),
                    seq: 0,
                },
                letters: Vec::new(),
            };
            machine.handle_answer(Instant(rest), ticket, answer);
        }
    }
    assert_eq!(calls, 2);
}

#[test]
fn whatever_is_lost_letters_arrive_once_and_in_order() {
    for seed in 0..300 {
        let mut chance = Jitter::new(seed);
        let mut one_in = move |of: u64| chance.next_u64().is_multiple_of(of);
        let mut world = World::new(seed % 3 > 0);
        world.standing(1);
        let mut lineage = 1;
        for _ in 0..60 {
            if one_in(2) {
                world.letters += 1;
                world.standing(lineage);
            }
            if one_in(4) {
                world.write();
            }
            if one_in(20) {
                let keeps = world.hub.taken.len() / 2;
                world.hub.taken.truncate(keeps);
                world.hub.log += 1;
            }
            if one_in(25) {
                world.machine = Letters::new(
                    world.now,
                    &config(world.stays_connected),
                    world.cursor,
                    seed,
                );
                world.held = None;
                world.standing(lineage);
            }
            if one_in(40) {
                lineage += 1;
                world.standing(lineage);
            }
            world.settle(|| (one_in(4), one_in(4)));
            if world.machine.next_deadline().is_some() && one_in(2) {
                world.pass();
            }
        }
        for _ in 0..6 {
            world.settle(whole);
            if world.is_done() {
                break;
            }
            world.pass();
        }
        assert!(world.is_done(), "seed {seed}: {:?}", world.machine);
    }
}
