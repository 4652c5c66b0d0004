//! What is known of invites and members: a fold of events, bounded by pruning.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proto::identity::{RequestId, Subject};
use subtle::ConstantTimeEq as _;

use super::{
    Certificate, Event, INVITE_REMEMBERED, InviteId, RollOver, RootHash, SecretHash, Serial,
};

#[derive(Clone, Debug, Default)]
pub struct State {
    invites: BTreeMap<InviteId, Invite>,
    members: BTreeMap<Subject, Member>,
    pub(super) roll_over: Option<RollOver>,
    pub(super) retired_root: Option<RootHash>,
}

#[derive(Clone, Debug)]
pub struct Invite {
    pub secret: SecretHash,
    pub subject: Subject,
    pub invited_at: Timestamp,
    pub expires_at: Timestamp,
    /// SHA-256 of the key it was redeemed with.
    pub used_by_key: Option<[u8; 32]>,
    pub withdrawn: Option<Revocation>,
}

impl Invite {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.used_by_key.is_none() && self.withdrawn.is_none() && now < self.expires_at
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub enrolled_at: Timestamp,
    /// The newest certificate.
    pub certificate: Certificate,
    pub issued_at: Timestamp,
    /// The one it was renewed with, good until the next renewal: its holder may
    /// not have received the newest.
    pub shown: Option<Serial>,
    /// When that one was issued and until when it is good.
    pub shown_dates: Option<(Timestamp, Timestamp)>,
    pub revoked: Option<Revocation>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    pub at: Timestamp,
    pub reason: String,
    pub request: RequestId,
}

/// How a subject's certificate stands with the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Member,
    NotEnrolled,
    Revoked { at: Timestamp },
    Replaced,
}

impl State {
    /// The allow-list: asked at every handshake and every call.
    pub fn standing(&self, subject: &Subject, serial: Option<Serial>) -> Standing {
        let Some(member) = self.members.get(subject) else {
            return Standing::NotEnrolled;
        };
        if let Some(revocation) = &member.revoked {
            return Standing::Revoked { at: revocation.at };
        }
        let in_use = [Some(member.certificate.serial), member.shown];
        match serial {
            Some(serial) if in_use.contains(&Some(serial)) => Standing::Member,
            _ => Standing::Replaced,
        }
    }

    pub fn member(&self, subject: &Subject) -> Option<&Member> {
        self.members.get(subject)
    }

    /// In the order of their subjects, from the first after `after`.
    pub fn members_after(
        &self,
        after: Option<&Subject>,
    ) -> impl Iterator<Item = (&Subject, &Member)> {
        self.members
            .iter()
            .skip_while(move |(subject, _)| after.is_some_and(|after| *subject <= after))
    }

    pub fn invite(&self, invite: InviteId) -> Option<&Invite> {
        self.invites.get(&invite)
    }

    /// Whether `secret` is the secret of `invite`, whatever became of the invite.
    pub fn holds(&self, invite: InviteId, secret: SecretHash) -> bool {
        self.invite(invite)
            .is_some_and(|invite| same_secret(invite.secret, secret))
    }

    pub(super) fn all_invites(&self) -> impl Iterator<Item = &Invite> {
        self.invites.values()
    }

    pub fn invites_of(&self, subject: &Subject) -> impl Iterator<Item = &Invite> {
        self.invites.values().filter(move |i| i.subject == *subject)
    }

    /// Invites that could still be redeemed at `now`.
    pub fn open_invites(&self, now: Timestamp) -> usize {
        self.invites.values().filter(|i| i.is_open(now)).count()
    }

    pub fn operators(&self) -> usize {
        let operators = self
            .members
            .iter()
            .filter(|(subject, _)| matches!(subject, Subject::Operator(_)));
        operators
            .filter(|(_, member)| member.revoked.is_none())
            .count()
    }

    /// Total: an event that was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Invited {
                invite,
                secret,
                subject,
                expires_at,
                at,
                ..
            } => {
                self.invites
                    .retain(|_, old| *at <= old.expires_at + INVITE_REMEMBERED);
                let invited = Invite {
                    secret: *secret,
                    subject: subject.clone(),
                    invited_at: *at,
                    expires_at: *expires_at,
                    used_by_key: None,
                    withdrawn: None,
                };
                self.invites.insert(*invite, invited);
            }
            Event::Enrolled {
                subject,
                invite,
                certificate,
                at,
            } => {
                if let Some(invite) = invite.and_then(|id| self.invites.get_mut(&id)) {
                    invite.used_by_key = Some(certificate.key_sha256);
                }
                // A new machine replaces the old one whole.
                let member = Member {
                    enrolled_at: *at,
                    certificate: certificate.clone(),
                    issued_at: *at,
                    shown: None,
                    shown_dates: None,
                    revoked: None,
                };
                self.members.insert(subject.clone(), member);
            }
            Event::Renewed {
                subject,
                shown,
                certificate,
                at,
            } => {
                if let Some(member) = self.members.get_mut(subject) {
                    if member.certificate.serial == *shown {
                        member.shown_dates = Some((member.issued_at, member.certificate.not_after));
                    }
                    member.certificate = certificate.clone();
                    member.issued_at = *at;
                    member.shown = Some(*shown);
                }
            }
            Event::RootRolled { old, new, at, .. } => {
                self.roll_over = Some(RollOver {
                    old: *old,
                    new: *new,
                    since: *at,
                });
            }
            Event::RootRetired { root, .. } => {
                self.roll_over = None;
                self.retired_root = Some(*root);
            }
            Event::Revoked {
                subject,
                reason,
                request,
                at,
                ..
            } => {
                let revocation = Revocation {
                    at: *at,
                    reason: reason.clone(),
                    request: request.clone(),
                };
                for invite in self.invites.values_mut() {
                    if invite.subject == *subject {
                        invite.withdrawn.get_or_insert_with(|| revocation.clone());
                    }
                }
                if let Some(member) = self.members.get_mut(subject) {
                    member.revoked = Some(revocation);
                }
            }
        }
    }
}

pub(super) fn same_secret(a: SecretHash, b: SecretHash) -> bool {
    a.0.ct_eq(&b.0).into()
}
