//! Cases by subject. Key: subject and case id, 8 bytes each. No value.

use node_domain::cases::CaseId;

use super::index::Index;
use crate::sealing::SubjectId;

pub struct SubjectCases;

impl Index for SubjectCases {
    const TAG: u8 = 0x12;
    const NAME: &'static str = "cases by subject";
    type Key = (SubjectId, CaseId);

    fn key((subject, case): &(SubjectId, CaseId)) -> Vec<u8> {
        super::pair(subject.0, case.0)
    }

    fn key_from(bytes: &[u8]) -> Option<(SubjectId, CaseId)> {
        let (subject, case) = super::two_numbers(bytes)?;
        Some((SubjectId(subject), CaseId(case)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<SubjectCases>(
            (SubjectId(2), CaseId(259)),
            (),
            "1200000000000000020000000000000103",
            "",
        );
    }
}
