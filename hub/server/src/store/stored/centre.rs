//! What happens to centres, as stored.

use hub_domain::{
    centre::{Event as CentreEvent, Fed, Settings},
    event::{Asked, Event},
};
use proto::period::Grain;

use super::{
    Unreadable,
    part::{StoredAsked, StoredTime, asked, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCentreEvent {
    /// Its code.
    #[prost(string, tag = "1")]
    pub centre: String,
    #[prost(message, optional, tag = "2")]
    pub asked: Option<StoredAsked>,
    #[prost(oneof = "CentreKind", tags = "3, 4, 5")]
    pub kind: Option<CentreKind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum CentreKind {
    #[prost(message, tag = "3")]
    Set(StoredSettings),
    #[prost(message, tag = "4")]
    Fed(StoredFed),
    #[prost(message, tag = "5")]
    Inbox(StoredInbox),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredSettings {
    #[prost(string, tag = "1")]
    pub contact: String,
    #[prost(string, repeated, tag = "2")]
    pub reads: Vec<String>,
    /// Codes.
    #[prost(string, repeated, tag = "3")]
    pub places: Vec<String>,
    /// 0: none; else as `Grain` counts.
    #[prost(uint32, tag = "4")]
    pub finest: u32,
    #[prost(message, optional, tag = "5")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredInbox {
    /// host:port; empty: the hub dials no more.
    #[prost(string, tag = "1")]
    pub address: String,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredFed {
    #[prost(uint64, tag = "1")]
    pub seq: u64,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

impl From<&Fed> for StoredFed {
    fn from(fed: &Fed) -> StoredFed {
        StoredFed {
            seq: fed.seq,
            at: Some(fed.at.into()),
        }
    }
}

impl TryFrom<StoredFed> for Fed {
    type Error = Unreadable;

    fn try_from(stored: StoredFed) -> Result<Fed, Unreadable> {
        Ok(Fed {
            seq: stored.seq,
            at: time(stored.at)?,
        })
    }
}

impl StoredCentreEvent {
    pub fn new(asked: Option<&Asked>, event: &CentreEvent) -> StoredCentreEvent {
        let (centre, kind) = match event {
            CentreEvent::Set {
                centre,
                settings,
                at,
            } => {
                let settings = StoredSettings {
                    contact: settings.contact.clone(),
                    reads: settings.reads.iter().map(ToString::to_string).collect(),
                    places: settings.places.iter().map(ToString::to_string).collect(),
                    finest: settings.finest.map_or(0, |finest| finest as u32),
                    at: Some((*at).into()),
                };
                (centre, CentreKind::Set(settings))
            }
            CentreEvent::Inbox { centre, inbox, at } => {
                let address = inbox.as_ref().map(ToString::to_string);
                let inbox = StoredInbox {
                    address: address.unwrap_or_default(),
                    at: Some((*at).into()),
                };
                (centre, CentreKind::Inbox(inbox))
            }
            CentreEvent::Fed { centre, fed } => (centre, CentreKind::Fed(fed.into())),
        };
        StoredCentreEvent {
            centre: centre.to_string(),
            asked: asked.map(Into::into),
            kind: Some(kind),
        }
    }
}

impl TryFrom<StoredCentreEvent> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredCentreEvent) -> Result<Event, Unreadable> {
        let centre = stored.centre.parse();
        let centre = centre.map_err(|_| Unreadable::field("centre"))?;
        let event = match stored.kind.ok_or_else(|| Unreadable::field("kind"))? {
            CentreKind::Set(set) => CentreEvent::Set {
                centre,
                at: time(set.at)?,
                settings: Settings {
                    contact: set.contact,
                    reads: all(&set.reads, "reads")?,
                    places: all(&set.places, "places")?,
                    finest: grain(set.finest)?,
                },
            },
            CentreKind::Inbox(stored) => CentreEvent::Inbox {
                centre,
                at: time(stored.at)?,
                inbox: match stored.address.as_str() {
                    "" => None,
                    text => Some(text.parse().map_err(|_| Unreadable::field("address"))?),
                },
            },
            CentreKind::Fed(fed) => CentreEvent::Fed {
                centre,
                fed: fed.try_into()?,
            },
        };
        let asked = match stored.asked {
            None => None,
            given => Some(asked(given)?),
        };
        Ok(Event::Centre { asked, event })
    }
}

fn all<T: std::str::FromStr>(texts: &[String], field: &'static str) -> Result<Vec<T>, Unreadable> {
    let parsed = texts.iter().map(|text| text.parse());
    parsed
        .collect::<Result<_, _>>()
        .map_err(|_| Unreadable::field(field))
}

fn grain(number: u32) -> Result<Option<Grain>, Unreadable> {
    match number {
        0 => Ok(None),
        number => Grain::ALL
            .into_iter()
            .find(|grain| *grain as u32 == number)
            .map(Some)
            .ok_or_else(|| Unreadable::field("finest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::stored::{decode, encode};
    use jiff::Timestamp;

    fn set() -> Event {
        let at = Timestamp::UNIX_EPOCH;
        let operator = "operator/li".parse().unwrap();
        Event::Centre {
            asked: Some(Asked {
                by: operator,
                request: "r".parse().unwrap(),
            }),
            event: CentreEvent::Set {
                centre: "care".parse().unwrap(),
                settings: Settings {
                    contact: "周敏".into(),
                    reads: vec!["BBT.V".parse().unwrap()],
                    places: vec!["510115003".parse().unwrap()],
                    finest: Some(Grain::Month),
                },
                at,
            },
        }
    }

    fn fed() -> Event {
        Event::Centre {
            asked: None,
            event: CentreEvent::Fed {
                centre: "care".parse().unwrap(),
                fed: Fed {
                    seq: 300,
                    at: Timestamp::UNIX_EPOCH,
                },
            },
        }
    }

    fn inbox(address: &str) -> Event {
        Event::Centre {
            asked: Some(Asked {
                by: "operator/li".parse().unwrap(),
                request: "r".parse().unwrap(),
            }),
            event: CentreEvent::Inbox {
                centre: "care".parse().unwrap(),
                inbox: address.parse().ok(),
                at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    #[test]
    fn the_bytes_are_frozen() {
        let hex = |event: &Event| -> String {
            let record = encode(event, None);
            record.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        assert_eq!(
            hex(&set()),
            "01c202380a04636172651210\
             0a0b6f70657261746f722f6c69120172\
             1a1e0a06e591a8e6958f12054242542e561a0935313031313530303320032a00"
        );
        assert_eq!(hex(&fed()), "01c2020d0a0463617265220508ac021200");
        assert_eq!(
            hex(&inbox("care.example:7444")),
            "01c2022f0a04636172651210\
             0a0b6f70657261746f722f6c69120172\
             2a150a11636172652e6578616d706c653a373434341200"
        );
        assert_eq!(
            hex(&inbox("")),
            "01c2021c0a04636172651210\
             0a0b6f70657261746f722f6c69120172\
             2a021200"
        );
        for event in [set(), fed(), inbox("care.example:7444"), inbox("")] {
            let record = encode(&event, None);
            assert_eq!(encode(&decode(&record).unwrap(), None), record);
        }
    }
}
