//! The applier: one thread that brings what is durable into the view and tells
//! readers how far it has come. Decides nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use hub_domain::{
    centre::{self, Fed},
    event::Event,
    period::Book,
    sync::line::Line,
    tree::Tree,
};
use prost::Message as _;
use proto::{
    digest::Digest,
    identity::Label,
    indicator::cell::{Cell, CellKey},
    place::Place,
    sync::coverage::Coverage,
};
use tokio::sync::oneshot;

mod line;
mod tree;

pub use tree::{Ask, Settled};

use super::{
    backlog::{Backlog, Taken},
    columns::Cache,
    fault::ViewFault,
    key,
    pages::{Pages, cells_of},
    shared::Shared,
    stored::{StoredFed, StoredKept, StoredLine, StoredMarker},
    view::{Batch, Position, View},
};

/// With nothing new for so long, what waits is written.
const QUIET: Duration = Duration::from_millis(50);
/// What came first waits no longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// What waits is written once it takes so much memory.
const WAITING_BYTES: usize = 16 << 20;

#[allow(clippy::large_enum_variant, reason = "almost all are events")]
pub enum Entry {
    /// A durable event; control events come with their record.
    Event {
        seq: u64,
        event: Event,
        record: Option<Vec<u8>>,
        /// Told the node's digest once the event is applied.
        digest: Option<oneshot::Sender<Digest>>,
    },
    /// Tell the node's digest, with everything before applied.
    Digest(Place, oneshot::Sender<Digest>),
    /// Tell all the node's cells, with everything before applied.
    Cells(Place, oneshot::Sender<Vec<Cell>>),
    Alarm(Place, String),
    /// Read merged cells, with everything before applied.
    Scan(Ask),
    /// Cells that changed have been merged, with everything before applied.
    Settled(Settled),
}

/// Kept as journalled; others have rows of their own.
pub fn is_kept(event: &Event) -> bool {
    let is_fed = |event: &centre::Event| matches!(event, centre::Event::Fed { .. });
    match event {
        Event::Line(..) => false,
        Event::Centre { event, .. } => !is_fed(event),
        Event::Tree(event) => !event.has_rows_of_its_own(),
        _ => true,
    }
}

pub struct Applier {
    pub view: Arc<View>,
    pub cache: Arc<Cache>,
    pub shared: Arc<Shared>,
    lines: BTreeMap<Place, Line>,
    tree: Tree,
    periods: Arc<Book>,
    position: Position,
    pages: Pages,
    waiting: Waiting,
    /// With all that the merged cells stand for; lost with the process.
    coverage: Option<Coverage>,
}

/// What the next write holds besides cells.
#[derive(Default)]
struct Waiting {
    since: Option<Instant>,
    lines: BTreeSet<Place>,
    markers: BTreeSet<(Place, CellKey)>,
    records: Vec<(u64, Vec<u8>)>,
    releases: Vec<(Place, u64, StoredKept)>,
    audits: Vec<(u64, Vec<u8>)>,
    alarms: BTreeMap<Place, String>,
    fed: BTreeMap<Label, Fed>,
    is_tree_changed: bool,
    /// Seqs of merged cells; `None`: the cell has a newer one.
    merged: BTreeMap<u64, Option<CellKey>>,
    /// Groups that were merged, and groups to be merged anew.
    settled: Vec<(u32, u32)>,
    stale: BTreeSet<(u32, u32)>,
}

impl Applier {
    pub fn new(
        view: Arc<View>,
        cache: Arc<Cache>,
        shared: Arc<Shared>,
        lines: BTreeMap<Place, Line>,
        tree: Tree,
        periods: Arc<Book>,
        position: Position,
    ) -> Applier {
        Applier {
            view,
            cache,
            shared,
            lines,
            tree,
            periods,
            position,
            pages: Pages::default(),
            waiting: Waiting::default(),
            coverage: None,
        }
    }

    /// Until the backlog is closed and empty. A fault is the view's alone: the
    /// journal has everything, and the next start rebuilds.
    pub fn run(&mut self, backlog: &Backlog<Entry>) -> Result<(), ViewFault> {
        let outcome = self.follow(backlog);
        backlog.close();
        outcome
    }

    fn follow(&mut self, backlog: &Backlog<Entry>) -> Result<(), ViewFault> {
        loop {
            match backlog.take(self.waiting.since.map(|_| QUIET)) {
                Taken::Some(entries) => {
                    for entry in entries {
                        self.take(entry)?;
                        self.write_when_due()?;
                    }
                }
                Taken::Quiet => self.write()?,
                Taken::Closed => return self.write(),
            }
        }
    }

