//! Rows of persons: subjects and the index to find them by, tokens, and what an
//! erasure takes away.

use jiff::Timestamp;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::subject::{Access, Deed};
use node_domain::token;

use super::Projection;
use crate::sealing::SubjectId;
use crate::store::fault::StoreFault;
use crate::store::keyspace::access::Accesses;
use crate::store::keyspace::case::Cases;
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::requester::Requesters;
use crate::store::keyspace::subject::{Subject, Subjects};
use crate::store::keyspace::subject_case::SubjectCases;
use crate::store::keyspace::token::Tokens;
use crate::store::keyspace::token_hash::TokenHashes;
use crate::store::keyspace::{Entries, Rows as _};
use crate::store::record::Record;

impl Projection {
    pub(super) fn add_subject(
        &mut self,
        id: SubjectId,
        subject: &Subject,
    ) -> Result<(), StoreFault> {
        self.head.last_subject = self.head.last_subject.max(id.0);
        self.rows.put::<Subjects>(&id, subject);
        let Some(scope) = &subject.scope else {
            return Ok(());
        };
        if let Some(name) = self.keys.open(id, &subject.wrapped, scope)? {
            let tag = self.keys.index_tag(&String::from_utf8_lossy(&name));
            self.rows.put::<Requesters>(&tag, &id);
        }
        Ok(())
    }

    pub(super) fn access(
        &mut self,
        position: u64,
        access: &Access,
    ) -> Result<Option<Answered>, StoreFault> {
        self.rows
            .put::<Accesses>(&position, &SubjectId(access.subject.0));
        let Deed::Corrected { case, personal } = &access.deed else {
            return Ok(None);
        };
        let row = self.load::<Cases>(case)?;
        let mut row = row.ok_or_else(|| StoreFault::record(position, "case missing"))?;
        row.personal = Some(personal.clone());
        self.rows.put::<Cases>(case, &row);
        Ok(Some(Answered::Case(case.0)))
    }

    pub(super) fn apply_token(
        &mut self,
        record: &Record,
        event: &token::Event,
    ) -> Result<u64, StoreFault> {
        match event {
            token::Event::Created(token) => {
                self.head.last_token = self.head.last_token.max(token.id.0);
                if let Some(hash) = record.secret_hash {
                    self.rows.put::<TokenHashes>(&hash, &token.id);
                }
                self.rows.put::<Tokens>(&token.id, token);
                Ok(token.id.0)
            }
            token::Event::Revoked { token: id, .. } => {
                if let Some(mut token) = self.load::<Tokens>(id)? {
                    token.apply(event);
                    self.rows.put::<Tokens>(id, &token);
                }
                Ok(id.0)
            }
        }
    }

    pub fn cases_of(&self, subject: SubjectId) -> Result<u64, StoreFault> {
        let from = subject.0.to_be_bytes();
        let to = (subject.0 + 1).to_be_bytes();
        let cases = self.rows.entries::<SubjectCases>(Some(&from), Some(&to));
        Ok(cases.collect::<Result<Vec<_>, _>>()?.len() as u64)
    }

    pub fn subjects(&self, from: &[u8]) -> Entries<Subjects> {
        self.rows.entries(Some(from), None)
    }

    /// How many cases lost their requester.
    pub(super) fn erase(&mut self, subject: SubjectId, epoch: u64) -> Result<u64, StoreFault> {
        self.head.erasure_epoch = epoch;
        if let Some(mut row) = self.load::<Subjects>(&subject)? {
            row.erased = true;
            self.rows.put::<Subjects>(&subject, &row);
        }
        for found in self.rows.entries::<Requesters>(None, None) {
            let (tag, of) = found?;
            if of == subject {
                self.rows.remove::<Requesters>(&tag);
            }
        }
        let revoked_at = Timestamp::from_microsecond(self.head.recorded_at_us).unwrap_or_default();
        for found in self.rows.entries::<Tokens>(None, None) {
            let (id, mut token) = found?;
            if token.actor == Actor::Resident(Pseudonym(subject.0)) {
                let token_id = id;
                token.apply(&token::Event::Revoked {
                    token: token_id,
                    revoked_at,
                });
                self.rows.put::<Tokens>(&id, &token);
            }
        }
        self.cases_of(subject)
    }
}
