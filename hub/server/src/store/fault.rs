//! Why the hub's store cannot open or go on. Says which file or key, and what
//! to do. Knows no gRPC.

use std::{io, path::PathBuf};

use super::{group::InvalidGroup, stored::Unreadable};
use crate::pki::PkiFault;

#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("journal: {0}")]
    Open(#[from] journal::OpenFault),
    #[error("journal: {0}")]
    Read(#[from] journal::Fault),
    #[error("journal: {0}")]
    Commit(#[from] journal::CommitFault),
    #[error("journal: {0}")]
    Append(#[from] journal::AppendFault),
    #[error("journal record {seq}: {cause}")]
    Record { seq: u64, cause: Unreadable },
    #[error("journal: the first record does not found a hub")]
    NotFounded,
    #[error("time zone {0:?} is not known")]
    Zone(String),
    #[error("view: {0}")]
    View(#[from] ViewFault),
    #[error("thread {0}: {1}")]
    Thread(&'static str, io::Error),
    #[error("countersigning: {0}")]
    Countersign(#[from] PkiFault),
    #[error("the view's thread has ended")]
    Applier,
    #[error("the writer has ended: {0}")]
    Stopped(String),
}

/// The view is a copy: whatever is wrong with it, it can be rebuilt.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ViewFault {
    #[error("{0}")]
    Sled(#[from] sled::Error),
    #[error("opening it panicked: its files are damaged")]
    Panicked,
    #[error("it was open when the machine stopped, and may lack writes")]
    Unsafe,
    #[error("it is of another journal, or ahead of it")]
    Foreign,
    #[error("format {0}, this build's is {1}")]
    Format(u8, u8),
    #[error("key {key}: {problem}")]
    Damaged { key: String, problem: String },
}

impl ViewFault {
    pub fn damaged(key: &[u8], problem: impl ToString) -> ViewFault {
        ViewFault::Damaged {
            key: key.iter().map(|byte| format!("{byte:02x}")).collect(),
            problem: problem.to_string(),
        }
    }

    pub fn group(key: &[u8]) -> impl FnOnce(InvalidGroup) -> ViewFault {
        move |cause| ViewFault::damaged(key, cause)
    }
}

impl StoreFault {
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StoreFault {
        let path = path.into();
        move |source| StoreFault::File { path, source }
    }
}
