//! Tokens: derived from the hub's invite key, the inviter and its request, so
//! that a repeated request prints the same token although only a hash is kept.

use hub_domain::issuance::{InviteId, SecretHash};
use proto::identity::{RequestId, Subject};
use proto_edge::token::Voucher;
use ring::hmac;

/// 32 random bytes that never leave the hub.
pub struct InviteKey(hmac::Key);

impl InviteKey {
    pub fn new(secret: &[u8; 32]) -> InviteKey {
        InviteKey(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A secret as its file keeps it.
    pub fn text(secret: &[u8; 32]) -> String {
        let mut text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        text.push('\n');
        text
    }

    /// What [`InviteKey::text`] wrote.
    pub fn read(text: &str) -> Option<InviteKey> {
        let digits = text.strip_suffix('\n')?.as_bytes();
        let mut secret = [0; 32];
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        for (byte, pair) in secret.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(InviteKey::new(&secret))
    }

    /// The voucher that `by` gets for `request`.
    pub fn voucher(&self, by: &Subject, request: &RequestId) -> Voucher {
        Voucher {
            invite: self.derive("invite", by, request),
            secret: self.derive("secret", by, request),
        }
    }

    fn derive(&self, what: &str, by: &Subject, request: &RequestId) -> [u8; 16] {
        // No part can hold a line feed, so no two inputs look alike.
        let input = format!("tongxin token v1\n{what}\n{by}\n{}", request.as_str());
        let tag = hmac::sign(&self.0, input.as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&tag.as_ref()[..16]);
        half
    }
}

pub fn invite_of(voucher: &Voucher) -> (InviteId, SecretHash) {
    (
        InviteId(voucher.invite),
        SecretHash(voucher.secret_sha256()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_follows_from_inviter_and_request_alone() {
        let key = InviteKey::read(&InviteKey::text(&[5; 32])).unwrap();
        let li: Subject = "operator/li".parse().unwrap();
        let wang: Subject = "operator/wang".parse().unwrap();
        let (r1, r2): (RequestId, RequestId) = ("r-1".parse().unwrap(), "r-2".parse().unwrap());
        let voucher = key.voucher(&li, &r1);
        assert!(voucher == key.voucher(&li, &r1));
        assert_ne!(voucher.invite, voucher.secret);
        let others = [
            key.voucher(&li, &r2),
            key.voucher(&wang, &r1),
            InviteKey::new(&[6; 32]).voucher(&li, &r1),
        ];
        for other in others {
            assert!(other.invite != voucher.invite && other.secret != voucher.secret);
        }
        assert!(InviteKey::read("05\n").is_none());
    }
}
