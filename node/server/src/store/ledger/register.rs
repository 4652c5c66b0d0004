//! What only the ledger can put into an action: whose key seals an entry's personal
//! fields, which resident a token's name means, and whether the entries that an
//! engine names are there. Decides nothing about them.

use node_domain::actor::Pseudonym;
use node_domain::assessments::{self, Assessment};
use node_domain::cases;
use node_domain::code::Code;
use node_domain::deliberations;
use node_domain::documents;
use node_domain::funds;
use node_domain::process::{Action, Engine, ProcessId, Refusal, State};
use node_domain::registers::{self, Entry, Open, PairsBefore, Parent, Personal};
use node_domain::sealed::Sealed;
use node_domain::stored::Day;
use zeroize::Zeroizing;

use super::Ledger;
use super::command::Refused;
use crate::sealing::{Key, SubjectId};
use crate::store::fault::StoreFault;
use crate::store::keyspace::person_pair::PersonPairs;
use crate::store::keyspace::process::Processes;
use crate::store::keyspace::register_entry::RegisterEntries;
use crate::store::keyspace::subject::{Subject, Subjects};
use crate::store::keyspace::{Rows as _, Space, points_nowhere};

/// What is personal in a request on a register, still plain.
#[derive(Default)]
pub struct Private {
    /// The encoded `Personal` message.
    pub personal: Option<Zeroizing<Vec<u8>>>,
    /// The client's own stable name for a resident.
    pub resident: Option<Zeroizing<String>>,
}

/// A tree has at most nine.
const MOST_LEVELS: usize = 9;

/// Subjects whose rows the record carries.
type Rows = Vec<(SubjectId, Subject)>;
type Filled = Result<Result<Rows, Refused>, StoreFault>;

impl Ledger {
    pub(super) fn fill(
        &self,
        action: &mut Action,
        private: Private,
        (id, before): (ProcessId, Option<&State>),
    ) -> Filled {
        if let Some(refusal) = self.named_elsewhere(action, before)? {
            return Ok(Err(Refused::Process(refusal)));
        }
        let Action::Registers(action) = action else {
            return Ok(Ok(Rows::new()));
        };
        let entry = before.and_then(|state| <&Entry>::try_from(state).ok());
        if let Some(refusal) = self.neighbours(action)? {
            return Ok(Err(Refused::Process(refusal)));
        }
        if let registers::Action::Move { to, seen, .. } = action
            && let Some(entry) = entry
            && let Some(condition) = entry.condition(to)
        {
            *seen = self.seen(id, entry, condition)?;
        }
        let (personal, resident) = match action {
            registers::Action::Register(open) => (&mut open.personal, &mut open.resident),
            registers::Action::Amend(amend) => (&mut amend.personal, &mut amend.resident),
            _ => return Ok(Ok(Rows::new())),
        };
        let mut rows = Rows::new();
        let sealed_for = entry.and_then(|entry| entry.personal.as_ref());
        let mut subject = sealed_for.map(|personal| SubjectId(personal.subject.0));
        if let Some(name) = &private.resident {
            match self.bind(name, subject)? {
                Some((bound, row)) => {
                    rows.extend(row.map(|row| (bound, row)));
                    *resident = Some(Pseudonym(bound.0));
                }
                None => return Ok(Err(Refused::SubjectErased)),
            }
        }
        let Some(plain) = private.personal else {
            return Ok(Ok(rows));
        };
        // Always under the key that it began with, else the resident's own.
        let bound = resident.or_else(|| entry.and_then(|entry| entry.resident));
        subject = subject.or(bound.map(|Pseudonym(number)| SubjectId(number)));
        let (subject, key) = match subject {
            Some(subject) => match self.key_of(subject, &rows)? {
                Some(key) => (subject, key),
                None => return Ok(Err(Refused::SubjectErased)),
            },
            None => {
                let (subject, key, row) = self.new_subject()?;
                rows.push((subject, row));
                (subject, key)
            }
        };
        *personal = Some(Personal {
            subject: Pseudonym(subject.0),
            sealed: Sealed(self.keyring.seal(&key, &plain)?),
        });
        Ok(Ok(rows))
    }

