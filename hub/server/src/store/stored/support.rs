//! What happened to requests and offers as stored: who asked, and the event in its
//! types' own form (postcard), which golden bytes freeze.

use hub_domain::{
    event::{Asked, Event},
    support,
};

use super::{
    Unreadable,
    part::{StoredAsked, asked},
};

/// Of the event's form; a greater one is refused.
const VERSION: u8 = 1;

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredSupport {
    /// None: letters of a node.
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(bytes = "vec", tag = "2")]
    pub event: Vec<u8>,
}

impl StoredSupport {
    pub fn new(asked: &Option<Asked>, event: &support::Event) -> StoredSupport {
        StoredSupport {
            asked: asked.as_ref().map(Into::into),
            // Numbers, texts, lists: nothing that has no form.
            event: postcard::to_extend(event, vec![VERSION]).unwrap_or_default(),
        }
    }
}

impl TryFrom<StoredSupport> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredSupport) -> Result<Event, Unreadable> {
        let (version, body) =
            (stored.event.split_first()).ok_or_else(|| Unreadable::field("event"))?;
        if *version != VERSION {
            return Err(Unreadable::Newer(*version));
        }
        let read = postcard::take_from_bytes(body);
        let (event, left) = read.map_err(|cause| Unreadable::of("support event")(&cause))?;
        if !left.is_empty() {
            return Err(Unreadable::field("support event"));
        }
        Ok(Event::Support {
            asked: stored.asked.map(|by| asked(Some(by))).transpose()?,
            event,
        })
    }
}

#[cfg(test)]
mod tests {
    use hub_domain::support::Move;
    use jiff::Timestamp;
    use proto::{
        identity::Subject,
        place::Place,
        support::{Asked as Request, Attachment, Offer, OfferKey, OfferKind, RequestKey, Up},
    };

    use super::super::{decode, encode};
    use super::*;

    fn community() -> Place {
        "510115003064".parse().unwrap()
    }

    fn at() -> Timestamp {
        Timestamp::from_microsecond(1).unwrap()
    }

    fn events() -> Vec<support::Event> {
        let moved = |to| support::Event::Moved {
            community: community(),
            request: RequestKey(7),
            by: "care".parse().unwrap(),
            at: at(),
            to,
        };
        let attachment = || Attachment {
            centre: "care".parse().unwrap(),
            ciphertext: [1, 2].into(),
        };
        vec![
            support::Event::Received {
                community: community(),
                lineage: 1,
                first: 2,
                letters: vec![
                    Up::Asked(Request {
                        request: RequestKey(7),
                        centre: None,
                        text: "求".parse().unwrap(),
                        attachment: Some(attachment()),
                        asked_at: at(),
                        accept_by: at(),
                        wanted_by: Some("2026-03-05".parse().unwrap()),
                    }),
                    Up::Withdrawn {
                        request: RequestKey(7),
                        at: at(),
                    },
                    Up::Rated(proto::support::Rated {
                        request: RequestKey(7),
                        stars: 5,
                        comment: None,
                        at: at(),
                    }),
                ],
            },
            moved(Move::Routed {
                to: "care".parse().unwrap(),
                attachment: Some(attachment()),
            }),
            moved(Move::Accepted {
                deliver_by: Some("2026-03-05".parse().unwrap()),
            }),
            moved(Move::Declined {
                reason: "满".parse().unwrap(),
            }),
            moved(Move::Begun),
            moved(Move::Done { result: None }),
            support::Event::Carded {
                centre: "care".parse().unwrap(),
                recipient: format!("age1{}", "q".repeat(58)).parse().unwrap(),
            },
            support::Event::Offered {
                offer: Box::new(Offer {
                    key: OfferKey(9),
                    centre: "care".parse().unwrap(),
                    kind: OfferKind::Course,
                    title: "课".parse().unwrap(),
                    text: "文".parse().unwrap(),
                    published_at: at(),
                    until: None,
                    places: 2,
                    form: None,
                    fen: 0,
                    closed_at: None,
                }),
                communities: vec![community()],
            },
            support::Event::OfferClosed {
                offer: OfferKey(9),
                at: at(),
            },
        ]
    }

    #[test]
    fn bytes_are_frozen() {
        let written: Vec<String> = (events().iter())
            .map(|event| StoredSupport::new(&None, event).event)
            .map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        let wanted: Vec<&str> = LINES.split_whitespace().collect();
        assert_eq!(written, wanted, "\n{}\n", written.join("\n"));
    }

    const LINES: &str = "
        0100c0bdb5bca6fe7301020300070003e6b1820104636172650201020202010a323032362d30332d30350107020207050002
        0101c0bdb5bca6fe7307046361726502000463617265010463617265020102
        0101c0bdb5bca6fe730704636172650201010a323032362d30332d3035
        0101c0bdb5bca6fe73070463617265020203e6bba1
        0101c0bdb5bca6fe730704636172650203
        0101c0bdb5bca6fe73070463617265020400
        010204636172653e6167653171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171717171
        01030904636172650003e8afbe03e6968702000200000001c0bdb5bca6fe73
        01040902
    ";

    #[test]
    fn events_are_read_back_and_newer_ones_refused() {
        let asked = Asked {
            by: Subject::Centre("care".parse().unwrap()),
            request: "r-1".parse().unwrap(),
        };
        for event in events() {
            let written = Event::Support {
                asked: Some(asked.clone()),
                event: event.clone(),
            };
            let Event::Support {
                asked: by,
                event: read,
            } = decode(&encode(&written, None)).unwrap()
            else {
                panic!("another event");
            };
            assert_eq!((by, read), (Some(asked.clone()), event));
        }
        let mut newer = StoredSupport::new(&None, &events()[0]);
        newer.event[0] = 2;
        assert!(matches!(Event::try_from(newer), Err(Unreadable::Newer(2))));
        let mut longer = StoredSupport::new(&None, &events()[0]);
        longer.event.push(0);
        assert!(Event::try_from(longer).is_err());
    }
}
