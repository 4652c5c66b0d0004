//! What can go wrong in a node's store. Every fault says where; none is
//! repaired by skipping.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use crate::sealing::SealingFault;

#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    #[error(transparent)]
    Open(#[from] journal::OpenFault),
    #[error("journal: {0}")]
    Journal(#[from] journal::Fault),
    #[error("journal: {0}")]
    Append(#[from] journal::AppendFault),
    #[error("keys: {0}")]
    Keys(#[from] SealingFault),
    #[error("record {position} of the journal does not decode: {detail}")]
    Record { position: u64, detail: String },
    #[error(
        "view: key {key} of {space} does not decode: {detail}; stop the node, remove its view directory and start it: the view is rebuilt from the journal"
    )]
    Row {
        space: &'static str,
        key: String,
        detail: String,
    },
    #[error("view: {0}")]
    View(String),
    #[error("no playbook: {0}")]
    NoPlaybook(String),
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the writer has stopped: {0}")]
    Stopped(String),
}

impl StoreFault {
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreFault {
        let path = path.to_owned();
        move |source| StoreFault::Io {
            action,
            path,
            source,
        }
    }

    pub fn record(position: u64, detail: impl ToString) -> StoreFault {
        StoreFault::Record {
            position,
            detail: detail.to_string(),
        }
    }

    pub fn row(space: &'static str, key: &[u8], detail: impl ToString) -> StoreFault {
        StoreFault::Row {
            space,
            key: hex(key),
            detail: detail.to_string(),
        }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
