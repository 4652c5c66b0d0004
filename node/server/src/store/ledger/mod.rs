//! The one writer of a node's store: decides a command with the domain, appends
//! what happened to the journal, and lets the projection make rows of it. What
//! it decides next already sees those rows; readers do once they are on disk.

mod access;
pub(super) mod activate;
pub mod command;
mod deliver;
mod engine;
mod erase;
mod neighbour;
mod notices;
mod offer;
mod playbook;
mod process;
mod reclaim;
pub mod register;
mod scan;
mod seal;
mod token;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use journal::{Appender, Committed};
use node_domain::cases::Case;
use node_domain::event::{Entry, Event};
use node_domain::playbook::Playbooks;
use tokio::sync::watch;

use command::{Answer, Asked, Basis, Command, TokenAsk};

use super::fault::StoreFault;
use super::keyspace::case::CaseRow;
use super::keyspace::request::Earlier;
use super::keyspace::request::RequestHash;
use super::projection::{Applied, Projection};
use super::record::Record;
use super::view::ViewWriter;
use crate::sealing::Keyring;

/// While commands come slowly, rows wait this long for company; after a crash they
/// are made again from the journal.
const SEAL_AFTER: Duration = Duration::from_secs(1);

/// How far the store is; sent after each group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub position: u64,
    pub cell_seq: u64,
    pub cells: u64,
    pub cases: u64,
    pub open_cases: u64,
    /// Grows whenever a token was made, revoked or erased; counts from the start
    /// of the process.
    pub token_changes: u64,
    pub catalogue_seq: u64,
    /// This node's letters, and which of them the hub has.
    pub letters: u64,
    pub letters_received: u64,
    /// What the uplink was granted last.
    pub lineage: u32,
    pub epoch: u64,
}

/// What a ledger tells everybody.
#[derive(Clone)]
pub struct Told {
    pub marks: watch::Receiver<Marks>,
    /// When time next brings something.
    pub alarms: watch::Receiver<Option<Timestamp>>,
    /// Those in force.
    pub playbooks: watch::Receiver<Arc<Playbooks>>,
}

pub struct Ledger {
    pub(super) projection: Projection,
    pub(super) writer: ViewWriter,
    pub(super) keyring: Keyring,
    playbooks: Arc<Playbooks>,
    playbooks_told: watch::Sender<Arc<Playbooks>>,
    /// How many live here, as the configuration says.
    residents: Option<u32>,
    marks: watch::Sender<Marks>,
    alarms: watch::Sender<Option<Timestamp>>,
    sealed_at: Instant,
}

impl Ledger {
    pub fn new(
        projection: Projection,
        writer: ViewWriter,
        keyring: Keyring,
        playbooks: Arc<Playbooks>,
        residents: Option<u32>,
    ) -> (Ledger, Told) {
        let (marks, marks_told) = watch::channel(Marks::of(&projection));
        let (alarms, alarms_told) = watch::channel(projection.next_alarm());
        let (playbooks_told, adopted_told) = watch::channel(playbooks.clone());
        let told = Told {
            marks: marks_told,
            alarms: alarms_told,
            playbooks: adopted_told,
        };
        let ledger = Ledger {
            projection,
            writer,
            keyring,
            playbooks,
            playbooks_told,
            residents,
            marks,
            alarms,
            sealed_at: Instant::now(),
        };
        (ledger, told)
    }

    /// Tells how far the store is. Whoever waits for an alarm is woken by alarms
    /// alone, not by every group.
    fn tell(&self) {
        self.marks.send_replace(Marks::of(&self.projection));
        let next = self.projection.next_alarm();
        self.alarms
            .send_if_modified(|alarm| std::mem::replace(alarm, next) != next);
    }

    /// Time as the journal tells it: never before what it already holds.
    fn now(&self, now: Timestamp) -> Timestamp {
        let floor = Timestamp::from_microsecond(self.projection.head().recorded_at_us);
        let now_us = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        floor.map_or(now_us, |floor| now_us.max(floor))
    }

    fn earlier(&self, asked: &Asked) -> Option<Earlier> {
        let request_id = asked.request_id.as_ref()?;
        let token = asked.token.map_or(0, |token| token.0);
        self.projection.earlier(&RequestHash::of(token, request_id))
    }

    /// Appends an event of the node's own.
    pub(super) fn note(
        &mut self,
        now: Timestamp,
        event: Event,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let record = Record::of(Entry {
            recorded_at: now,
            event,
            facts: Vec::new(),
        });
        self.append(record, None, log).map(drop)
    }

