//! An access to one person's data as stored: a record's body of tag 70.

use node_domain::actor::Pseudonym;
use node_domain::cases::CaseId;
use node_domain::sealed::Sealed;
use node_domain::subject::{Access, Deed};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAccess {
    #[prost(uint64, tag = "1")]
    pub subject: u64,
    /// 1 exported, 2 corrected.
    #[prost(uint32, tag = "2")]
    pub deed: u32,
    #[prost(uint64, tag = "3")]
    pub case: u64,
    /// The encoded `Personal` message, sealed under the subject's key.
    #[prost(bytes = "vec", tag = "4")]
    pub personal: Vec<u8>,
}

impl From<&Access> for StoredAccess {
    fn from(access: &Access) -> StoredAccess {
        let (deed, case, personal) = match &access.deed {
            Deed::Exported => (1, 0, Vec::new()),
            Deed::Corrected { case, personal } => (2, case.0, personal.0.to_vec()),
        };
        StoredAccess {
            subject: access.subject.0,
            deed,
            case,
            personal,
        }
    }
}

impl TryFrom<StoredAccess> for Access {
    type Error = String;

    fn try_from(stored: StoredAccess) -> Result<Access, String> {
        Ok(Access {
            subject: Pseudonym(stored.subject),
            deed: match stored.deed {
                1 => Deed::Exported,
                2 => Deed::Corrected {
                    case: CaseId(stored.case),
                    personal: Sealed(stored.personal.into()),
                },
                other => return Err(format!("access of kind {other}")),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let corrected = Access {
            subject: Pseudonym(3),
            deed: Deed::Corrected {
                case: CaseId(300),
                personal: Sealed([7, 8].into()),
            },
        };
        let stored = StoredAccess::from(&corrected);
        let bytes = [8, 3, 16, 2, 0x18, 0xac, 2, 0x22, 2, 7, 8];
        assert_eq!(stored.encode_to_vec(), bytes);
        assert_eq!(Access::try_from(stored), Ok(corrected));
        let exported = Access {
            subject: Pseudonym(3),
            deed: Deed::Exported,
        };
        let stored = StoredAccess::from(&exported);
        assert_eq!(stored.encode_to_vec(), [8, 3, 16, 1]);
        assert_eq!(Access::try_from(stored.clone()), Ok(exported));
        let odd = StoredAccess { deed: 9, ..stored };
        assert!(Access::try_from(odd).is_err());
    }
}
