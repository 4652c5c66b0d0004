//! Who belongs to the district's line: invites, members, their certificates.
//! Decides; signs nothing, stores nothing, reads no clock and rolls no dice.

mod decide;
mod roots;
mod state;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use proto::{
    identity::{RequestId, Subject},
    place::Place,
};

use crate::event::Asked;

pub use decide::Decision;
pub use roots::{Holder, RollOver, RootHash};
pub use state::{Invite, Member, Revocation, Standing, State};

/// How long an invite holds when nobody says otherwise, and at most.
pub const INVITE_VALID: SignedDuration = SignedDuration::from_hours(1);
pub const INVITE_VALID_AT_MOST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Invites that wait to be used, at once.
pub const OPEN_INVITES: usize = 20_000;
/// A used or expired invite is remembered for so long, to say which it was.
pub const INVITE_REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Names an invite; printed in the token, no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteId(pub [u8; 16]);

/// SHA-256 of a token's secret. Compared in constant time only.
#[derive(Clone, Copy, Debug)]
pub struct SecretHash(pub [u8; 32]);

/// A certificate's serial number. The first byte is 0x40 to 0x7f, so that the
/// number is positive and of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; 16]);

impl Serial {
    /// From sixteen random bytes, of which two bits are lost.
    pub fn from_entropy(mut bytes: [u8; 16]) -> Serial {
        bytes[0] = 0x40 | (bytes[0] & 0x3f);
        Serial(bytes)
    }

    /// `None` when no certificate of ours can have it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Serial> {
        let bytes: [u8; 16] = bytes.try_into().ok()?;
        (bytes[0] & 0xc0 == 0x40).then_some(Serial(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What the hub decided to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub serial: Serial,
    /// SHA-256 of the holder's SubjectPublicKeyInfo.
    pub key_sha256: [u8; 32],
    pub not_after: Timestamp,
}

/// What somebody asks for. `now` is the hub's time; stored to the millisecond.
#[derive(Clone, Debug)]
pub enum Command {
    /// Let the holder of a secret become `subject` until `expires_at`.
    Invite {
        invite: InviteId,
        secret: SecretHash,
        subject: Subject,
        expires_at: Timestamp,
        by: Subject,
        now: Timestamp,
    },
    /// A machine shows its token and the key it wants certified.
    Redeem {
        invite: InviteId,
        secret: SecretHash,
        certificate: Certificate,
        now: Timestamp,
    },
    /// Made on the hub itself, without a token: the first operator.
    Appoint {
        subject: Subject,
        certificate: Certificate,
        now: Timestamp,
    },
    /// A member shows certificate `shown` and wants the next one.
    Renew {
        subject: Subject,
        shown: Serial,
        certificate: Certificate,
        now: Timestamp,
    },
    /// A new root is at hand and signs from now on.
    RollRoot {
        old: RootHash,
        new: RootHash,
        /// `None`: found so at a start.
        by: Option<Subject>,
        now: Timestamp,
    },
    /// Trust the old root no more.
    RetireRoot {
        /// Whoever hangs on it notwithstanding.
        is_forced: bool,
        by: Option<Subject>,
        now: Timestamp,
    },
    /// Shut a member out, and its unused invites with it.
    Revoke {
        subject: Subject,
        reason: String,
        request: RequestId,
        by: Subject,
        now: Timestamp,
    },
}

/// What came of it; what the hub journals.
#[derive(Clone, Debug)]
pub enum Event {
    Invited {
        invite: InviteId,
        secret: SecretHash,
        subject: Subject,
        expires_at: Timestamp,
        by: Subject,
        at: Timestamp,
    },
    Enrolled {
        subject: Subject,
        /// `None`: appointed on the hub.
        invite: Option<InviteId>,
        certificate: Certificate,
        at: Timestamp,
    },
    Renewed {
        subject: Subject,
        shown: Serial,
        certificate: Certificate,
        at: Timestamp,
    },
    Revoked {
        subject: Subject,
        reason: String,
        request: RequestId,
        by: Subject,
        at: Timestamp,
    },
    RootRolled {
        old: RootHash,
        new: RootHash,
        by: Option<Subject>,
        at: Timestamp,
    },
    RootRetired {
        root: RootHash,
        /// Members and invites that hung on it.
        lost: u32,
        by: Option<Subject>,
        at: Timestamp,
    },
}

/// What an extension's retirement means for its identity and its invites.
pub fn withdrawn(subject: Subject, asked: &Asked, at: Timestamp) -> Event {
    Event::Revoked {
        subject,
        reason: "extension retired".to_owned(),
        request: asked.request.clone(),
        by: asked.by.clone(),
        at,
    }
}

impl Event {
    /// The community or child hub that can report from then on.
    pub fn enrols_a_node(&self) -> Option<(Place, Timestamp)> {
        match self {
            Event::Enrolled {
                subject: Subject::Community(node) | Subject::Child(node),
                at,
                ..
            } => Some((*node, *at)),
            _ => None,
        }
    }
}

/// Expected answers of "no".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such invite, or the secret is not its secret: the two look the same.
    InviteUnknown,
    InviteUsed,
    InviteExpired {
        expired_at: Timestamp,
    },
    /// The member was revoked after this invite was made.
    InviteVoid,
    TooManyInvites,
    /// Wanted longer than [`INVITE_VALID_AT_MOST`], or not at all.
    InviteValidity,
    /// The hub certifies itself; nobody is invited to be it.
    NotInvitable,
    /// Centres are nine, with fixed codes.
    NoSuchCentre,
    /// An extension is registered and approved first.
    NotLive,
    /// This request id made another invite before.
    RequestReused,
    NotEnrolled,
    Revoked {
        at: Timestamp,
    },
    AlreadyRevoked {
        at: Timestamp,
    },
    /// The shown certificate is not one that is in use.
    CertificateReplaced,
    /// Without an operator nobody could invite the next one.
    LastOperator,
    /// One root at a time: the old one is to be retired first.
    RollOverUnderWay,
    NoRollOver,
    /// Who would be lost without the old root.
    RootHeld {
        holders: Vec<Holder>,
    },
}
