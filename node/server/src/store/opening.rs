//! Makes and opens a store: the journal, the keys, then the view, brought up to
//! date or rebuilt.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use journal::{Check, Journal, Limits, LogId};
use node_domain::playbook::Playbooks;
use proto::identity::StoreId;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::adopted;
use super::fault::StoreFault;
use super::ledger::Ledger;
use super::projection::Projection;
use super::record::Record;
use super::view::{Found, ViewWriter, set_aside};
use super::{Running, Store};
use crate::config::Config;
use crate::sealing::{Keyring, SealingFault};

/// Small segments: one event of a case is found by reading headers from the
/// start of its segment. Smaller still where tests must see many of them end.
const SEGMENT_BYTES: u64 = if failpoint::ENABLED {
    128 << 10
} else {
    8 << 20
};
/// Records between publications while a tail is replayed.
const REPLAY_GROUP: u64 = 64;

/// For erasures, and for the view's rows, on a full disk.
const BALLAST_BYTES: u64 = 8 << 20;

pub struct Setup {
    /// By which a store runs that has journalled none yet.
    pub playbooks: Option<Arc<Playbooks>>,
    /// Whose days and months cells count by; the same for ever.
    pub zone: TimeZone,
    /// How many live in the community; `None`: nobody said.
    pub residents: Option<u32>,
    pub now: Timestamp,
}

impl Setup {
    pub fn of(config: &Config) -> Setup {
        Setup {
            playbooks: config.playbooks.clone().map(|named| named.playbooks),
            zone: config.zone.clone(),
            residents: config.residents,
            now: config.present.now(),
        }
    }
}

pub struct Opened {
    pub store: Store,
    pub running: Running,
    pub recovery: journal::Recovery,
    /// Records that the view did not have yet.
    pub replayed: u64,
    pub rebuilt: Option<Rebuilt>,
}

/// The view was made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    pub why: String,
    /// Where the unusable one is.
    pub set_aside: Option<PathBuf>,
}

pub(super) fn options() -> journal::Options {
    journal::Options {
        segment_bytes: SEGMENT_BYTES,
        ballast_bytes: BALLAST_BYTES,
        recovery_command: "tongxin node verify".to_owned(),
    }
}

pub(crate) fn journal_dir(dir: &Path) -> PathBuf {
    dir.join("journal")
}

pub(super) fn view_dir(dir: &Path) -> PathBuf {
    dir.join("view")
}

pub(crate) fn keys_dir(dir: &Path) -> PathBuf {
    dir.join("keys")
}

/// Makes an empty store in `dir`; refuses where one is.
pub fn create(dir: &Path) -> Result<(), StoreFault> {
    fs::create_dir_all(dir).map_err(StoreFault::io("create", dir))?;
    let mut id = [0; 16];
    SystemRandom::new()
        .fill(&mut id)
        .map_err(|_| SealingFault::NoEntropy)?;
    // Keys first, and never again beside a journal: they are what opens it.
    if !journal_dir(dir).exists() {
        Keyring::create(&keys_dir(dir))?;
    }
    Journal::create(&journal_dir(dir), LogId(id), options())?;
    Ok(())
}

pub fn open(dir: &Path, setup: &Setup) -> Result<Opened, StoreFault> {
    let (mut journal, recovery) = Journal::open(&journal_dir(dir), Check::Tail, options())?;
    let keyring = Keyring::open(&keys_dir(dir))?;
    let current = current_view(dir, &journal, setup, &keyring)?;
    let Current {
        writer,
        mut projection,
        replayed,
        rebuilt,
    } = current;
    keyring.settle(projection.head().erasure_epoch)?;
    let log_id = journal.log_id();
    let source = journal.source();
    let view = Arc::clone(writer.view());
    let keys = keyring.keys();
    let (mut ledger, told) = {
        projection.write_cells();
        projection.publish(&writer)?;
        let playbooks = playbooks(&projection, &source, setup)?;
        Ledger::new(projection, writer, keyring, playbooks, setup.residents)
    };
    finish_erasure(&mut journal, &mut ledger, setup.now)?;
    let limits = Limits {
        group_commands: 256,
        ..Limits::default()
    };
    let (handle, running) = journal::start("ledger", journal, ledger, limits)
        .map_err(StoreFault::io("start the writer of", dir))?;
    Ok(Opened {
        store: Store {
            writer: handle,
            view,
            keys,
            source,
            told,
            store_id: StoreId(log_id.0),
            residents: setup.residents,
            zone: setup.zone.clone(),
        },
        running: Running(running),
        recovery,
        replayed,
        rebuilt,
    })
}