    /// Who a resident's name means. One that is new here is the entry's own subject
    /// from now on. `None`: that was erased.
    fn bind(
        &self,
        name: &str,
        own: Option<SubjectId>,
    ) -> Result<Option<(SubjectId, Option<Subject>)>, StoreFault> {
        if let Some(known) = self.projection.requester(name)? {
            return Ok(Some((known, None)));
        }
        let unnamed = own.map(|own| self.projection.load::<Subjects>(&own));
        let unnamed = unnamed.transpose()?.flatten();
        let (subject, key, mut row) = match own.zip(unnamed) {
            Some((own, row)) if row.scope.is_none() => match self.subject_key(own)? {
                Some(key) => (own, key, row),
                None => return Ok(None),
            },
            _ => self.new_subject()?,
        };
        row.scope = Some(self.keyring.seal(&key, name.as_bytes())?);
        Ok(Some((subject, Some(row))))
    }

    fn key_of(&self, subject: SubjectId, new: &Rows) -> Result<Option<Key>, StoreFault> {
        match new.iter().find(|(id, _)| *id == subject) {
            Some((_, row)) => Ok(self.keyring.keys().subject_key(subject, &row.wrapped)?),
            None => self.subject_key(subject),
        }
    }

    pub(super) fn entry(&self, id: u64) -> Result<Option<Entry>, StoreFault> {
        let key = (Engine::Registers, ProcessId(id));
        let state = self.projection.load::<Processes>(&key)?;
        Ok(match state {
            Some(State::Registers(entry)) => Some(entry),
            _ => None,
        })
    }

    /// Looks up whom the action names; a refusal where there is no such entry.
    fn neighbours(&self, action: &mut registers::Action) -> Result<Option<Refusal>, StoreFault> {
        let named: Vec<(&'static str, u64)> = match action {
            registers::Action::Register(open) => {
                if let Some(refusal) = self.parent(open)? {
                    return Ok(Some(refusal));
                }
                if let Some(person) = open.person {
                    open.before = self.pairs_before(&open.register, person)?;
                }
                let helpers = open.helpers.iter().map(|helper| ("helpers", *helper));
                let person = open.person.map(|person| ("person", person));
                helpers.chain(person).collect()
            }
            registers::Action::Grant {
                holder: Some(holder),
                ..
            } => vec![("holder", *holder)],
            registers::Action::Ask { by, .. } => vec![("by", *by)],
            _ => Vec::new(),
        };
        self.first_unknown(&named)
    }

