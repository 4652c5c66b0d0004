//! One record of the journal: an accepted command's event, its facts in clear,
//! who sent it and under which request, and the keys of subjects it made. The
//! form that `docs/storage.md`, "Node records", freezes.

use std::sync::Arc;

use jiff::Timestamp;
use node_domain::actor::Pseudonym;
use node_domain::event::{Activation, ActiveItem, Entry, Event};
use node_domain::token::{self, TokenId};
use prost::Message as _;
use proto::fact::{Fact, FactTypeId, Member};
use proto::sync::uplink::StartId;

use super::keyspace::catalogue::StoredItem;
use super::keyspace::link::{StoredCursor, StoredStanding};
use super::keyspace::subject::Subject;
use super::keyspace::token::StoredToken;
use super::stored_access::StoredAccess;
use super::stored_adoption::StoredAdoption;
use super::stored_case;
use super::stored_delivery::StoredDelivered;
use super::stored_process::{self, StoredEvent};
use super::stored_reclaim::StoredReclaimed;
use crate::sealing::{SubjectId, Wrapped};

/// A record with a greater one is refused.
pub const VERSION: u32 = 1;

/// An entry with what only the server knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub entry: Entry,
    /// The token that the command came with; none: the node itself.
    pub token: Option<TokenId>,
    pub request_id: Option<String>,
    /// Subjects that were first seen here, with their keys.
    pub new_subjects: Vec<(SubjectId, Subject)>,
    /// Under whose key the events' texts are sealed.
    pub subject: Option<SubjectId>,
    /// Of a token that was made: SHA-256 of its secret.
    pub secret_hash: Option<[u8; 32]>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredRecord {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(sint64, tag = "2")]
    recorded_at_us: i64,
    #[prost(uint64, tag = "3")]
    token: u64,
    #[prost(string, optional, tag = "4")]
    request_id: Option<String>,
    #[prost(message, repeated, tag = "5")]
    new_subjects: Vec<StoredSubject>,
    #[prost(uint64, tag = "6")]
    subject: u64,
    /// Members of the facts, each once.
    #[prost(string, repeated, tag = "7")]
    members: Vec<String>,
    #[prost(message, repeated, tag = "8")]
    facts: Vec<StoredFact>,
    #[prost(
        oneof = "Body",
        tags = "16, 17, 18, 19, 20, 21, 22, 23, 24, 50, 70, 80, 81"
    )]
    body: Option<Body>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Body {
    #[prost(message, tag = "16")]
    Cases(StoredEvents),
    #[prost(message, tag = "17")]
    TokenCreated(StoredTokenCreated),
    #[prost(message, tag = "18")]
    TokenRevoked(StoredTokenRevoked),
    #[prost(message, tag = "19")]
    Activated(StoredActivation),
    #[prost(message, tag = "20")]
    Linked(StoredStanding),
    #[prost(message, tag = "21")]
    Erased(StoredErased),
    #[prost(fixed64, tag = "22")]
    Started(u64),
    #[prost(message, tag = "23")]
    Reclaimed(StoredReclaimed),
    #[prost(message, tag = "24")]
    Process(StoredEvent),
    #[prost(message, tag = "70")]
    Accessed(StoredAccess),
    #[prost(bytes, tag = "80")]
    Notices(Vec<u8>),
    #[prost(message, tag = "81")]
    Adopted(StoredAdoption),
    #[prost(message, tag = "50")]
    Delivered(StoredDelivered),
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredSubject {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    epoch: u64,
    #[prost(bytes = "vec", tag = "3")]
    wrapped: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "4")]
    scope: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredFact {
    #[prost(uint32, tag = "1")]
    fact_type: u32,
    #[prost(sint64, tag = "2")]
    occurred_at_us: i64,
    /// Places in `members`.
    #[prost(uint32, repeated, tag = "3")]
    members: Vec<u32>,
    #[prost(sint64, repeated, tag = "4")]
    measures: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredEvents {
    #[prost(bytes = "vec", repeated, tag = "1")]
    events: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredTokenCreated {
    #[prost(message, optional, tag = "1")]
    token: Option<StoredToken>,
    #[prost(bytes = "vec", tag = "2")]
    secret_hash: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredTokenRevoked {
    #[prost(uint64, tag = "1")]
    token: u64,
    #[prost(sint64, tag = "2")]
    revoked_at_us: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredActivation {
    #[prost(message, optional, tag = "1")]
    cursor: Option<StoredCursor>,
    #[prost(bool, tag = "2")]
    replaces_all: bool,
    #[prost(message, repeated, tag = "3")]
    items: Vec<StoredItem>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredErased {
    #[prost(uint64, tag = "1")]
    subject: u64,
    #[prost(uint64, tag = "2")]
    epoch: u64,
}

impl Record {
    /// An event of the node's own.
    pub fn of(entry: Entry) -> Record {
        Record {
            entry,
            token: None,
            request_id: None,
            new_subjects: Vec::new(),
            subject: None,
            secret_hash: None,
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut members = Words::default();
        let facts = self.entry.facts.iter();
        let facts = facts.map(|fact| stored_fact(fact, &mut members)).collect();
        let new_subjects = self.new_subjects.iter();
        StoredRecord {
            version: VERSION,
            recorded_at_us: self.entry.recorded_at.as_microsecond(),
            token: self.token.map_or(0, |token| token.0),
            request_id: self.request_id.clone(),
            new_subjects: new_subjects
                .map(|(id, subject)| StoredSubject {
                    id: id.0,
                    epoch: subject.wrapped.epoch,
                    wrapped: subject.wrapped.key.to_vec(),
                    scope: subject.scope.as_ref().map(|scope| scope.to_vec()),
                })
                .collect(),
            subject: self.subject.map_or(0, |subject| subject.0),
            facts,
            members: members.words,
            body: Some(self.body()),
        }
        .encode_to_vec()
    }

    fn body(&self) -> Body {
        match &self.entry.event {
            Event::Cases(events) => Body::Cases(StoredEvents {
                events: events.iter().map(stored_case::encode_event).collect(),
            }),
            Event::Process(event) => Body::Process(event.into()),
            Event::Token(token::Event::Created(token)) => Body::TokenCreated(StoredTokenCreated {
                token: Some(token.into()),
                secret_hash: self.secret_hash.map_or_else(Vec::new, Vec::from),
            }),
            Event::Token(token::Event::Revoked { token, revoked_at }) => {
                Body::TokenRevoked(StoredTokenRevoked {
                    token: token.0,
                    revoked_at_us: revoked_at.as_microsecond(),
                })
            }
            Event::Activated(activation) => Body::Activated(StoredActivation {
                cursor: Some((&activation.cursor).into()),
                replaces_all: activation.replaces_all,
                items: activation.items.iter().map(StoredItem::from).collect(),
            }),
            Event::Notices(event) => Body::Notices(stored_process::encode(event)),
            Event::Adopted(adoption) => Body::Adopted(adoption.into()),
            Event::Linked(standing) => Body::Linked(standing.into()),
            Event::Delivered(delivered) => Body::Delivered(delivered.into()),
            Event::Started(start) => Body::Started(start.0),
            Event::Reclaimed(reclaimed) => Body::Reclaimed(reclaimed.into()),
            Event::Accessed(access) => Body::Accessed(access.into()),
            Event::Erased { subject, epoch } => Body::Erased(StoredErased {
                subject: subject.0,
                epoch: *epoch,
            }),
        }
    }

    /// The error says what is wrong, for people.
    pub fn decode(bytes: &[u8]) -> Result<Record, String> {
        let stored = StoredRecord::decode(bytes).map_err(text)?;
        if stored.version != VERSION {
            return Err(format!(
                "version {}; this program reads {VERSION}: use a newer program",
                stored.version
            ));
        }
        let members: Vec<Member> = stored.members.into_iter().map(Arc::from).collect();
        let facts = stored.facts.into_iter().map(|fact| to_fact(fact, &members));
        let (event, secret_hash) = to_event(stored.body.ok_or("no event")?)?;
        Ok(Record {
            entry: Entry {
                recorded_at: instant(stored.recorded_at_us)?,
                event,
                facts: facts.collect::<Result<_, _>>()?,
            },
            token: Some(TokenId(stored.token)).filter(|token| token.0 != 0),
            request_id: stored.request_id,
            new_subjects: stored.new_subjects.into_iter().map(to_subject).collect(),
            subject: Some(SubjectId(stored.subject)).filter(|subject| subject.0 != 0),
            secret_hash,
        })
    }

    /// Facts alone, which is what a backfill reads.
    pub fn decode_facts(bytes: &[u8]) -> Result<Vec<Fact>, String> {
        Record::decode(bytes).map(|record| record.entry.facts)
    }
}

fn to_event(body: Body) -> Result<(Event, Option<[u8; 32]>), String> {
    let event = match body {
        Body::Cases(stored) => {
            let events = stored.events.iter();
            let events = events.map(|bytes| stored_case::decode_event(bytes).map_err(text));
            Event::Cases(events.collect::<Result<_, _>>()?)
        }
        Body::Process(stored) => Event::Process(stored.try_into()?),
        Body::TokenCreated(stored) => {
            let token = stored.token.ok_or("no token")?.try_into()?;
            let hash = stored.secret_hash.as_slice().try_into().map_err(text)?;
            return Ok((Event::Token(token::Event::Created(token)), Some(hash)));
        }
        Body::TokenRevoked(stored) => Event::Token(token::Event::Revoked {
            token: TokenId(stored.token),
            revoked_at: instant(stored.revoked_at_us)?,
        }),
        Body::Activated(stored) => Event::Activated(Activation {
            cursor: stored.cursor.ok_or("no cursor")?.try_into()?,
            replaces_all: stored.replaces_all,
            items: stored.items.into_iter().map(ActiveItem::from).collect(),
        }),
        Body::Notices(stored) => Event::Notices(stored_process::decode(&stored)?),
        Body::Adopted(stored) => Event::Adopted(stored.try_into()?),
        Body::Linked(stored) => Event::Linked(stored.try_into()?),
        Body::Delivered(stored) => Event::Delivered(stored.try_into()?),
        Body::Started(start) => Event::Started(StartId(start)),
        Body::Reclaimed(stored) => Event::Reclaimed(stored.try_into()?),
        Body::Accessed(stored) => Event::Accessed(stored.try_into()?),
        Body::Erased(stored) => Event::Erased {
            subject: Pseudonym(stored.subject),
            epoch: stored.epoch,
        },
    };
    Ok((event, None))
}

fn to_subject(stored: StoredSubject) -> (SubjectId, Subject) {
    let subject = Subject {
        wrapped: Wrapped {
            epoch: stored.epoch,
            key: stored.wrapped.into(),
        },
        scope: stored.scope.map(Into::into),
        erased: false,
    };
    (SubjectId(stored.id), subject)
}

/// A record's facts share most of their members.
#[derive(Default)]
struct Words {
    words: Vec<String>,
}

impl Words {
    fn place(&mut self, word: &str) -> u32 {
        let known = self.words.iter().position(|known| known == word);
        let place = known.unwrap_or_else(|| {
            self.words.push(word.to_owned());
            self.words.len() - 1
        });
        place as u32
    }
}

fn stored_fact(fact: &Fact, members: &mut Words) -> StoredFact {
    StoredFact {
        fact_type: u32::from(fact.fact_type.0),
        occurred_at_us: fact.occurred_at.as_microsecond(),
        members: fact
            .members
            .iter()
            .map(|word| members.place(word))
            .collect(),
        measures: fact.measures.to_vec(),
    }
}

fn to_fact(stored: StoredFact, members: &[Member]) -> Result<Fact, String> {
    let member = |place: u32| members.get(place as usize).cloned().ok_or("member missing");
    let found = stored.members.into_iter().map(member);
    Ok(Fact {
        fact_type: FactTypeId(stored.fact_type.try_into().map_err(text)?),
        occurred_at: instant(stored.occurred_at_us)?,
        members: found.collect::<Result<_, _>>()?,
        measures: stored.measures.into(),
    })
}

fn instant(us: i64) -> Result<Timestamp, String> {
    Timestamp::from_microsecond(us).map_err(text)
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
