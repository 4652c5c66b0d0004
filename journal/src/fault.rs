//! Everything that can go wrong, with the place where it did. A fault is never repaired here.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{MAX_FRAME_BYTES, MAX_RECORD_BYTES};

/// A place in the log that does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {offset} (record {seq}): {flaw}", file.display())]
pub struct Damage {
    pub file: PathBuf,
    /// Byte position in `file`.
    pub offset: u64,
    /// Sequence of the first record that cannot be vouched for.
    pub seq: u64,
    pub flaw: Flaw,
}

/// What exactly does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the file is missing")]
    Missing,
    #[error("the file is not a part of a journal")]
    Foreign,
    #[error("the file belongs to another log")]
    OtherLog,
    #[error("the header does not match its checksum")]
    HeaderChecksum,
    #[error("the header contradicts itself")]
    HeaderContent,
    #[error("the name says record {named}, the header says {found}")]
    Name { named: u64, found: u64 },
    #[error("the segment before ends otherwise than this header says")]
    Predecessor,
    #[error("the file has {found} bytes, the segment after it says {expected}")]
    Length { expected: u64, found: u64 },
    #[error("no frame where one is expected")]
    Blank,
    #[error("the file ends inside a frame")]
    Cut,
    #[error("the body of the frame does not match its checksum")]
    BodyChecksum,
    #[error("the records do not fill the frame")]
    Records,
    #[error("frame {found} stands where frame {expected} belongs")]
    Order { expected: u64, found: u64 },
    #[error("the frame is not linked to the one before it")]
    Link,
    #[error("intact frame {frame} follows at byte {offset}, so this is no torn write")]
    IntactAfter { frame: u64, offset: u64 },
    #[error("an unacknowledged frame is damaged, and not as a torn write would leave it")]
    NotTorn,
    #[error("records up to {acknowledged} were acknowledged, but are not here")]
    Lost { acknowledged: u64 },
    #[error("the log and its head file disagree about the acknowledged records")]
    HeadMismatch,
    #[error("both slots are damaged")]
    HeadUnreadable,
}

/// Why a log cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    #[error("{} holds no journal", .0.display())]
    Absent(PathBuf),
    #[error("{} has format {found}; this program reads up to {}: use a newer program", file.display(), crate::FORMAT)]
    NewerFormat { file: PathBuf, found: u32 },
    #[error(transparent)]
    Damaged(#[from] Damage),
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        action: &'static str,
        file: PathBuf,
        source: Arc<io::Error>,
    },
}

impl Fault {
    pub(crate) fn io(action: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Fault {
        let file = file.to_owned();
        move |source| Fault::Io {
            action,
            file,
            source: Arc::new(source),
        }
    }

    pub(crate) fn damage(file: &Path, offset: u64, seq: u64, flaw: Flaw) -> Fault {
        Fault::Damaged(Damage {
            file: file.to_owned(),
            offset,
            seq,
            flaw,
        })
    }
}

/// Why a log was not opened (or not created). Nothing was changed on disk.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenFault {
    #[error("another process{} has {} open", holder.map(|pid| format!(" ({pid})")).unwrap_or_default(), dir.display())]
    Locked { dir: PathBuf, holder: Option<u32> },
    #[error("{} already holds a journal", .0.display())]
    Exists(PathBuf),
    #[error("{damage}; nothing was changed; to examine it run: {recovery_command}")]
    Damaged {
        damage: Damage,
        recovery_command: String,
    },
    /// Never [`Fault::Damaged`].
    #[error(transparent)]
    Unreadable(Fault),
}

impl OpenFault {
    pub(crate) fn with_command(fault: Fault, recovery_command: &str) -> Self {
        match fault {
            Fault::Damaged(damage) => OpenFault::Damaged {
                damage,
                recovery_command: recovery_command.to_owned(),
            },
            other => OpenFault::Unreadable(other),
        }
    }

    /// There is no journal here yet; it may be created.
    pub fn is_absent(&self) -> bool {
        matches!(self, OpenFault::Unreadable(Fault::Absent(_)))
    }
}

/// Why a record was not taken. The journal is as before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendFault {
    #[error("a record of {bytes} bytes is longer than {MAX_RECORD_BYTES}")]
    RecordTooLong { bytes: usize },
    #[error("{bytes} more bytes do not fit into one frame of {MAX_FRAME_BYTES}; commit first")]
    FrameFull { bytes: usize },
    #[error("the journal has stopped after a failed write")]
    Stopped,
}

/// Why records are not acknowledged. The journal has stopped: the process must end and open it
/// anew, because after a failed sync nobody knows what the disk holds.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitFault {
    #[error("cannot {action} {}: {source}; nothing after record {acknowledged} is acknowledged", file.display())]
    Failed {
        action: &'static str,
        file: PathBuf,
        acknowledged: u64,
        source: Arc<io::Error>,
    },
    #[error("the journal has stopped after a failed write")]
    Stopped,
}
