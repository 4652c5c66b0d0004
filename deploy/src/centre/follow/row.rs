//! A row as a centre keeps it, out of the feed's. Knows no file and no table.

use proto::pb::hub as pb;

/// What a row is of. Members are joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub place: String,
    pub indicator: String,
    pub revision: u32,
    pub period: String,
    pub members: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// (lineage, seq): the higher one is newer.
    pub order: (u32, u64),
    pub kind: u32,
    pub state: Vec<u8>,
    pub number: Option<f64>,
    pub numerator: Option<i64>,
    pub denominator: Option<i64>,
    /// The listing in which it was last named.
    pub listing: i64,
}

pub fn key(row: &pb::FeedRow) -> Key {
    Key {
        place: row.place.clone(),
        indicator: row.indicator.clone(),
        revision: row.revision,
        period: row.period.clone(),
        members: row.members.join("/"),
    }
}

pub fn kept(row: &pb::FeedRow, listing: i64) -> Kept {
    Kept {
        order: (row.lineage, row.seq),
        kind: row.kind,
        state: row.state.to_vec(),
        number: row.number,
        numerator: row.numerator,
        denominator: row.denominator,
        listing,
    }
}
