//! Takes an export through the case engine into a store: batches in flight to
//! the ledger, rejected rows to their file, a dry run that decides and writes
//! nothing. Knows no column.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use node_domain::cases::{self, CaseId, Context, Rejected, Target};
use node_domain::playbook::Playbooks;
use prost::Message as _;
use tokio::sync::oneshot;

use super::mapping::Mapping;
use super::reader::{ReadFault, Row, RowReader, Skipped};
use super::rejected::RejectedFile;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::source::Sources;
use crate::store::ledger::command::{Answer, Command, ImportRecord, NotImported};
use crate::store::{Setup, Store, open};

const BATCH_ROWS: usize = 256;
/// As many as one group of the journal takes.
const BATCHES_IN_FLIGHT: usize = 16;

#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Decide and count, write nothing.
    pub dry_run: bool,
    /// Import nothing at all if a single row is rejected.
    pub all_or_nothing: bool,
    /// Where rejected rows go, with line and reason; made only if there are any.
    pub rejected: PathBuf,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that the mapping selects.
    pub rows: u64,
    pub added: u64,
    /// Here already, from an earlier import.
    pub already: u64,
    pub rejected: u64,
    /// Nothing was written: a dry run, or rejected rows under all-or-nothing.
    pub nothing_written: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Of the file as it is on disk.
    pub bytes: u64,
    pub rows: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    #[error("the node is running: stop it first, an import opens the store itself ({0})")]
    NodeRunning(StoreFault),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("the disk is full: make room and import the same file again, what is here is left out")]
    DiskFull,
    #[error("the writer has stopped: {0}")]
    Stopped(#[from] journal::SubmitRefusal),
    #[error(transparent)]
    Read(#[from] ReadFault),
    #[error("rejected rows: {0}")]
    Rejected(#[from] std::io::Error),
}

/// Imports into the store of a node that is not running.
pub fn import(
    dir: &Path,
    setup: &Setup,
    mapping: &Mapping,
    csv: &Path,
    options: &ImportOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportFault> {
    let opened = open(dir, setup).map_err(|fault| match fault {
        StoreFault::Open(journal::OpenFault::Locked { .. }) => ImportFault::NodeRunning(fault),
        fault => ImportFault::Store(fault),
    })?;
    let store = opened.store;
    if !options.dry_run {
        store.mark_start(setup.now)?;
    }
    let imported = import_into(&store, mapping, csv, options, progress);
    drop(store);
    opened.running.join()?;
    imported
}

/// Imports into a store that is open. Blocks: not for an async task.
pub fn import_into(
    store: &Store,
    mapping: &Mapping,
    csv: &Path,
    options: &ImportOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportFault> {
    if options.dry_run || options.all_or_nothing {
        let playbooks = store.playbooks();
        let tried = Trial::new(store, &playbooks).run(mapping, csv, options, progress)?;
        if options.dry_run || tried.rejected > 0 {
            return Ok(tried);
        }
    }
    let mut reader = RowReader::open(csv, mapping.clone())?;
    let mut run = Run {
        store,
        rejected: RejectedFile::new(&options.rejected, reader.heading())?,
        imported: Imported::default(),
        in_flight: VecDeque::new(),
    };
    let mut batch = Vec::with_capacity(BATCH_ROWS);
    while let Some(row) = reader.next() {
        run.imported.rows += 1;
        match row? {
            Ok(row) => batch.push(row),
            Err(skipped) => run.skip(&skipped)?,
        }
        if batch.len() == BATCH_ROWS {
            run.submit(std::mem::take(&mut batch))?;
            progress(Progress {
                bytes: reader.consumed(),
                rows: run.imported.rows,
            });
        }
    }
    run.submit(batch)?;
    while run.take_answer()? {}
    progress(Progress {
        bytes: reader.consumed(),
        rows: run.imported.rows,
    });
    run.imported.rejected = run.rejected.finish()?;
    Ok(run.imported)
}

/// What a row needs to be named by when it is rejected.
type Source = (u64, csv::StringRecord);

struct Run<'a> {
    store: &'a Store,
    rejected: RejectedFile,
    imported: Imported,
    in_flight: VecDeque<(Vec<Source>, oneshot::Receiver<Answer>)>,
}

impl Run<'_> {
    fn skip(&mut self, skipped: &Skipped) -> Result<(), ImportFault> {
        let Skipped {
            line,
            reason,
            detail,
            raw,
        } = skipped;
        Ok(self.rejected.add(*line, reason, detail, raw)?)
    }

    fn submit(&mut self, rows: Vec<Row>) -> Result<(), ImportFault> {
        while self.in_flight.len() >= BATCHES_IN_FLIGHT {
            self.take_answer()?;
        }
        let mut sources = Vec::with_capacity(rows.len());
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            sources.push((row.line, row.raw));
            records.push(ImportRecord {
                record: row.record,
                personal: row.personal.map(|personal| personal.encode_to_vec().into()),
            });
        }
        let now = Timestamp::now();
        let answer = self.store.submit(Command::Import { now, records })?;
        self.in_flight.push_back((sources, answer));
        Ok(())
    }

    /// `false`: nothing was in flight.
    fn take_answer(&mut self) -> Result<bool, ImportFault> {
        let Some((sources, answer)) = self.in_flight.pop_front() else {
            return Ok(false);
        };
        let answer = answer.blocking_recv();
        let outcomes = match answer {
            Ok(Answer::Imported(outcomes)) => outcomes,
            Ok(Answer::DiskFull) => return Err(ImportFault::DiskFull),
            _ => return Err(journal::SubmitRefusal::Stopped.into()),
        };
        for ((line, raw), outcome) in sources.into_iter().zip(outcomes) {
            match outcome {
                Ok(_) => self.imported.added += 1,
                Err(NotImported::Already(_)) => self.imported.already += 1,
                Err(NotImported::Rejected(rejected)) => {
                    let (reason, detail) = words(&rejected);
                    self.rejected.add(line, reason, &detail, &raw)?;
                }
            }
        }
        Ok(true)
    }
}

fn words(rejected: &Rejected) -> (&'static str, String) {
    match rejected {
        Rejected::ClosedBeforeReported => (
            "CLOSED_BEFORE_REPORTED",
            "办结早于报事 · it was closed before it was reported".to_owned(),
        ),
        Rejected::OutcomeWithoutClosing => (
            "OUTCOME_WITHOUT_CLOSING",
            "有结果而无办结时间 · it has an outcome but no closing time".to_owned(),
        ),
        Rejected::Refused(refusal) => (
            refusal.reason(),
            format!("{} · {}", refusal.zh(), refusal.en()),
        ),
    }
}

/// Decides every row against the store as it is, and writes nothing but the
/// rejected rows.
struct Trial<'a> {
    store: &'a Store,
    playbooks: &'a Playbooks,
    seen: HashSet<u64>,
    tried: Imported,
}

