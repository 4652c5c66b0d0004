//! Letters of the hub: each is decided like a command of the node itself, and kept
//! with its place in the hub's log, so that none is taken twice.

use jiff::Timestamp;
use journal::Appender;
use node_domain::actor::Actor;
use node_domain::event::{Brought, Delivered, Entry, Event, Lettered};
use node_domain::process::{self, Action, Decided, Engine, ProcessId, Refusal};
use node_domain::{offers, support};
use proto::fact::Fact;
use proto::identity::LogId;
use proto::support::{BACKLOG, Card, Down, Letter};
use proto::sync::downlink::Cursor;

use super::Ledger;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::post::{Post, PostKey, PostRow};
use crate::store::keyspace::process::Processes;
use crate::store::record::Record;

impl Ledger {
    pub(super) fn deliver(
        &mut self,
        now: Timestamp,
        log_id: LogId,
        letters: Vec<Letter>,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let now = self.now(now);
        let known = self.projection.letter_box().cursor;
        let known = known.filter(|cursor| cursor.log_id == log_id);
        let known = known.map_or(0, |cursor| cursor.seq);
        let mut unkept = None;
        for letter in letters.into_iter().filter(|letter| letter.seq > known) {
            let cursor = Cursor {
                log_id,
                seq: letter.seq,
            };
            let (brought, facts) = self.brought(now, letter.down)?;
            unkept = Some(cursor).filter(|_| brought == Brought::Nothing);
            if unkept.is_none() {
                self.keep(now, Some(cursor), None, (brought, facts), log)?;
            }
        }
        // What brought nothing need not be asked for again either.
        match unkept {
            Some(cursor) => {
                let nothing = (Brought::Nothing, Vec::new());
                self.keep(now, Some(cursor), None, nothing, log)
            }
            None => Ok(()),
        }
    }

    pub(super) fn received(
        &mut self,
        now: Timestamp,
        through: u64,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        if self.projection.letter_box().received == through {
            return Ok(());
        }
        let now = self.now(now);
        let nothing = (Brought::Nothing, Vec::new());
        self.keep(now, None, Some(through), nothing, log)
    }

    /// A refusal while too many letters wait for the hub.
    pub(super) fn backlog(&self) -> Option<Refusal> {
        let held = self.projection.letter_box();
        let waiting = held.last.saturating_sub(held.received);
        (waiting >= BACKLOG).then(|| {
            let zh = format!("已有 {waiting} 封信等待送达区枢纽，请先恢复线路");
            let en = format!("{waiting} letters wait for the hub: mend the line first");
            Refusal::exhausted("BACKLOG_FULL", zh, en).with("waiting", waiting)
        })
    }

    fn keep(
        &mut self,
        now: Timestamp,
        cursor: Option<Cursor>,
        received: Option<u64>,
        (brought, facts): (Brought, Vec<Fact>),
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let lettered = Lettered { cursor, received };
        let delivered = Delivered { lettered, brought };
        let record = Record::of(Entry {
            recorded_at: now,
            event: Event::Delivered(delivered),
            facts,
        });
        self.append(record, None, log).map(drop)
    }

    fn brought(&self, now: Timestamp, down: Down) -> Result<(Brought, Vec<Fact>), StoreFault> {
        let nothing = (Brought::Nothing, Vec::new());
        let (key, engine, action) = match down {
            Down::Card(card) => return Ok((self.card(card)?, Vec::new())),
            Down::Progress(progress) => (
                PostKey::Request(progress.request),
                Engine::Support,
                Action::Support(support::Action::Learn(Box::new(progress))),
            ),
            Down::Offer(offer) => (
                PostKey::Offer(offer.key),
                Engine::Offers,
                Action::Offers(offers::Action::Learn(Box::new(offer))),
            ),
        };
        let known = self.projection.known_as(&key)?;
        let before = known.map(|id| self.projection.load::<Processes>(&(engine, id)));
        let before = before.transpose()?.flatten();
        if before.is_none() && engine == Engine::Support {
            tracing::warn!(?key, "the hub has a request that this node does not know");
            return Ok(nothing);
        }
        let command = process::Command {
            by: Actor::System,
            happened_at: now,
            action: Some(action),
        };
        let new = ProcessId(self.projection.head().last_process + 1);
        match self.decide_process(before, &command, now) {
            Ok(Some(decided)) => {
                let Decided {
                    happenings, facts, ..
                } = decided;
                let event = process::Event {
                    process: known.unwrap_or(new),
                    happenings,
                };
                Ok((Brought::Process(event), facts))
            }
            Ok(None) => Ok(nothing),
            Err(refusal) => {
                tracing::error!(?key, reason = refusal.reason, "a letter was refused");
                Ok(nothing)
            }
        }
    }

    fn card(&self, card: Card) -> Result<Brought, StoreFault> {
        let held = self
            .projection
            .load::<Post>(&PostKey::Centre(card.centre.clone()))?;
        let same = held == Some(PostRow::Recipient(card.recipient.clone()));
        Ok(match same {
            true => Brought::Nothing,
            false => Brought::Card(card),
        })
    }
}
