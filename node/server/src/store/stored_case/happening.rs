//! What happened, to and from its stored form. Judges nothing.

use node_domain::{
    actor::Pseudonym,
    cases::{CaseId, ClockKind, Happening, Level, Origin, Reported},
    code::Name,
    sealed::{Fingerprint, Said, Sealed},
};

use super::{
    StoredFault,
    event::{
        StoredAppeal, StoredCompleted, StoredEscalated, StoredFellDue, StoredHappening,
        StoredRated, StoredRefusing, StoredReopened, StoredReported, StoredSaid, StoredWords,
    },
    grid,
    outcome::StoredRefused,
    words::{Numbered, times, word, words},
};

impl From<&Happening> for StoredHappening {
    fn from(happening: &Happening) -> StoredHappening {
        let handler = |name: &Option<_>| name.as_ref().map(ToString::to_string);
        match happening {
            Happening::Reported(reported) => {
                StoredHappening::Reported(Box::new((&**reported).into()))
            }
            Happening::Accepted => StoredHappening::Accepted(()),
            Happening::Dispatched { handler } => StoredHappening::Dispatched(handler.to_string()),
            Happening::Bounced { reason } => StoredHappening::Bounced(reason.into()),
            Happening::Started => StoredHappening::Started(()),
            Happening::Paused { cause } => StoredHappening::Paused(cause.to_string()),
            Happening::Resumed => StoredHappening::Resumed(()),
            Happening::Replied(said) => StoredHappening::Replied(said.into()),
            Happening::Noted(said) => StoredHappening::Noted(said.into()),
            Happening::Completed { completion, text } => {
                StoredHappening::Completed(StoredCompleted {
                    completion: Some(completion.into()),
                    text: bytes(text),
                })
            }
            Happening::Refused { by, refer_to, text } => StoredHappening::Refused(StoredRefusing {
                refused: Some(StoredRefused {
                    by: by.to_string(),
                    refer_to: refer_to.to_string(),
                }),
                text: bytes(text),
            }),
            Happening::MarkedDuplicate { of } => StoredHappening::MarkedDuplicate(of.0),
            Happening::Rated {
                level,
                text,
                appeal_until,
            } => StoredHappening::Rated(StoredRated {
                level: level.number(),
                text: bytes(text),
                appeal_until_us: appeal_until.map(jiff::Timestamp::as_microsecond),
            }),
            Happening::Reopened { round, handler: of } => {
                StoredHappening::Reopened(StoredReopened {
                    round: *round,
                    handler: handler(of),
                })
            }
            Happening::Escalated { to, handler: of } => {
                StoredHappening::Escalated(StoredEscalated {
                    to: to.to_string(),
                    handler: handler(of),
                })
            }
            Happening::Appealed { review, reason } => StoredHappening::Appealed(StoredAppeal {
                review: *review,
                reason: bytes(reason),
                upheld: false,
            }),
            Happening::AppealRuled {
                review,
                upheld,
                reason,
            } => StoredHappening::AppealRuled(StoredAppeal {
                review: *review,
                reason: bytes(reason),
                upheld: *upheld,
            }),
            Happening::Withdrawn { reason } => StoredHappening::Withdrawn(reason.into()),
            Happening::FellDue { clock, on_time } => StoredHappening::FellDue(StoredFellDue {
                clock: clock.number(),
                on_time: *on_time,
            }),
            Happening::Settled { reopened } => StoredHappening::Settled(*reopened),
            Happening::Closed => StoredHappening::Closed(()),
        }
    }
}

impl TryFrom<StoredHappening> for Happening {
    type Error = StoredFault;

