//! Everything that a follower sees, part by part, in the order of the view's
//! keys. The applier goes on writing meanwhile; what it changes is told later.

use std::collections::BTreeSet;

use hub_domain::feed::{Change, Listed, Sight};
use proto::place::Place;

use crate::store::{
    Store,
    fault::ViewFault,
    group::Group,
    key::{GROUPS, GroupKey, group_of, period_prefix},
    pages::split_first,
    view::View,
};

/// A group that is written while it is read is read again.
const ATTEMPTS: usize = 16;

impl Store {
    /// The next `rows` cells after `last`, of `place` or of everything, and
    /// whether they are the last. Reads the view: blocks.
    pub fn feed_listing(
        &self,
        sight: &Sight,
        place: Option<Place>,
        last: Option<Listed>,
        rows: usize,
    ) -> Result<(Vec<Change>, bool), ViewFault> {
        let own = self.shared.tree.load().place;
        let groups: BTreeSet<u32> = sight.indicators().map(group_of).collect();
        let begin = last.map(|last| GroupKey::of(last.place, &last.key));
        let mut from = begin.map_or(GROUPS.to_vec(), |begin| begin.prefix().to_vec());
        let mut changes: Vec<Change> = Vec::new();
        while let Some(key) = self.view.first_key_from(&from)? {
            let Some(group) = GroupKey::parse(&key) else {
                break;
            };
            let reporter = Place::reporting(group.community)
                .ok_or_else(|| ViewFault::damaged(&key, "community"))?;
            from = after(&group, place, groups.contains(&group.group));
            let is_wanted = groups.contains(&group.group)
                && place.is_none_or(|place| place == reporter)
                && own != Some(reporter)
                && sight.sees_place(reporter);
            if !is_wanted {
                continue;
            }
            let period = group.period();
            let period = period.ok_or_else(|| ViewFault::damaged(&key, "period"))?;
            let is_begun = begin == Some(group);
            let cells = steady(&self.view, group)?;
            let told = |key| is_begun && last.is_some_and(|last| key <= last.key);
            let cells = cells.cells(period).filter(|cell| {
                !cell.state.is_removed() && sight.sees(&cell.key) && !told(cell.key)
            });
            for cell in cells {
                if changes.len() == rows {
                    return Ok((changes, false));
                }
                changes.push(Change {
                    place: reporter,
                    cell,
                });
            }
        }
        Ok((changes, true))
    }
}

/// Where the next group of interest may begin.
fn after(group: &GroupKey, place: Option<Place>, is_seen: bool) -> Vec<u8> {
    let next = |community| {
        GroupKey {
            community,
            ..*group
        }
        .prefix()
        .to_vec()
    };
    let beyond = || period_prefix(group.period, group.group + 1).to_vec();
    match place.map(Place::aligned) {
        _ if !is_seen => beyond(),
        None => next(group.community + 1),
        Some(wanted) if wanted > group.community => next(wanted),
        Some(_) => beyond(),
    }
}

/// A group as it was at one moment. One chunk is read at once; several are the
/// same moment's when a second reading finds the same.
fn steady(view: &View, key: GroupKey) -> Result<Group, ViewFault> {
    let mut before = chunks(view, key)?;
    for _ in 0..ATTEMPTS {
        if before.as_ref().is_some_and(|chunks| chunks.len() <= 1) {
            break;
        }
        let again = chunks(view, key)?;
        if again.is_some() && again == before {
            break;
        }
        before = again;
    }
    let chunks = before.ok_or_else(|| ViewFault::damaged(&key.chunk(0), "chunks are missing"))?;
    let mut group = Group::default();
    for (at, chunk) in (0..).zip(&chunks) {
        let name = key.chunk(at);
        let body = match at {
            0 => split_first(&name, chunk)?.1,
            _ => chunk,
        };
        group
            .decode(key.group, body)
            .map_err(ViewFault::group(&name))?;
    }
    Ok(group)
}

/// `None`: one is missing, or went meanwhile.
fn chunks(view: &View, key: GroupKey) -> Result<Option<Vec<Vec<u8>>>, ViewFault> {
    let first = key.chunk(0);
    let Some(value) = view.get(&first)? else {
        return Ok(Some(Vec::new()));
    };
    let count = split_first(&first, &value)?.0;
    let mut chunks = vec![value];
    for at in 1..count {
        let at = u16::try_from(at).map_err(|_| ViewFault::damaged(&first, "chunks"))?;
        match view.get(&key.chunk(at))? {
            Some(value) => chunks.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(chunks))
}
