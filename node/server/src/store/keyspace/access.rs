//! Accesses to subjects' data: where in the journal they are. Key: position, 8 bytes.
//! Value: the subject, 8 bytes.

use super::Space;
use crate::sealing::SubjectId;

pub struct Accesses;

impl Space for Accesses {
    const TAG: u8 = 0x1c;
    const NAME: &'static str = "accesses";
    type Key = u64;
    type Value = SubjectId;

    fn key(position: &u64) -> Vec<u8> {
        position.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }

    fn encode(subject: &SubjectId) -> Vec<u8> {
        subject.0.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<SubjectId, String> {
        let bytes = bytes.try_into();
        let bytes = bytes.map_err(|_| "want 8 bytes".to_owned())?;
        Ok(SubjectId(u64::from_be_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<Accesses>(
            259,
            SubjectId(2),
            "1c0000000000000103",
            "0000000000000002",
        );
    }
}
