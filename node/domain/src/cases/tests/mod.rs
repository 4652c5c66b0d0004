//! The engine under test: a street light in Qingshan, and everything that can
//! happen to it.

mod clocks;
mod history;
mod levels;
mod permission;
mod places;
mod refusals;
mod reviews;
mod sequences;
mod story;
mod table;

use std::collections::HashMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use proto::fact::FactTypeId;

use super::*;
use crate::{
    actor::{Actor, Pseudonym},
    code::Name,
    playbook::{Playbook, Playbooks},
    sealed::{Fingerprint, Said, Sealed},
};

pub const QINGSHAN: &str = include_str!("../../../../../deploy/playbooks/qingshan.toml");
pub const REQUESTER: Actor = Actor::Resident(Pseudonym(7));
pub const ID: CaseId = CaseId(41);

/// Civil time in Wuhan.
pub fn at(civil: &str) -> Timestamp {
    let civil: DateTime = civil.parse().unwrap();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    zone.to_timestamp(civil).unwrap()
}

pub fn name(name: &str) -> Name {
    name.parse().unwrap()
}

pub fn property() -> Actor {
    Actor::Handler(name("物业"))
}

pub fn said(word: u64) -> Said {
    Said {
        text: Sealed(Box::new(word.to_be_bytes())),
        fingerprint: Fingerprint(word),
    }
}

pub fn report(kind: &str) -> Action {
    Action::Report(Report {
        kind: kind.parse().unwrap(),
        origin: Origin::Online,
        grid: Some("003".parse().unwrap()),
        personal: Some(Sealed(Box::new([1, 2, 3]))),
        requester: None,
        on_behalf: false,
        chain: None,
        due_at: None,
        source_id: None,
    })
}

pub fn dispatch() -> Action {
    Action::Dispatch {
        handler: name("物业"),
    }
}

pub fn complete() -> Action {
    Action::Complete {
        completion: Completion::Resolved,
        text: None,
    }
}

pub fn rate(level: Level) -> Action {
    Action::Rate { level, text: None }
}

/// One case with everything that was journalled about it.
pub struct Desk {
    pub playbooks: Playbooks,
    pub now: Timestamp,
    pub case: Option<Case>,
    pub journal: Vec<Recorded>,
    pub duplicates: HashMap<CaseId, Target>,
}

impl Desk {
    pub fn new() -> Desk {
        Desk::with(QINGSHAN)
    }

    pub fn with(playbook: &str) -> Desk {
        Desk {
            playbooks: Playbooks::new(Playbook::parse(playbook).unwrap()),
            now: at("2026-12-31T00:00:00"),
            case: None,
            journal: Vec::new(),
            duplicates: HashMap::new(),
        }
    }

    /// A street light on Monday, reported by its requester.
    pub fn reported() -> Desk {
        let mut desk = Desk::new();
        desk.act(REQUESTER, "2026-03-02T09:00:00", report("street-light"));
        desk
    }

    pub fn dispatched() -> Desk {
        let mut desk = Desk::reported();
        desk.act(Actor::Staff, "2026-03-02T10:00:00", Action::Accept);
        desk.act(Actor::Staff, "2026-03-02T11:00:00", dispatch());
        desk
    }

    pub fn completed() -> Desk {
        let mut desk = Desk::dispatched();
        desk.act(property(), "2026-03-04T11:00:00", complete());
        desk
    }

    pub fn reopened() -> Desk {
        let mut desk = Desk::completed();
        desk.act(REQUESTER, "2026-03-05T09:00:00", rate(Level::Bad));
        desk
    }

    pub fn attempt(&mut self, by: Actor, when: Timestamp, action: Action) -> Result<(), Refusal> {
        let command = Command {
            case: ID,
            by,
            happened_at: when,
            action,
        };
        let duplicates = &self.duplicates;
        let targets = |case| duplicates.get(&case).copied().unwrap_or(Target::Unknown);
        let context = Context {
            now: self.now,
            playbooks: &self.playbooks,
            targets: &targets,
        };
        let before = self.case.clone();
        match execute(self.case.take(), &command, &context, &mut self.journal) {
            Ok(case) => {
                self.case = case;
                Ok(())
            }
            Err(refusal) => {
                self.case = before;
                Err(refusal)
            }
        }
    }

    /// Entered as it happens.
    pub fn act(&mut self, by: Actor, when: &str, action: Action) {
        self.enter(by, when, when, action);
    }

    /// Entered at `now`, however long ago it happened.
    pub fn enter(&mut self, by: Actor, when: &str, now: &str, action: Action) {
        let last = std::mem::replace(&mut self.now, at(now));
        self.attempt(by, at(when), action).unwrap();
        self.now = last;
    }

    pub fn tick(&mut self, when: &str) {
        self.act(Actor::System, when, Action::Tick);
    }

    pub fn refuse(&mut self, by: Actor, when: &str, action: Action) -> Refusal {
        let journalled = self.journal.len();
        let refusal = self.attempt(by, at(when), action).unwrap_err();
        assert_eq!(self.journal.len(), journalled, "a refusal leaves no trace");
        refusal
    }

    pub fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    pub fn happenings(&self) -> Vec<&'static str> {
        let codes = self.journal.iter().map(|r| r.event.happening.code());
        codes.collect()
    }

    /// How many facts of a type have these members after the first four.
    pub fn count(&self, fact_type: FactTypeId, members: &[&str]) -> usize {
        let facts = self.journal.iter().flat_map(|recorded| &recorded.facts);
        facts
            .filter(|fact| fact.fact_type == fact_type)
            .filter(|fact| {
                fact.members[4..]
                    .iter()
                    .map(|m| &**m)
                    .eq(members.iter().copied())
            })
            .count()
    }

    pub fn due(&self, clock: ClockKind) -> Timestamp {
        self.case().clocks.get(clock).unwrap().due_at
    }
}