    /// Entries that actions of other engines name must be there; and whoever holds a
    /// role in what is assessed has ties to it.
    fn named_elsewhere(
        &self,
        action: &mut Action,
        before: Option<&State>,
    ) -> Result<Option<Refusal>, StoreFault> {
        let mut named: Vec<(&'static str, u64)> = Vec::new();
        match action {
            Action::Funds(funds::Action::Open(open)) => {
                named.extend(open.recipient.map(|id| ("recipient", id)));
            }
            Action::Funds(funds::Action::Appoint { payer, auditor }) => {
                named.extend([("payer", *payer), ("auditor", *auditor)]);
            }
            Action::Documents(
                documents::Action::Open(documents::Open { text, .. })
                | documents::Action::Draft { text, .. },
            ) => return self.named_in(text),
            Action::Deliberations(deliberations::Action::Propose(propose)) => {
                propose.order = self.order(&propose.kind)?;
            }
            Action::Assessments(assessments::Action::Open(open)) => {
                named.push(("subject", open.subject));
            }
            Action::Assessments(
                assessments::Action::Appoint { by, has_ties, .. }
                | assessments::Action::Judge { by, has_ties, .. },
            ) => {
                named.push(("by", *by));
                let one = before.and_then(|state| <&Assessment>::try_from(state).ok());
                let subject = one.map(|one| self.entry(one.subject)).transpose()?;
                let mut grants = subject.flatten().into_iter().flat_map(|entry| entry.grants);
                *has_ties = grants.any(|grant| grant.is_running && grant.holder == Some(*by));
            }
            _ => {}
        }
        if let Action::Offers(action) = action {
            return self.taking_part(action, before);
        }
        self.first_unknown(&named)
    }

    /// Who is responsible for the place that a report names, up to the top of its
    /// tree. A refusal where there is no such place.
    pub(super) fn levels(
        &self,
        action: &mut cases::Action,
    ) -> Result<Option<cases::Refusal>, StoreFault> {
        let cases::Action::Report(report) = action else {
            return Ok(None);
        };
        let Some(chain) = &mut report.chain else {
            return Ok(None);
        };
        let mut levels = Vec::new();
        let mut above = Some(chain.area);
        while let Some(id) = above.filter(|_| levels.len() < MOST_LEVELS) {
            let entry = self
                .entry(id)?
                .filter(|entry| !entry.ended && entry.level > 0);
            let Some((entry, title)) = entry.and_then(|entry| Some((entry.parent, entry.title?)))
            else {
                return Ok(Some(cases::Refusal::UnknownArea { area: chain.area }));
            };
            levels.push(title);
            above = entry;
        }
        chain.levels = levels.into();
        Ok(None)
    }

    pub(super) fn first_unknown(
        &self,
        named: &[(&'static str, u64)],
    ) -> Result<Option<Refusal>, StoreFault> {
        for (field, id) in named {
            if self.entry(*id)?.is_none_or(|entry| entry.ended) {
                return Ok(Some(unknown_entry(field, *id)));
            }
        }
        Ok(None)
    }

    fn parent(&self, open: &mut Open) -> Result<Option<Refusal>, StoreFault> {
        let Some(Parent { entry, level }) = &mut open.parent else {
            return Ok(None);
        };
        let known = self.entry(*entry)?;
        match known.filter(|known| !known.ended && known.register == open.register) {
            Some(known) => {
                *level = known.level;
                Ok(None)
            }
            None => Ok(Some(unknown_entry("parent", *entry))),
        }
    }

    /// The person's other pairs in the register.
    fn pairs_before(&self, register: &Code, person: u64) -> Result<PairsBefore, StoreFault> {
        let mut before = PairsBefore::default();
        for found in self.projection.pairs_of(ProcessId(person)) {
            let (key, ()) = found?;
            let entry = self.indexed::<PersonPairs>(&key, key.1)?;
            if entry.register != *register {
                continue;
            }
            before.is_paired |= !entry.ended;
            let ended: Option<Day> = entry.terms.last().and_then(|term| term.until);
            before.ended_on = before.ended_on.max(ended.filter(|_| entry.ended));
        }
        Ok(before)
    }

    /// All of one register, ended ones included.
    pub(super) fn entries_in(
        &self,
        register: &Code,
    ) -> impl Iterator<Item = Result<Entry, StoreFault>> {
        let found = self.projection.entries_in(register);
        found.map(|found| {
            let (key, ()) = found?;
            self.indexed::<RegisterEntries>(&key, key.1)
        })
    }

    /// The entry `id` that an index has at `key`.
    pub(super) fn indexed<S: Space>(
        &self,
        key: &S::Key,
        id: ProcessId,
    ) -> Result<Entry, StoreFault> {
        self.entry(id.0)?.ok_or_else(|| points_nowhere::<S>(key))
    }
}

pub(super) fn unknown_entry(field: &'static str, id: u64) -> Refusal {
    let zh = format!("名册里没有条目 entries/{id}，或已经注销");
    let en = format!("there is no entry entries/{id}, or it has ended");
    Refusal::input(field, "UNKNOWN_ENTRY", zh, en).with("entry", format!("entries/{id}"))
}
