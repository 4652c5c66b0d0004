//! Rows of letters: which of this node's events are letters, which processes the
//! district knows by a name of its own, and how far the exchange has come.

use jiff::Timestamp;
use node_domain::event::{Brought, Delivered};
use node_domain::process::{Event, Happenings, ProcessId};
use node_domain::{offers, support};
use proto_child::uplink::action::Standing;

use super::Projection;
use crate::store::fault::StoreFault;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::letter::Letters;
use crate::store::keyspace::link::{LetterBox, Link, LinkKey, Links};
use crate::store::keyspace::post::{Post, PostKey, PostRow};
use crate::store::view::View;

/// In memory as in its row; with what the uplink was granted last.
#[derive(Default)]
pub struct Mailbox {
    held: LetterBox,
    pub lineage: u32,
    pub epoch: u64,
}

impl Mailbox {
    pub fn read(view: &View) -> Result<Mailbox, StoreFault> {
        let mut letters = Mailbox::default();
        if let Some(Link::Letters(held)) = view.load::<Links>(&LinkKey::Letters)? {
            letters.held = held;
        }
        if let Some(Link::Uplink(standing)) = view.load::<Links>(&LinkKey::Uplink)? {
            letters.stand(&standing);
        }
        Ok(letters)
    }

    pub fn stand(&mut self, standing: &Standing) {
        (self.lineage, self.epoch) = (standing.lineage, standing.epoch);
    }
}

impl Projection {
    pub fn letter_box(&self) -> LetterBox {
        self.letters.held
    }

    /// As the uplink was granted them last.
    pub fn granted(&self) -> (u32, u64) {
        (self.letters.lineage, self.letters.epoch)
    }

    /// The process that the district knows by this name.
    pub fn known_as(&self, key: &PostKey) -> Result<Option<ProcessId>, StoreFault> {
        Ok(match self.load::<Post>(key)? {
            Some(PostRow::Process(process)) => Some(process),
            _ => None,
        })
    }

    /// What an event means for letters.
    pub(super) fn post(&mut self, position: u64, event: &Event) {
        let key = match &event.happenings {
            Happenings::Support(happened) => happened.iter().find_map(|one| match &one.what {
                support::Happening::Asked { asked, .. } => Some(PostKey::Request(asked.request)),
                _ => None,
            }),
            Happenings::Offers(happened) => happened.iter().find_map(|one| match &one.what {
                offers::Happening::Published { offer, .. } => Some(PostKey::Offer(offer.key)),
                _ => None,
            }),
            _ => return,
        };
        if let Some(key) = key {
            self.rows
                .put::<Post>(&key, &PostRow::Process(event.process));
        }
        if support::letter(event).is_some() {
            self.letters.held.last += 1;
            self.rows.put::<Letters>(&self.letters.held.last, &position);
            self.put_box();
        }
    }

    pub(super) fn deliver(
        &mut self,
        position: u64,
        recorded_at: Timestamp,
        delivered: &Delivered,
    ) -> Result<(), StoreFault> {
        match &delivered.brought {
            Brought::Process(event) => {
                self.put_process(position, recorded_at, event)?;
                self.post(position, event);
            }
            Brought::Card(card) => {
                let row = PostRow::Recipient(card.recipient.clone());
                self.rows
                    .put::<Post>(&PostKey::Centre(card.centre.clone()), &row);
            }
            Brought::Nothing => {}
        }
        let lettered = &delivered.lettered;
        self.letters.held.cursor = lettered.cursor.or(self.letters.held.cursor);
        self.letters.held.received = lettered.received.unwrap_or(self.letters.held.received);
        self.put_box();
        Ok(())
    }

    fn put_box(&mut self) {
        let link = Link::Letters(self.letters.held);
        self.rows.put::<Links>(&LinkKey::Letters, &link);
    }
}
