//! Answers to repeated requests: the last [`KEPT`] mutations that carried a
//! `request_id`, 128 to a row. Key: block (8 bytes). Value: per request 40
//! bytes: its hash (16), what was answered (kind 8, number 8), position (8).

use sha2::{Digest as _, Sha256};

use super::Space;

pub struct Requests;

pub const BLOCK: u64 = 128;
/// Blocks kept; the one that falls behind is removed.
pub const BLOCKS: u64 = 512;
pub const KEPT: u64 = BLOCK * BLOCKS;

/// A client's name for one mutation, tied to its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestHash(pub [u8; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Case(u64),
    Token(u64),
    /// So many cases lost their requester.
    Erased(u64),
    Process(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub answered: Answered,
    pub position: u64,
}

const ENTRY_BYTES: usize = 40;

impl RequestHash {
    pub fn of(token: u64, request_id: &str) -> RequestHash {
        let mut hasher = Sha256::new();
        hasher.update(token.to_be_bytes());
        hasher.update(request_id);
        let digest: [u8; 32] = hasher.finalize().into();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        RequestHash(hash)
    }
}

impl Space for Requests {
    const TAG: u8 = 0x60;
    const NAME: &'static str = "request answers";
    type Key = u64;
    type Value = Vec<(RequestHash, Earlier)>;

    fn key(block: &u64) -> Vec<u8> {
        block.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<u64> {
        super::number(bytes)
    }

    fn encode(requests: &Vec<(RequestHash, Earlier)>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(requests.len() * ENTRY_BYTES);
        for (hash, earlier) in requests {
            let (kind, number) = match earlier.answered {
                Answered::Case(number) => (1u64, number),
                Answered::Token(number) => (2, number),
                Answered::Erased(number) => (3, number),
                Answered::Process(number) => (4, number),
            };
            bytes.extend_from_slice(&hash.0);
            for number in [kind, number, earlier.position] {
                bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Vec<(RequestHash, Earlier)>, String> {
        let (entries, rest) = bytes.as_chunks::<ENTRY_BYTES>();
        if !rest.is_empty() {
            return Err(format!("{} bytes", bytes.len()));
        }
        let parsed = entries.iter().map(|entry| {
            let mut hash = [0; 16];
            hash.copy_from_slice(&entry[..16]);
            let number = |at: usize| super::number(&entry[at..at + 8]).unwrap_or_default();
            let answered = match number(16) {
                1 => Answered::Case(number(24)),
                2 => Answered::Token(number(24)),
                3 => Answered::Erased(number(24)),
                4 => Answered::Process(number(24)),
                kind => return Err(format!("answer kind {kind}")),
            };
            let position = number(32);
            Ok((RequestHash(hash), Earlier { answered, position }))
        });
        parsed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let earlier = Earlier {
            answered: Answered::Case(258),
            position: 3,
        };
        let value = format!(
            "{}000000000000000100000000000001020000000000000003",
            "0c".repeat(16)
        );
        super::super::golden::row::<Requests>(
            4,
            vec![(RequestHash([12; 16]), earlier)],
            "600000000000000004",
            &value,
        );
    }

    #[test]
    fn a_request_is_its_tokens_own() {
        assert_ne!(RequestHash::of(1, "a"), RequestHash::of(2, "a"));
        assert_ne!(RequestHash::of(1, "a"), RequestHash::of(1, "b"));
        assert_eq!(RequestHash::of(1, "a"), RequestHash::of(1, "a"));
    }
}
