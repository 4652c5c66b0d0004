//! Cases by id: the state, whose personal fields they are, and those fields as
//! they were sealed when the case was reported. Key: 8 bytes.

use node_domain::cases::{Case, CaseId};
use node_domain::sealed::Sealed;
use prost::Message as _;

use super::Space;
use crate::sealing::SubjectId;
use crate::store::stored_case;

pub struct Cases;

#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    pub case: Case,
    /// Under whose key everything personal of the case is sealed.
    pub subject: Option<SubjectId>,
    pub personal: Option<Sealed>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(bytes = "vec", tag = "1")]
    case: Vec<u8>,
    #[prost(uint64, tag = "2")]
    subject: u64,
    #[prost(bytes = "vec", optional, tag = "3")]
    personal: Option<Vec<u8>>,
}

impl Space for Cases {
    const TAG: u8 = 0x10;
    const NAME: &'static str = "cases";
    type Key = CaseId;
    type Value = CaseRow;

    fn key(case: &CaseId) -> Vec<u8> {
        case.0.to_be_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<CaseId> {
        super::number(bytes).map(CaseId)
    }

    fn encode(row: &CaseRow) -> Vec<u8> {
        Stored {
            case: stored_case::encode_case(&row.case),
            subject: row.subject.map_or(0, |subject| subject.0),
            personal: row.personal.as_ref().map(|sealed| sealed.0.to_vec()),
        }
        .encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<CaseRow, String> {
        let stored = Stored::decode(bytes).map_err(|error| error.to_string())?;
        Ok(CaseRow {
            case: stored_case::decode_case(&stored.case).map_err(|error| error.to_string())?,
            subject: Some(SubjectId(stored.subject)).filter(|subject| subject.0 != 0),
            personal: stored.personal.map(|bytes| Sealed(bytes.into())),
        })
    }
}
