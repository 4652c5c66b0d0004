//! Tokens: made and revoked by an administrator, journalled with the hash of
//! their secret alone.

use journal::Appender;
use node_domain::actor::{Actor, Pseudonym};
use node_domain::event::{Entry, Event};
use node_domain::token::{self, TokenId};

use super::Ledger;
use super::command::{Bearer, Refused, TokenAnswer, TokenAsk, TokenCommand};
use crate::sealing::SubjectId;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::request::Answered;
use crate::store::keyspace::subject::Subject;
use crate::store::keyspace::token::Tokens;
use crate::store::record::Record;

type NewSubject = Option<(SubjectId, Subject)>;

impl Ledger {
    pub(super) fn token(
        &mut self,
        TokenCommand { asked, ask }: TokenCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<TokenAnswer, Refused>, StoreFault> {
        if let Some(earlier) = self.earlier(&asked) {
            let token = match earlier.answered {
                Answered::Token(id) => self.projection.load::<Tokens>(&TokenId(id))?,
                _ => None,
            };
            let repeated = true;
            return Ok(token
                .map(|token| TokenAnswer { token, repeated })
                .ok_or(Refused::RequestReused));
        }
        let (command, secret_hash, new_subject, named) = match ask {
            TokenAsk::Create {
                bearer,
                expires_at,
                secret_hash,
            } => {
                let (actor, new_subject) = self.bearer(bearer)?;
                let create = token::Command::Create { actor, expires_at };
                (create, Some(secret_hash), new_subject, None)
            }
            TokenAsk::Revoke(id) => {
                let named = self.projection.load::<Tokens>(&id)?;
                (token::Command::Revoke(id), None, None, named)
            }
        };
        let now = self.now(asked.now);
        let context = token::Context {
            now,
            by: &asked.by,
            with: asked.token,
            next: TokenId(self.projection.head().last_token + 1),
            named: named.as_ref(),
        };
        let event = match (token::decide(&command, &context), named) {
            (Err(refusal), _) => return Ok(Err(Refused::Token(refusal))),
            (Ok(Some(event)), _) => event,
            (Ok(None), named) => {
                let repeated = false;
                return Ok(named
                    .map(|token| TokenAnswer { token, repeated })
                    .ok_or(Refused::Token(token::Refusal::UnknownToken)));
            }
        };
        let id = match &event {
            token::Event::Created(token) => token.id,
            token::Event::Revoked { token, .. } => *token,
        };
        let record = Record {
            token: asked.token,
            request_id: asked.request_id,
            new_subjects: new_subject.into_iter().collect(),
            secret_hash,
            ..Record::of(Entry {
                recorded_at: now,
                event: Event::Token(event),
                facts: Vec::new(),
            })
        };
        self.append(record, None, log)?;
        let token = self.projection.load::<Tokens>(&id)?;
        let repeated = false;
        Ok(token
            .map(|token| TokenAnswer { token, repeated })
            .ok_or(Refused::Token(token::Refusal::UnknownToken)))
    }

    /// A resident's own name becomes a number here; the name itself is kept
    /// under the resident's key.
    fn bearer(&self, bearer: Bearer) -> Result<(Actor, NewSubject), StoreFault> {
        let scope = match bearer {
            Bearer::Other(actor) => return Ok((actor, None)),
            Bearer::Resident(scope) => scope,
        };
        if let Some(subject) = self.projection.requester(&scope)? {
            return Ok((Actor::Resident(Pseudonym(subject.0)), None));
        }
        let (subject, key, mut row) = self.new_subject()?;
        row.scope = Some(self.keyring.seal(&key, scope.as_bytes())?);
        Ok((Actor::Resident(Pseudonym(subject.0)), Some((subject, row))))
    }
}
