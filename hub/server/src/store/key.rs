//! The key spaces of the hub's view, and the seal on every value. Knows sled
//! only as a map of bytes (docs/storage.md, "Hub view").

use proto::{
    identity::Label,
    indicator::cell::{Breakdown, CellKey, IndicatorId, Revision},
    period::Period,
    place::Place,
};

use super::group::INDICATORS;

/// Of the view; a view of another format is rebuilt.
pub const FORMAT: u8 = 1;

/// `p`: the journal position that the view stands for.
pub const POSITION: &[u8] = b"p";
/// `e<seq>`: control events, as journalled.
pub const EVENTS: &[u8] = b"e";
/// `l<community>`: what is known of a node's line.
pub const LINES: &[u8] = b"l";
/// `m<community><cell key>`: refused cells.
pub const MARKERS: &[u8] = b"m";
/// `d<community>`: the digest of its cells.
pub const DIGESTS: &[u8] = b"d";
/// `w<community>`: why it needs somebody.
pub const ALARMS: &[u8] = b"w";
/// `g<period><group><community><chunk>`: cells.
pub const GROUPS: &[u8] = b"g";

/// `u`: what this hub knows of itself as a child.
pub const TREE: &[u8] = b"u";
/// `s<seq>`: the key of the merged cell with this seq.
pub const MERGED: &[u8] = b"s";
/// `t<period><group>`: cells changed that were not merged since.
pub const STALE: &[u8] = b"t";

/// `84<community><seq>`: a release of the node, by the record that tells of it.
pub const RELEASES: &[u8] = &[0x84];

/// `90<period><community><seq><cell>`: a revision of the cell, by the record that
/// made it.
pub const REVISIONS: &[u8] = &[0x90];

/// Which group a cell is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    pub period: u32,
    pub group: u32,
    /// [`Place::aligned`] of the community.
    pub community: u64,
}

impl GroupKey {
    pub fn of(community: Place, key: &CellKey) -> GroupKey {
        GroupKey {
            period: key.period.number(),
            group: group_of(key.indicator),
            community: community.aligned(),
        }
    }

    /// What all its chunks' keys begin with.
    pub fn prefix(&self) -> [u8; 17] {
        let mut bytes = [0; 17];
        bytes[..9].copy_from_slice(&period_prefix(self.period, self.group));
        bytes[9..].copy_from_slice(&self.community.to_be_bytes());
        bytes
    }

    pub fn chunk(&self, chunk: u16) -> [u8; 19] {
        let mut bytes = [0; 19];
        bytes[..17].copy_from_slice(&self.prefix());
        bytes[17..].copy_from_slice(&chunk.to_be_bytes());
        bytes
    }

    /// The group whose chunk has this key.
    pub fn parse(key: &[u8]) -> Option<GroupKey> {
        let key: &[u8; 19] = key.try_into().ok()?;
        let number = |from: usize| Some(u32::from_be_bytes(key[from..from + 4].try_into().ok()?));
        (key[0] == GROUPS[0]).then_some(())?;
        Some(GroupKey {
            period: number(1)?,
            group: number(5)?,
            community: u64::from_be_bytes(key[9..17].try_into().ok()?),
        })
    }

    pub fn period(&self) -> Option<Period> {
        Period::from_number(self.period).ok()
    }
}

pub const fn group_of(indicator: IndicatorId) -> u32 {
    indicator.0 / INDICATORS
}

/// The groups of all communities for one period and 32 indicators.
pub fn period_prefix(period: u32, group: u32) -> [u8; 9] {
    let mut bytes = [0; 9];
    bytes[0] = GROUPS[0];
    bytes[1..5].copy_from_slice(&period.to_be_bytes());
    bytes[5..].copy_from_slice(&group.to_be_bytes());
    bytes
}

pub fn event(seq: u64) -> [u8; 9] {
    numbered(EVENTS[0], seq)
}

pub fn merged(seq: u64) -> [u8; 9] {
    numbered(MERGED[0], seq)
}

pub fn stale(period: u32, group: u32) -> [u8; 9] {
    let mut bytes = period_prefix(period, group);
    bytes[0] = STALE[0];
    bytes
}

pub fn release(community: Place, seq: u64) -> [u8; 17] {
    let mut bytes = [0; 17];
    bytes[..9].copy_from_slice(&of_community(RELEASES, community));
    bytes[9..].copy_from_slice(&seq.to_be_bytes());
    bytes
}

/// The record of a key made by [`release`].
pub fn release_seq(key: &[u8]) -> Option<u64> {
    let key: &[u8; 17] = key.try_into().ok()?;
    Some(u64::from_be_bytes(key[9..].try_into().ok()?))
}

pub fn revision(community: Place, seq: u64, cell: &CellKey) -> [u8; 37] {
    let mut bytes = [0; 37];
    bytes[..13].copy_from_slice(&revisions_from(cell.period, community));
    bytes[13..21].copy_from_slice(&seq.to_be_bytes());
    bytes[21..25].copy_from_slice(&cell.indicator.0.to_be_bytes());
    bytes[25..29].copy_from_slice(&cell.revision.0.to_be_bytes());
    bytes[29..].copy_from_slice(&cell.breakdown.0.to_be_bytes());
    bytes
}

