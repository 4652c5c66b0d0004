//! What is asked about notices: consumers, what they have dealt with, who follows
//! what.

use journal::Appender;
use node_domain::cases::{Visibility, visible_to};
use node_domain::event::{Entry, Event};
use node_domain::notices::{Command, Consumer, Context, Matter, Recipient, decide};

use super::Ledger;
use super::command::{NoticesCommand, Refused};
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::case::Cases;
use crate::store::keyspace::process::Processes;
use crate::store::record::Record;

impl Ledger {
    /// The named consumer afterwards, where one is named.
    pub(super) fn notices(
        &mut self,
        NoticesCommand { asked, ask }: NoticesCommand,
        log: &mut Appender<'_>,
    ) -> Result<Result<Option<Consumer>, Refused>, StoreFault> {
        let (named, matter) = match &ask {
            Command::Open { consumer }
            | Command::Acknowledge { consumer, .. }
            | Command::Close { consumer } => (Some(consumer), None),
            Command::Follow(matter) | Command::Unfollow(matter) => (None, Some(*matter)),
        };
        let followers = match matter {
            Some(matter) => self.projection.followers(matter)?,
            None => Vec::new(),
        };
        let own = Recipient::of(&asked.by);
        let context = Context {
            by: &asked.by,
            consumer: named.and_then(|name| self.projection.consumer(name)),
            consumers: self.projection.consumers(),
            position: self.projection.head().position,
            is_visible: self.is_visible(matter, &asked.by)?,
            follows: own.is_some_and(|own| followers.contains(&own)),
            followers: followers.len(),
        };
        let event = match decide(&ask, &context) {
            Ok(event) => event,
            Err(refusal) => return Ok(Err(Refused::Process(refusal))),
        };
        if let Some(event) = event {
            let record = Record {
                token: asked.token,
                ..Record::of(Entry {
                    recorded_at: self.now(asked.now),
                    event: Event::Notices(event),
                    facts: Vec::new(),
                })
            };
            self.append(record, None, log)?;
        }
        let consumer = named.and_then(|name| self.projection.consumer(name));
        Ok(Ok(consumer.cloned()))
    }

    /// Whether it takes no room: what was acknowledged goes, and who comes again
    /// leaves no record.
    pub(super) fn gives_room(&self, ask: &Command) -> bool {
        match ask {
            Command::Acknowledge { .. } | Command::Close { .. } => true,
            Command::Open { consumer } => self.projection.consumer(consumer).is_some(),
            Command::Follow(_) | Command::Unfollow(_) => false,
        }
    }

    fn is_visible(
        &self,
        matter: Option<Matter>,
        by: &node_domain::actor::Actor,
    ) -> Result<bool, StoreFault> {
        Ok(match matter {
            None => false,
            Some(Matter::Case(case)) => {
                let row = self.projection.load::<Cases>(&case)?;
                row.is_some_and(|row| visible_to(&row.case, by) != Visibility::Hidden)
            }
            Some(Matter::Process(engine, process)) => {
                let state = self.projection.load::<Processes>(&(engine, process))?;
                state.is_some_and(|state| state.is_visible_to(by))
            }
        })
    }
}
