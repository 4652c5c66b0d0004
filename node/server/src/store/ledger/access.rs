//! What a person may ask for: a copy of what is held, and a correction of it. Both are
//! journalled before they are answered; deletion is `erase`.

use journal::Appender;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::cases::Refusal;
use node_domain::event::{Entry, Event};
use node_domain::sealed::Sealed;
use node_domain::subject::{Access, Deed};

use super::Ledger;
use super::command::{AccessAsk, AccessCommand, Asked, Refused, Whose};
use crate::sealing::SubjectId;
use crate::store::fault::StoreFault;
use crate::store::record::Record;

impl Ledger {
    /// Whose data it is: the person first, then the subjects of entries that are
    /// theirs and were sealed before that was known.
    pub(super) fn access(
        &mut self,
        AccessCommand { asked, of, ask }: AccessCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<Vec<SubjectId>, Refused>, StoreFault> {
        let of = match &asked.by {
            Actor::Resident(own) => Whose::Subject(*own),
            _ => of,
        };
        let subject = match self.subject_of(&of, &asked.by)? {
            Ok(Some(subject)) => subject,
            Ok(None) => return Ok(Err(Refused::NothingHeld)),
            Err(refused) => return Ok(Err(refused)),
        };
        let deed = match ask {
            AccessAsk::Export => Deed::Exported,
            AccessAsk::Correct(plain) => {
                let Whose::Case(case) = of else {
                    return Ok(Err(Refused::Case(Refusal::UnknownCase)));
                };
                if self.earlier(&asked).is_some() {
                    return Ok(Ok(vec![subject]));
                }
                let Some(key) = self.subject_key(subject)? else {
                    return Ok(Err(Refused::SubjectErased));
                };
                let personal = Sealed(self.keyring.seal(&key, &plain)?);
                Deed::Corrected { case, personal }
            }
        };
        self.note_access(&asked, subject, deed, log)?;
        let mut all = vec![subject];
        all.extend(self.entries_of(subject)?);
        Ok(Ok(all))
    }

    fn note_access(
        &mut self,
        asked: &Asked,
        subject: SubjectId,
        deed: Deed,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let access = Access {
            subject: Pseudonym(subject.0),
            deed,
        };
        let record = Record {
            token: asked.token,
            request_id: asked.request_id.clone(),
            ..Record::of(Entry {
                recorded_at: self.now(asked.now),
                event: Event::Accessed(access),
                facts: Vec::new(),
            })
        };
        self.append(record, None, log).map(drop)
    }
}
