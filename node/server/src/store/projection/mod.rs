//! What records make of the view. The same code serves a live command, the
//! replay of a missing tail and a rebuild beside the live view, so that all
//! three give equal rows. Decides nothing: what is in the journal has happened.

mod backfill;
mod case;
mod cells;
mod entry;
mod exact;
mod letters;
mod notices;
mod open;
mod pending;
mod people;
mod playbook;
pub mod process;
mod reclaim;
mod requests;
mod trial;
mod writing;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use node_domain::cases::{Case, CaseId};
use node_domain::event::Event;
use node_domain::indicators::Evaluator;
use proto::fact::Fact;
use proto::indicator::catalogue::Catalogue;

pub use backfill::{held, parse_item};
use cells::HotCells;
use exact::ExactCells;
pub use notices::MOST_KEPT;
use notices::Outbox;
use open::OpenBlocks;
use pending::Pending;
use process::Alarms;
use requests::RequestLog;

use super::adopted::Version;
use super::ahead::Ahead;
use super::fault::StoreFault;
use super::keyspace::access::Accesses;
use super::keyspace::case::CaseRow;
use super::keyspace::cell::Cells;
use super::keyspace::change::Changes;
use super::keyspace::digest::Digests;
use super::keyspace::head::{self, Head, Heads};
use super::keyspace::link::{Link, LinkKey, Links};
use super::keyspace::playbook::AdoptedPlaybooks;
use super::keyspace::process::ProcessKey;
use super::keyspace::request::{Answered, Earlier, RequestHash};
use super::keyspace::requester::Requesters;
use super::keyspace::{self, Entries, Rows};
use super::record::Record;
use super::view::{Row, ViewWriter};
use crate::sealing::{Keys, SubjectId};

pub struct Projection {
    rows: Pending,
    head: Head,
    cells: HotCells,
    /// Last record whose facts are in cells; behind the head after a crash.
    folded: u64,
    open: OpenBlocks,
    process_alarms: Alarms,
    outbox: Outbox,
    adopted: Vec<Version>,
    requests: RequestLog,
    catalogue: Catalogue,
    evaluator: Evaluator,
    zone: TimeZone,
    source: journal::Source,
    /// What the next change of the catalogue comes to, counted beside the writer.
    ahead: Option<Box<Ahead>>,
    /// Facts of records that the journal cannot give back yet.
    uncommitted: Vec<(u64, Vec<Fact>)>,
    keys: Keys,
    token_changes: u64,
    catalogue_seq: u64,
    letters: letters::Mailbox,
    /// Rows in the view's open table when last looked at.
    published: usize,
}

/// A case before and after a record's events.
pub struct Applied {
    pub before: Option<CaseRow>,
    pub case: Case,
}

impl Rows for Projection {
    fn row(&self, key: &[u8]) -> Result<Option<Row>, StoreFault> {
        self.rows.row(key)
    }
}

impl Projection {
    /// Goes on where the view's head stands; `None` when the view is of another
    /// journal, layout or zone, or ahead of the journal, and must be rebuilt.
    pub fn open(
        writer: &ViewWriter,
        source: journal::Source,
        log_id: journal::LogId,
        zone: TimeZone,
        keys: Keys,
    ) -> Result<Option<Projection>, StoreFault> {
        let view = writer.view();
        let zone_name = zone.iana_name().unwrap_or_default().to_owned();
        let fresh = Head {
            log_id: log_id.0.to_vec(),
            format: head::FORMAT,
            zone: zone_name,
            ..Head::default()
        };
        let head = match view.load::<Heads>(&())? {
            Some(head) => head,
            None if view
                .scan(&[], &[0xff], super::view::Direction::Ascending)
                .next()
                .is_none() =>
            {
                fresh.clone()
            }
            None => return Ok(None),
        };
        let same =
            |a: &Head, b: &Head| (&a.log_id, a.format, &a.zone) == (&b.log_id, b.format, &b.zone);
        if !same(&head, &fresh) || head.position > source.committed_seq() {
            return Ok(None);
        }
        let catalogue = held(view)?;
        let lineage = match view.load::<Links>(&LinkKey::Uplink)? {
            Some(Link::Uplink(standing)) => standing.lineage,
            _ => 0,
        };
        let catalogue_seq = match view.load::<Links>(&LinkKey::Downlink)? {
            Some(Link::Downlink(cursor)) => cursor.seq,
            _ => 0,
        };
        let digest = view.load::<Digests>(&())?.unwrap_or_default();
        let evaluator = Evaluator::new(&catalogue, zone.clone());
        let mut exact = ExactCells::new(keys.rounding());
        exact.rewind(head.cells_position, &evaluator, &source, view)?;
        Ok(Some(Projection {
            rows: Pending::new(Arc::clone(view)),
            cells: HotCells::new(exact, digest, head.cell_seq, lineage),
            folded: head.cells_position,
            open: OpenBlocks::read(view)?,
            process_alarms: Alarms::read(view)?,
            outbox: Outbox::read(view)?,
            adopted: view.all::<AdoptedPlaybooks>().collect::<Result<_, _>>()?,
            requests: RequestLog::read(view)?,
            evaluator,
            catalogue,
            zone,
            source,
            ahead: None,
            uncommitted: Vec::new(),
            keys,
            head,
            token_changes: 0,
            catalogue_seq,
            letters: letters::Mailbox::read(view)?,
            published: writer.open_rows(),
        }))
    }

    pub fn head(&self) -> &Head {
        &self.head
    }

    /// From where on records are to be replayed.
    pub fn replay_from(&self) -> u64 {
        self.folded + 1
    }

    pub fn cell_seq(&self) -> u64 {
        self.cells.seq
    }

