//! What has arrived and is not in force yet: single items in order, or a relist
//! that is complete only with its last item. Bounded both ways.

use std::collections::VecDeque;

use proto::sync::{
    downlink::{Cursor, Item, Refused, Relist},
    end::End,
    limits,
};

use super::Change;

#[derive(Clone, Debug, Default)]
pub struct Staged {
    waiting: VecDeque<Item>,
    relist: Option<Relisting>,
}

#[derive(Clone, Debug)]
struct Relisting {
    relist: Relist,
    items: Vec<Item>,
    bytes: usize,
}

/// Payloads of one relist, together.
const RELIST_BYTES: usize = 32 * 1024 * 1024;

impl Staged {
    pub fn relist(&mut self, relist: Relist) -> Result<(), End> {
        if self.relist.is_some() {
            return Err(End::fault("relisted within a relist"));
        }
        if relist.items > limits::RELIST_ITEMS {
            return Err(End::fault("relist: more than 50000 items"));
        }
        self.waiting.clear();
        self.relist = Some(Relisting {
            relist,
            items: Vec::new(),
            bytes: 0,
        });
        Ok(())
    }

    /// `cursor`: what is in force, or about to be.
    pub fn item(&mut self, item: Item, cursor: Option<Cursor>) -> Result<(), End> {
        if let Some(relisting) = &mut self.relist {
            let log = relisting.relist.cursor;
            relisting.bytes += item.payload.len();
            let is_over = relisting.items.len() as u32 == relisting.relist.items
                || relisting.bytes > RELIST_BYTES;
            if is_over || item.cursor.log_id != log.log_id || item.cursor.seq > log.seq {
                return Err(End::fault("an item that is not the relist's"));
            }
            relisting.items.push(item);
            return Ok(());
        }
        let before = self.waiting.back().map(|item| item.cursor).or(cursor);
        let follows = before.is_some_and(|before| {
            before.log_id == item.cursor.log_id && before.seq < item.cursor.seq
        });
        if !follows {
            return Err(End::fault("an item that does not follow the cursor"));
        }
        if self.waiting.len() == limits::DOWNLINK_WINDOW {
            return Err(End::fault("more items than the window holds"));
        }
        self.waiting.push_back(item);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.relist.is_none()
    }

    /// What can be made durable next.
    pub fn next(&mut self) -> Option<Change> {
        let is_whole =
            |relisting: &mut Relisting| relisting.items.len() as u32 == relisting.relist.items;
        if let Some(relisting) = self.relist.take_if(is_whole) {
            let (items, broken): (Vec<Item>, Vec<Item>) =
                relisting.items.into_iter().partition(Item::is_intact);
            return Some(Change::Replace {
                cursor: relisting.relist.cursor,
                items,
                refused: broken.iter().map(mismatch).collect(),
            });
        }
        let item = self.waiting.pop_front()?;
        Some(if item.is_intact() {
            Change::Activate(item)
        } else {
            Change::Skip(item.cursor, mismatch(&item))
        })
    }
}

impl Change {
    pub fn cursor(&self) -> Cursor {
        match self {
            Change::Activate(item) => item.cursor,
            Change::Skip(cursor, _) | Change::Replace { cursor, .. } => *cursor,
        }
    }
}

fn mismatch(item: &Item) -> Refused {
    Refused {
        seq: item.cursor.seq,
        item_id: item.item_id.clone(),
        reason: "HASH_MISMATCH".into(),
        detail: "payload is not what its hash says".into(),
    }
}
