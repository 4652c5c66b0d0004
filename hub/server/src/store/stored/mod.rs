//! Events as the hub's journal keeps them: one format byte, then protobuf with
//! frozen field numbers (docs/storage.md, "Hub journal"). A newer format is
//! refused. Knows no journal.

mod assignment;
mod audit;
mod centre;
mod control;
mod coverage;
mod extension;
mod head;
mod line;
mod marker;
mod network;
mod part;
mod period;
mod reclaim;
mod release;
mod rollout;
mod state;
mod support;
mod tree;
mod watch;

use hub_domain::event::{Event, LineEvent};
use prost::Message as _;
use proto::{pb::sync::Cells, place::Place};

pub use audit::StoredAudit;
pub use centre::{StoredCentreEvent, StoredFed};
pub use control::{StoredFounded, StoredPublished, StoredRegistered, StoredRestored};
pub use extension::StoredExtension;
pub use line::StoredLineEvent;
pub use marker::{StoredMarker, cell_key, pack};
pub use period::{StoredPeriod, StoredRevision};
pub use release::{Kept, StoredKept};
pub use rollout::{StoredRollout, StoredTaking};
pub use state::StoredLine;
pub use support::StoredSupport;
pub use tree::{StoredTree, StoredTreeEvent};
pub use watch::StoredWatch;

use crate::pki::stored::StoredIssuance;

/// Of a record.
pub const FORMAT: u8 = 1;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredEvent {
    #[prost(
        oneof = "Kind",
        tags = "1, 2, 3, 4, 5, 6, 7, 30, 31, 40, 41, 50, 60, 110, 130"
    )]
    pub kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
#[allow(clippy::large_enum_variant, reason = "almost all are batches")]
pub enum Kind {
    #[prost(message, tag = "1")]
    Founded(StoredFounded),
    #[prost(message, tag = "2")]
    Registered(StoredRegistered),
    #[prost(message, tag = "3")]
    Published(StoredPublished),
    #[prost(message, tag = "4")]
    Issued(StoredIssuance),
    #[prost(message, tag = "5")]
    Line(StoredLineEvent),
    #[prost(message, tag = "6")]
    Restored(StoredRestored),
    #[prost(message, tag = "7")]
    Tree(StoredTreeEvent),
    #[prost(message, tag = "30")]
    Rollout(StoredRollout),
    #[prost(message, tag = "31")]
    Took(StoredTaking),
    #[prost(message, tag = "40")]
    Centre(StoredCentreEvent),
    #[prost(message, tag = "50")]
    Support(StoredSupport),
    #[prost(message, tag = "60")]
    Watch(StoredWatch),
    #[prost(message, tag = "41")]
    Audited(StoredAudit),
    #[prost(message, tag = "110")]
    Extension(StoredExtension),
    #[prost(message, tag = "130")]
    Period(StoredPeriod),
}

/// Stored bytes that mean nothing to this build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("format {0} is newer than this build's {FORMAT}: use the newer build")]
    Newer(u8),
    #[error("{0}")]
    Malformed(String),
}

impl Unreadable {
    fn field(field: &'static str) -> Unreadable {
        Unreadable::Malformed(format!("{field} is missing or malformed"))
    }

    fn of(field: &'static str) -> impl FnOnce(&dyn std::fmt::Display) -> Unreadable {
        move |cause| Unreadable::Malformed(format!("{field}: {cause}"))
    }
}

/// The record of `event`. `packed`: an accepted batch's cells as they came,
/// when none of them was left out.
pub fn encode(event: &Event, packed: Option<Cells>) -> Vec<u8> {
    let kind = match event {
        Event::Founded(founded) => Kind::Founded(founded.into()),
        Event::Registered {
            asked,
            events,
            answer,
        } => Kind::Registered(StoredRegistered::new(asked, events, answer)),
        Event::Published {
            asked,
            items,
            unchanged,
        } => Kind::Published(StoredPublished::new(asked, items, *unchanged)),
        Event::Issued(event) => Kind::Issued(event.into()),
        Event::Centre { asked, event } => {
            Kind::Centre(StoredCentreEvent::new(asked.as_ref(), event))
        }
        Event::Extension(event) => Kind::Extension(event.into()),
        Event::Audited(decisions) => Kind::Audited(StoredAudit::new(decisions)),
        Event::Restored { incarnation, at } => Kind::Restored(StoredRestored {
            incarnation: *incarnation,
            at: Some((*at).into()),
        }),
        Event::Tree(event) => Kind::Tree(event.into()),
        Event::Watch(event) => Kind::Watch(event.into()),
        Event::Period(event) => Kind::Period(event.into()),
        Event::Rollout(event) => Kind::Rollout(event.into()),
        Event::Took(taking) => Kind::Took(taking.into()),
        Event::Support { asked, event } => Kind::Support(StoredSupport::new(asked, event)),
        Event::Line(node, event) => Kind::Line(StoredLineEvent::new(*node, event, packed)),
    };
    let stored = StoredEvent { kind: Some(kind) };
    let mut record = Vec::with_capacity(1 + stored.encoded_len());
    record.push(FORMAT);
    record.extend_from_slice(&stored.encode_to_vec());
    record
}

pub fn decode(record: &[u8]) -> Result<Event, Unreadable> {
    let (format, body) = record
        .split_first()
        .ok_or_else(|| Unreadable::field("record"))?;
    if *format != FORMAT {
        return Err(Unreadable::Newer(*format));
    }
    let stored = StoredEvent::decode(body).map_err(|cause| Unreadable::of("record")(&cause))?;
    Ok(
        match stored.kind.ok_or_else(|| Unreadable::field("kind"))? {
            Kind::Founded(founded) => Event::Founded(founded.try_into()?),
            Kind::Registered(registered) => registered.try_into()?,
            Kind::Published(published) => published.try_into()?,
            Kind::Issued(issued) => {
                let event = issued.try_into();
                Event::Issued(event.map_err(|cause| Unreadable::of("issuance")(&cause))?)
            }
            Kind::Restored(restored) => Event::Restored {
                incarnation: restored.incarnation,
                at: part::time(restored.at)?,
            },
            Kind::Centre(stored) => stored.try_into()?,
            Kind::Extension(stored) => Event::Extension(stored.try_into()?),
            Kind::Audited(stored) => stored.try_into()?,
            Kind::Tree(stored) => Event::Tree(stored.try_into()?),
            Kind::Watch(stored) => Event::Watch(stored.try_into()?),
            Kind::Period(stored) => Event::Period(stored.try_into()?),
            Kind::Rollout(stored) => Event::Rollout(stored.try_into()?),
            Kind::Took(stored) => Event::Took(stored.try_into()?),
            Kind::Support(stored) => stored.try_into()?,
            Kind::Line(stored) => {
                let (node, event): (Place, LineEvent) = stored.try_into()?;
                Event::Line(node, event)
            }
        },
    )
}

#[cfg(test)]
mod rollout_tests;
#[cfg(test)]
mod tests;