    pub fn cell_count(&self) -> u64 {
        self.cells.count()
    }

    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// For the record that is applied next.
    pub fn counted_ahead(&mut self, ahead: Option<Box<Ahead>>) {
        self.ahead = ahead;
    }

    pub fn source(&self) -> &journal::Source {
        &self.source
    }

    pub fn digest(&self) -> &proto::digest::Digest {
        self.cells.digest()
    }

    pub fn token_changes(&self) -> u64 {
        self.token_changes
    }

    pub fn catalogue_seq(&self) -> u64 {
        self.catalogue_seq
    }

    pub fn next_alarm(&self) -> Option<Timestamp> {
        let alarms = [self.open.next_alarm(), self.process_alarms.next()];
        alarms.into_iter().flatten().min()
    }

    pub fn due(&self, now: Timestamp, most: usize) -> Result<Vec<CaseId>, StoreFault> {
        self.open.due(now, most, &self.rows)
    }

    pub fn due_processes(&self, now: Timestamp, most: usize) -> Vec<ProcessKey> {
        self.process_alarms.due(now, most)
    }

    pub fn earlier(&self, hash: &RequestHash) -> Option<Earlier> {
        self.requests.get(hash)
    }

    /// The token's scope is a subject's own secret; the index only compares.
    pub fn requester(&self, scope: &str) -> Result<Option<SubjectId>, StoreFault> {
        self.load::<Requesters>(&self.keys.index_tag(scope))
    }

    /// A record from the journal.
    pub fn replay(&mut self, position: u64, payload: &[u8]) -> Result<(), StoreFault> {
        let record =
            Record::decode(payload).map_err(|detail| StoreFault::record(position, detail))?;
        if position <= self.head.position {
            return self.fold(position, record.entry.facts);
        }
        let applied = match &record.entry.event {
            Event::Cases(events) => Some(self.replay_case(position, events)?),
            _ => None,
        };
        self.apply(position, record, applied).map(drop)
    }

    /// `applied`: what the record's case events made of their case, which is
    /// given back as it is kept.
    pub fn apply(
        &mut self,
        position: u64,
        record: Record,
        applied: Option<Applied>,
    ) -> Result<Option<CaseRow>, StoreFault> {
        match &record.entry.event {
            Event::Activated(activation) => self.activate(position, activation)?,
            Event::Linked(standing) if standing.lineage != self.cells.lineage => {
                self.write_cells();
                self.cells.lineage = standing.lineage;
            }
            Event::Reclaimed(reclaimed) => self.reclaim(position, reclaimed)?,
            _ => {}
        }
        self.head.position = position;
        let recorded_at_us = record.entry.recorded_at.as_microsecond();
        self.head.recorded_at_us = self.head.recorded_at_us.max(recorded_at_us);
        for (id, subject) in &record.new_subjects {
            self.add_subject(*id, subject)?;
        }
        let mut kept = None;
        let answered = match &record.entry.event {
            Event::Cases(events) => {
                let missing = || StoreFault::record(position, "case missing");
                let applied = applied.ok_or_else(missing)?;
                let row = self.put_case(position, &record, events, applied)?;
                let case = row.case.id;
                kept = Some(row);
                Some(Answered::Case(case.0))
            }
            Event::Process(event) => {
                let recorded_at = record.entry.recorded_at;
                self.put_process(position, recorded_at, event)?;
                self.post(position, event);
                Some(Answered::Process(event.process.0))
            }
            Event::Token(event) => {
                self.token_changes += 1;
                Some(Answered::Token(self.apply_token(&record, event)?))
            }
            Event::Adopted(adoption) => {
                self.adopt(position, (record.entry.recorded_at, record.token), adoption);
                None
            }
            Event::Notices(event) => {
                self.apply_notices(position, event)?;
                None
            }
            Event::Activated(activation) => {
                self.catalogue_seq = activation.cursor.seq;
                None
            }
            Event::Linked(standing) => {
                self.letters.stand(standing);
                let link = Link::Uplink(standing.clone());
                self.rows.put::<Links>(&LinkKey::Uplink, &link);
                None
            }
            Event::Delivered(delivered) => {
                let recorded_at = record.entry.recorded_at;
                self.deliver(position, recorded_at, delivered)?;
                None
            }
            Event::Started(start) => {
                self.started(position, *start)?;
                None
            }
            Event::Accessed(access) => self.access(position, access)?,
            Event::Reclaimed(reclaimed) => {
                self.letters.stand(&reclaimed.standing);
                None
            }
            Event::Erased { subject, epoch } => {
                self.token_changes += 1;
                self.rows.put::<Accesses>(&position, &SubjectId(subject.0));
                Some(Answered::Erased(self.erase(SubjectId(subject.0), *epoch)?))
            }
        };
        if let (Some(request_id), Some(answered)) = (&record.request_id, answered) {
            let token = record.token.map_or(0, |token| token.0);
            let hash = RequestHash::of(token, request_id);
            let earlier = Earlier { answered, position };
            self.requests
                .push(self.head.requests, hash, earlier, &mut self.rows);
            self.head.requests += 1;
        }
        let is_of_cells = matches!(
            record.entry.event,
            Event::Activated(_) | Event::Reclaimed(_)
        );
        self.fold(position, record.entry.facts)?;
        if is_of_cells {
            self.write_cells();
        }
        self.close_full_table();
        Ok(kept)
    }

    pub fn cells(&self, from: Option<&[u8]>) -> Entries<Cells> {
        self.rows.entries(from, None)
    }

    /// As counted; everything must have been written before.
    pub fn exact_cells(&self) -> Entries<keyspace::exact::ExactCells> {
        self.rows.entries(None, None)
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn changes_after(&self, seq: u64) -> Entries<Changes> {
        self.rows.entries(Some(&(seq + 1).to_be_bytes()), None)
    }
}
