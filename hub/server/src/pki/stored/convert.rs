//! Issuance events to their journalled form and back. Knows no bytes.

use hub_domain::issuance::{Certificate, Event, InviteId, RootHash, SecretHash, Serial};
use jiff::Timestamp;
use proto::identity::Subject;

use super::{
    Kind, StoredCertificate, StoredEnrolled, StoredInvited, StoredIssuance, StoredRenewed,
    StoredRevoked, StoredRootRetired, StoredRootRolled, Unreadable,
};

impl From<&Event> for StoredIssuance {
    fn from(event: &Event) -> StoredIssuance {
        let kind = match event {
            Event::Invited {
                invite,
                secret,
                subject,
                expires_at,
                by,
                at,
            } => Kind::Invited(StoredInvited {
                invite: invite.0.to_vec(),
                secret_sha256: secret.0.to_vec(),
                subject: subject.to_string(),
                expires_at_ms: expires_at.as_millisecond(),
                by: by.to_string(),
                at_ms: at.as_millisecond(),
            }),
            Event::Enrolled {
                subject,
                invite,
                certificate,
                at,
            } => Kind::Enrolled(StoredEnrolled {
                subject: subject.to_string(),
                invite: invite.map(|invite| invite.0.to_vec()).unwrap_or_default(),
                certificate: Some(certificate.into()),
                at_ms: at.as_millisecond(),
            }),
            Event::Renewed {
                subject,
                shown,
                certificate,
                at,
            } => Kind::Renewed(StoredRenewed {
                subject: subject.to_string(),
                shown: shown.as_bytes().to_vec(),
                certificate: Some(certificate.into()),
                at_ms: at.as_millisecond(),
            }),
            Event::Revoked {
                subject,
                reason,
                request,
                by,
                at,
            } => Kind::Revoked(StoredRevoked {
                subject: subject.to_string(),
                reason: reason.clone(),
                request: request.as_str().to_owned(),
                by: by.to_string(),
                at_ms: at.as_millisecond(),
            }),
            Event::RootRolled { old, new, by, at } => Kind::RootRolled(StoredRootRolled {
                old_sha256: old.0.to_vec(),
                new_sha256: new.0.to_vec(),
                by: by.as_ref().map(Subject::to_string).unwrap_or_default(),
                at_ms: at.as_millisecond(),
            }),
            Event::RootRetired { root, lost, by, at } => Kind::RootRetired(StoredRootRetired {
                root_sha256: root.0.to_vec(),
                lost: *lost,
                by: by.as_ref().map(Subject::to_string).unwrap_or_default(),
                at_ms: at.as_millisecond(),
            }),
        };
        StoredIssuance { kind: Some(kind) }
    }
}

impl From<&Certificate> for StoredCertificate {
    fn from(certificate: &Certificate) -> StoredCertificate {
        StoredCertificate {
            serial: certificate.serial.as_bytes().to_vec(),
            key_sha256: certificate.key_sha256.to_vec(),
            not_after_ms: certificate.not_after.as_millisecond(),
        }
    }
}

impl TryFrom<StoredIssuance> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredIssuance) -> Result<Event, Unreadable> {
        Ok(match stored.kind.ok_or(Unreadable("kind"))? {
            Kind::Invited(invited) => Event::Invited {
                invite: InviteId(fixed(&invited.invite, "invite")?),
                secret: SecretHash(fixed(&invited.secret_sha256, "secret_sha256")?),
                subject: subject(&invited.subject)?,
                expires_at: time(invited.expires_at_ms)?,
                by: subject(&invited.by)?,
                at: time(invited.at_ms)?,
            },
            Kind::Enrolled(enrolled) => Event::Enrolled {
                subject: subject(&enrolled.subject)?,
                invite: match enrolled.invite.as_slice() {
                    [] => None,
                    invite => Some(InviteId(fixed(invite, "invite")?)),
                },
                certificate: certificate(enrolled.certificate)?,
                at: time(enrolled.at_ms)?,
            },
            Kind::Renewed(renewed) => Event::Renewed {
                subject: subject(&renewed.subject)?,
                shown: Serial::from_bytes(&renewed.shown).ok_or(Unreadable("shown"))?,
                certificate: certificate(renewed.certificate)?,
                at: time(renewed.at_ms)?,
            },
            Kind::Revoked(revoked) => Event::Revoked {
                subject: subject(&revoked.subject)?,
                reason: revoked.reason,
                request: revoked.request.parse().map_err(|_| Unreadable("request"))?,
                by: subject(&revoked.by)?,
                at: time(revoked.at_ms)?,
            },
            Kind::RootRolled(rolled) => Event::RootRolled {
                old: RootHash(fixed(&rolled.old_sha256, "old_sha256")?),
                new: RootHash(fixed(&rolled.new_sha256, "new_sha256")?),
                by: somebody(&rolled.by)?,
                at: time(rolled.at_ms)?,
            },
            Kind::RootRetired(retired) => Event::RootRetired {
                root: RootHash(fixed(&retired.root_sha256, "root_sha256")?),
                lost: retired.lost,
                by: somebody(&retired.by)?,
                at: time(retired.at_ms)?,
            },
        })
    }
}

fn certificate(stored: Option<StoredCertificate>) -> Result<Certificate, Unreadable> {
    let stored = stored.ok_or(Unreadable("certificate"))?;
    Ok(Certificate {
        serial: Serial::from_bytes(&stored.serial).ok_or(Unreadable("serial"))?,
        key_sha256: fixed(&stored.key_sha256, "key_sha256")?,
        not_after: time(stored.not_after_ms)?,
    })
}

fn fixed<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], Unreadable> {
    bytes.try_into().map_err(|_| Unreadable(field))
}

fn subject(text: &str) -> Result<Subject, Unreadable> {
    text.parse().map_err(|_| Unreadable("subject"))
}

fn somebody(text: &str) -> Result<Option<Subject>, Unreadable> {
    match text {
        "" => Ok(None),
        text => subject(text).map(Some),
    }
}

fn time(ms: i64) -> Result<Timestamp, Unreadable> {
    Timestamp::from_millisecond(ms).map_err(|_| Unreadable("time"))
}
