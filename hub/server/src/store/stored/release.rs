//! A release, and what the hub put under it, as stored.

use hub_domain::sync::release::Countersignature;
use proto::sync::{
    head::{JournalHead, LastRelease, Release},
    uplink::Checkpoint,
};

use super::{
    Unreadable,
    head::StoredHead,
    part::{fixed, place},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRelease {
    /// [`proto::place::Place::aligned`].
    #[prost(uint64, tag = "1")]
    pub community: u64,
    #[prost(uint64, tag = "2")]
    pub records: u64,
    #[prost(bytes = "vec", tag = "3")]
    pub previous: Vec<u8>,
    #[prost(uint32, tag = "4")]
    pub lineage: u32,
    #[prost(uint64, tag = "5")]
    pub through: u64,
    #[prost(uint64, tag = "6")]
    pub cell_count: u64,
    #[prost(bytes = "vec", tag = "7")]
    pub cell_root: Vec<u8>,
    #[prost(uint64, tag = "8")]
    pub catalogue_seq: u64,
    #[prost(string, tag = "9")]
    pub software: String,
    #[prost(bytes = "vec", tag = "10")]
    pub signature: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCountersignature {
    #[prost(uint64, tag = "1")]
    pub time_ms: u64,
    #[prost(uint64, tag = "2")]
    pub incarnation: u64,
    #[prost(bytes = "vec", tag = "3")]
    pub public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub signature: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLastRelease {
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub through: u64,
}

/// A row of the releases that are kept.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredKept {
    #[prost(message, optional, tag = "1")]
    pub head: Option<StoredHead>,
    #[prost(message, optional, tag = "2")]
    pub countersignature: Option<StoredCountersignature>,
}

/// A head with its release, and what the hub put under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub head: JournalHead,
    pub countersignature: Countersignature,
}

impl TryFrom<StoredKept> for Kept {
    type Error = Unreadable;

    fn try_from(stored: StoredKept) -> Result<Kept, Unreadable> {
        let head = stored.head.ok_or_else(|| Unreadable::field("head"))?;
        let under = stored.countersignature;
        let under = under.ok_or_else(|| Unreadable::field("countersignature"))?;
        Ok(Kept {
            head: head.try_into()?,
            countersignature: under.try_into()?,
        })
    }
}

impl From<&Release> for StoredRelease {
    fn from(release: &Release) -> StoredRelease {
        StoredRelease {
            community: release.node.aligned(),
            records: release.records,
            previous: release.previous.to_vec(),
            lineage: release.lineage,
            through: release.through,
            cell_count: release.cells.count,
            cell_root: release.cells.root.to_vec(),
            catalogue_seq: release.catalogue_seq,
            software: release.software.clone(),
            signature: release.signature.to_vec(),
        }
    }
}

pub fn read(stored: Option<StoredRelease>) -> Result<Option<Box<Release>>, Unreadable> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    Ok(Some(Box::new(Release {
        node: place(stored.community)?,
        records: stored.records,
        previous: fixed(&stored.previous, "release.previous")?,
        lineage: stored.lineage,
        through: stored.through,
        cells: Checkpoint {
            count: stored.cell_count,
            root: fixed(&stored.cell_root, "release.cell_root")?,
        },
        catalogue_seq: stored.catalogue_seq,
        software: stored.software,
        signature: fixed(&stored.signature, "release.signature")?,
    })))
}

impl From<&Countersignature> for StoredCountersignature {
    fn from(under: &Countersignature) -> StoredCountersignature {
        StoredCountersignature {
            time_ms: under.time_ms,
            incarnation: under.incarnation,
            public_key: under.public_key.to_vec(),
            signature: under.signature.to_vec(),
        }
    }
}

impl TryFrom<StoredCountersignature> for Countersignature {
    type Error = Unreadable;

    fn try_from(stored: StoredCountersignature) -> Result<Countersignature, Unreadable> {
        Ok(Countersignature {
            time_ms: stored.time_ms,
            incarnation: stored.incarnation,
            public_key: fixed(&stored.public_key, "countersignature.public_key")?,
            signature: fixed(&stored.signature, "countersignature.signature")?,
        })
    }
}

impl From<&LastRelease> for StoredLastRelease {
    fn from(last: &LastRelease) -> StoredLastRelease {
        StoredLastRelease {
            id: last.id.to_vec(),
            through: last.through,
        }
    }
}

impl TryFrom<StoredLastRelease> for LastRelease {
    type Error = Unreadable;

    fn try_from(stored: StoredLastRelease) -> Result<LastRelease, Unreadable> {
        Ok(LastRelease {
            id: fixed(&stored.id, "released.id")?,
            through: stored.through,
        })
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use proto::{identity::StoreId, sync::head::JournalPoint};

    use super::*;

    fn kept() -> Kept {
        Kept {
            head: JournalHead {
                log: StoreId([1; 16]),
                point: JournalPoint {
                    size: 2,
                    root: [3; 32],
                },
                chain: [4; 32],
                time_ms: 5,
                public_key: [6; 32],
                signature: [7; 64],
                release: Some(Box::new(Release {
                    node: "510115003064".parse().expect("a place"),
                    records: 8,
                    previous: [9; 32],
                    lineage: 10,
                    through: 11,
                    cells: Checkpoint {
                        count: 12,
                        root: [13; 32],
                    },
                    catalogue_seq: 14,
                    software: "x".to_owned(),
                    signature: [15; 64],
                })),
            },
            countersignature: Countersignature {
                time_ms: 16,
                incarnation: 17,
                public_key: [18; 32],
                signature: [19; 64],
            },
        }
    }

    #[test]
    fn bytes_are_frozen() {
        let kept = kept();
        let release = kept.head.release.as_deref().map(StoredRelease::from);
        let release = release.expect("one");
        let mut golden = vec![
            0x08, 0xc0, 0xbd, 0xb5, 0xbc, 0xa6, 0xfe, 0x73, 0x10, 8, 0x1a, 32,
        ];
        golden.extend([9; 32]);
        golden.extend([0x20, 10, 0x28, 11, 0x30, 12, 0x3a, 32]);
        golden.extend([13; 32]);
        golden.extend([0x40, 14, 0x4a, 1, b'x', 0x52, 64]);
        golden.extend([15; 64]);
        assert_eq!(release.encode_to_vec(), golden);
        let under = StoredCountersignature::from(&kept.countersignature);
        let mut golden = vec![0x08, 16, 0x10, 17, 0x1a, 32];
        golden.extend([18; 32]);
        golden.extend([0x22, 64]);
        golden.extend([19; 64]);
        assert_eq!(under.encode_to_vec(), golden);
    }

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let kept = kept();
        let stored = StoredKept {
            head: Some((&kept.head).into()),
            countersignature: Some((&kept.countersignature).into()),
        };
        assert_eq!(Kept::try_from(stored.clone()), Ok(kept));
        let bare = StoredKept {
            countersignature: None,
            ..stored
        };
        assert!(Kept::try_from(bare).is_err());
    }
}
