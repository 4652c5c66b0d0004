//! Personal fields under lock: one random key per subject, wrapped by an epoch
//! key that lives outside journal and view. Erasing a subject replaces the
//! epoch key and keeps every other subject's key. Knows no case, no journal
//! and no view; the ledger says who a subject is.
//!
//! ```text
//! keys/epoch    the epoch's number and key, and the erasure under way
//! keys/set-N    subject keys that survived into epoch N, wrapped by its key
//! keys/index    under which residents' names are compared; what small counts are
//!               rounded by follows from it
//! journal       keys of later subjects, wrapped, beside the event that made them
//! ```

mod epoch;
mod index;
mod key;
mod keyring;
mod keyset;
mod rounding;

pub use key::{Key, Sealed};
pub use keyring::{Keyring, Keys, Survivor, Wrapped};
pub use rounding::RoundingKey;

use std::io;
use std::path::{Path, PathBuf};

/// A person (or an unnamed requester) of this community, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId(pub u64);

#[derive(Debug, thiserror::Error)]
pub enum SealingFault {
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        action: &'static str,
        file: PathBuf,
        source: io::Error,
    },
    #[error("{} is damaged ({detail}): put it back from the backup of the key directory", file.display())]
    Damaged { file: PathBuf, detail: &'static str },
    #[error("{} has format {found}; this program reads up to {known}: use a newer program", file.display())]
    NewerFormat {
        file: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("the system gives no random numbers")]
    NoEntropy,
}

impl SealingFault {
    fn io(action: &'static str, file: &Path) -> impl FnOnce(io::Error) -> SealingFault {
        let file = file.to_owned();
        move |source| SealingFault::Io {
            action,
            file,
            source,
        }
    }

    fn damaged(file: &Path, detail: &'static str) -> SealingFault {
        SealingFault::Damaged {
            file: file.to_owned(),
            detail,
        }
    }
}
