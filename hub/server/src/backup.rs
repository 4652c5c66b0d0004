//! What a backup of a hub consists of, taken beside the running hub; whether a
//! copy of its journal can be read; and the record by which a copy that was put
//! back says so. Knows neither archive nor cipher.

use std::path::Path;

use hub_domain::{event::Event, hub::Hub};
use jiff::Timestamp;
use journal::{Reader, Snapshot};
use proto_edge::gathering::{ENDINGS, Files, gather};

use crate::{
    config::{Config, ConfigFault},
    store::{StoreFault, opening},
};

/// The keys and certificates of the authority, of the operator at the hub, and of
/// the hub as a child.
const FOLDERS: [&str; 4] = ["", "pki", "operator", "parent"];

/// Everything that is not made of something else.
pub struct Contents {
    pub district: String,
    pub snapshot: Snapshot,
    pub files: Files,
}

#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error("{}: {source}", dir.display())]
    Files {
        dir: std::path::PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// The journal last: of a certificate in a file it must know the number, or the
/// copy would turn its own operator away.
pub fn collect(dir: &Path, progress: impl FnMut(u64)) -> Result<Contents, BackupFault> {
    let config = Config::load(dir)?;
    let mut files = Files::new();
    for below in FOLDERS {
        gather(dir, below, &ENDINGS, &mut files).map_err(|source| BackupFault::Files {
            dir: dir.to_owned(),
            source,
        })?;
    }
    let taken = Snapshot::take(&opening::journal_dir(dir), progress);
    Ok(Contents {
        district: config.district.to_string(),
        snapshot: taken.map_err(StoreFault::from)?,
        files,
    })
}

/// The hub as every record of the journal in `dir/journal` leaves it.
pub fn replay(dir: &Path) -> Result<Hub, StoreFault> {
    let mut hub = Hub::default();
    for record in Reader::open(&opening::journal_dir(dir), 1)? {
        let record = record?;
        hub.apply(&opening::decode(record.seq, &record.payload)?);
    }
    Ok(hub)
}

/// Journals that this store was put back from an older copy, which makes it
/// another incarnation: nodes send again what it lost and list its catalogue
/// anew. Two copies of one backup are two incarnations as well, unless they are
/// put back in the same millisecond.
pub fn mark_restored(dir: &Path, now: Timestamp) -> Result<u64, StoreFault> {
    let hub = replay(dir)?;
    let now_ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
    let incarnation = hub.incarnation.saturating_add(1).max(now_ms);
    opening::append(
        dir,
        &Event::Restored {
            incarnation,
            at: now,
        },
    )?;
    Ok(incarnation)
}

#[cfg(test)]
mod tests {
    use hub_domain::event::Founded;
    use proto::identity::LogId;

    use super::*;
    use crate::store::{Memory, create};

    #[test]
    fn a_restored_store_is_another_incarnation_whatever_the_clock_says() {
        let dir = tempfile::tempdir().unwrap();
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        let founded = Founded {
            district: "wenjiang".parse().unwrap(),
            incarnation: 1,
            catalogue_log: LogId([7; 16]),
            zone: "Asia/Shanghai".to_owned(),
            at: at(0),
        };
        create(dir.path(), [3; 16], &founded).unwrap();
        assert_eq!(mark_restored(dir.path(), at(-5)).unwrap(), 2);
        assert_eq!(
            mark_restored(dir.path(), at(1_700_000_000_000)).unwrap(),
            1_700_000_000_000
        );
        let wrong = mark_restored(dir.path(), at(9)).unwrap();
        assert_eq!(wrong, 1_700_000_000_001);
        let hub = replay(dir.path()).unwrap();
        assert_eq!((hub.incarnation, hub.founded), (wrong, Some(founded)));
        // The store starts with it, and its view keeps it.
        for _ in 0..2 {
            let opened = opening::open(dir.path(), Memory::default()).unwrap();
            assert_eq!(opened.hub.incarnation, wrong);
        }
    }
}
