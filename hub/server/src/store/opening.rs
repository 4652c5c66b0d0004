//! Opening the hub's store: the journal first, then the view if it can be used,
//! else a new one from the journal. Decides nothing about the hub.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use hub_domain::{
    centre,
    event::{Event, Founded},
    hub::Hub,
    sync::line::Line,
    tree::Tree,
};
use jiff::tz::TimeZone;
use journal::{Check, Journal, Options};
use prost::Message as _;
use proto::place::Place;

use super::{
    applier::{Applier, Entry, is_kept},
    columns::Cache,
    digest::count_held,
    fault::{StoreFault, ViewFault},
    key,
    shared::Shared,
    stored::{self, StoredFed, StoredLine, StoredMarker, StoredTree},
    view::{self, Position, View},
};

const JOURNAL: &str = "journal";
const VIEW: &str = "view";
/// For revocations, and for the view's rows, on a full disk.
const BALLAST_BYTES: u64 = 16 << 20;
/// Small where tests must see many segments end.
const SEGMENT_BYTES: u64 = if failpoint::ENABLED {
    128 << 10
} else {
    64 << 20
};

/// Memory that the store may use for reading.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub view_cache_bytes: u64,
    pub column_cache_bytes: usize,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            view_cache_bytes: 16 << 20,
            column_cache_bytes: 32 << 20,
        }
    }
}

/// Everything the threads start from.
pub struct Opened {
    pub journal: Journal,
    pub hub: Hub,
    pub applier: Applier,
}

/// Makes a hub's store: a journal whose first record founds the hub.
pub fn create(dir: &Path, log_id: [u8; 16], founded: &Founded) -> Result<(), StoreFault> {
    let mut journal = Journal::create(&journal_dir(dir), journal::LogId(log_id), options(dir))?;
    journal.append(&stored::encode(&Event::Founded(founded.clone()), None))?;
    journal.commit()?;
    Ok(())
}

pub fn journal_dir(dir: &Path) -> PathBuf {
    dir.join(JOURNAL)
}

/// Adds to the journal of a hub that does not run; its view follows at the next
/// start.
pub(crate) fn append(dir: &Path, event: &Event) -> Result<(), StoreFault> {
    let (mut journal, _) = Journal::open(&journal_dir(dir), Check::Tail, options(dir))?;
    journal.append(&stored::encode(event, None))?;
    journal.commit()?;
    Ok(())
}

pub fn open(dir: &Path, memory: Memory) -> Result<Opened, StoreFault> {
    let (journal, recovery) = Journal::open(&journal_dir(dir), Check::Tail, options(dir))?;
    if recovery.torn_bytes > 0 {
        tracing::warn!(
            bytes = recovery.torn_bytes,
            "cut a torn write that nobody was told of"
        );
    }
    let founded = founding(&journal)?;
    let zone = TimeZone::get(&founded.zone).map_err(|_| StoreFault::Zone(founded.zone.clone()))?;
    let path = dir.join(VIEW);
    match from_view(&path, &journal, &founded, &zone, memory) {
        Ok((hub, applier)) => Ok(Opened {
            journal,
            hub,
            applier,
        }),
        Err(StoreFault::View(fault)) => {
            tracing::warn!(%fault, "the view cannot be used; making it anew from the journal");
            view::remove(&path)?;
            let (hub, applier) = from_view(&path, &journal, &founded, &zone, memory)?;
            Ok(Opened {
                journal,
                hub,
                applier,
            })
        }
        Err(fault) => Err(fault),
    }
}

fn options(dir: &Path) -> Options {
    Options {
        segment_bytes: SEGMENT_BYTES,
        ballast_bytes: BALLAST_BYTES,
        recovery_command: format!("tongxin hub verify --dir {}", dir.display()),
    }
}

fn founding(journal: &Journal) -> Result<Founded, StoreFault> {
    let first = journal.reader(1)?.next().ok_or(StoreFault::NotFounded)??;
    match decode(first.seq, &first.payload)? {
        Event::Founded(founded) => Ok(founded),
        _ => Err(StoreFault::NotFounded),
    }
}

pub(crate) fn decode(seq: u64, record: &[u8]) -> Result<Event, StoreFault> {
    stored::decode(record).map_err(|cause| StoreFault::Record { seq, cause })
}

