//! The printed form of an invite: everything a machine needs to join, in
//! one line that survives a chat window. Knows no validity; the hub does.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::Message as _;
use proto::identity::{District, Identity, Subject};
use sha2::{Digest as _, Sha256};

use crate::connector::Address;

const PREFIX: &str = "tx1.";
const CHECK: usize = 4;
const LONGEST: usize = 1024;

/// `tx1.` and base64url of the message below with a four-byte check sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinToken {
    pub district: District,
    pub subject: Subject,
    pub hub: Address,
    /// SHA-256 of the district root's DER.
    pub root_sha256: [u8; 32],
    pub voucher: Voucher,
    /// When the hub made it, seconds since 1970: a time that surely has been,
    /// for a machine whose clock does not know.
    pub invited_at_s: u64,
}

/// What the hub is shown: which invite, and the secret it keeps only a hash of.
#[derive(Clone, PartialEq, Eq)]
pub struct Voucher {
    pub invite: [u8; 16],
    pub secret: [u8; 16],
}

#[derive(Clone, PartialEq, prost::Message)]
struct Printed {
    #[prost(string, tag = "1")]
    district: String,
    #[prost(string, tag = "2")]
    subject: String,
    #[prost(string, tag = "3")]
    hub: String,
    #[prost(bytes = "vec", tag = "4")]
    root_sha256: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    voucher: Vec<u8>,
    #[prost(uint64, tag = "6")]
    invited_at_s: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJoinToken {
    #[error("token: want the whole line that `tongxin hub invite` printed, starting with \"tx1.\"")]
    NotAToken,
    #[error("token: made by a newer version of tongxin; update this machine")]
    Newer,
    #[error("token: mistyped or cut short; copy the whole line again")]
    Damaged,
    #[error("token: {0}")]
    Content(String),
}

impl JoinToken {
    pub fn hub_identity(&self) -> Identity {
        Identity {
            district: self.district.clone(),
            subject: Subject::Hub,
        }
    }
}

impl Voucher {
    /// What the hub stores instead of the secret.
    pub fn secret_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.invite);
        bytes[16..].copy_from_slice(&self.secret);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Voucher> {
        let (invite, secret) = bytes.split_at_checked(16)?;
        Some(Voucher {
            invite: invite.try_into().ok()?,
            secret: secret.try_into().ok()?,
        })
    }
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.bytes()))
    }
}

// The secret is not for logs.
impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Voucher(…)")
    }
}

impl FromStr for Voucher {
    type Err = InvalidJoinToken;

    fn from_str(text: &str) -> Result<Voucher, InvalidJoinToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        bytes
            .and_then(|bytes| Voucher::from_bytes(&bytes))
            .ok_or(InvalidJoinToken::Damaged)
    }
}

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printed = Printed {
            district: self.district.to_string(),
            subject: self.subject.to_string(),
            hub: self.hub.to_string(),
            root_sha256: self.root_sha256.to_vec(),
            voucher: self.voucher.bytes().to_vec(),
            invited_at_s: self.invited_at_s,
        };
        let mut bytes = printed.encode_to_vec();
        let check = Sha256::digest(&bytes);
        bytes.extend_from_slice(&check[..CHECK]);
        write!(f, "{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for JoinToken {
    type Err = InvalidJoinToken;

    fn from_str(text: &str) -> Result<JoinToken, InvalidJoinToken> {
        let text = text.trim();
        let body = match text.strip_prefix(PREFIX) {
            Some(body) if body.len() <= LONGEST => body,
            Some(_) => return Err(InvalidJoinToken::Damaged),
            None if is_later_version(text) => return Err(InvalidJoinToken::Newer),
            None => return Err(InvalidJoinToken::NotAToken),
        };
        let damaged = InvalidJoinToken::Damaged;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| damaged.clone())?;
        let (message, check) = bytes
            .len()
            .checked_sub(CHECK)
            .map(|end| bytes.split_at(end))
            .ok_or_else(|| damaged.clone())?;
        if Sha256::digest(message)[..CHECK] != *check {
            return Err(damaged);
        }
        Printed::decode(message).map_err(|_| damaged)?.try_into()
    }
}

fn is_later_version(text: &str) -> bool {
    text.strip_prefix("tx")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(version, _)| version.parse::<u32>().is_ok_and(|v| v > 1))
}

impl TryFrom<Printed> for JoinToken {
    type Error = InvalidJoinToken;

    fn try_from(printed: Printed) -> Result<JoinToken, InvalidJoinToken> {
        fn content(error: impl ToString) -> InvalidJoinToken {
            InvalidJoinToken::Content(error.to_string())
        }
        Ok(JoinToken {
            district: printed.district.parse().map_err(content)?,
            subject: printed.subject.parse().map_err(content)?,
            hub: printed.hub.parse().map_err(content)?,
            root_sha256: printed
                .root_sha256
                .try_into()
                .map_err(|_| content("root pin: want 32 bytes"))?,
            voucher: Voucher::from_bytes(&printed.voucher)
                .ok_or_else(|| content("secret: want 32 bytes"))?,
            invited_at_s: printed.invited_at_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken {
            district: "wenjiang".parse().unwrap(),
            subject: "community/510115003064".parse().unwrap(),
            hub: "hub.wenjiang.example:7443".parse().unwrap(),
            root_sha256: [7; 32],
            voucher: Voucher {
                invite: [1; 16],
                secret: [2; 16],
            },
            invited_at_s: 1_800_000_000,
        }
    }

    #[test]
    fn a_printed_token_carries_everything() {
        let printed = token().to_string();
        assert!(printed.len() < 240, "{}", printed.len());
        assert!(
            printed
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
        );
        let copied = format!("  {printed}\n");
        assert_eq!(copied.parse::<JoinToken>(), Ok(token()));
    }

    #[test]
    fn every_slip_of_the_pen_is_noticed() {
        let printed = token().to_string();
        for at in 0..printed.len() {
            let mut slip = printed.clone().into_bytes();
            slip[at] = if slip[at] == b'A' { b'B' } else { b'A' };
            let slip = String::from_utf8(slip).unwrap();
            assert!(slip.parse::<JoinToken>().is_err(), "at {at}");
            assert!(printed[..at].parse::<JoinToken>().is_err(), "cut at {at}");
        }
        assert_eq!(
            "tx2.AAAA".parse::<JoinToken>(),
            Err(InvalidJoinToken::Newer)
        );
        assert_eq!(
            "hello".parse::<JoinToken>(),
            Err(InvalidJoinToken::NotAToken)
        );
    }

    #[test]
    fn the_secret_is_not_for_logs() {
        let debug = format!("{:?}", token());
        assert!(!debug.contains("2, 2, 2"), "{debug}");
        assert_eq!(token().voucher.to_string().parse(), Ok(token().voucher));
    }
}
