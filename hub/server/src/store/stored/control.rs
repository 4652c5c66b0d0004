//! Founding, register and catalogue as stored.

use hub_domain::{
    event::{Asked, Event, Founded, Imported},
    register::{self, Closing, CommunityType, Description},
};
use proto::{identity::LogId, indicator::catalogue::Item, pb::sync::ItemKind};

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, day, day_text, fixed, place, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredFounded {
    #[prost(string, tag = "1")]
    pub district: String,
    #[prost(uint64, tag = "2")]
    pub incarnation: u64,
    #[prost(bytes = "vec", tag = "3")]
    pub catalogue_log: Vec<u8>,
    #[prost(string, tag = "4")]
    pub zone: String,
    #[prost(message, optional, tag = "5")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRegistered {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(message, repeated, tag = "2")]
    pub events: Vec<StoredRegisterEvent>,
    #[prost(uint32, tag = "3")]
    pub added: u32,
    #[prost(uint32, tag = "4")]
    pub changed: u32,
    #[prost(uint32, tag = "5")]
    pub unchanged: u32,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredRestored {
    #[prost(uint64, tag = "1")]
    pub incarnation: u64,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

/// `what`: 1 opened, 2 described, 3 redated, 4 closed.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRegisterEvent {
    #[prost(uint32, tag = "1")]
    pub what: u32,
    #[prost(uint64, tag = "2")]
    pub code: u64,
    /// Opened: the opening day. Described: from. Closed: on. ISO, or empty.
    #[prost(string, tag = "3")]
    pub day: String,
    #[prost(string, tag = "4")]
    pub name: String,
    #[prost(string, tag = "5")]
    pub street: String,
    #[prost(string, tag = "6")]
    pub community_type: String,
    #[prost(uint64, repeated, tag = "7")]
    pub successors: Vec<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredPublished {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(message, repeated, tag = "2")]
    pub items: Vec<StoredItem>,
    #[prost(uint32, tag = "3")]
    pub unchanged: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredItem {
    #[prost(int32, tag = "1")]
    pub kind: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub payload: Vec<u8>,
}

impl From<&Founded> for StoredFounded {
    fn from(founded: &Founded) -> StoredFounded {
        StoredFounded {
            district: founded.district.to_string(),
            incarnation: founded.incarnation,
            catalogue_log: founded.catalogue_log.0.to_vec(),
            zone: founded.zone.clone(),
            at: Some(founded.at.into()),
        }
    }
}

impl TryFrom<StoredFounded> for Founded {
    type Error = Unreadable;

    fn try_from(stored: StoredFounded) -> Result<Founded, Unreadable> {
        let district = stored.district.parse();
        Ok(Founded {
            district: district.map_err(|_| Unreadable::field("district"))?,
            incarnation: stored.incarnation,
            catalogue_log: LogId(fixed(&stored.catalogue_log, "catalogue_log")?),
            zone: stored.zone,
            at: time(stored.at)?,
        })
    }
}

impl StoredRegistered {
    pub fn new(asked: &Asked, events: &[register::Event], answer: &Imported) -> StoredRegistered {
        StoredRegistered {
            asked: Some(asked.into()),
            events: events.iter().map(Into::into).collect(),
            added: answer.added,
            changed: answer.changed,
            unchanged: answer.unchanged,
        }
    }
}

impl TryFrom<StoredRegistered> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredRegistered) -> Result<Event, Unreadable> {
        let events = stored.events.into_iter().map(TryInto::try_into);
        Ok(Event::Registered {
            asked: asked(stored.asked)?,
            events: events.collect::<Result<_, Unreadable>>()?,
            answer: Imported {
                added: stored.added,
                changed: stored.changed,
                unchanged: stored.unchanged,
            },
        })
    }
}

impl From<&register::Event> for StoredRegisterEvent {
    fn from(event: &register::Event) -> StoredRegisterEvent {
        let code = event.code().aligned();
        let described = |what, day, description: &Description| StoredRegisterEvent {
            what,
            code,
            day: day_text(day),
            name: description.name.to_string(),
            street: description.street.to_string(),
            community_type: description
                .kind
                .map(|kind| kind.code().to_owned())
                .unwrap_or_default(),
            successors: Vec::new(),
        };
        match event {
            register::Event::Opened {
                opened,
                description,
                ..
            } => described(1, *opened, description),
            register::Event::Described {
                from, description, ..
            } => described(2, *from, description),
            register::Event::Redated { opened, .. } => StoredRegisterEvent {
                what: 3,
                code,
                day: day_text(*opened),
                ..StoredRegisterEvent::default()
            },
            register::Event::Closed { closing, .. } => StoredRegisterEvent {
                what: 4,
                code,
                day: day_text(Some(closing.on)),
                successors: closing.successors.iter().map(|to| to.aligned()).collect(),
                ..StoredRegisterEvent::default()
            },
        }
    }
}

impl TryFrom<StoredRegisterEvent> for register::Event {
    type Error = Unreadable;

    fn try_from(stored: StoredRegisterEvent) -> Result<register::Event, Unreadable> {
        let code = place(stored.code)?;
        let day = day(&stored.day)?;
        let kind = match stored.community_type.as_str() {
            "" => None,
            text => {
                let kind = text.parse::<CommunityType>();
                Some(kind.map_err(|_| Unreadable::field("community_type"))?)
            }
        };
        let description = Description {
            name: stored.name.into(),
            street: stored.street.into(),
            kind,
        };
        Ok(match stored.what {
            1 => register::Event::Opened {
                code,
                opened: day,
                description,
            },
            2 => register::Event::Described {
                code,
                from: day,
                description,
            },
            3 => register::Event::Redated { code, opened: day },
            4 => register::Event::Closed {
                code,
                closing: Closing {
                    on: day.ok_or_else(|| Unreadable::field("date"))?,
                    successors: stored
                        .successors
                        .into_iter()
                        .map(place)
                        .collect::<Result<_, _>>()?,
                },
            },
            _ => return Err(Unreadable::field("what")),
        })
    }
}

impl From<&Item> for StoredItem {
    fn from(item: &Item) -> StoredItem {
        StoredItem {
            kind: item.kind() as i32,
            payload: item.payload(),
        }
    }
}

pub(super) fn read_item(stored: StoredItem) -> Result<Item, Unreadable> {
    let kind = ItemKind::try_from(stored.kind).map_err(|_| Unreadable::field("kind"))?;
    Item::from_payload(kind, &stored.payload).map_err(|cause| Unreadable::of("item")(&cause))
}

impl StoredPublished {
    pub fn new(asked: &Asked, items: &[Item], unchanged: u32) -> StoredPublished {
        let items = items.iter().map(Into::into);
        StoredPublished {
            asked: Some(asked.into()),
            items: items.collect(),
            unchanged,
        }
    }
}

impl TryFrom<StoredPublished> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredPublished) -> Result<Event, Unreadable> {
        let items = stored.items.into_iter().map(read_item);
        Ok(Event::Published {
            asked: asked(stored.asked)?,
            items: items.collect::<Result<_, _>>()?,
            unchanged: stored.unchanged,
        })
    }
}