    fn append(
        &mut self,
        record: Record,
        applied: Option<Applied>,
        log: &mut Appender<'_>,
    ) -> Result<Option<CaseRow>, StoreFault> {
        let position = log.append(&record.encode())?;
        self.projection.apply(position, record, applied)
    }

    /// Everything so far on its way to sled.
    pub(super) fn write_out(&mut self) -> Result<(), StoreFault> {
        self.projection.write_cells();
        self.projection.publish(&self.writer)?;
        self.tell();
        self.sealed_at = Instant::now();
        Ok(())
    }

    /// Writes the view out and closes it.
    pub fn close(mut self) -> Result<(), StoreFault> {
        self.write_out()?;
        self.writer.close()
    }
}

impl Marks {
    fn of(projection: &Projection) -> Marks {
        let head = projection.head();
        Marks {
            position: head.position,
            cell_seq: projection.cell_seq(),
            cells: projection.cell_count(),
            cases: head.last_case,
            open_cases: head.open_cases,
            token_changes: projection.token_changes(),
            catalogue_seq: projection.catalogue_seq(),
            letters: projection.letter_box().last,
            letters_received: projection.letter_box().received,
            lineage: projection.granted().0,
            epoch: projection.granted().1,
        }
    }
}

impl journal::Ledger for Ledger {
    type Command = Command;
    type Answer = Answer;
    type Fault = StoreFault;

    fn decide(&mut self, command: Command, log: &mut Appender<'_>) -> Result<Answer, StoreFault> {
        match command {
            Command::Case(command) => self.case(*command, log).map(Answer::Case),
            Command::Process(command) => self.process(*command, log).map(Answer::Process),
            Command::Token(command) => self.token(command, log).map(Answer::Token),
            Command::Adopt(command) => self.adopt(command, log).map(Answer::Adopted),
            Command::Notices(command) => self.notices(command, log).map(Answer::Notices),
            Command::Erase(command) => self.erase(command, log).map(Answer::Erased),
            Command::Access(command) => self.access(command, log).map(Answer::Accessed),
            Command::Import { now, records } => {
                self.import(now, records, log).map(Answer::Imported)
            }
            Command::Activate { now, change, ahead } => {
                let applied = self.activate(now, change, ahead, log);
                applied.map(Answer::Activated)
            }
            Command::Link { now, standing } => {
                let now = self.now(now);
                self.note(now, Event::Linked(standing), log)?;
                Ok(Answer::Recorded)
            }
            Command::Deliver {
                now,
                log_id,
                letters,
            } => {
                self.deliver(now, log_id, letters, log)?;
                Ok(Answer::Recorded)
            }
            Command::Received { now, through } => {
                self.received(now, through, log)?;
                Ok(Answer::Recorded)
            }
            Command::Reclaim { now, reclaiming } => {
                self.reclaim(now, *reclaiming, log).map(Answer::Reclaimed)
            }
            Command::Start { now, id } => {
                let now = self.now(now);
                self.note(now, Event::Started(id), log)?;
                self.write_out()?;
                Ok(Answer::Recorded)
            }
            Command::Scan { now, scan } => {
                let now = self.now(now);
                let scanned = self.scan(now, &scan)?;
                let basis = Basis {
                    records: self.projection.head().position,
                    catalogue_seq: self.projection.catalogue_seq(),
                };
                Ok(Answer::Scanned(Box::new(scanned), basis))
            }
            Command::Head => Ok(Answer::Head(log.committed_head())),
            Command::Root(size) => self.root(size).map(Answer::Root),
            Command::Tick { now } => self.tick(now, log).map(Answer::Ticked),
        }
    }

    /// On a full disk, what gives back room or rights goes on, and the district's
    /// definitions, which are few: they come in order and none may be left out.
    fn refuse(&mut self, command: &Command) -> Option<Answer> {
        match command {
            Command::Erase(_)
            | Command::Activate { .. }
            | Command::Scan { .. }
            | Command::Root(_)
            | Command::Head => None,
            Command::Token(command) if matches!(command.ask, TokenAsk::Revoke(_)) => None,
            Command::Notices(command) if self.gives_room(&command.ask) => None,
            _ => Some(Answer::DiskFull),
        }
    }

    fn committed(&mut self, _: &Committed) -> Result<(), StoreFault> {
        failpoint::reached("node-unpublished");
        self.projection.publish(&self.writer)?;
        self.tell();
        Ok(())
    }

    fn idle(&mut self) -> Result<(), StoreFault> {
        if self.projection.has_rows() && self.sealed_at.elapsed() >= SEAL_AFTER {
            self.write_out()?;
        }
        Ok(())
    }
}

/// The part of a case that a decision takes and gives back.
fn state(row: &Option<CaseRow>) -> Option<Case> {
    row.as_ref().map(|row| row.case.clone())
}
