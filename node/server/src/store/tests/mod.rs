//! The store as a whole: what survives which end, what a rebuild gives, what an
//! erasure leaves.

mod access;
mod ahead;
mod audit;
mod erasure;
mod going_up;
mod letters;
mod notices;
mod playbooks;
mod protection;
mod recovery;
mod registers;
pub mod tokens;
mod trial;

use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::{Action, CaseId, Completion, Level, Origin, Record, Report};
use node_domain::duties;
use node_domain::playbook::{Playbook, Playbooks};
use node_domain::process::{self, ProcessId};
use node_domain::sealed::{Fingerprint, Said, Sealed};
use node_domain::token::TokenId;
use proto::identity::LogId;
use proto::indicator::catalogue::Catalogue;
use proto::sync::downlink::{Applied, Cursor, Item, ItemKind};
use proto_child::downlink::Change;

use super::keyspace::Rows as _;
use super::keyspace::case::{CaseRow, Cases};
use super::ledger::command::*;
use super::ledger::register::Private;
use super::view::{Direction, View};
use super::*;

pub const PLAYBOOK: &str = include_str!("../../../../../deploy/playbooks/qingshan.toml");
const CATALOGUE: &str = include_str!("../../../../../deploy/catalogue/first.toml");
const PROTECTED: &str = include_str!("protected.toml");

pub fn at(hours: i64) -> Timestamp {
    // 2026-03-02, a Monday, 09:00 in Shanghai.
    let start: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(hours)
}

pub fn setup() -> Setup {
    Setup {
        playbooks: Some(Arc::new(Playbooks::new(Playbook::parse(PLAYBOOK).unwrap()))),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        residents: Some(3_200),
        now: at(0),
    }
}

/// A store in a directory of its own, on a real file system.
pub struct Town {
    pub dir: tempfile::TempDir,
    opened: Option<Opened>,
}

impl Town {
    pub fn new() -> Town {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).unwrap();
        let mut town = Town { dir, opened: None };
        town.open();
        town
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn open(&mut self) -> &Opened {
        self.opened.insert(open(self.dir.path(), &setup()).unwrap())
    }

    pub fn store(&self) -> &Store {
        &self.opened.as_ref().unwrap().store
    }

    pub fn view(&self) -> &View {
        self.store().view()
    }

    /// An orderly end.
    pub fn close(&mut self) {
        self.end(true);
    }

    /// The view keeps only what had reached sled by chance.
    pub fn crash(&mut self) {
        self.end(false);
    }

    fn end(&mut self, orderly: bool) {
        let Opened { store, running, .. } = self.opened.take().unwrap();
        drop(store);
        if orderly {
            return running.join().unwrap();
        }
        let ended = running.0.join();
        ended.outcome.unwrap();
        ended.ledger.writer.close().unwrap();
    }

    pub fn ask(&self, command: Command) -> Answer {
        self.store().ask_blocking(command).unwrap()
    }

    pub fn case(
        &self,
        asked: Asked,
        case: Option<u64>,
        action: Action,
    ) -> Result<CaseAnswer, Refused> {
        let command = CaseCommand {
            asked,
            case: case.map(CaseId),
            happened_at: None,
            action: Plain(action),
        };
        match self.ask(Command::Case(Box::new(command))) {
            Answer::Case(answer) => answer,
            _ => unreachable!(),
        }
    }

    pub fn process(
        &self,
        asked: Asked,
        process: Option<ProcessId>,
        action: impl Into<process::Action>,
    ) -> Result<ProcessAnswer, Refused> {
        let command = ProcessCommand {
            asked,
            process,
            happened_at: None,
            action: action.into(),
            private: Private::default(),
        };
        match self.ask(Command::Process(Box::new(command))) {
            Answer::Process(answer) => answer,
            _ => unreachable!(),
        }
    }

    /// Opened, held, and left alone for a month.
    pub fn live_through_a_duty(&self, hours: i64) {
        let open = duties::Action::Open(duties::Open {
            kind: "door-knock".parse().unwrap(),
            grid: None,
            owed_by: Some("敲门组".parse().unwrap()),
            owed_to: Some(7),
            from: Some(date(2026, 3, 2)),
            until: None,
            year_day: None,
        });
        let opened = self.process(asked(Actor::Staff, hours), None, open);
        let Ok(ProcessAnswer::Now(id, _)) = opened else {
            panic!("not opened");
        };
        let hold = duties::Action::Hold {
            on: None,
            present: 1,
            seats: 1,
        };
        let held = self.process(asked(Actor::Staff, hours + 1), Some(id), hold);
        assert!(held.is_ok());
        let now = at(hours + 24 * 30);
        while !matches!(self.ask(Command::Tick { now }), Answer::Ticked(0)) {}
    }

    pub fn act(&self, by: Actor, hours: i64, case: u64, action: Action) -> CaseRow {
        let answer = self.case(asked(by, hours), Some(case), action);
        answer
            .unwrap_or_else(|refused| panic!("{refused:?}"))
            .row()
            .unwrap()
    }

