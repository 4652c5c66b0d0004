//! A node's journal head as stored.

use proto::{
    identity::StoreId,
    sync::head::{JournalHead, JournalPoint},
};

use super::{
    Unreadable,
    part::fixed,
    release::{self, StoredRelease},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredHead {
    #[prost(bytes = "vec", tag = "1")]
    pub log: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub size: u64,
    #[prost(bytes = "vec", tag = "3")]
    pub root: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub chain: Vec<u8>,
    #[prost(uint64, tag = "5")]
    pub time_ms: u64,
    #[prost(bytes = "vec", tag = "6")]
    pub public_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub signature: Vec<u8>,
    #[prost(message, optional, tag = "70")]
    pub release: Option<StoredRelease>,
}

impl From<&JournalHead> for StoredHead {
    fn from(head: &JournalHead) -> StoredHead {
        StoredHead {
            log: head.log.0.to_vec(),
            size: head.point.size,
            root: head.point.root.to_vec(),
            chain: head.chain.to_vec(),
            time_ms: head.time_ms,
            public_key: head.public_key.to_vec(),
            signature: head.signature.to_vec(),
            release: head.release.as_deref().map(Into::into),
        }
    }
}

impl TryFrom<StoredHead> for JournalHead {
    type Error = Unreadable;

    fn try_from(stored: StoredHead) -> Result<JournalHead, Unreadable> {
        Ok(JournalHead {
            log: StoreId(fixed(&stored.log, "journal_head.log")?),
            point: JournalPoint {
                size: stored.size,
                root: fixed(&stored.root, "journal_head.root")?,
            },
            chain: fixed(&stored.chain, "journal_head.chain")?,
            time_ms: stored.time_ms,
            public_key: fixed(&stored.public_key, "journal_head.public_key")?,
            signature: fixed(&stored.signature, "journal_head.signature")?,
            release: release::read(stored.release)?,
        })
    }
}

pub fn head(stored: Option<StoredHead>) -> Result<Option<Box<JournalHead>>, Unreadable> {
    let head = stored.map(JournalHead::try_from).transpose()?;
    Ok(head.map(Box::new))
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let signed = JournalHead {
            log: StoreId([1; 16]),
            point: JournalPoint {
                size: 300,
                root: [2; 32],
            },
            chain: [3; 32],
            time_ms: 4,
            public_key: [5; 32],
            signature: [6; 64],
            release: None,
        };
        let stored = StoredHead::from(&signed);
        let mut golden = vec![0x0a, 16];
        golden.extend([1; 16]);
        golden.extend([0x10, 0xac, 0x02, 0x1a, 32]);
        golden.extend([2; 32]);
        golden.extend([0x22, 32]);
        golden.extend([3; 32]);
        golden.extend([0x28, 4, 0x32, 32]);
        golden.extend([5; 32]);
        golden.extend([0x3a, 64]);
        golden.extend([6; 64]);
        assert_eq!(stored.encode_to_vec(), golden);
        assert_eq!(head(Some(stored.clone())), Ok(Some(Box::new(signed))));
        let cut = StoredHead {
            root: vec![2; 31],
            ..stored
        };
        assert!(head(Some(cut)).is_err());
    }
}
