//! Every adoption of a playbook. Key: its journal position (8 bytes), which of those
//! adopted together (4). Value: which one, by its hash; the text is in the journal.

use jiff::Timestamp;
use node_domain::playbook::PlaybookId;
use node_domain::sha256::Sha256;
use node_domain::token::TokenId;
use serde::{Deserialize, Serialize};

use super::Space;
use crate::store::stored_process::{decode, encode};

pub struct AdoptedPlaybooks;

/// The n-th playbook of the adoption at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub position: u64,
    pub index: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdoptedRow {
    #[serde(with = "node_domain::stored::micros")]
    pub adopted_at: Timestamp,
    /// 0: the node itself.
    token: u64,
    pub replaces_all: bool,
    pub id: PlaybookId,
    pub zh: Box<str>,
    pub en: Box<str>,
    pub sha256: Sha256,
}

impl AdoptedRow {
    pub fn new(
        (adopted_at, token, replaces_all): (Timestamp, Option<TokenId>, bool),
        adopted: &node_domain::playbook::adoption::Adopted,
    ) -> AdoptedRow {
        AdoptedRow {
            adopted_at,
            token: token.map_or(0, |token| token.0),
            replaces_all,
            id: adopted.id.clone(),
            zh: adopted.title.zh.clone(),
            en: adopted.title.en.clone(),
            sha256: adopted.sha256,
        }
    }

    /// Who adopted it; none: the node itself.
    pub fn token(&self) -> Option<TokenId> {
        Some(TokenId(self.token)).filter(|token| token.0 != 0)
    }
}

impl Space for AdoptedPlaybooks {
    const TAG: u8 = 0x1b;
    const NAME: &'static str = "adopted playbooks";
    type Key = Place;
    type Value = AdoptedRow;

    fn key(place: &Place) -> Vec<u8> {
        let mut bytes = place.position.to_be_bytes().to_vec();
        bytes.extend_from_slice(&place.index.to_be_bytes());
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<Place> {
        let (position, index) = bytes.split_at_checked(8)?;
        Some(Place {
            position: super::number(position)?,
            index: u32::from_be_bytes(index.try_into().ok()?),
        })
    }

    fn encode(row: &AdoptedRow) -> Vec<u8> {
        encode(row)
    }

    fn decode(bytes: &[u8]) -> Result<AdoptedRow, String> {
        decode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let row = AdoptedRow {
            adopted_at: Timestamp::from_microsecond(3).unwrap(),
            token: 2,
            replaces_all: true,
            id: PlaybookId {
                code: "a".parse().unwrap(),
                revision: 300,
            },
            zh: "甲".into(),
            en: "A".into(),
            sha256: Sha256([7; 32]),
        };
        let place = Place {
            position: 258,
            index: 1,
        };
        let value = format!("01060201{}{}", "0161ac0203e794b20141", "07".repeat(32));
        super::super::golden::row::<AdoptedPlaybooks>(
            place,
            row,
            "1b000000000000010200000001",
            &value,
        );
    }
}