    pub fn take(&mut self, entry: Entry) -> Result<(), ViewFault> {
        match entry {
            Entry::Event {
                seq,
                event,
                record,
                digest,
            } => {
                self.waiting.since.get_or_insert_with(Instant::now);
                match &event {
                    Event::Line(node, event) => {
                        self.apply(*node, event, seq)?;
                        if let Some(sender) = digest {
                            self.tell(*node, sender)?;
                        }
                    }
                    Event::Tree(event) => self.apply_tree(event, seq)?,
                    Event::Period(event) => Arc::make_mut(&mut self.periods).apply(event),
                    Event::Centre {
                        event: centre::Event::Fed { centre, fed },
                        ..
                    } => {
                        self.waiting.fed.insert(centre.clone(), *fed);
                    }
                    Event::Issued(event) => {
                        if let Some((node, at)) = event.enrols_a_node() {
                            self.reassign([node], seq)?;
                            self.tree.assignments.enrol(node, at);
                        }
                    }
                    _ => {}
                }
                let records = match &event {
                    Event::Audited(_) => &mut self.waiting.audits,
                    _ => &mut self.waiting.records,
                };
                records.extend(record.map(|record| (seq, record)));
                self.position.seq = seq;
            }
            Entry::Digest(node, sender) => self.tell(node, sender)?,
            Entry::Cells(node, sender) => {
                self.write()?;
                // Whoever asked may have gone.
                let _ = sender.send(cells_of(&self.view, node)?);
            }
            Entry::Alarm(node, alarm) => self.alarm(node, alarm),
            Entry::Scan(ask) => self.scan(ask)?,
            Entry::Settled(settled) => self.settle(settled),
        }
        Ok(())
    }

    fn tell(&mut self, node: Place, sender: oneshot::Sender<Digest>) -> Result<(), ViewFault> {
        let line = self.lines.entry(node).or_default();
        let digest = self.pages.digest(&self.view, node, line)?;
        // Whoever asked may have gone.
        let _ = sender.send(digest);
        Ok(())
    }

    fn alarm(&mut self, node: Place, alarm: String) {
        tracing::error!(%node, alarm, "a line needs somebody");
        self.shared.set_alarm(node, alarm.clone());
        self.waiting.since.get_or_insert_with(Instant::now);
        self.waiting.alarms.insert(node, alarm);
    }

    pub fn write_when_due(&mut self) -> Result<(), ViewFault> {
        let is_old = self
            .waiting
            .since
            .is_some_and(|since| since.elapsed() >= LONGEST_WAIT);
        if is_old || self.pages.size_bytes() >= WAITING_BYTES {
            self.write()?;
        }
        Ok(())
    }

    /// Cells first; the position, and the watermarks that promise them, last.
    pub fn write(&mut self) -> Result<(), ViewFault> {
        failpoint::reached("hub-view-unwritten");
        let written = self.pages.write(&self.view)?;
        failpoint::reached("hub-cells-written");
        let waiting = std::mem::take(&mut self.waiting);
        self.write_tree(&waiting, &written)?;
        let mut batch = Batch::default();
        self.put_tree(&waiting, &mut batch);
        for node in &waiting.lines {
            if let Some(line) = self.lines.get(node) {
                let key = key::of_community(key::LINES, *node);
                batch.put(&key, StoredLine::from(line).encode_to_vec());
            }
        }
        for (node, cell) in &waiting.markers {
            let key = key::marker(*node, cell);
            let marker = self
                .lines
                .get(node)
                .and_then(|line| line.rejected.get(cell));
            match marker {
                Some(marker) => {
                    batch.put(&key, StoredMarker::from(&(*cell, *marker)).encode_to_vec())
                }
                None => batch.delete(&key),
            }
        }
        for (seq, record) in waiting.records {
            batch.put(&key::event(seq), record);
        }
        for (node, seq, kept) in waiting.releases {
            batch.put(&key::release(node, seq), kept.encode_to_vec());
        }
        for (seq, record) in waiting.audits {
            batch.put(&key::audit(seq), record);
        }
        for (node, alarm) in waiting.alarms {
            batch.put(&key::of_community(key::ALARMS, node), alarm.into_bytes());
        }
        for (centre, fed) in waiting.fed {
            batch.put(&key::fed(&centre), StoredFed::from(&fed).encode_to_vec());
        }
        batch.position(&self.position);
        self.view.write(batch)?;
        failpoint::reached("hub-view-written");

        self.cache.forget(&written.columns);
        let held = self.pages.take_held();
        self.shared
            .cells
            .fetch_add(held.cast_unsigned(), Ordering::Relaxed);
        let touched = waiting.lines.iter();
        let touched = touched.filter_map(|node| self.lines.get_key_value(node));
        self.shared.refresh_roster(touched, &self.lines, &self.tree);
        self.shared.applied.send_replace(self.position.seq);
        Ok(())
    }

    /// Everything is written; what readers are to see first.
    pub fn begin(&mut self) {
        self.shared.committed.send_replace(self.position.seq);
        self.shared.refresh_roster([], &self.lines, &self.tree);
        self.shared.applied.send_replace(self.position.seq);
    }
}
