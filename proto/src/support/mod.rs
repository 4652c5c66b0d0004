//! What a community and its district's centres say to each other, over the hub:
//! support requests, offers, centres' keys, and the letters that carry them. Knows
//! no store, no clock and no state of either end.

mod letter;
mod offer;
pub mod stored;
mod wire;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use letter::{Answer, Asked, Attachment, Card, Down, Exchange, Letter, Progress, Rated, Up};
pub use offer::{Form, Offer, OfferKind};

use crate::identity::Label;

/// Codes of the fixed centres, the one that the others stand behind first
/// (`reference/seed-systems.md` section 4).
pub const CENTRES: [&str; 9] = [
    SUPPORT_CENTRE,
    "community-building",
    "social-work",
    "care",
    "governance-training",
    "social-worker-capacity",
    "incubation",
    "civil-affairs-data",
    "elder-care-data",
];

/// The one centre: what is asked of nobody by name is asked of it, and it routes.
pub const SUPPORT_CENTRE: &str = "support";

/// What a request or an offer says in words; it names no resident.
pub type Text = crate::plain::Plain<2000>;

/// Of a letter as it is sent.
pub const LETTER_BYTES: usize = 32 * 1024;
/// Of what a community attaches, as it gives it.
pub const ATTACHMENT_BYTES: usize = 20 * 1024;
/// The same once it is encrypted.
pub const CIPHERTEXT_BYTES: usize = 24 * 1024;
/// Letters of one exchange, in either direction; two of the greatest size and what
/// is around them fit into one message.
pub const EXCHANGE_LETTERS: usize = 64;
pub const EXCHANGE_BYTES: usize = 128 * 1024;
/// Letters that a node keeps waiting for its hub before it takes no more requests.
pub const BACKLOG: u64 = 500;
/// How long a hub holds an exchange that waits for a letter.
pub const HOLD: std::time::Duration = std::time::Duration::from_secs(45);

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidKey;

            fn from_str(text: &str) -> Result<$name, InvalidKey> {
                let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                let fits = text.len() == 16 && text.bytes().all(digits);
                let number = fits.then(|| u64::from_str_radix(text, 16).ok()).flatten();
                number.map($name).ok_or_else(|| InvalidKey(text.chars().take(40).collect()))
            }
        })*
    };
}

keys!(
    /// Names a support request at both ends: random, so that a node that lost its
    /// last records never gives it to another.
    RequestKey
    /// Names an offer, as [`RequestKey`] a request.
    OfferKey
);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key {0:?}: want 16 of 0-9 and a-f")]
pub struct InvalidKey(pub String);

/// The one centre's label.
pub fn support_centre() -> Label {
    // One of the constants above, which a test parses.
    SUPPORT_CENTRE.parse().unwrap_or_else(|_| unreachable!())
}

/// The public half to which attachments for a centre are encrypted: X25519 as `age`
/// spells it, 62 characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("want an X25519 public key as `age-keygen` prints it: age1 and 58 characters")]
pub struct InvalidRecipient;

impl Recipient {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Recipient {
    type Err = InvalidRecipient;

    fn from_str(text: &str) -> Result<Recipient, InvalidRecipient> {
        let bech32 = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = text.len() == 62 && text.starts_with("age1") && text.bytes().all(bech32);
        fits.then(|| Recipient(text.to_owned()))
            .ok_or(InvalidRecipient)
    }
}

impl TryFrom<String> for Recipient {
    type Error = InvalidRecipient;

    fn try_from(text: String) -> Result<Recipient, InvalidRecipient> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> String {
        recipient.0
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixed_centre_is_a_label() {
        for code in CENTRES {
            assert_eq!(code.parse::<Label>().unwrap().to_string(), code);
        }
        assert_eq!(support_centre().to_string(), CENTRES[0]);
    }

    #[test]
    fn keys_have_one_spelling() {
        let key = RequestKey(0x00ab);
        assert_eq!(key.to_string(), "00000000000000ab");
        assert_eq!("00000000000000ab".parse(), Ok(key));
        for text in [
            "",
            "ab",
            "00000000000000AB",
            "+0000000000000ab",
            "0000000000000000ab",
        ] {
            assert!(text.parse::<RequestKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_recipient_is_an_x25519_key_of_age() {
        let key = format!("age1{}", "q".repeat(58));
        assert_eq!(key.parse::<Recipient>().unwrap().as_str(), key);
        for text in ["", "age1q", &key.to_uppercase(), &format!("{key}q")] {
            assert!(text.parse::<Recipient>().is_err(), "{text}");
        }
    }
}
