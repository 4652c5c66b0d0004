//! The identity of one log: 16 random bytes that every file carries. Knows nothing of files.

use std::fmt;
use std::str::FromStr;

/// Chosen at random by whoever creates the log; never reused, so that files of two logs cannot be
/// mixed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogId(pub [u8; 16]);

impl LogId {
    /// Every frame checksum starts here, so that a frame of another log does not verify in this
    /// one.
    pub(crate) fn checksum_seed(&self) -> u32 {
        crc32c::crc32c(&self.0)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}

/// The text was not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a log id is 32 lower-case hexadecimal digits, found {0:?}")]
pub struct BadLogId(String);

impl FromStr for LogId {
    type Err = BadLogId;

    fn from_str(text: &str) -> Result<Self, BadLogId> {
        let digits: Option<Vec<u8>> = text.bytes().map(hex_digit).collect();
        let bad = || BadLogId(text.chars().take(64).collect());
        let digits = digits.filter(|digits| digits.len() == 32).ok_or_else(bad)?;
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(LogId(id))
    }
}

pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_agree() {
        let id = LogId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0xfe, 0xff]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0dfeff");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "",
            "00",
            "000102030405060708090A0B0C0DFEFF",
            "000102030405060708090a0b0c0dfeff0",
            "é",
        ] {
            assert!(bad.parse::<LogId>().is_err(), "{bad}");
        }
    }
}
