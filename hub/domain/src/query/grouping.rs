//! Which row a community counts to. Knows the register and the roster, no
//! numbers.

use std::{collections::HashMap, ops::Range};

use proto::place::{Level, Place};

use super::{Request, World, roster::Roster, span::Span};
use crate::register::CommunityType;

/// What a row is of, apart from indicator, period and member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub place: Option<Place>,
    /// Grouped by type: the type, `None` within when it is not known.
    pub community_type: Option<Option<CommunityType>>,
}

/// How communities fall into rows, for one span.
pub struct Grouping {
    /// Roster slots that may count.
    slots: Range<usize>,
    rows: Vec<u32>,
    pub keys: Vec<Key>,
    by_key: HashMap<Key, u32>,
}

const OUTSIDE: u32 = u32::MAX;

impl Grouping {
    pub fn new(world: &World, request: &Request, span: &Span) -> Grouping {
        let roster = world.roster;
        // As of another date a community may count to a successor elsewhere.
        let slots = match request.register_date {
            Some(_) => 0..roster.len(),
            None => roster.inside(request.place),
        };
        let mut grouping = Grouping {
            rows: Vec::with_capacity(slots.len()),
            keys: Vec::new(),
            by_key: HashMap::new(),
            slots: slots.clone(),
        };
        let mut last = None;
        for slot in slots {
            let row = match key(world, request, span, roster, slot) {
                None => OUTSIDE,
                Some(key) if last.is_some_and(|(before, _)| before == key) => {
                    last.map_or(OUTSIDE, |(_, row)| row)
                }
                Some(key) => {
                    let row = *grouping.by_key.entry(key).or_insert_with(|| {
                        grouping.keys.push(key);
                        grouping.keys.len() as u32 - 1
                    });
                    last = Some((key, row));
                    row
                }
            };
            grouping.rows.push(row);
        }
        grouping
    }

    /// The slots that count, each with its row.
    pub fn members(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let rows = self.slots.clone().zip(&self.rows);
        rows.filter(|(_, row)| **row != OUTSIDE)
            .map(|(slot, row)| (slot, *row as usize))
    }

    pub fn find(&self, key: &Key) -> Option<usize> {
        self.by_key.get(key).map(|row| *row as usize)
    }

    pub fn row_of(&self, slot: usize) -> Option<usize> {
        let row = *self.rows.get(slot.checked_sub(self.slots.start)?)?;
        (row != OUTSIDE).then_some(row as usize)
    }

    pub fn slots(&self) -> Range<usize> {
        self.slots.clone()
    }
}

fn key(world: &World, request: &Request, span: &Span, roster: &Roster, slot: usize) -> Option<Key> {
    let mut community = roster.place(slot)?;
    if let Some(day) = request.register_date {
        community = world.register.as_of(community, day);
        if !request.place.contains(community) {
            return None;
        }
    }
    let day = request.register_date.unwrap_or(span.last_day);
    let listed = || world.register.get(community);
    Some(Key {
        // A child hub's numbers have no finer place than its own.
        place: (request.group.place).map(|level| community.at(level).unwrap_or(community)),
        community_type: request
            .group
            .community_type
            .then(|| listed().and_then(|listed| listed.described_on(day).kind)),
    })
}

/// The levels that rows can be of.
pub const fn level_name(level: Level) -> &'static str {
    match level {
        Level::Country => "the country",
        Level::Province => "province",
        Level::City => "city",
        Level::District => "district",
        Level::Street => "street",
        Level::Community => "community",
        Level::Grid => "grid",
    }
}
