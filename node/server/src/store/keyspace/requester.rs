//! Residents by the name their client chose. Key: the first 16 bytes of an HMAC
//! of that name under the node's index key, which is not in the view. Value:
//! subject, 8 bytes. The row goes when the subject is erased.

use super::Space;
use crate::sealing::SubjectId;

pub struct Requesters;

impl Space for Requesters {
    const TAG: u8 = 0x21;
    const NAME: &'static str = "requesters";
    type Key = [u8; 16];
    type Value = SubjectId;

    fn key(tag: &[u8; 16]) -> Vec<u8> {
        tag.to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<[u8; 16]> {
        bytes.try_into().ok()
    }

    fn encode(subject: &SubjectId) -> Vec<u8> {
        subject.0.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<SubjectId, String> {
        super::number(bytes)
            .map(SubjectId)
            .ok_or_else(|| format!("{} bytes", bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let key = format!("21{}", "0a".repeat(16));
        super::super::golden::row::<Requesters>([10; 16], SubjectId(258), &key, "0000000000000102");
    }
}
