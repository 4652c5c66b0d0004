//! One ChaCha20-Poly1305 key and what it seals. Knows not whose it is.

use ring::aead::{self, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::SealingFault;

/// Nonce (12 bytes, random), ciphertext, tag (16 bytes).
pub type Sealed = Box<[u8]>;

/// 32 bytes that are wiped when dropped.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; Key::BYTES]>);

impl Key {
    pub const BYTES: usize = 32;
    /// What sealing adds to the plaintext.
    pub const OVERHEAD: usize = NONCE_LEN + 16;

    pub fn random(entropy: &SystemRandom) -> Result<Key, SealingFault> {
        let mut bytes = Zeroizing::new([0; Key::BYTES]);
        entropy
            .fill(&mut *bytes)
            .map_err(|_| SealingFault::NoEntropy)?;
        Ok(Key(bytes))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Key> {
        let mut key = Zeroizing::new([0; Key::BYTES]);
        (bytes.len() == Key::BYTES).then(|| key.copy_from_slice(bytes))?;
        Some(Key(key))
    }

    pub(crate) fn bytes(&self) -> &[u8; Key::BYTES] {
        &self.0
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&aead::CHACHA20_POLY1305, &*self.0)
            .unwrap_or_else(|_| unreachable!("a key has the cipher's length"));
        LessSafeKey::new(key)
    }

    /// `context` must be given again to open.
    pub fn seal(
        &self,
        context: &[u8],
        plain: &[u8],
        entropy: &SystemRandom,
    ) -> Result<Sealed, SealingFault> {
        let mut nonce = [0; NONCE_LEN];
        entropy
            .fill(&mut nonce)
            .map_err(|_| SealingFault::NoEntropy)?;
        let mut sealed = Vec::with_capacity(plain.len() + Key::OVERHEAD);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .cipher()
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut sealed[NONCE_LEN..],
            )
            .unwrap_or_else(|_| unreachable!("a record is far below the cipher's limit"));
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed.into())
    }

    /// Notices that one author says the same again; says nothing without the key.
    pub fn fingerprint(&self, author: u64, text: &[u8]) -> u64 {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0));
        context.update(b"fingerprint");
        context.update(&author.to_be_bytes());
        context.update(text);
        let tag = context.sign();
        tag.as_ref()[..8]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// `None` when it was sealed by another key, in another context, or altered.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self
            .cipher()
            .open_in_place(nonce, Aad::from(context), &mut plain)
            .ok()?
            .len();
        plain.truncate(length);
        Some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_context_open() {
        let entropy = SystemRandom::new();
        let key = Key::random(&entropy).unwrap();
        let other = Key::random(&entropy).unwrap();
        let sealed = key.seal(b"a", "李娜".as_bytes(), &entropy).unwrap();
        assert_eq!(&**key.open(b"a", &sealed).unwrap(), "李娜".as_bytes());
        assert!(key.open(b"b", &sealed).is_none());
        assert!(other.open(b"a", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(b"a", &altered).is_none(), "byte {at}");
            assert!(key.open(b"a", &sealed[..at]).is_none(), "length {at}");
        }
    }

    #[test]
    fn nothing_is_sealed_alike_twice() {
        let entropy = SystemRandom::new();
        let key = Key::random(&entropy).unwrap();
        let seal = || key.seal(b"", b"same", &entropy).unwrap();
        assert_ne!(seal(), seal());
    }
}
