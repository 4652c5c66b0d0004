//! Rollouts and how far nodes took the catalogue, as stored.

use hub_domain::rollout::{Cause, Event, Halt, Taking, Terms, Tried, Wave};
use jiff::SignedDuration;
use proto::{
    indicator::catalogue::{Item, ItemId},
    pb::sync as wire,
    sync::{downlink::Refused, trial::Trial},
};

use super::{
    Unreadable,
    control::{StoredItem, read_item},
    part::{StoredAsked, StoredTime, asked, place, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRollout {
    #[prost(oneof = "RolloutKind", tags = "1, 2, 3, 4, 5, 6, 7, 8")]
    pub kind: Option<RolloutKind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum RolloutKind {
    #[prost(message, tag = "1")]
    Drafted(StoredDrafted),
    #[prost(message, tag = "2")]
    Tried(StoredTried),
    #[prost(message, tag = "3")]
    Approved(StoredApproved),
    #[prost(message, tag = "4")]
    Widened(StoredWidened),
    #[prost(message, tag = "5")]
    Halted(StoredHalted),
    #[prost(message, tag = "6")]
    Settled(StoredSettled),
    #[prost(message, tag = "7")]
    Retired(StoredRetired),
    #[prost(message, tag = "8")]
    Turned(StoredTurned),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredDrafted {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(message, repeated, tag = "3")]
    pub items: Vec<StoredItem>,
    #[prost(uint32, tag = "4")]
    pub unchanged: u32,
    #[prost(int64, tag = "5")]
    pub hold_s: i64,
    #[prost(uint64, repeated, tag = "6")]
    pub trial: Vec<u64>,
    #[prost(message, optional, tag = "7")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTried {
    #[prost(uint32, tag = "1")]
    pub number: u32,
    #[prost(uint64, tag = "2")]
    pub node: u64,
    /// What it counted; else why it did not.
    #[prost(message, optional, tag = "3")]
    pub trial: Option<wire::Trial>,
    #[prost(string, tag = "4")]
    pub reason: String,
    #[prost(string, tag = "5")]
    pub detail: String,
    #[prost(message, optional, tag = "6")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredApproved {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(uint32, tag = "2")]
    pub number: u32,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredWidened {
    #[prost(uint32, tag = "1")]
    pub number: u32,
    #[prost(uint32, tag = "2")]
    pub percent: u32,
    #[prost(fixed64, tag = "3")]
    pub through: u64,
    #[prost(message, optional, tag = "4")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredHalted {
    #[prost(uint32, tag = "1")]
    pub number: u32,
    /// Refusals of answers; 0 of 0: it contradicts what was published since.
    #[prost(uint32, tag = "2")]
    pub refused: u32,
    #[prost(uint32, tag = "3")]
    pub of: u32,
    #[prost(string, repeated, tag = "4")]
    pub details: Vec<String>,
    #[prost(message, optional, tag = "5")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredSettled {
    #[prost(uint32, tag = "1")]
    pub number: u32,
    #[prost(message, optional, tag = "2")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredRetired {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, repeated, tag = "2")]
    pub items: Vec<String>,
    #[prost(message, optional, tag = "3")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTurned {
    #[prost(message, optional, tag = "1")]
    pub asked: Option<StoredAsked>,
    #[prost(string, tag = "2")]
    pub code: String,
    #[prost(string, tag = "3")]
    pub by: String,
    #[prost(message, optional, tag = "4")]
    pub at: Option<StoredTime>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredTaking {
    #[prost(uint64, tag = "1")]
    pub node: u64,
    #[prost(uint64, tag = "2")]
    pub seq: u64,
    #[prost(bool, tag = "3")]
    pub relisted: bool,
    #[prost(message, repeated, tag = "4")]
    pub refused: Vec<wire::RefusedItem>,
}

impl From<&Event> for StoredRollout {
    fn from(event: &Event) -> StoredRollout {
        let kind = match event {
            Event::Drafted {
                asked,
                number,
                items,
                unchanged,
                terms,
                at,
            } => RolloutKind::Drafted(StoredDrafted {
                asked: Some(asked.into()),
                number: *number,
                items: items.iter().map(Into::into).collect(),
                unchanged: *unchanged,
                hold_s: terms.hold.as_secs(),
                trial: terms.trial.iter().map(|node| node.aligned()).collect(),
                at: Some((*at).into()),
            }),
            Event::Tried {
                number,
                node,
                tried,
                at,
            } => {
                let (trial, reason, detail) = match tried {
                    Tried::Counted(trial) => (Some(trial.into()), String::new(), String::new()),
                    Tried::Refused { reason, detail } => (None, reason.clone(), detail.clone()),
                };
                RolloutKind::Tried(StoredTried {
                    number: *number,
                    node: node.aligned(),
                    trial,
                    reason,
                    detail,
                    at: Some((*at).into()),
                })
            }
            Event::Approved { asked, number, at } => RolloutKind::Approved(StoredApproved {
                asked: Some(asked.into()),
                number: *number,
                at: Some((*at).into()),
            }),
            Event::Widened {
                number,
                wave,
                through,
                at,
            } => RolloutKind::Widened(StoredWidened {
                number: *number,
                percent: wave.percent(),
                through: *through,
                at: Some((*at).into()),
            }),
            Event::Halted { number, halt, at } => {
                let (refused, of) = match halt.cause {
                    Cause::Refusals { refused, of } => (refused, of),
                    Cause::Contradicts => (0, 0),
                };
                RolloutKind::Halted(StoredHalted {
                    number: *number,
                    refused,
                    of,
                    details: halt.details.clone(),
                    at: Some((*at).into()),
                })
            }
            Event::Settled { number, at } => RolloutKind::Settled(StoredSettled {
                number: *number,
                at: Some((*at).into()),
            }),
            Event::Turned {
                asked,
                code,
                by,
                at,
            } => RolloutKind::Turned(StoredTurned {
                asked: Some(asked.into()),
                code: code.clone(),
                by: by.clone(),
                at: Some((*at).into()),
            }),
            Event::Retired { asked, items, at } => RolloutKind::Retired(StoredRetired {
                asked: Some(asked.into()),
                items: items.iter().map(ToString::to_string).collect(),
                at: Some((*at).into()),
            }),
        };
        StoredRollout { kind: Some(kind) }
    }
}

impl TryFrom<StoredRollout> for Event {
    type Error = Unreadable;

    fn try_from(stored: StoredRollout) -> Result<Event, Unreadable> {
        Ok(
            match stored.kind.ok_or_else(|| Unreadable::field("kind"))? {
                RolloutKind::Drafted(drafted) => {
                    let items = drafted.items.into_iter().map(read_item);
                    let trial = drafted.trial.into_iter().map(place);
                    Event::Drafted {
                        asked: asked(drafted.asked)?,
                        number: drafted.number,
                        items: items.collect::<Result<Vec<Item>, _>>()?.into(),
                        unchanged: drafted.unchanged,
                        terms: Terms {
                            hold: SignedDuration::from_secs(drafted.hold_s),
                            trial: trial.collect::<Result<_, _>>()?,
                        },
                        at: time(drafted.at)?,
                    }
                }
                RolloutKind::Tried(tried) => Event::Tried {
                    number: tried.number,
                    node: place(tried.node)?,
                    tried: match tried.trial {
                        Some(trial) => Tried::Counted(
                            Trial::try_from(trial)
                                .map_err(|cause| Unreadable::of("trial")(&cause))?,
                        ),
                        None => Tried::Refused {
                            reason: tried.reason,
                            detail: tried.detail,
                        },
                    },
                    at: time(tried.at)?,
                },
                RolloutKind::Turned(turned) => Event::Turned {
                    asked: asked(turned.asked)?,
                    code: turned.code,
                    by: turned.by,
                    at: time(turned.at)?,
                },
                RolloutKind::Approved(approved) => Event::Approved {
                    asked: asked(approved.asked)?,
                    number: approved.number,
                    at: time(approved.at)?,
                },
                RolloutKind::Widened(widened) => Event::Widened {
                    number: widened.number,
                    wave: Wave::of_percent(widened.percent)
                        .ok_or_else(|| Unreadable::field("percent"))?,
                    through: widened.through,
                    at: time(widened.at)?,
                },
                RolloutKind::Halted(halted) => Event::Halted {
                    number: halted.number,
                    halt: Halt {
                        cause: match (halted.refused, halted.of) {
                            (0, 0) => Cause::Contradicts,
                            (refused, of) => Cause::Refusals { refused, of },
                        },
                        details: halted.details,
                    },
                    at: time(halted.at)?,
                },
                RolloutKind::Settled(settled) => Event::Settled {
                    number: settled.number,
                    at: time(settled.at)?,
                },
                RolloutKind::Retired(retired) => {
                    let items = retired.items.iter().map(|item| item.parse::<ItemId>());
                    let items = items.collect::<Result<Vec<ItemId>, _>>();
                    Event::Retired {
                        asked: asked(retired.asked)?,
                        items: items.map_err(|_| Unreadable::field("items"))?.into(),
                        at: time(retired.at)?,
                    }
                }
            },
        )
    }
}

impl From<&Taking> for StoredTaking {
    fn from(taking: &Taking) -> StoredTaking {
        StoredTaking {
            node: taking.node.aligned(),
            seq: taking.seq,
            relisted: taking.relisted,
            refused: taking.refused.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<StoredTaking> for Taking {
    type Error = Unreadable;

    fn try_from(stored: StoredTaking) -> Result<Taking, Unreadable> {
        Ok(Taking {
            node: place(stored.node)?,
            seq: stored.seq,
            relisted: stored.relisted,
            refused: stored.refused.into_iter().map(Refused::from).collect(),
        })
    }
}
