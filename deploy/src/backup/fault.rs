//! What can be wrong with a backup, and how a command then ends.

use std::{io, path::PathBuf};

use crate::failure::{Exit, Failure};

#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Written { path: PathBuf, source: io::Error },
    #[error("{} is there already; give another name", .0.display())]
    Exists(PathBuf),
    #[error("{} is not empty; give a new directory", .0.display())]
    NotEmpty(PathBuf),
    #[error("{text:?} is no recovery key's public half (age1…)")]
    Recipient { text: String },
    #[error(
        "no recovery key: write the public half that tongxin recovery-key prints into {}, or give --recipient",
        .0.display()
    )]
    NoRecipient(PathBuf),
    #[error("{}: no recovery key's secret half (AGE-SECRET-KEY-1…)", .0.display())]
    NoIdentity(PathBuf),
    #[error("{}: not a backup, or damaged: {detail}", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("{}: encrypted to another recovery key", .0.display())]
    OtherKey(PathBuf),
    #[error("the backup's manifest: {0}")]
    Manifest(String),
    #[error("the backup has format {found}; this program reads 1: use another version of it")]
    Format { found: u32 },
    #[error("a backup of a {found}, not of a {wanted}")]
    OtherKind {
        found: &'static str,
        wanted: &'static str,
    },
    #[error("{name}: what was read is not what was listed: {detail}")]
    Changed { name: String, detail: String },
    #[error("the journal in the backup: {0}")]
    Journal(String),
}

impl BackupFault {
    pub fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> BackupFault + use<> {
        let path = path.to_owned();
        move |source| BackupFault::File { path, source }
    }

    pub fn damaged(path: &std::path::Path, detail: impl ToString) -> BackupFault {
        BackupFault::Damaged {
            path: path.to_owned(),
            detail: detail.to_string(),
        }
    }
}

impl From<BackupFault> for Failure {
    fn from(fault: BackupFault) -> Failure {
        let exit = match &fault {
            BackupFault::Exists(_) | BackupFault::Recipient { .. } => Exit::Usage,
            BackupFault::NotEmpty(_) | BackupFault::NoRecipient(_) => Exit::Configuration,
            BackupFault::OtherKey(_) | BackupFault::NoIdentity(_) => Exit::NotPermitted,
            BackupFault::File { .. } | BackupFault::Written { .. } => Exit::Storage,
            BackupFault::Damaged { .. }
            | BackupFault::Manifest(_)
            | BackupFault::Format { .. }
            | BackupFault::OtherKind { .. }
            | BackupFault::Changed { .. }
            | BackupFault::Journal(_) => Exit::BadData,
        };
        Failure::new(exit, fault.to_string())
    }
}