/// What the view holds, with the journal's later records on top.
fn from_view(
    path: &Path,
    journal: &Journal,
    founded: &Founded,
    zone: &TimeZone,
    memory: Memory,
) -> Result<(Hub, Applier), StoreFault> {
    let view = Arc::new(View::open(path, memory.view_cache_bytes)?);
    let log_id = journal.log_id().0;
    let position = match view.position()? {
        Some(position) if position.log_id == log_id && position.seq <= journal.committed_seq() => {
            position
        }
        Some(_) => return Err(ViewFault::Foreign.into()),
        None => Position {
            seq: 0,
            incarnation: 0,
            log_id,
        },
    };
    let mut hub = control(&view)?;
    hub.lines = lines(&view)?;
    tree(&view, &mut hub)?;
    fed(&view, &mut hub)?;
    hub.raise(position.incarnation);
    let shared = Shared::new(&hub, founded.clone(), zone.clone(), count_held(&view)?);
    for (node, alarm) in alarms(&view)? {
        shared.set_alarm(node, alarm);
    }
    view.scan(key::STALE, |key, _| {
        let group = key::number(key).ok_or_else(|| ViewFault::damaged(key, "group"))?;
        shared.stale.mark([((group >> 32) as u32, group as u32)], 0);
        Ok(())
    })?;
    let cache = Arc::new(Cache::new(memory.column_cache_bytes));
    let shared = Arc::new(shared);
    let mut applier = Applier::new(
        view,
        cache,
        shared.clone(),
        hub.lines.clone(),
        Tree::clone(&hub.tree),
        hub.periods.clone(),
        position,
    );
    replay(journal, position.seq, &mut hub, &mut applier)?;
    let touched: Vec<Place> = hub.lines.keys().copied().collect();
    shared.publish(&hub, &touched);
    applier.begin();
    Ok((hub, applier))
}

fn replay(
    journal: &Journal,
    after: u64,
    hub: &mut Hub,
    applier: &mut Applier,
) -> Result<(), StoreFault> {
    for record in journal.reader(after + 1)? {
        let record = record?;
        let seq = record.seq;
        let event = decode(seq, &record.payload)?;
        hub.apply(&event);
        let record = is_kept(&event).then(|| record.payload.to_vec());
        applier.take(Entry::Event {
            seq,
            event,
            record,
            digest: None,
        })?;
        applier.write_when_due()?;
    }
    Ok(applier.write()?)
}

/// The fold of all control events.
fn control(view: &View) -> Result<Hub, ViewFault> {
    let mut hub = Hub::default();
    view.scan(key::EVENTS, |key, record| {
        let event = stored::decode(record).map_err(|cause| ViewFault::damaged(key, cause))?;
        hub.apply(&event);
        Ok(())
    })?;
    Ok(hub)
}

fn lines(view: &View) -> Result<BTreeMap<Place, Line>, ViewFault> {
    let mut lines = BTreeMap::new();
    view.scan(key::LINES, |key, value| {
        let stored = StoredLine::decode(value).map_err(|cause| ViewFault::damaged(key, cause))?;
        let line = Line::try_from(stored).map_err(|cause| ViewFault::damaged(key, cause))?;
        lines.insert(community(key)?, line);
        Ok(())
    })?;
    view.scan(key::MARKERS, |key, value| {
        let stored = StoredMarker::decode(value).map_err(|cause| ViewFault::damaged(key, cause))?;
        let (cell, marker) = (&stored)
            .try_into()
            .map_err(|cause: stored::Unreadable| ViewFault::damaged(key, cause))?;
        let line: &mut Line = lines.entry(community(key)?).or_default();
        line.rejected.insert(cell, marker);
        Ok(())
    })?;
    Ok(lines)
}

/// Its place, standing and newest seq have a row of their own.
fn tree(view: &View, hub: &mut Hub) -> Result<(), ViewFault> {
    if let Some(value) = view.get(key::TREE)? {
        let damaged = |cause: &dyn std::fmt::Display| ViewFault::damaged(key::TREE, cause);
        let stored = StoredTree::decode(&*value).map_err(|cause| damaged(&cause))?;
        let tree = Arc::make_mut(&mut hub.tree);
        stored.put_into(tree).map_err(|cause| damaged(&cause))?;
    }
    Ok(())
}

/// The same of each centre's feed.
fn fed(view: &View, hub: &mut Hub) -> Result<(), ViewFault> {
    view.scan(key::FED, |key, value| {
        let damaged = |cause: &dyn std::fmt::Display| ViewFault::damaged(key, cause);
        let stored = StoredFed::decode(value).map_err(|cause| damaged(&cause))?;
        let fed = stored
            .try_into()
            .map_err(|cause: stored::Unreadable| damaged(&cause))?;
        let centre = std::str::from_utf8(&key[1..])
            .ok()
            .and_then(|code| code.parse().ok());
        let centre = centre.ok_or_else(|| damaged(&"centre"))?;
        Arc::make_mut(&mut hub.centres).apply(&centre::Event::Fed { centre, fed });
        Ok(())
    })
}

fn alarms(view: &View) -> Result<Vec<(Place, String)>, ViewFault> {
    let mut alarms = Vec::new();
    view.scan(key::ALARMS, |key, value| {
        alarms.push((community(key)?, String::from_utf8_lossy(value).into_owned()));
        Ok(())
    })?;
    Ok(alarms)
}

fn community(key: &[u8]) -> Result<Place, ViewFault> {
    key::community(key).ok_or_else(|| ViewFault::damaged(key, "community"))
}
