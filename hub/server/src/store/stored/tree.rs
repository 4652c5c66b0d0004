//! This hub as a child, as stored: events, and the row that the view keeps.

use hub_domain::tree::{Event, Taken, Tree};
use proto::{
    identity::{LogId, Nonce, StoreId},
    indicator::catalogue::Item,
    pb::sync::{Cells, ItemKind},
    sync::downlink::Cursor,
};
use proto_child::uplink::action::Standing;

use super::{
    Unreadable,
    assignment::{StoredAssigned, StoredReleased, StoredTold},
    control::StoredItem,
    marker::{pack, unpack},
    part::{fixed, place},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTreeEvent {
    #[prost(oneof = "TreeKind", tags = "1, 2, 3, 4, 20, 21, 22")]
    pub kind: Option<TreeKind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum TreeKind {
    /// [`proto::place::Place::aligned`].
    #[prost(uint64, tag = "1")]
    Placed(u64),
    #[prost(message, tag = "2")]
    Stood(StoredStanding),
    #[prost(message, tag = "3")]
    Merged(StoredMerged),
    #[prost(message, tag = "4")]
    Taken(StoredTaken),
    #[prost(message, tag = "20")]
    Told(StoredTold),
    #[prost(message, tag = "21")]
    Assigned(StoredAssigned),
    #[prost(message, tag = "22")]
    Released(StoredReleased),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredStanding {
    #[prost(bytes = "vec", tag = "1")]
    pub store_id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub epoch: u64,
    #[prost(uint32, tag = "3")]
    pub lineage: u32,
    #[prost(uint64, tag = "4")]
    pub hub_incarnation: u64,
    /// Empty: none.
    #[prost(bytes = "vec", tag = "5")]
    pub nonce: Vec<u8>,
    #[prost(uint64, tag = "6")]
    pub acked: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredMerged {
    #[prost(message, repeated, tag = "1")]
    pub cells: Vec<Cells>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTaken {
    #[prost(bytes = "vec", tag = "1")]
    pub log_id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub seq: u64,
    #[prost(bool, tag = "3")]
    pub replaces_all: bool,
    #[prost(message, repeated, tag = "4")]
    pub items: Vec<StoredItem>,
    /// Places in `items`, from 0, of those that are published below.
    #[prost(uint32, repeated, tag = "5")]
    pub added: Vec<u32>,
    #[prost(string, repeated, tag = "6")]
    pub retired: Vec<String>,
}

/// In the view.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTree {
    #[prost(uint64, tag = "1")]
    pub place: u64,
    #[prost(message, optional, tag = "2")]
    pub standing: Option<StoredStanding>,
    #[prost(uint64, tag = "3")]
    pub head: u64,
}

impl From<&Event> for StoredTreeEvent {
    fn from(event: &Event) -> StoredTreeEvent {
        let kind = match event {
            Event::Placed(place) => TreeKind::Placed(place.aligned()),
            Event::Stood(standing) => TreeKind::Stood(standing.into()),
            Event::Merged(cells) => TreeKind::Merged(StoredMerged { cells: pack(cells) }),
            Event::Told { said, at } => TreeKind::Told(StoredTold::new(said, *at)),
            Event::Assigned(assigned) => TreeKind::Assigned(assigned.as_slice().into()),
            Event::Released(released) => TreeKind::Released(released.into()),
            Event::Taken(taken) => {
                let items = taken.items.iter();
                let numbered = (0..).zip(&taken.items);
                let added = numbered.filter(|(_, item)| taken.added.contains(item));
                TreeKind::Taken(StoredTaken {
                    log_id: taken.cursor.log_id.0.to_vec(),
                    seq: taken.cursor.seq,
                    replaces_all: taken.replaces_all,
                    items: items
                        .map(|item| StoredItem {
                            kind: item.kind() as i32,
                            payload: item.payload(),
                        })
                        .collect(),
                    added: added.map(|(at, _)| at).collect(),
                    retired: taken.retired.iter().map(ToString::to_string).collect(),
                })
            }
        };
        StoredTreeEvent { kind: Some(kind) }
    }
}

impl TryFrom<StoredTreeEvent> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredTreeEvent) -> Result<Event, Unreadable> {
        Ok(
            match stored.kind.ok_or_else(|| Unreadable::field("tree"))? {
                TreeKind::Placed(aligned) => Event::Placed(place(aligned)?),
                TreeKind::Stood(standing) => Event::Stood(standing.try_into()?),
                TreeKind::Merged(merged) => Event::Merged(unpack(&merged.cells)?),
                TreeKind::Taken(taken) => Event::Taken(taken.try_into()?),
                TreeKind::Told(told) => told.event()?,
                TreeKind::Assigned(assigned) => Event::Assigned(assigned.try_into()?),
                TreeKind::Released(released) => Event::Released(released.try_into()?),
            },
        )
    }
}

impl TryFrom<StoredTaken> for Taken {
    type Error = Unreadable;

    fn try_from(stored: StoredTaken) -> Result<Taken, Unreadable> {
        let items = stored.items.into_iter().map(|item| {
            let kind = ItemKind::try_from(item.kind).map_err(|_| Unreadable::field("kind"))?;
            Item::from_payload(kind, &item.payload).map_err(|cause| Unreadable::of("item")(&cause))
        });
        let items: Vec<Item> = items.collect::<Result<_, _>>()?;
        let added = stored
            .added
            .iter()
            .map(|at| items.get(*at as usize).cloned());
        let added: Option<Vec<Item>> = added.collect();
        let retired = stored.retired.iter();
        let retired = retired.map(|id| id.parse().map_err(|_| Unreadable::field("retired")));
        Ok(Taken {
            cursor: Cursor {
                log_id: LogId(fixed(&stored.log_id, "log_id")?),
                seq: stored.seq,
            },
            replaces_all: stored.replaces_all,
            added: added.ok_or_else(|| Unreadable::field("added"))?,
            retired: retired.collect::<Result<_, _>>()?,
            items,
        })
    }
}

impl From<&Standing> for StoredStanding {
    fn from(standing: &Standing) -> StoredStanding {
        StoredStanding {
            store_id: standing.store_id.0.to_vec(),
            epoch: standing.epoch,
            lineage: standing.lineage,
            hub_incarnation: standing.hub_incarnation,
            nonce: standing
                .nonce
                .map(|nonce| nonce.0.to_vec())
                .unwrap_or_default(),
            acked: standing.acked,
        }
    }
}

impl TryFrom<StoredStanding> for Standing {
    type Error = Unreadable;

    fn try_from(stored: StoredStanding) -> Result<Standing, Unreadable> {
        let nonce = match stored.nonce.is_empty() {
            true => None,
            false => Some(Nonce(fixed(&stored.nonce, "nonce")?)),
        };
        Ok(Standing {
            store_id: StoreId(fixed(&stored.store_id, "store_id")?),
            epoch: stored.epoch,
            lineage: stored.lineage,
            hub_incarnation: stored.hub_incarnation,
            nonce,
            acked: stored.acked,
        })
    }
}

impl From<&Tree> for StoredTree {
    fn from(tree: &Tree) -> StoredTree {
        StoredTree {
            place: tree.place.map(|place| place.aligned()).unwrap_or_default(),
            standing: tree.standing.as_ref().map(Into::into),
            head: tree.head,
        }
    }
}

impl StoredTree {
    pub fn put_into(self, tree: &mut Tree) -> Result<(), Unreadable> {
        tree.place = Some(place(self.place)?);
        tree.standing = self.standing.map(TryInto::try_into).transpose()?;
        tree.head = self.head;
        Ok(())
    }
}
