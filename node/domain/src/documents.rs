//! Documents (文件): covenants, charters, handbooks, notices, results; every version
//! with its text and hash, public, and fixed once people were shown it (TN-5, QH-2,
//! CZY-14, BBT-9, and covenants of residents in general). One process is one document
//! with all its versions: the one in force stays so until the next one follows it.
//!
//! What has been published never changes; a correction is another version. Knows no
//! vote: what a vote decided comes in a command, with the hash that was voted on.

mod decide;
mod facts;
mod kind;
mod notices;
mod state;
mod version;

pub use self::kind::{Adoption, Kind, Rules};
pub use self::state::{Action, Document, Happening, Open};
pub use self::version::{Clause, Grounds, MOST_CLAUSES, Stage, Text, Version, canonical};

#[cfg(test)]
pub(crate) mod tests;
