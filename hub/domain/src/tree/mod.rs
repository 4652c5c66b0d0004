//! A hub as the child of a hub: which place it speaks for, what its parent asks
//! for, and the merged cells that go up in the order of one writer. Holds no
//! cell: the store does. Knows no stream and no clock.

pub mod assignment;
pub mod merge;
pub mod report;
#[cfg(test)]
mod tests;

use assignment::{Assigned, Assignments, Released};
use jiff::Timestamp;
use proto::{
    indicator::{
        catalogue::{Catalogue, Item, ItemId, Taken as Outcome},
        cell::{Cell, CellKey, CellState, IndicatorId, Order, Revision},
    },
    pb::sync::ItemKind as Kind,
    place::Place,
    sync::{
        assignment::Assignment,
        downlink::{self, Cursor, ItemKind, Refused},
    },
};
use proto_child::{
    downlink::{Change, Offering},
    uplink::action::Standing,
};

#[derive(Clone, Debug)]
pub enum Event {
    /// It speaks for this place, from now on and for good.
    Placed(Place),
    /// What it durably knows about the line to its parent.
    Stood(Standing),
    /// Merged cells that came out differently, each with its new order.
    Merged(Vec<Cell>),
    Taken(Taken),
    /// As a child: the parent's word about communities, each new.
    Told {
        said: Vec<Assignment>,
        at: Timestamp,
    },
    /// As a parent: which child counts a community.
    Assigned(Vec<Assigned>),
    /// An operator let a community, or a child hub, go.
    Released(Released),
}

impl Event {
    /// Whether a view keeps what comes of it, and not the event.
    pub const fn has_rows_of_its_own(&self) -> bool {
        matches!(self, Event::Placed(_) | Event::Stood(_) | Event::Merged(_))
    }
}

/// Items of the parent's catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub cursor: Cursor,
    /// These, and nothing else, are asked for from now on.
    pub replaces_all: bool,
    pub items: Vec<Item>,
    /// By name, since withdrawn items have no payload.
    pub retired: Vec<ItemId>,
    /// Those of `items` that the own catalogue lacked: published below.
    pub added: Vec<Item>,
}

/// All that a hub knows of itself within a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// `None`: it has no parent.
    pub place: Option<Place>,
    pub standing: Option<Standing>,
    /// The seq of the newest merged cell.
    pub head: u64,
    pub cursor: Option<Cursor>,
    pub assignments: Assignments,
    asked: Catalogue,
}

impl Tree {
    /// Total: what was journalled is never refused.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Placed(place) => self.place = Some(*place),
            Event::Stood(standing) => self.standing = Some(standing.clone()),
            Event::Merged(cells) => {
                let newest = cells.iter().map(|cell| cell.order.seq).max();
                self.head = self.head.max(newest.unwrap_or_default());
            }
            Event::Taken(taken) => {
                if taken.replaces_all {
                    self.asked = Catalogue::default();
                }
                for item in &taken.items {
                    let _ = self.asked.take(item.clone());
                }
                for item in &taken.retired {
                    self.asked.retire(item);
                }
                self.cursor = Some(taken.cursor);
            }
            Event::Told { said, .. } => self.assignments.tell(said),
            Event::Assigned(assigned) => {
                assigned.iter().for_each(|one| self.assignments.assign(one));
            }
            Event::Released(released) => self.assignments.release(released),
        }
    }

    /// Changes with everything that may change who is counted here.
    pub fn counting_version(&self) -> u64 {
        self.assignments.version() << 1 | u64::from(self.place.is_some())
    }

    /// Whether the cells of a line are part of this hub's numbers.
    pub fn counts(&self, node: Place) -> bool {
        self.assignments.counts(self.place, node)
    }

    /// Whether the parent's catalogue has this definition.
    pub fn asks(&self, indicator: IndicatorId, revision: Revision) -> bool {
        self.asked.definition(indicator, revision).is_some()
    }

    /// Indicators that `other` asks for and this does not, or the other way
    /// round.
    pub fn asked_otherwise(&self, other: &Tree) -> Vec<IndicatorId> {
        let only = |a: &Tree, b: &Tree| {
            let all = a.asked.definitions();
            let only = all.filter(|held| !b.asks(held.id, held.revision));
            only.map(|held| held.id).collect::<Vec<_>>()
        };
        let mut changed = only(self, other);
        changed.extend(only(other, self));
        changed
    }

    /// The next seqs, for cells that came out differently.
    pub fn merged(&self, changed: Vec<(CellKey, CellState)>) -> Vec<Cell> {
        let standing = self.standing.as_ref();
        let lineage = standing.map_or(0, |standing| standing.lineage);
        let numbered = (self.head + 1..).zip(changed);
        numbered
            .map(|(seq, (key, state))| Cell {
                key,
                order: Order { lineage, seq },
                state,
            })
            .collect()
    }

    /// What becomes of a change that came down: what is asked for, what is
    /// published below, and what is refused by name. `own`: this hub's catalogue.
    pub fn take(&self, own: &Catalogue, change: Change) -> (Taken, Vec<Refused>) {
        let Offering {
            cursor,
            replaces_all,
            items: offered,
            mut refused,
        } = change.into();
        let mut asked = match replaces_all {
            true => Catalogue::default(),
            false => self.asked.clone(),
        };
        let mut own = own.clone();
        let mut taken = Taken {
            cursor,
            replaces_all,
            items: Vec::new(),
            retired: Vec::new(),
            added: Vec::new(),
        };
        for item in offered {
            let seq = item.cursor.seq;
            let item_id = item.item_id.clone();
            let outcome = parsed(item).and_then(|offer| match offer {
                Offer::Retired(id) => {
                    taken.retired.push(id);
                    Ok(())
                }
                Offer::Item(item) => {
                    let contradicts = |invalid: proto::indicator::mistake::InvalidItem| {
                        ("ITEM_CONTRADICTS", invalid.to_string())
                    };
                    asked.take(item.clone()).map_err(contradicts)?;
                    if own.take(item.clone()).map_err(contradicts)? == Outcome::Changed {
                        taken.added.push(item.clone());
                    }
                    taken.items.push(item);
                    Ok(())
                }
            });
            if let Err((reason, detail)) = outcome {
                refused.push(Refused {
                    seq,
                    item_id,
                    reason: reason.to_owned(),
                    detail,
                });
            }
        }
        (taken, refused)
    }
}

enum Offer {
    Item(Item),
    Retired(ItemId),
}

fn parsed(item: downlink::Item) -> Result<Offer, (&'static str, String)> {
    let id: Result<ItemId, _> = item.item_id.parse();
    let id = id.map_err(|invalid| ("ITEM_ID_INVALID", invalid.to_string()))?;
    let kind = match item.kind {
        ItemKind::Indicator => Kind::Indicator,
        ItemKind::Dimension => Kind::Dimension,
        ItemKind::Derived => Kind::Derived,
        ItemKind::Retired => return Ok(Offer::Retired(id)),
        ItemKind::DryRun => {
            let detail = "a child hub has no facts to try out".to_owned();
            return Err(("KIND_UNSUPPORTED", detail));
        }
        ItemKind::Unknown(kind) => {
            return Err(("KIND_UNSUPPORTED", format!("item kind {kind}")));
        }
    };
    let parsed = Item::from_payload(kind, &item.payload);
    let parsed = parsed.map_err(|invalid| ("PAYLOAD_INVALID", invalid.to_string()))?;
    if parsed.id() != id {
        return Err(("ITEM_ID_INVALID", format!("the payload is {}", parsed.id())));
    }
    Ok(Offer::Item(parsed))
}