    fn try_from(stored: StoredHappening) -> Result<Happening, StoredFault> {
        Ok(match stored {
            StoredHappening::Reported(reported) => {
                Happening::Reported(Box::new((*reported).try_into()?))
            }
            StoredHappening::Accepted(()) => Happening::Accepted,
            StoredHappening::Dispatched(handler) => Happening::Dispatched {
                handler: word(&handler, "handler")?,
            },
            StoredHappening::Bounced(words) => Happening::Bounced {
                reason: sealed(words.text),
            },
            StoredHappening::Started(()) => Happening::Started,
            StoredHappening::Paused(cause) => Happening::Paused {
                cause: word(&cause, "cause")?,
            },
            StoredHappening::Resumed(()) => Happening::Resumed,
            StoredHappening::Replied(said) => Happening::Replied(said.into()),
            StoredHappening::Noted(said) => Happening::Noted(said.into()),
            StoredHappening::Completed(completed) => {
                let field = "completion";
                let completion = completed.completion.ok_or(StoredFault::Missing { field })?;
                Happening::Completed {
                    completion: completion.try_into()?,
                    text: sealed(completed.text),
                }
            }
            StoredHappening::Refused(refusing) => {
                let field = "refused";
                let refused = refusing.refused.ok_or(StoredFault::Missing { field })?;
                Happening::Refused {
                    by: word(&refused.by, "refused.by")?,
                    refer_to: word(&refused.refer_to, "refused.refer_to")?,
                    text: sealed(refusing.text),
                }
            }
            StoredHappening::MarkedDuplicate(of) => Happening::MarkedDuplicate { of: CaseId(of) },
            StoredHappening::Rated(rated) => Happening::Rated {
                level: Level::from_number(rated.level, "level")?,
                text: sealed(rated.text),
                appeal_until: times(rated.appeal_until_us, "appeal_until")?,
            },
            StoredHappening::Reopened(reopened) => Happening::Reopened {
                round: reopened.round,
                handler: words(reopened.handler.as_deref(), "handler")?,
            },
            StoredHappening::Escalated(escalated) => Happening::Escalated {
                to: word(&escalated.to, "to")?,
                handler: words(escalated.handler.as_deref(), "handler")?,
            },
            StoredHappening::Appealed(appeal) => Happening::Appealed {
                review: appeal.review,
                reason: sealed(appeal.reason),
            },
            StoredHappening::AppealRuled(appeal) => Happening::AppealRuled {
                review: appeal.review,
                upheld: appeal.upheld,
                reason: sealed(appeal.reason),
            },
            StoredHappening::Withdrawn(words) => Happening::Withdrawn {
                reason: sealed(words.text),
            },
            StoredHappening::FellDue(due) => Happening::FellDue {
                clock: ClockKind::from_number(due.clock, "clock")?,
                on_time: due.on_time,
            },
            StoredHappening::Settled(reopened) => Happening::Settled { reopened },
            StoredHappening::Closed(()) => Happening::Closed,
        })
    }
}

impl From<&Reported> for StoredReported {
    fn from(reported: &Reported) -> StoredReported {
        StoredReported {
            kind: reported.kind.to_string(),
            category: reported.category.to_string(),
            origin: reported.origin.number(),
            grid: reported.grid.map_or(0, |grid| grid.number().into()),
            rules: Some((&*reported.rules).into()),
            requester: reported.requester.map(|requester| requester.0),
            on_behalf: reported.on_behalf,
            source_id: reported.source_id.as_ref().map(ToString::to_string),
            personal: bytes(&reported.personal),
            chain: reported.chain.iter().map(ToString::to_string).collect(),
        }
    }
}

impl TryFrom<StoredReported> for Reported {
    type Error = StoredFault;

    fn try_from(stored: StoredReported) -> Result<Reported, StoredFault> {
        let rules = stored
            .rules
            .ok_or(StoredFault::Missing { field: "rules" })?;
        Ok(Reported {
            kind: word(&stored.kind, "kind")?,
            category: word(&stored.category, "category")?,
            origin: Origin::from_number(stored.origin, "origin")?,
            grid: grid(stored.grid)?,
            rules: std::sync::Arc::new(rules.try_into()?),
            requester: stored.requester.map(Pseudonym),
            on_behalf: stored.on_behalf,
            source_id: words(stored.source_id.as_deref(), "source_id")?,
            chain: chain(&stored.chain)?,
            personal: sealed(stored.personal),
        })
    }
}

pub(super) fn chain(stored: &[String]) -> Result<Box<[Name]>, StoredFault> {
    let levels = stored.iter();
    levels.map(|level| word(level, "chain")).collect()
}

impl From<&Option<Sealed>> for StoredWords {
    fn from(text: &Option<Sealed>) -> StoredWords {
        StoredWords { text: bytes(text) }
    }
}

impl From<&Said> for StoredSaid {
    fn from(said: &Said) -> StoredSaid {
        StoredSaid {
            text: said.text.0.to_vec(),
            fingerprint: said.fingerprint.0,
        }
    }
}

impl From<StoredSaid> for Said {
    fn from(stored: StoredSaid) -> Said {
        Said {
            text: Sealed(stored.text.into()),
            fingerprint: Fingerprint(stored.fingerprint),
        }
    }
}

fn bytes(text: &Option<Sealed>) -> Option<Vec<u8>> {
    text.as_ref().map(|text| text.0.to_vec())
}

fn sealed(bytes: Option<Vec<u8>>) -> Option<Sealed> {
    bytes.map(|bytes| Sealed(bytes.into()))
}