    pub fn report(&self, by: Actor, hours: i64, words: &str) -> CaseRow {
        let answer = self.case(asked(by, hours), None, report(words));
        answer
            .unwrap_or_else(|refused| panic!("{refused:?}"))
            .row()
            .unwrap()
    }

    pub fn activate(&self) {
        self.replace(first_items());
    }

    /// Gives it another catalogue.
    pub fn replace(&self, items: Vec<Item>) {
        let change = everything(items);
        match self.ask(Command::Activate {
            now: at(0),
            change,
            ahead: None,
        }) {
            Answer::Activated(applied) => assert_eq!(applied, Applied::default()),
            _ => unreachable!(),
        }
    }

    /// A case of a resident, from the report to a good rating after a bad one.
    pub fn live_through_a_case(&self, resident: u64, hours: i64) -> u64 {
        let (staff, resident) = (Actor::Staff, Actor::Resident(Pseudonym(resident)));
        let id = self.report(resident.clone(), hours, "路灯不亮").case.id.0;
        self.act(staff.clone(), hours + 1, id, Action::Accept);
        let handler: node_domain::code::Name = "物业".parse().unwrap();
        let dispatch = Action::Dispatch {
            handler: handler.clone(),
        };
        self.act(staff, hours + 2, id, dispatch);
        let handler = Actor::Handler(handler);
        self.act(handler.clone(), hours + 3, id, complete("换了灯泡"));
        self.act(
            resident.clone(),
            hours + 4,
            id,
            rate(Level::Bad, "还是不亮"),
        );
        self.act(handler, hours + 5, id, complete("换了线路"));
        self.act(resident, hours + 6, id, rate(Level::Good, "亮了"));
        id
    }

    pub fn rows(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let rows = self.view().scan(&[], &[0xff], Direction::Ascending);
        rows.map(|found| {
            found
                .map(|(key, row)| (key.to_vec(), row.to_vec()))
                .unwrap()
        })
        .collect()
    }

    pub fn load(&self, case: u64) -> Option<CaseRow> {
        self.view().load::<Cases>(&CaseId(case)).unwrap()
    }
}

pub fn everything(items: Vec<Item>) -> Change {
    Change::Replace {
        cursor: Cursor {
            log_id: LogId([7; 16]),
            seq: 10,
        },
        items,
        refused: Vec::new(),
    }
}

/// The shipped indicators, and some of every protected class and kind.
pub fn first_items() -> Vec<Item> {
    let catalogue = Catalogue::from_toml(&format!("{CATALOGUE}\n{PROTECTED}")).unwrap();
    let items = catalogue.items().zip(1..);
    let items = items.map(|(item, seq)| {
        let kind = match item {
            proto::indicator::catalogue::Item::Definition(_) => ItemKind::Indicator,
            proto::indicator::catalogue::Item::Dimension(_) => ItemKind::Dimension,
            proto::indicator::catalogue::Item::Derived(_) => ItemKind::Derived,
        };
        let cursor = Cursor {
            log_id: LogId([7; 16]),
            seq,
        };
        Item::new(cursor, item.id().to_string(), kind, item.payload().into())
    });
    items.collect()
}

pub fn asked(by: Actor, hours: i64) -> Asked {
    Asked {
        by,
        token: Some(TokenId(1)),
        request_id: None,
        now: at(hours),
    }
}

pub fn report(words: &str) -> Action {
    Action::Report(Report {
        kind: "street-light".parse().unwrap(),
        origin: Origin::Online,
        grid: Some("003".parse().unwrap()),
        personal: Some(Sealed(words.as_bytes().into())),
        requester: None,
        on_behalf: false,
        chain: None,
        due_at: None,
        source_id: None,
    })
}

pub fn note(words: &str) -> Action {
    Action::Note(Said {
        text: Sealed(words.as_bytes().into()),
        fingerprint: Fingerprint(0),
    })
}

pub fn complete(words: &str) -> Action {
    Action::Complete {
        completion: Completion::Resolved,
        text: Some(Sealed(words.as_bytes().into())),
    }
}

pub fn rate(level: Level, words: &str) -> Action {
    Action::Rate {
        level,
        text: Some(Sealed(words.as_bytes().into())),
    }
}

pub fn imported(source_id: &str, hours: i64) -> ImportRecord {
    let personal = format!("{source_id} lives here").into_bytes();
    ImportRecord {
        record: history(source_id, hours),
        personal: Some(personal.into()),
    }
}

fn history(source_id: &str, hours: i64) -> Record {
    Record {
        source_id: Some(source_id.parse().unwrap()),
        kind: "street-light".parse().unwrap(),
        origin: Origin::Phone,
        grid: None,
        reported_at: at(hours - 3000),
        due_at: Some(at(hours - 2900)),
        closed_at: Some(at(hours - 2950)),
        outcome: None,
        handler: None,
        requester: None,
        personal: None,
    }
}
