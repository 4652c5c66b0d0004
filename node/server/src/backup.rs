//! What a backup of a node consists of, taken beside the running node, and
//! whether a copy of its journal can be read. Knows neither archive nor cipher.
//!
//! Nothing is asked of the server: a journal's acknowledged records and the
//! files around it never change but by being replaced, so they are read in an
//! order that keeps them consistent, whether the node runs, hangs or is dead.

use std::fs;
use std::io;
use std::path::{Component, Path};

use journal::{Reader, Snapshot};
use proto_edge::gathering::{ENDINGS, Files, gather};
use zeroize::Zeroizing;

use crate::config::{Config, InvalidConfig};
use crate::store::fault::StoreFault;
use crate::store::opening::{journal_dir, keys_dir};
use crate::store::record::Record;

/// Erasures that may come between before we give up.
const ATTEMPTS: usize = 10;
const KEYS: &str = "keys";

/// Everything that is not made of something else.
pub struct Contents {
    /// 12 digits.
    pub community: String,
    pub snapshot: Snapshot,
    pub files: Files,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error("people are being erased all the time: try again later")]
    Restless,
    #[error(
        "{0}: a playbook outside the node's directory; put it into playbooks/ and name it so in config.toml"
    )]
    PlaybookOutside(String),
}

/// The epoch and its key set belong to the journal only as long as nobody is
/// erased: an older epoch would be refused beside the journal, and a newer one
/// knows people whom the journal does not. So both are read until the keys were
/// the same before and after.
pub fn collect(dir: &Path, mut progress: impl FnMut(u64)) -> Result<Contents, BackupFault> {
    let config = Config::load(dir)?;
    let mut files = Files::new();
    for below in ["", "playbooks"] {
        gather(dir, below, &ENDINGS, &mut files).map_err(StoreFault::io("read", dir))?;
    }
    for playbook in Config::playbook_paths(dir)? {
        let outside = || BackupFault::PlaybookOutside(playbook.display().to_string());
        let is_inside = |part| matches!(part, Component::Normal(_));
        let name = playbook
            .to_str()
            .filter(|_| playbook.components().all(is_inside));
        let name = name.ok_or_else(outside)?.to_owned();
        let path = dir.join(&playbook);
        let text = fs::read(&path).map_err(StoreFault::io("read", &path))?;
        files.insert(name, Zeroizing::new(text));
    }
    for _ in 0..ATTEMPTS {
        let Some(before) = keys(dir)? else { continue };
        let taken = Snapshot::take(&journal_dir(dir), &mut progress);
        let snapshot = taken.map_err(StoreFault::from)?;
        if keys(dir)?.as_ref() != Some(&before) {
            continue;
        }
        files.extend(before);
        return Ok(Contents {
            community: config.community.to_string(),
            snapshot,
            files,
        });
    }
    Err(BackupFault::Restless)
}

/// `None`: a file went while the folder was read.
fn keys(dir: &Path) -> Result<Option<Files>, StoreFault> {
    let mut files = Files::new();
    match gather(dir, KEYS, &[""], &mut files) {
        Ok(()) => Ok(Some(files)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreFault::io("read", &keys_dir(dir))(error)),
    }
}

/// Reads every record of the journal in `dir/journal`; how many there are.
pub fn replay(dir: &Path) -> Result<u64, StoreFault> {
    let mut records = 0;
    for record in Reader::open(&journal_dir(dir), 1)? {
        let record = record?;
        Record::decode(&record.payload).map_err(|detail| StoreFault::record(record.seq, detail))?;
        records = record.seq;
    }
    Ok(records)
}
