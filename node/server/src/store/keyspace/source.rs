//! Imported cases by their identifier in the system they came from. Key: the
//! identifier's UTF-8 bytes. Value: case id, 8 bytes.

use node_domain::cases::CaseId;

use super::Space;

pub struct Sources;

impl Space for Sources {
    const TAG: u8 = 0x13;
    const NAME: &'static str = "imported cases";
    type Key = String;
    type Value = CaseId;

    fn key(source_id: &String) -> Vec<u8> {
        source_id.as_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<String> {
        String::from_utf8(bytes.to_vec()).ok()
    }

    fn encode(case: &CaseId) -> Vec<u8> {
        case.0.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<CaseId, String> {
        super::number(bytes)
            .map(CaseId)
            .ok_or_else(|| format!("{} bytes", bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let key = crate::store::keyspace::key::<Sources>(&"10号".to_owned());
        assert_eq!(crate::store::fault::hex(&key), "133130e58fb7");
        assert_eq!(Sources::encode(&CaseId(258)), [0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(Sources::decode(&[0, 0, 0, 0, 0, 0, 1, 2]), Ok(CaseId(258)));
        assert_eq!(Sources::key_from(b"10"), Some("10".to_owned()));
        assert_eq!(Sources::key_from(&[0xff]), None);
    }
}
