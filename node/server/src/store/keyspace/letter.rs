//! Letters of this node to its hub: where in the journal each is. Key: its seq (8
//! bytes), from 1. Value: the position (8).

use super::Space;

pub struct Letters;

impl Space for Letters {
    const TAG: u8 = 0x22;
    const NAME: &'static str = "letters";
    type Key = u64;
    type Value = u64;

    fn key(seq: &u64) -> Vec<u8> {
        seq.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<u64> {
        super::number(bytes)
    }

    fn encode(position: &u64) -> Vec<u8> {
        position.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<u64, String> {
        super::number(bytes).ok_or_else(|| "want 8 bytes".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        super::super::golden::row::<Letters>(258, 3, "220000000000000102", "0000000000000003");
    }
}
