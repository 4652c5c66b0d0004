//! Entries by the subjects that they name: the resident that they stand for, and whom
//! they are sealed for. Key: subject and entry, 8 bytes each. No value. A row stays
//! where an entry names another later: whoever reads asks the entry.

use node_domain::process::ProcessId;

use super::index::Index;
use crate::sealing::SubjectId;

pub struct SubjectEntries;

impl Index for SubjectEntries {
    const TAG: u8 = 0x36;
    const NAME: &'static str = "entries by subject";
    type Key = (SubjectId, ProcessId);

    fn key((subject, entry): &(SubjectId, ProcessId)) -> Vec<u8> {
        super::pair(subject.0, entry.0)
    }

    fn key_from(bytes: &[u8]) -> Option<(SubjectId, ProcessId)> {
        let (subject, entry) = super::two_numbers(bytes)?;
        Some((SubjectId(subject), ProcessId(entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<SubjectEntries>(
            (SubjectId(2), ProcessId(259)),
            (),
            "3600000000000000020000000000000103",
            "",
        );
    }
}