/// The first key of a community's, or of those inside a place.
pub fn revisions_from(base: Period, place: Place) -> [u8; 13] {
    let mut bytes = [0; 13];
    bytes[..5].copy_from_slice(&revisions_of(base));
    bytes[5..].copy_from_slice(&place.aligned().to_be_bytes());
    bytes
}

/// What all keys of a base period begin with.
pub fn revisions_of(base: Period) -> [u8; 5] {
    let mut bytes = [REVISIONS[0]; 5];
    bytes[1..].copy_from_slice(&base.number().to_be_bytes());
    bytes
}

/// Community, cell and record of a key made by [`revision`].
pub fn parse_revision(key: &[u8]) -> Option<(Place, CellKey, u64)> {
    let key: &[u8; 37] = key.try_into().ok()?;
    let short = |from: usize| Some(u32::from_be_bytes(key[from..from + 4].try_into().ok()?));
    let long = |from: usize| Some(u64::from_be_bytes(key[from..from + 8].try_into().ok()?));
    let cell = CellKey {
        period: Period::from_number(short(1)?).ok()?,
        indicator: IndicatorId(short(21)?),
        revision: Revision(short(25)?),
        breakdown: Breakdown(long(29)?),
    };
    Some((Place::reporting(long(5)?)?, cell, long(13)?))
}

/// `y<seq>`: decisions about calls, as journalled.
pub const AUDIT: &[u8] = b"y";

pub fn audit(seq: u64) -> [u8; 9] {
    numbered(AUDIT[0], seq)
}

/// `x<code>`: how far a centre's feed has come.
pub const FED: &[u8] = b"x";

pub fn fed(centre: &Label) -> Vec<u8> {
    [FED, centre.as_str().as_bytes()].concat()
}

/// The number behind the letter of a key.
pub fn number(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.get(1..)?.try_into().ok()?))
}

/// A key of one of the spaces that have one value per community.
pub fn of_community(space: &[u8], community: Place) -> [u8; 9] {
    numbered(space[0], community.aligned())
}

pub fn marker(community: Place, cell: &CellKey) -> [u8; 29] {
    let mut bytes = [0; 29];
    bytes[..9].copy_from_slice(&of_community(MARKERS, community));
    bytes[9..].copy_from_slice(&cell.to_bytes());
    bytes
}

/// The community of a key made by [`of_community`] or [`marker`].
pub fn community(key: &[u8]) -> Option<Place> {
    let aligned = u64::from_be_bytes(key.get(1..9)?.try_into().ok()?);
    Place::reporting(aligned)
}

fn numbered(space: u8, number: u64) -> [u8; 9] {
    let mut bytes = [space; 9];
    bytes[1..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// The value with a CRC-32C over key and value behind it: sled checks none.
pub fn seal(key: &[u8], mut value: Vec<u8>) -> Vec<u8> {
    let checksum = crc32c::crc32c_append(crc32c::crc32c(key), &value);
    value.extend_from_slice(&checksum.to_be_bytes());
    value
}

/// What was sealed; `None` when key and value do not belong together.
pub fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (value, checksum) = sealed.split_last_chunk::<4>()?;
    let found = crc32c::crc32c_append(crc32c::crc32c(key), value);
    (found == u32::from_be_bytes(*checksum)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_frozen() {
        let key = GroupKey {
            period: 0x0102_0304,
            group: 9,
            community: 510_115_003_064_000,
        };
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        assert_eq!(hex(&key.chunk(2)), "6701020304000000090001cff2678d5ec00002");
        assert_eq!(GroupKey::parse(&key.chunk(2)), Some(key));
        assert_eq!(hex(&event(3)), "650000000000000003");
        let place: Place = "510115003064".parse().unwrap();
        assert_eq!(hex(&of_community(LINES, place)), "6c0001cff2678d5ec0");
        assert_eq!(community(&of_community(LINES, place)), Some(place));
        assert_eq!(
            hex(&release(place, 3)),
            "840001cff2678d5ec00000000000000003"
        );
        assert_eq!(release_seq(&release(place, 3)), Some(3));
        let cell = CellKey {
            indicator: IndicatorId(2),
            revision: Revision(1),
            period: "202602".parse().unwrap(),
            breakdown: Breakdown::new([3]),
        };
        let revised = revision(place, 5, &cell);
        assert_eq!(
            hex(&revised),
            "9000002f4b0001cff2678d5ec0000000000000000500000002000000010000000000000003"
        );
        assert_eq!(parse_revision(&revised), Some((place, cell, 5)));
        assert_eq!(hex(&merged(5)), "730000000000000005");
        assert_eq!(hex(&stale(2, 7)), "740000000200000007");
        assert_eq!(number(&stale(2, 7)), Some(2 << 32 | 7));
    }

    #[test]
    fn a_seal_binds_value_to_key() {
        let sealed = seal(b"k", vec![1, 2, 3]);
        assert_eq!(unseal(b"k", &sealed), Some(&[1, 2, 3][..]));
        assert_eq!(unseal(b"x", &sealed), None);
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert_eq!(unseal(b"k", &bad), None);
        }
        assert_eq!(unseal(b"k", &[]), None);
    }
}