/// What the journal says is in force, or else the configuration.
fn playbooks(
    projection: &Projection,
    source: &journal::Source,
    setup: &Setup,
) -> Result<Arc<Playbooks>, StoreFault> {
    let in_force = adopted::in_force(projection.adopted().iter().cloned().map(Ok))?;
    let journalled = adopted::playbooks(&in_force, source)?.map(Arc::new);
    let found = journalled.or_else(|| setup.playbooks.clone());
    found.ok_or_else(|| {
        let why = "this store has adopted none, and its configuration names none in `playbooks`";
        StoreFault::NoPlaybook(why.to_owned())
    })
}

struct Current {
    writer: ViewWriter,
    projection: Projection,
    replayed: u64,
    rebuilt: Option<Rebuilt>,
}

/// The view, up to date; made anew when it cannot be brought there.
fn current_view(
    dir: &Path,
    journal: &Journal,
    setup: &Setup,
    keyring: &Keyring,
) -> Result<Current, StoreFault> {
    let path = view_dir(dir);
    let (writer, found) = ViewWriter::open(&path)?;
    let lost = match found {
        Found::Whole => None,
        Found::Empty { set_aside } => set_aside.map(|(aside, why)| Rebuilt {
            why,
            set_aside: Some(aside),
        }),
    };
    // sled reads lazily, so damage may show, or panic, only now.
    let caught = catch_unwind(AssertUnwindSafe(|| {
        catch_up(&writer, journal, setup, keyring)
    }));
    let why = match caught {
        Ok(Ok(Some((projection, replayed)))) => {
            return Ok(Current {
                writer,
                projection,
                replayed,
                rebuilt: lost,
            });
        }
        Ok(Ok(None)) => "it is not of this journal, or ahead of it".to_owned(),
        Ok(Err(fault @ (StoreFault::Row { .. } | StoreFault::View(_)))) => fault.to_string(),
        Ok(Err(fault)) => return Err(fault),
        Err(_) => "sled could not read its files".to_owned(),
    };
    // sled's lock goes with its last handle.
    drop(writer.close());
    let aside = set_aside(&path)?;
    let (writer, _) = ViewWriter::open(&path)?;
    let Some((projection, replayed)) = catch_up(&writer, journal, setup, keyring)? else {
        return Err(StoreFault::View("an empty view does not start".to_owned()));
    };
    let set_aside = Some(aside);
    Ok(Current {
        writer,
        projection,
        replayed,
        rebuilt: Some(Rebuilt { why, set_aside }),
    })
}

pub(super) fn catch_up(
    writer: &ViewWriter,
    journal: &Journal,
    setup: &Setup,
    keyring: &Keyring,
) -> Result<Option<(Projection, u64)>, StoreFault> {
    let (source, log_id) = (journal.source(), journal.log_id());
    let zone = setup.zone.clone();
    let opened = Projection::open(writer, source, log_id, zone, keyring.keys())?;
    let Some(mut projection) = opened else {
        return Ok(None);
    };
    let from = projection.replay_from();
    for record in journal.reader(from)? {
        let record = record?;
        projection.replay(record.seq, &record.payload)?;
        if record.seq % REPLAY_GROUP == 0 {
            projection.publish(writer)?;
        }
    }
    let replayed = projection.replay_from() - from;
    Ok(Some((projection, replayed)))
}

fn append(journal: &mut Journal, ledger: &mut Ledger, record: Record) -> Result<(), StoreFault> {
    let position = journal.append(&record.encode())?;
    journal
        .commit()
        .map_err(|fault| StoreFault::Stopped(fault.to_string()))?;
    ledger.projection.apply(position, record, None)?;
    ledger.write_out()
}

/// Tells the journal of an erasure that a crash kept from it.
fn finish_erasure(
    journal: &mut Journal,
    ledger: &mut Ledger,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let Some(record) = ledger.unfinished_erasure(now) else {
        return Ok(());
    };
    append(journal, ledger, record)
}
