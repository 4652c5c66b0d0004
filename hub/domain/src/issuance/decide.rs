//! The rules of issuance. A command that was done before and comes again is
//! answered as before: a reply may have been lost.

use jiff::{SignedDuration, Timestamp};
use proto::identity::{RequestId, Subject};

use super::{
    Certificate, Command, Event, INVITE_VALID_AT_MOST, InviteId, OPEN_INVITES, Refusal, SecretHash,
    Standing, State, state::same_secret,
};
use crate::centre;

#[derive(Clone, Debug)]
pub enum Decision {
    /// New: to be journalled and applied before anybody is told.
    Record(Event),
    /// It is so already; nothing is to be journalled.
    Repeat(Event),
}

impl State {
    pub fn decide(&self, command: Command) -> Result<Decision, Refusal> {
        match command {
            Command::Invite {
                invite,
                secret,
                subject,
                expires_at,
                by,
                now,
            } => self.invited(invite, secret, subject, expires_at, by, now),
            Command::Redeem {
                invite,
                secret,
                certificate,
                now,
            } => self.enrolled(invite, secret, certificate, now),
            Command::Appoint {
                subject,
                certificate,
                now,
            } => match subject {
                Subject::Hub => Err(Refusal::NotInvitable),
                subject => Ok(Decision::Record(Event::Enrolled {
                    subject,
                    invite: None,
                    certificate,
                    at: now,
                })),
            },
            Command::Renew {
                subject,
                shown,
                certificate,
                now,
            } => match self.standing(&subject, Some(shown)) {
                Standing::Member => Ok(Decision::Record(Event::Renewed {
                    subject,
                    shown,
                    certificate,
                    at: now,
                })),
                Standing::NotEnrolled => Err(Refusal::NotEnrolled),
                Standing::Revoked { at } => Err(Refusal::Revoked { at }),
                Standing::Replaced => Err(Refusal::CertificateReplaced),
            },
            Command::Revoke {
                subject,
                reason,
                request,
                by,
                now,
            } => self.revoked(subject, reason, request, by, now),
        }
    }

    fn invited(
        &self,
        invite: InviteId,
        secret: SecretHash,
        subject: Subject,
        expires_at: Timestamp,
        by: Subject,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        if let Some(earlier) = self.invite(invite) {
            let same = earlier.subject == subject && same_secret(earlier.secret, secret);
            if !same {
                return Err(Refusal::RequestReused);
            }
            return Ok(Decision::Repeat(Event::Invited {
                invite,
                secret,
                subject,
                expires_at: earlier.expires_at,
                by,
                at: earlier.invited_at,
            }));
        }
        let valid = expires_at.duration_since(now);
        if subject == Subject::Hub {
            return Err(Refusal::NotInvitable);
        }
        if matches!(&subject, Subject::Centre(code) if centre::fixed(code).is_none()) {
            return Err(Refusal::NoSuchCentre);
        }
        if valid <= SignedDuration::ZERO || valid > INVITE_VALID_AT_MOST {
            return Err(Refusal::InviteValidity);
        }
        if self.open_invites(now) >= OPEN_INVITES {
            return Err(Refusal::TooManyInvites);
        }
        Ok(Decision::Record(Event::Invited {
            invite,
            secret,
            subject,
            expires_at,
            by,
            at: now,
        }))
    }

    fn enrolled(
        &self,
        id: InviteId,
        secret: SecretHash,
        certificate: Certificate,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        // Nothing is told about an invite to somebody without its secret.
        let invite = self
            .invite(id)
            .filter(|invite| same_secret(invite.secret, secret))
            .ok_or(Refusal::InviteUnknown)?;
        if invite.withdrawn.is_some() {
            return Err(Refusal::InviteVoid);
        }
        // The same key again is the same machine, whose answer was lost; once
        // another certificate came after it, the invite is used up.
        if let Some(key) = invite.used_by_key {
            let newest = self
                .member(&invite.subject)
                .map(|m| m.certificate.key_sha256);
            if key != certificate.key_sha256 || newest != Some(key) {
                return Err(Refusal::InviteUsed);
            }
        }
        if now >= invite.expires_at {
            return Err(Refusal::InviteExpired {
                expired_at: invite.expires_at,
            });
        }
        Ok(Decision::Record(Event::Enrolled {
            subject: invite.subject.clone(),
            invite: Some(id),
            certificate,
            at: now,
        }))
    }

    fn revoked(
        &self,
        subject: Subject,
        reason: String,
        request: RequestId,
        by: Subject,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let member = self.member(&subject);
        let withdrawn = self.invites_of(&subject).find_map(|i| i.withdrawn.as_ref());
        let earlier = match member {
            Some(member) => member.revoked.as_ref(),
            None => withdrawn,
        };
        let repeated = earlier
            .filter(|earlier| earlier.request == request)
            .map(|earlier| earlier.at);
        // An invite that was sent to the wrong person is withdrawn this way too.
        let open = self.invites_of(&subject).any(|invite| invite.is_open(now));
        if repeated.is_none() && !open {
            match (member, earlier) {
                (None, _) => return Err(Refusal::NotEnrolled),
                (Some(_), Some(earlier)) => {
                    return Err(Refusal::AlreadyRevoked { at: earlier.at });
                }
                (Some(_), None) => {}
            }
        }
        let active = member.is_some_and(|member| member.revoked.is_none());
        let operator = matches!(subject, Subject::Operator(_));
        if active && operator && self.operators() == 1 {
            return Err(Refusal::LastOperator);
        }
        let event = Event::Revoked {
            subject,
            reason,
            request,
            by,
            at: repeated.unwrap_or(now),
        };
        Ok(match repeated {
            Some(_) => Decision::Repeat(event),
            None => Decision::Record(event),
        })
    }
}
