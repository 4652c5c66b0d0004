//! Seals an action's texts under its subject's key before it is decided. A
//! subject that is new gets its key here, and is journalled with the decision.

use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::Action;
use node_domain::sealed::{Fingerprint, Sealed};
use zeroize::Zeroize as _;

use super::Ledger;
use super::command::{Asked, Plain, Refused};
use crate::sealing::{Key, SubjectId};
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::CaseRow;
use crate::store::keyspace::subject::{Subject, Subjects};

pub struct SealedAction {
    pub action: Action,
    /// Under whose key; `None`: nothing was said.
    pub subject: Option<SubjectId>,
    pub new_subject: Option<(SubjectId, Subject)>,
}

/// The one text an action may hold.
fn text(action: &mut Action) -> Option<(&mut Sealed, Option<&mut Fingerprint>)> {
    match action {
        Action::Report(report) => report.personal.as_mut().map(|text| (text, None)),
        Action::Reply(said) | Action::Note(said) => {
            Some((&mut said.text, Some(&mut said.fingerprint)))
        }
        Action::Bounce { reason: text }
        | Action::Complete { text, .. }
        | Action::Refuse { text, .. }
        | Action::Rate { text, .. }
        | Action::Appeal { reason: text }
        | Action::RuleAppeal { reason: text, .. }
        | Action::Withdraw { reason: text } => text.as_mut().map(|text| (text, None)),
        Action::Accept
        | Action::Dispatch { .. }
        | Action::Start
        | Action::Pause { .. }
        | Action::Resume
        | Action::MarkDuplicate { .. }
        | Action::Tick => None,
    }
}

impl Ledger {
    pub(super) fn seal(
        &self,
        Plain(mut action): Plain,
        asked: &Asked,
        before: Option<&CaseRow>,
    ) -> Result<Result<SealedAction, Refused>, StoreFault> {
        let reporter = match &action {
            Action::Report(report) => report.requester,
            _ => None,
        };
        let known = match (&asked.by, before) {
            (_, Some(row)) => row.subject,
            (Actor::Resident(Pseudonym(number)), None) => Some(SubjectId(*number)),
            _ => reporter.map(|Pseudonym(number)| SubjectId(number)),
        };
        let Some((sealed, fingerprint)) = text(&mut action) else {
            return Ok(Ok(SealedAction {
                action,
                subject: None,
                new_subject: None,
            }));
        };
        let (subject, key, new_subject) = match known {
            Some(subject) => match self.subject_key(subject)? {
                Some(key) => (subject, key, None),
                None => return Ok(Err(Refused::SubjectErased)),
            },
            None => {
                let (subject, key, row) = self.new_subject()?;
                (subject, key, Some((subject, row)))
            }
        };
        if let Some(fingerprint) = fingerprint {
            let author = asked.token.map_or(0, |token| token.0);
            *fingerprint = Fingerprint(key.fingerprint(author, &sealed.0));
        }
        let ciphertext = self.keyring.seal(&key, &sealed.0)?;
        std::mem::replace(&mut sealed.0, ciphertext).zeroize();
        Ok(Ok(SealedAction {
            action,
            subject: Some(subject),
            new_subject,
        }))
    }

    /// `None`: it was destroyed.
    pub(super) fn subject_key(&self, subject: SubjectId) -> Result<Option<Key>, StoreFault> {
        let Some(row) = self.projection.load::<Subjects>(&subject)? else {
            return Ok(None);
        };
        Ok(self.keyring.keys().subject_key(subject, &row.wrapped)?)
    }

    /// The next number that no key, not even one that a crash left in a key
    /// set, was ever made for.
    pub(super) fn new_subject(&self) -> Result<(SubjectId, Key, Subject), StoreFault> {
        let last = self.projection.head().last_subject;
        let subject = SubjectId(last.max(self.keyring.set_through().0) + 1);
        let (key, wrapped) = self.keyring.new_subject(subject)?;
        let row = Subject {
            wrapped,
            scope: None,
            erased: false,
        };
        Ok((subject, key, row))
    }
}
