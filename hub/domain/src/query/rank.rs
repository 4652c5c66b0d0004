//! Rankings: the best or worst rows of each indicator, period and member.
//! Knows no stored cell.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    answer::Row,
    request::{Measure, Rank, RankOrder},
};

/// Keeps the first `rank.limit` rows per period and member, ranked; equal
/// numbers share a rank. Rows without a comparable number are not ranked.
pub fn ranked(rows: Vec<Row>, rank: Rank, measure: &Measure) -> Vec<Row> {
    let mut lists: BTreeMap<_, Vec<Row>> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| row.value.comparable()) {
        lists.entry((row.period, row.member)).or_default().push(row);
    }
    let largest_first = match rank.order {
        RankOrder::Top => measure.higher_is_better != Some(false),
        RankOrder::Bottom => measure.higher_is_better == Some(false),
    };
    let order = |a: &Row, b: &Row| -> Ordering {
        let ascending = a.value.number.total_cmp(&b.value.number);
        let by_number = if largest_first {
            ascending.reverse()
        } else {
            ascending
        };
        by_number.then(a.key.cmp(&b.key))
    };
    let mut kept = Vec::new();
    for mut list in lists.into_values() {
        list.sort_by(order);
        list.truncate(rank.limit);
        let mut shared: Option<(f64, u32)> = None;
        for (place, row) in (1..).zip(&mut list) {
            row.rank = match shared {
                Some((number, place)) if number == row.value.number => place,
                _ => place,
            };
            shared = Some((row.value.number, row.rank));
        }
        kept.append(&mut list);
    }
    kept
}
