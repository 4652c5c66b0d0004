//! The outbox of notices: kept from when the first consumer is opened until all have
//! acknowledged them, or until there are too many. Who never acknowledges anything
//! holds up nobody: its oldest are given up, and counted.

use std::collections::BTreeMap;

use node_domain::actor::Actor;
use node_domain::code::Code;
use node_domain::notices::{Consumer, Event, Mark, Matter, Raised, Recipient};

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::keyspace::consumer::Consumers;
use crate::store::keyspace::follower::Followers;
use crate::store::keyspace::notice::{NoticeRow, Notices};
use crate::store::keyspace::raw;
use crate::store::view::View;

/// Notices that are kept at most, about.
pub const MOST_KEPT: u64 = if cfg!(test) { 64 } else { 65_536 };
/// Rows that one record takes away at most; more go with the next ones.
const SWEPT: usize = 64;

#[derive(Default)]
pub struct Outbox {
    consumers: BTreeMap<Code, Consumer>,
    kept: u64,
    oldest: Option<Mark>,
}

impl Outbox {
    pub fn read(view: &View) -> Result<Outbox, StoreFault> {
        let consumers = view.all::<Consumers>().collect::<Result<_, _>>()?;
        let mut outbox = Outbox {
            consumers,
            ..Outbox::default()
        };
        for found in view.all::<Notices>() {
            outbox.keep(found?.0);
        }
        Ok(outbox)
    }

    fn keep(&mut self, mark: Mark) {
        self.oldest.get_or_insert(mark);
        self.kept += 1;
    }

    /// Whether anybody would get a notice.
    pub fn is_wanted(&self) -> bool {
        !self.consumers.is_empty()
    }

    /// What all have acknowledged; none: nobody wants any.
    fn acked(&self) -> Option<Mark> {
        self.consumers.values().map(|one| one.acked).min()
    }

    fn is_done_with(&self, mark: Mark) -> bool {
        self.acked().is_none_or(|acked| mark <= acked)
    }
}

impl Projection {
    pub fn consumer(&self, name: &Code) -> Option<&Consumer> {
        self.outbox.consumers.get(name)
    }

    pub fn consumers(&self) -> usize {
        self.outbox.consumers.len()
    }

    pub fn followers(&self, matter: Matter) -> Result<Vec<Recipient>, StoreFault> {
        let from = Followers::prefix(matter);
        let mut to = from.clone();
        // Above every follower: their kinds are few.
        to.push(0xff);
        let found = self.rows.entries::<Followers>(Some(&from), Some(&to));
        found.map(|found| Ok(found?.0.1)).collect()
    }

    /// Keeps what is told of a record; `sees`: who may see its matter now.
    pub(super) fn tell(
        &mut self,
        position: u64,
        matter: Matter,
        told: Vec<Raised>,
        sees: impl Fn(&Actor) -> bool,
    ) -> Result<(), StoreFault> {
        if told.is_empty() {
            return Ok(());
        }
        let mut followers = self.followers(matter)?;
        followers.retain(|one| one.actor().is_some_and(|actor| sees(&actor)));
        for raised in told {
            let recipients = raised.recipients(followers.iter().cloned());
            let mark = Mark {
                position,
                index: raised.index,
            };
            let mut consumers = self.outbox.consumers.values();
            if !consumers.any(|consumer| consumer.waits_for(mark, &recipients)) {
                continue;
            }
            let row = NoticeRow {
                happened_at: raised.at,
                matter,
                code: raised.notice.says.code.into(),
                recipients,
            };
            self.rows.put::<Notices>(&mark, &row);
            self.outbox.keep(mark);
        }
        self.sweep()
    }

    pub(super) fn apply_notices(&mut self, position: u64, event: &Event) -> Result<(), StoreFault> {
        match event {
            Event::Opened { consumer, owner } => {
                let acked = Mark {
                    position,
                    index: u32::MAX,
                };
                let opened = Consumer {
                    owner: owner.clone(),
                    acked,
                    lost: 0,
                };
                self.rows.put::<Consumers>(consumer, &opened);
                self.outbox.consumers.insert(consumer.clone(), opened);
            }
            Event::Acknowledged { consumer, through } => {
                let name = consumer;
                let missing = || StoreFault::record(position, format!("no consumer {name}"));
                let consumer = self.outbox.consumers.get_mut(name).ok_or_else(missing)?;
                consumer.acked = *through;
                self.rows.put::<Consumers>(name, consumer);
            }
            Event::Closed { consumer } => {
                self.rows.remove::<Consumers>(consumer);
                self.outbox.consumers.remove(consumer);
            }
            Event::Followed { matter, by } => {
                self.rows.put::<Followers>(&(*matter, by.clone()), &());
            }
            Event::Unfollowed { matter, by } => {
                self.rows.remove::<Followers>(&(*matter, by.clone()));
            }
        }
        self.sweep()
    }

    /// Takes away what all are done with, and the oldest of what is too much.
    fn sweep(&mut self) -> Result<(), StoreFault> {
        let Some(oldest) = self.outbox.oldest else {
            return Ok(());
        };
        if !self.outbox.is_done_with(oldest) && self.outbox.kept <= MOST_KEPT {
            return Ok(());
        }
        let from = raw::<Notices>(&oldest);
        let rows = self.rows.entries::<Notices>(Some(&from), None);
        self.outbox.oldest = None;
        for (swept, found) in rows.enumerate() {
            let (mark, row) = found?;
            let is_done = self.outbox.is_done_with(mark);
            if swept == SWEPT || !is_done && self.outbox.kept <= MOST_KEPT {
                self.outbox.oldest = Some(mark);
                break;
            }
            self.rows.remove::<Notices>(&mark);
            self.outbox.kept -= 1;
            if !is_done {
                self.lose(mark, &row);
            }
        }
        Ok(())
    }

    fn lose(&mut self, mark: Mark, row: &NoticeRow) {
        for (name, consumer) in &mut self.outbox.consumers {
            if consumer.waits_for(mark, &row.recipients) {
                consumer.lost += 1;
                self.rows.put::<Consumers>(name, consumer);
            }
        }
    }
}
