//! Subjects: each one's key as it was journalled (wrapped), the sealed name by
//! which clients know a resident, and whether it was erased. Key: 8 bytes.

use prost::Message as _;

use super::Space;
use crate::sealing::{SubjectId, Wrapped};

pub struct Subjects;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub wrapped: Wrapped,
    /// A resident's pseudonym of its client's choosing, sealed by its own key.
    pub scope: Option<Box<[u8]>>,
    pub erased: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(uint64, tag = "1")]
    epoch: u64,
    #[prost(bytes = "vec", tag = "2")]
    wrapped: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "3")]
    scope: Option<Vec<u8>>,
    #[prost(bool, tag = "4")]
    erased: bool,
}

impl Space for Subjects {
    const TAG: u8 = 0x20;
    const NAME: &'static str = "subjects";
    type Key = SubjectId;
    type Value = Subject;

    fn key(subject: &SubjectId) -> Vec<u8> {
        subject.0.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<SubjectId> {
        super::number(bytes).map(SubjectId)
    }

    fn encode(subject: &Subject) -> Vec<u8> {
        Stored {
            epoch: subject.wrapped.epoch,
            wrapped: subject.wrapped.key.to_vec(),
            scope: subject.scope.as_ref().map(|scope| scope.to_vec()),
            erased: subject.erased,
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Subject, String> {
        let stored = Stored::decode(bytes).map_err(|error| error.to_string())?;
        Ok(Subject {
            wrapped: Wrapped {
                epoch: stored.epoch,
                key: stored.wrapped.into(),
            },
            scope: stored.scope.map(Into::into),
            erased: stored.erased,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let subject = Subject {
            wrapped: Wrapped {
                epoch: 3,
                key: [0xab, 0xcd].into(),
            },
            scope: Some([0xef].into()),
            erased: true,
        };
        super::super::golden::row::<Subjects>(
            SubjectId(258),
            subject,
            "200000000000000102",
            "08031202abcd1a01ef2001",
        );
    }
}
