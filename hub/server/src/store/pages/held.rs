//! Groups and cells as they are stored, read past everything that waits.

use proto::{digest::bucket_of, indicator::cell::Cell, place::Place};

use crate::store::{
    fault::ViewFault,
    group::Group,
    key::{self, GROUPS, GroupKey},
    varint::Reader,
    view::View,
};

/// The stored cells of one bucket, in no order.
pub fn bucket(view: &View, community: Place, bucket: u8) -> Result<Vec<Cell>, ViewFault> {
    let mut held = Vec::new();
    for group in groups_of(view, community)? {
        let Some(period) = group.period() else {
            return Err(ViewFault::damaged(&group.prefix(), "period"));
        };
        let (cells, _) = load(view, group)?;
        let cells = cells.cells(period);
        held.extend(cells.filter(|cell| bucket_of(&cell.key) == bucket));
    }
    Ok(held)
}

/// A stored group, and in how many chunks it is.
pub fn load(view: &View, key: GroupKey) -> Result<(Group, u64), ViewFault> {
    let mut group = Group::default();
    let first = key.chunk(0);
    let Some(value) = view.get(&first)? else {
        return Ok((group, 0));
    };
    let (chunks, body) = split_first(&first, &value)?;
    group
        .decode(key.group, body)
        .map_err(ViewFault::group(&first))?;
    for at in 1..chunks {
        let at = key.chunk(u16::try_from(at).map_err(|_| ViewFault::damaged(&first, "chunks"))?);
        let missing = || ViewFault::damaged(&at, "missing");
        let value = view.get(&at)?.ok_or_else(missing)?;
        group
            .decode(key.group, &value)
            .map_err(ViewFault::group(&at))?;
    }
    Ok((group, chunks))
}

/// The first chunk begins with how many there are.
pub fn split_first<'a>(key: &[u8], value: &'a [u8]) -> Result<(u64, &'a [u8]), ViewFault> {
    let mut reader = Reader(value);
    let chunks = reader
        .take()
        .ok_or_else(|| ViewFault::damaged(key, "chunks"))?;
    Ok((chunks, reader.0))
}

/// Every stored cell of a community, ascending by key.
pub fn cells_of(view: &View, community: Place) -> Result<Vec<Cell>, ViewFault> {
    let mut all = Vec::new();
    for group in groups_of(view, community)? {
        let Some(period) = group.period() else {
            return Err(ViewFault::damaged(&group.prefix(), "period"));
        };
        all.extend(load(view, group)?.0.cells(period));
    }
    all.sort_unstable_by_key(|cell| cell.key);
    Ok(all)
}

/// Every stored group of a community: one seek per period and group there is.
pub fn groups_of(view: &View, community: Place) -> Result<Vec<GroupKey>, ViewFault> {
    let mut groups = Vec::new();
    let mut from = GROUPS.to_vec();
    while let Some(key) = view.first_key_from(&from)? {
        let Some(found) = GroupKey::parse(&key) else {
            break;
        };
        groups.push(GroupKey {
            community: community.aligned(),
            ..found
        });
        from = key::period_prefix(found.period, found.group + 1).to_vec();
    }
    Ok(groups)
}