impl<'a> Trial<'a> {
    fn new(store: &'a Store, playbooks: &'a Playbooks) -> Trial<'a> {
        let nothing_written = true;
        Trial {
            store,
            playbooks,
            seen: HashSet::new(),
            tried: Imported {
                nothing_written,
                ..Imported::default()
            },
        }
    }

    fn run(
        mut self,
        mapping: &Mapping,
        csv: &Path,
        options: &ImportOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Imported, ImportFault> {
        let mut reader = RowReader::open(csv, mapping.clone())?;
        let mut rejected = RejectedFile::new(&options.rejected, reader.heading())?;
        while let Some(row) = reader.next() {
            self.tried.rows += 1;
            match row? {
                Err(skipped) => {
                    let Skipped { line, raw, .. } = &skipped;
                    rejected.add(*line, skipped.reason, &skipped.detail, raw)?;
                }
                Ok(row) => {
                    let (line, raw) = (row.line, row.raw);
                    if let Err(refused) = self.decide(row.record)? {
                        let (reason, detail) = words(&refused);
                        rejected.add(line, reason, &detail, &raw)?;
                    }
                }
            }
            if self.tried.rows.is_multiple_of(BATCH_ROWS as u64) {
                progress(Progress {
                    bytes: reader.consumed(),
                    rows: self.tried.rows,
                });
            }
        }
        progress(Progress {
            bytes: reader.consumed(),
            rows: self.tried.rows,
        });
        self.tried.rejected = rejected.finish()?;
        Ok(self.tried)
    }

    fn decide(&mut self, record: cases::Record) -> Result<Result<(), Rejected>, StoreFault> {
        if let Some(source_id) = &record.source_id {
            let source_id = source_id.to_string();
            let mut hasher = DefaultHasher::new();
            source_id.hash(&mut hasher);
            let first = self.seen.insert(hasher.finish());
            if !first || self.store.view().load::<Sources>(&source_id)?.is_some() {
                self.tried.already += 1;
                return Ok(Ok(()));
            }
        }
        let context = Context {
            now: Timestamp::now(),
            playbooks: self.playbooks,
            targets: &|_| Target::Unknown,
        };
        let decided = cases::history(record, CaseId(1), &context, &mut Vec::new());
        self.tried.added += u64::from(decided.is_ok());
        Ok(decided.map(drop))
    }
}
