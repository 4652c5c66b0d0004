//! The roots that the district's certificates hang on: one, or two while an old
//! one is replaced. The old root goes when nobody needs it any more. Holds no key
//! and no certificate; says who would be lost.

use jiff::Timestamp;
use proto::identity::Subject;

use super::{Event, Refusal, State, decide::Decision};

/// SHA-256 of a root's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootHash(pub [u8; 32]);

/// A roll-over that is under way: both roots are trusted, the new one signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollOver {
    pub old: RootHash,
    pub new: RootHash,
    pub since: Timestamp,
}

/// Who would be lost without the old root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Shows, or may still show, a certificate of the old root, and so knows no
    /// other root for sure, until then at the latest.
    Member { subject: Subject, until: Timestamp },
    /// A token that is not used yet names the old root.
    Invite { subject: Subject, until: Timestamp },
}

impl State {
    pub const fn roll_over(&self) -> Option<RollOver> {
        self.roll_over
    }

    /// The one that was retired last.
    pub const fn retired_root(&self) -> Option<RootHash> {
        self.retired_root
    }

    /// In the order of members, then of invites.
    pub fn holders(&self, now: Timestamp) -> Vec<Holder> {
        let Some(roll_over) = self.roll_over else {
            return Vec::new();
        };
        // Of the very second of the roll-over nobody knows which root signed it.
        let is_old = |issued_at: Timestamp| issued_at <= roll_over.since;
        let members = self.members_after(None).filter_map(|(subject, member)| {
            let newest = (member.issued_at, member.certificate.not_after);
            let all = [Some(newest), member.shown_dates];
            let old = all.into_iter().flatten();
            let old = old.filter(|(issued_at, until)| is_old(*issued_at) && *until > now);
            let until = old.map(|(_, until)| until).max()?;
            let subject = subject.clone();
            (member.revoked.is_none()).then_some(Holder::Member { subject, until })
        });
        let open = self.all_invites().filter(|invite| invite.is_open(now));
        let open = open.filter(|invite| is_old(invite.invited_at));
        let invites = open.map(|invite| Holder::Invite {
            subject: invite.subject.clone(),
            until: invite.expires_at,
        });
        members.chain(invites).collect()
    }

    /// Whether another root may be made.
    pub const fn may_roll(&self) -> Result<(), Refusal> {
        match self.roll_over {
            None => Ok(()),
            Some(_) => Err(Refusal::RollOverUnderWay),
        }
    }

    pub(super) fn rolled(
        &self,
        old: RootHash,
        new: RootHash,
        by: Option<Subject>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        if self.roll_over.is_some_and(|known| known.new == new) {
            return Ok(Decision::Repeat(Event::RootRolled {
                old,
                new,
                by,
                at: now,
            }));
        }
        self.may_roll()?;
        Ok(Decision::Record(Event::RootRolled {
            old,
            new,
            by,
            at: now,
        }))
    }

    pub(super) fn retired(
        &self,
        is_forced: bool,
        by: Option<Subject>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let Some(roll_over) = self.roll_over else {
            return Err(Refusal::NoRollOver);
        };
        let holders = self.holders(now);
        if !is_forced && !holders.is_empty() {
            return Err(Refusal::RootHeld { holders });
        }
        Ok(Decision::Record(Event::RootRetired {
            root: roll_over.old,
            lost: holders.len() as u32,
            by,
            at: now,
        }))
    }
}

#[cfg(test)]
#[path = "roots_tests.rs"]
mod tests;
