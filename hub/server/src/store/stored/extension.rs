//! Extensions as stored. What was drafted with one is stored as a rollout's draft.

use hub_domain::extension::{Event, Registration};
use proto::indicator::catalogue::ItemId;

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, time},
    rollout::StoredRollout,
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredExtension {
    #[prost(oneof = "What", tags = "1, 2, 3")]
    pub what: Option<What>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum What {
    #[prost(message, tag = "1")]
    Registered(Box<StoredRegistration>),
    #[prost(message, tag = "2")]
    Approved(StoredApproval),
    #[prost(message, tag = "3")]
    Retired(StoredRetirement),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRegistration {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub code: String,
    #[prost(string, tag = "3")]
    pub purpose_zh: String,
    #[prost(string, tag = "4")]
    pub purpose_en: String,
    #[prost(string, tag = "5")]
    pub owner: String,
    #[prost(string, tag = "6")]
    pub contact: String,
    #[prost(string, repeated, tag = "7")]
    pub reads: Vec<String>,
    /// Digits of the codes.
    #[prost(string, repeated, tag = "8")]
    pub places: Vec<String>,
    /// ISO date.
    #[prost(string, tag = "9")]
    pub until: String,
    /// Absent: no new definition.
    #[prost(message, optional, tag = "10")]
    pub draft: Option<StoredRollout>,
    #[prost(message, optional, tag = "11")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredApproval {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub code: String,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRetirement {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub code: String,
    /// "indicator/QS.R02@1".
    #[prost(string, repeated, tag = "3")]
    pub items: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub at: Option<StoredTime>,
}

impl From<&Event> for StoredExtension {
    fn from(event: &Event) -> StoredExtension {
        let what = match event {
            Event::Registered {
                asked,
                registration: of,
                draft,
                at,
            } => What::Registered(Box::new(StoredRegistration {
                asked: Some(asked.into()),
                code: of.code.to_string(),
                purpose_zh: of.purpose_zh.clone(),
                purpose_en: of.purpose_en.clone(),
                owner: of.owner.clone(),
                contact: of.contact.clone(),
                reads: of.reads.iter().map(ToString::to_string).collect(),
                places: of.places.iter().map(ToString::to_string).collect(),
                until: of.until.to_string(),
                draft: draft.as_deref().map(Into::into),
                at: Some((*at).into()),
            })),
            Event::Approved { asked, code, at } => What::Approved(StoredApproval {
                asked: Some(asked.into()),
                code: code.to_string(),
                at: Some((*at).into()),
            }),
            Event::Retired {
                asked,
                code,
                items,
                at,
            } => What::Retired(StoredRetirement {
                asked: Some(asked.into()),
                code: code.to_string(),
                items: items.iter().map(ToString::to_string).collect(),
                at: Some((*at).into()),
            }),
        };
        StoredExtension { what: Some(what) }
    }
}

impl TryFrom<StoredExtension> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredExtension) -> Result<Event, Unreadable> {
        Ok(
            match stored.what.ok_or_else(|| Unreadable::field("what"))? {
                What::Registered(of) => Event::Registered {
                    asked: asked(of.asked)?,
                    registration: Box::new(Registration {
                        code: parsed(&of.code, "code")?,
                        purpose_zh: of.purpose_zh,
                        purpose_en: of.purpose_en,
                        owner: of.owner,
                        contact: of.contact,
                        reads: all(&of.reads, "reads")?,
                        places: all(&of.places, "places")?,
                        until: parsed(&of.until, "until")?,
                    }),
                    draft: match of.draft {
                        Some(draft) => Some(Box::new(draft.try_into()?)),
                        None => None,
                    },
                    at: time(of.at)?,
                },
                What::Approved(of) => Event::Approved {
                    asked: asked(of.asked)?,
                    code: parsed(&of.code, "code")?,
                    at: time(of.at)?,
                },
                What::Retired(of) => Event::Retired {
                    asked: asked(of.asked)?,
                    code: parsed(&of.code, "code")?,
                    items: all::<ItemId>(&of.items, "items")?.into(),
                    at: time(of.at)?,
                },
            },
        )
    }
}

fn parsed<T: std::str::FromStr>(text: &str, field: &'static str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable::field(field))
}

fn all<T: std::str::FromStr>(texts: &[String], field: &'static str) -> Result<Vec<T>, Unreadable> {
    texts.iter().map(|text| parsed(text, field)).collect()
}

#[cfg(test)]
mod tests {
    use hub_domain::{
        event::{Asked, Event as HubEvent},
        rollout,
    };
    use jiff::{SignedDuration, Timestamp};

    use super::super::{decode, encode};
    use super::*;

    fn events() -> [(Event, &'static str); 3] {
        let asked = || Asked {
            by: "operator/li".parse().unwrap(),
            request: "r-9".parse().unwrap(),
        };
        let at = Timestamp::UNIX_EPOCH;
        let drafted = rollout::Event::Drafted {
            asked: asked(),
            number: 3,
            items: [].into(),
            unchanged: 1,
            terms: rollout::Terms {
                hold: SignedDuration::from_secs(60),
                trial: Vec::new(),
            },
            at,
        };
        let registration = Registration {
            code: "flood".parse().unwrap(),
            purpose_zh: "汛".to_owned(),
            purpose_en: "flood".to_owned(),
            owner: "o".to_owned(),
            contact: "c".to_owned(),
            reads: vec!["QS.R".parse().unwrap()],
            places: vec!["510115003".parse().unwrap()],
            until: "2026-06-30".parse().unwrap(),
        };
        let registered = Event::Registered {
            asked: asked(),
            registration: Box::new(registration),
            draft: Some(Box::new(drafted)),
            at,
        };
        let code = || "flood".parse().unwrap();
        let approved = Event::Approved {
            asked: asked(),
            code: code(),
            at,
        };
        let retired = Event::Retired {
            asked: asked(),
            code: code(),
            items: ["indicator/EXT.N1@1".parse().unwrap()].into(),
            at,
        };
        [
            (registered, REGISTERED),
            (approved, APPROVED),
            (retired, RETIRED),
        ]
    }

    const REGISTERED: &str = "01f2066e0a6c0a120a0b6f70657261746f722f6c691203722d391205666c6f6f641a03e6b19b2205666c6f6f642a016f3201633a0451532e5242093531303131353030334a0a323032362d30362d3330521e0a1c0a120a0b6f70657261746f722f6c691203722d3910032001283c3a005a00";
    const APPROVED: &str = "01f2061f121d0a120a0b6f70657261746f722f6c691203722d391205666c6f6f641a00";
    const RETIRED: &str = "01f206331a310a120a0b6f70657261746f722f6c691203722d391205666c6f6f641a12696e64696361746f722f4558542e4e3140312200";

    #[test]
    fn the_bytes_are_frozen_and_read_back() {
        let (events, frozen): (Vec<Event>, Vec<&str>) = events().into_iter().unzip();
        let written = events
            .iter()
            .map(|event| encode(&HubEvent::Extension(event.clone()), None));
        let written: Vec<Vec<u8>> = written.collect();
        let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let said: Vec<String> = written.iter().map(hex).collect();
        assert_eq!(said, frozen);
        for (event, bytes) in events.iter().zip(&written) {
            let HubEvent::Extension(read) = decode(bytes).unwrap() else {
                panic!("another event");
            };
            assert_eq!(read, *event);
        }
    }
}
