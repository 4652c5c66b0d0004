//! SHA-256 as records name a text or a paper: 32 bytes, 64 digits when written.
//! Computes none; the server does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sha256(pub [u8; 32]);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want a SHA-256 as 64 digits of 0-9 and a-f")]
pub struct InvalidSha256;

impl FromStr for Sha256 {
    type Err = InvalidSha256;

    fn from_str(text: &str) -> Result<Sha256, InvalidSha256> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(InvalidSha256),
        };
        let pairs = text.as_bytes().as_chunks::<2>();
        let (pairs, []) = pairs else {
            return Err(InvalidSha256);
        };
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() {
            return Err(InvalidSha256);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Sha256(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let text = "00ff".repeat(16);
        let hash: Sha256 = text.parse().unwrap();
        assert_eq!((hash.0[0], hash.0[1], hash.to_string()), (0, 255, text));
        for odd in [
            "",
            "0",
            &"0".repeat(63),
            &"0".repeat(66),
            &"FF".repeat(32),
            &"é0".repeat(22),
        ] {
            assert!(odd.parse::<Sha256>().is_err(), "{odd}");
        }
    }
}
