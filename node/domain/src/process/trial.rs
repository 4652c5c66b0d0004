//! A process under test: commands against a shipped playbook, with a clock of the
//! test's own, and every state compared with a replay of what happened.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proto::fact::Fact;
use proto::indicator::accumulator::Accumulator;
use proto::indicator::catalogue::Catalogue;
use proto::indicator::cell::CellKey;

use super::{Command, Context, Event, ProcessId, Refusal, State};
use crate::actor::Actor;
use crate::indicators::{Evaluator, backfill};
use crate::notices::Raised;
use crate::playbook::{Playbook, Playbooks};

/// What a community may adopt while a process is under way: nothing that it knows.
const OTHER: &str = include_str!("other.toml");

thread_local! {
    /// After so many acts the community of every trial adopts [`OTHER`] alone.
    static AMENDED_AFTER: Cell<Option<usize>> = const { Cell::new(None) };
    /// Codes of all that the thread's trials told.
    static TOLD: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
}

/// Runs a story whose community adopts another playbook after so many acts of it.
pub fn amended_after(acts: usize, story: fn()) {
    AMENDED_AFTER.set(Some(acts));
    story();
    AMENDED_AFTER.set(None);
}

/// Codes of what a story tells somebody.
pub fn told_by(story: fn()) -> BTreeSet<&'static str> {
    TOLD.take();
    story();
    TOLD.take()
}

pub struct Trial {
    pub now: Timestamp,
    pub state: Option<State>,
    pub facts: Vec<Fact>,
    /// What was told so far.
    pub notices: Vec<Raised>,
    replayed: Option<State>,
    acts: usize,
    playbooks: Playbooks,
    zone: TimeZone,
}

impl Trial {
    /// `now` as RFC 3339.
    pub fn new(playbook: &str, now: &str) -> Trial {
        let playbook = Playbook::parse(playbook).expect("the playbook parses");
        Trial {
            now: now.parse().unwrap(),
            state: None,
            facts: Vec::new(),
            notices: Vec::new(),
            replayed: None,
            acts: 0,
            playbooks: Playbooks::new(playbook),
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
        }
    }

    pub fn act(&mut self, by: Actor, action: impl Into<super::Action>) -> Result<(), Refusal> {
        self.run(by, self.now, Some(action.into()))
    }

    pub fn act_at(
        &mut self,
        by: Actor,
        at: &str,
        action: impl Into<super::Action>,
    ) -> Result<(), Refusal> {
        self.run(by, at.parse().unwrap(), Some(action.into()))
    }

    /// Time passes, and the process is told at each of its alarms.
    pub fn pass_to(&mut self, now: &str) {
        self.now = now.parse().unwrap();
        while self
            .state
            .as_ref()
            .and_then(State::next_alarm)
            .is_some_and(|at| at <= self.now)
        {
            self.run(Actor::System, self.now, None).unwrap();
        }
    }

    fn run(
        &mut self,
        by: Actor,
        at: Timestamp,
        action: Option<super::Action>,
    ) -> Result<(), Refusal> {
        let command = Command {
            by,
            happened_at: at,
            action,
        };
        let is_amended = AMENDED_AFTER.get().is_some_and(|after| self.acts >= after);
        if is_amended && self.state.is_some() {
            let other = Playbook::parse(OTHER).expect("the other playbook parses");
            self.playbooks = Playbooks::new(other);
        }
        let context = Context::new(self.now, &command, &self.playbooks, &self.zone);
        let Some(decided) = command.execute(self.state.clone(), &context)? else {
            return Ok(());
        };
        let event = Event {
            process: ProcessId(1),
            happenings: decided.happenings,
        };
        let told = State::notices(self.state.clone(), &event);
        for raised in &told {
            let known = decided.state.engine().sentences();
            assert!(known.contains(&raised.notice.says), "{raised:?}");
            TOLD.with_borrow_mut(|told| told.insert(raised.notice.says.code));
        }
        self.notices.extend(told);
        let replayed = State::follow(self.replayed.take(), &event).expect("a replay follows");
        assert_eq!(replayed, decided.state);
        for fact in &decided.facts {
            let schema = fact
                .fact_type
                .schema()
                .expect("a fact of the public schema");
            assert_eq!(
                fact.members.len(),
                schema.dimensions.len(),
                "{}",
                schema.code
            );
            assert_eq!(
                fact.measures.len(),
                schema.measures.len(),
                "{}",
                schema.code
            );
        }
        self.acts += 1;
        self.replayed = Some(replayed);
        self.state = Some(decided.state);
        self.facts.extend(decided.facts);
        Ok(())
    }

    /// What definitions make of the facts so far: by code and period, a number or
    /// a numerator and a denominator. As counted, before any rounding.
    pub fn numbers(&self, catalogue: &str) -> BTreeMap<String, (i128, Option<u128>)> {
        let exact = ["B", "C"].map(|class| format!("protection = \"{class}\""));
        let catalogue = exact.iter().fold(catalogue.to_owned(), |text, class| {
            text.replace(class, "protection = \"A\"")
        });
        let catalogue = Catalogue::from_toml(&catalogue).unwrap_or_else(|wrong| panic!("{wrong}"));
        let evaluator = Evaluator::new(&catalogue, self.zone.clone());
        let tally = backfill(&evaluator, &self.facts).unwrap();
        let number = |(key, cell): (&CellKey, &Accumulator)| {
            let mut all = catalogue.definitions();
            let of = all
                .find(|definition| definition.id == key.indicator)
                .unwrap();
            let value = match cell.fraction() {
                Some((numerator, denominator)) => (numerator, Some(denominator)),
                None => (cell.number().unwrap(), None),
            };
            (format!("{} {}", of.code, key.period), value)
        };
        tally.cells.iter().map(number).collect()
    }

    /// What was told so far, and to whom; followers hear what is marked with a `+`.
    pub fn told(&self) -> Vec<String> {
        let told = self.notices.iter().map(|raised| {
            let public = if raised.notice.is_public { "+" } else { "" };
            let to = raised.recipients([]);
            format!("{}{public} {to:?}", raised.notice.says.code)
        });
        told.collect()
    }

    /// Facts of one type so far, as the members after the kind.
    pub fn members(&self, code: &str) -> Vec<String> {
        let of = self.facts.iter().filter(|fact| {
            fact.fact_type
                .schema()
                .is_some_and(|schema| schema.code == code)
        });
        of.map(|fact| fact.members[1..].join(",")).collect()
    }
}
