//! The secret that decides which way a small count is rounded. It follows from
//! the key in `keys/index`, so that it is kept, backed up and lost with it and is
//! no file of its own; nobody's erasure changes it, or the same records would be
//! rounded anew.

use node_domain::indicators::Draw;
use ring::hmac;

/// No resident's name: those are texts and hold no control characters first.
const DERIVATION: &[u8] = b"\0tongxin rounding v1";

#[derive(Clone)]
pub struct RoundingKey(hmac::Key);

impl RoundingKey {
    pub(super) fn derived(index: &hmac::Key) -> RoundingKey {
        let secret = hmac::sign(index, DERIVATION);
        RoundingKey(hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()))
    }

    /// A secret that everybody knows.
    #[cfg(test)]
    pub fn known() -> RoundingKey {
        RoundingKey::derived(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]))
    }
}

impl Draw for RoundingKey {
    /// The first 8 bytes of HMAC-SHA-256 over the digest, both big-endian.
    fn draw(&self, first: u64) -> u64 {
        let tag = hmac::sign(&self.0, &first.to_be_bytes());
        tag.as_ref()[..8]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another draw for the same records is another release of them.
    #[test]
    fn draws_are_frozen() {
        let draws = [0, 1, u64::MAX].map(|first| RoundingKey::known().draw(first));
        assert_eq!(
            draws.map(|draw| format!("{draw:016x}")),
            ["d5c872b5536719f7", "7cd9adf4f721e7c0", "1f9868801310d7db"]
        );
    }

    #[test]
    fn draws_are_uniform() {
        let mut counts = [0u32; 10];
        for first in 0..100_000 {
            counts[(RoundingKey::known().draw(first) % 10) as usize] += 1;
        }
        // Ten standard deviations.
        assert!(
            counts.iter().all(|count| count.abs_diff(10_000) < 950),
            "{counts:?}"
        );
    }
}
