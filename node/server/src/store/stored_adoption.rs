//! An adoption of playbooks as the journal keeps it: the texts, and what each is.

use node_domain::playbook::adoption::{Adopted, Adoption};
use node_domain::playbook::{PlaybookId, Title};
use node_domain::sha256::Sha256;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredAdoption {
    #[prost(bool, tag = "1")]
    replaces_all: bool,
    #[prost(message, repeated, tag = "2")]
    playbooks: Vec<StoredPlaybook>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct StoredPlaybook {
    #[prost(string, tag = "1")]
    code: String,
    #[prost(uint32, tag = "2")]
    revision: u32,
    #[prost(string, tag = "3")]
    zh: String,
    #[prost(string, tag = "4")]
    en: String,
    #[prost(bytes = "vec", tag = "5")]
    sha256: Vec<u8>,
    #[prost(string, tag = "6")]
    text: String,
}

impl From<&Adoption> for StoredAdoption {
    fn from(adoption: &Adoption) -> StoredAdoption {
        let playbooks = adoption.playbooks.iter().map(|one| StoredPlaybook {
            code: one.id.code.to_string(),
            revision: one.id.revision,
            zh: one.title.zh.to_string(),
            en: one.title.en.to_string(),
            sha256: one.sha256.0.to_vec(),
            text: one.text.to_string(),
        });
        StoredAdoption {
            replaces_all: adoption.replaces_all,
            playbooks: playbooks.collect(),
        }
    }
}

impl TryFrom<StoredAdoption> for Adoption {
    type Error = String;

    fn try_from(stored: StoredAdoption) -> Result<Adoption, String> {
        let playbooks = stored.playbooks.into_iter().map(Adopted::try_from);
        Ok(Adoption {
            replaces_all: stored.replaces_all,
            playbooks: playbooks.collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<StoredPlaybook> for Adopted {
    type Error = String;

    fn try_from(stored: StoredPlaybook) -> Result<Adopted, String> {
        let sum = stored.sha256.try_into();
        let sum = sum.map_err(|sum: Vec<u8>| format!("a hash of {} bytes", sum.len()))?;
        Ok(Adopted {
            id: PlaybookId {
                code: stored.code.parse().map_err(|odd| format!("{odd}"))?,
                revision: stored.revision,
            },
            title: Title {
                zh: stored.zh.into(),
                en: stored.en.into(),
            },
            sha256: Sha256(sum),
            text: stored.text.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::store::fault::hex;

    #[test]
    fn bytes_are_frozen() {
        let adoption = Adoption {
            replaces_all: true,
            playbooks: vec![Adopted {
                id: PlaybookId {
                    code: "a".parse().unwrap(),
                    revision: 300,
                },
                title: Title {
                    zh: "b".into(),
                    en: "c".into(),
                },
                sha256: Sha256([7; 32]),
                text: "d".into(),
            }],
        };
        let stored = StoredAdoption::from(&adoption);
        let bytes = hex(&stored.encode_to_vec());
        let sum = "07".repeat(32);
        let wanted = format!("080112310a016110ac021a0162220163{}{sum}320164", "2a20");
        assert_eq!(bytes, wanted);
        assert_eq!(Adoption::try_from(stored.clone()), Ok(adoption));
        let mut odd = stored;
        odd.playbooks[0].sha256.pop();
        assert!(Adoption::try_from(odd).unwrap_err().contains("31 bytes"));
    }
}
