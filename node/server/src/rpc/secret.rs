//! The secrets of bearer tokens. A node keeps only their SHA-256: they are random
//! and long, so that a hash cannot be guessed back and a lookup by it tells
//! nothing by the time it takes.

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::sealing::SealingFault;

/// So that a secret left in a file is known for what it is.
const PREFIX: &str = "tongxin-";
const RANDOM_BYTES: usize = 24;

/// `tongxin-` and 192 random bits in hexadecimal. Wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn random() -> Result<Secret, SealingFault> {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        SystemRandom::new()
            .fill(&mut *bytes)
            .map_err(|_| SealingFault::NoEntropy)?;
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 2 * RANDOM_BYTES));
        text.push_str(PREFIX);
        for byte in bytes.iter() {
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
            }
        }
        Ok(Secret(text))
    }

    /// `None`: no token has that shape.
    pub fn parse(text: &str) -> Option<Secret> {
        let digits = text.strip_prefix(PREFIX)?;
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(hex))
            .then(|| Secret(Zeroizing::new(text.to_owned())))
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// To be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

// Not for logs.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_random_and_never_printed_by_accident() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.reveal().len(), PREFIX.len() + 48);
        assert!(!format!("{one:?}").contains(&one.reveal()[PREFIX.len()..]));
        assert_eq!(Secret::parse(one.reveal()).unwrap().hash(), one.hash());
    }

    #[test]
    fn what_was_never_given_out_has_another_shape() {
        let secret = Secret::random().unwrap();
        let whole = secret.reveal();
        for text in [
            "",
            "tongxin-",
            &whole[1..],
            &whole[..whole.len() - 1],
            &whole.to_uppercase(),
        ] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }
}
