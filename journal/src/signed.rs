//! A head under an Ed25519 signature: what a log's owner has said in public and cannot take back.
//! Knows neither keys at rest nor clocks.

use std::fmt;
use std::str::FromStr;

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use crate::chain::Head;
use crate::log_id::{LogId, hex_digit};
use crate::segment::array;
use crate::tree::Hash;

const CONTEXT: [u8; 24] = *b"tongxin journal head v1\0";
const SIGNED_BYTES: usize = 24 + 16 + 8 + 32 + 32 + 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    pub log_id: LogId,
    pub size: u64,
    pub root: Hash,
    pub chain: Hash,
    /// Unix time of signing, by the signer's clock.
    pub time_ms: u64,
    pub signature: [u8; 64],
}

/// The text is none that a signed head prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signed head is head1. and 320 hexadecimal digits")]
pub struct BadSignedHead;

/// The signature was not made by this key over this head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match the head")]
pub struct BadSignature;

impl SignedHead {
    pub fn sign(log_id: LogId, head: &Head, time_ms: u64, key: &Ed25519KeyPair) -> Self {
        let Head { size, root, chain } = *head;
        let mut signed = Self {
            log_id,
            size,
            root,
            chain,
            time_ms,
            signature: [0; 64],
        };
        let signature = key.sign(&signed.signed_bytes());
        signed.signature.copy_from_slice(signature.as_ref());
        signed
    }

    /// `public_key` is the raw 32 bytes.
    pub fn verify(&self, public_key: &[u8]) -> Result<(), BadSignature> {
        let key = UnparsedPublicKey::new(&ED25519, public_key);
        key.verify(&self.signed_bytes(), &self.signature)
            .map_err(|_| BadSignature)
    }

    pub fn head(&self) -> Head {
        Head {
            size: self.size,
            root: self.root,
            chain: self.chain,
        }
    }

    /// Context, log id, size, root, chain, time; integers big-endian.
    pub fn signed_bytes(&self) -> [u8; SIGNED_BYTES] {
        let mut out = [0; SIGNED_BYTES];
        out[..24].copy_from_slice(&CONTEXT);
        out[24..40].copy_from_slice(&self.log_id.0);
        out[40..48].copy_from_slice(&self.size.to_be_bytes());
        out[48..80].copy_from_slice(&self.root);
        out[80..112].copy_from_slice(&self.chain);
        out[112..].copy_from_slice(&self.time_ms.to_be_bytes());
        out
    }
}

const PREFIX: &str = "head1.";
/// What is not the same in every head, and the signature.
const TEXT_BYTES: usize = SIGNED_BYTES - CONTEXT.len() + 64;

impl fmt::Display for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        let signed = self.signed_bytes();
        let bytes = signed[CONTEXT.len()..].iter().chain(&self.signature);
        bytes
            .into_iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for SignedHead {
    type Err = BadSignedHead;

    fn from_str(text: &str) -> Result<Self, BadSignedHead> {
        let digits = text.strip_prefix(PREFIX).ok_or(BadSignedHead)?;
        let digits: Option<Vec<u8>> = digits.bytes().map(hex_digit).collect();
        let digits = digits.filter(|digits| digits.len() == 2 * TEXT_BYTES);
        let digits = digits.ok_or(BadSignedHead)?;
        let mut bytes = [0; TEXT_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self {
            log_id: LogId(array(&bytes, 0)),
            size: u64::from_be_bytes(array(&bytes, 16)),
            root: array(&bytes, 24),
            chain: array(&bytes, 56),
            time_ms: u64::from_be_bytes(array(&bytes, 88)),
            signature: array(&bytes, 96),
        })
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::KeyPair;

    use super::*;
    use crate::tree::tests::unhex;

    fn signed() -> (SignedHead, Ed25519KeyPair) {
        let key = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).expect("a seed of 32 bytes");
        let head = Head {
            size: 3,
            root: [1; 32],
            chain: [2; 32],
        };
        (
            SignedHead::sign(LogId([7; 16]), &head, 1_700_000_000_000, &key),
            key,
        )
    }

    #[test]
    fn golden_bytes() {
        let (signed, _) = signed();
        let expected = unhex(&format!(
            "746f6e6778696e206a6f75726e616c206865616420763100{}0000000000000003{}{}0000018bcfe56800",
            "07".repeat(16),
            "01".repeat(32),
            "02".repeat(32),
        ));
        assert_eq!(signed.signed_bytes().to_vec(), expected);
        // Ed25519 is deterministic.
        assert_eq!(signed.signature.to_vec(), unhex(GOLDEN_SIGNATURE));
    }

    const GOLDEN_SIGNATURE: &str = concat!(
        "96262e1fe5553cc58e9bb5b12d05960e0c90c3fcce03509fd188abe8e1132ff8",
        "9530bc946d3588d08bede070bf147aa94d92e348197563d1a017555171e5b002",
    );

    #[test]
    fn the_text_is_frozen_and_only_it_is_read() {
        let (signed, _) = signed();
        let text = signed.to_string();
        let expected = format!(
            "head1.{}0000000000000003{}{}0000018bcfe56800{GOLDEN_SIGNATURE}",
            "07".repeat(16),
            "01".repeat(32),
            "02".repeat(32),
        );
        assert_eq!(text, expected);
        assert_eq!(text.parse(), Ok(signed));
        for bad in [
            &text[1..],
            &text[..text.len() - 1],
            &text.to_uppercase(),
            "",
        ] {
            assert_eq!(bad.parse::<SignedHead>(), Err(BadSignedHead), "{bad}");
        }
    }

    #[test]
    fn only_the_signed_head_verifies() {
        let (signed, key) = signed();
        let public = key.public_key().as_ref();
        assert_eq!(signed.verify(public), Ok(()));
        let changes: [fn(&mut SignedHead); 6] = [
            |head| head.log_id.0[0] ^= 1,
            |head| head.size += 1,
            |head| head.root[31] ^= 1,
            |head| head.chain[0] ^= 1,
            |head| head.time_ms += 1,
            |head| head.signature[0] ^= 1,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert_eq!(changed.verify(public), Err(BadSignature));
        }
        assert_eq!(signed.verify(&[0; 31]), Err(BadSignature));
    }
}
