//! Notices that are kept for consumers. Key: the journal position of what happened
//! (8 bytes), which of the things that happened there (4). Value: what is told, and
//! to whom.

use jiff::Timestamp;
use node_domain::notices::{Mark, Matter, Recipient};
use serde::{Deserialize, Serialize};

use super::Space;
use crate::store::stored_process::{decode, encode};

pub struct Notices;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeRow {
    #[serde(with = "node_domain::stored::micros")]
    pub happened_at: Timestamp,
    pub matter: Matter,
    /// Of the matter's engine's sentences.
    pub code: Box<str>,
    pub recipients: Vec<Recipient>,
}

impl Space for Notices {
    const TAG: u8 = 0x18;
    const NAME: &'static str = "notices";
    type Key = Mark;
    type Value = NoticeRow;

    fn key(mark: &Mark) -> Vec<u8> {
        let mut bytes = mark.position.to_be_bytes().to_vec();
        bytes.extend_from_slice(&mark.index.to_be_bytes());
        bytes
    }

    fn key_from(bytes: &[u8]) -> Option<Mark> {
        let (position, index) = bytes.split_at_checked(8)?;
        Some(Mark {
            position: super::number(position)?,
            index: u32::from_be_bytes(index.try_into().ok()?),
        })
    }

    fn encode(row: &NoticeRow) -> Vec<u8> {
        encode(row)
    }

    fn decode(bytes: &[u8]) -> Result<NoticeRow, String> {
        let row: NoticeRow = decode(bytes)?;
        match row.matter.sentence(&row.code) {
            Some(_) => Ok(row),
            None => Err(format!("{}: no sentence {}", row.matter, row.code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use node_domain::actor::Pseudonym;
    use node_domain::process::{Engine, ProcessId};

    use super::*;

    fn row(code: &str) -> NoticeRow {
        NoticeRow {
            happened_at: Timestamp::from_microsecond(3).unwrap(),
            matter: Matter::Process(Engine::Deliberations, ProcessId(258)),
            code: code.into(),
            recipients: vec![
                Recipient::Resident(Pseudonym(7)),
                Recipient::Grid("003".parse().unwrap()),
                Recipient::Handler("a".parse().unwrap()),
                Recipient::Entry(9),
                Recipient::Office,
            ],
        }
    }

    #[test]
    fn bytes_are_frozen() {
        let mark = Mark {
            position: 258,
            index: 1,
        };
        super::super::golden::row::<Notices>(
            mark,
            row("PASSED"),
            "18000000000000010200000001",
            "0106038202065041535345440500070103020161030904",
        );
        let unknown = Notices::encode(&row("NOSUCH"));
        assert!(Notices::decode(&unknown).unwrap_err().contains("NOSUCH"));
    }
}
