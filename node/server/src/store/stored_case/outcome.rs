//! The stored form of outcomes.

use node_domain::cases::{CaseId, Completion, Outcome};

use super::{
    StoredFault,
    words::{word, words},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredOutcome {
    #[prost(oneof = "OutcomeKind", tags = "1, 2, 3, 4")]
    pub kind: Option<OutcomeKind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum OutcomeKind {
    #[prost(message, tag = "1")]
    Completed(StoredCompletion),
    #[prost(message, tag = "2")]
    Refused(StoredRefused),
    #[prost(uint64, tag = "3")]
    DuplicateOf(u64),
    #[prost(bool, tag = "4")]
    Withdrawn(bool),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredCompletion {
    /// 1 resolved, 2 partly, 3 explained, 4 referred.
    #[prost(uint32, tag = "1")]
    pub kind: u32,
    #[prost(string, optional, tag = "2")]
    pub referred_to: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredRefused {
    #[prost(string, tag = "1")]
    pub by: String,
    #[prost(string, tag = "2")]
    pub refer_to: String,
}

impl From<&Outcome> for StoredOutcome {
    fn from(outcome: &Outcome) -> StoredOutcome {
        let kind = match outcome {
            Outcome::Completed(completion) => OutcomeKind::Completed(completion.into()),
            Outcome::Refused { by, refer_to } => OutcomeKind::Refused(StoredRefused {
                by: by.to_string(),
                refer_to: refer_to.to_string(),
            }),
            Outcome::Duplicate(of) => OutcomeKind::DuplicateOf(of.0),
            Outcome::Withdrawn => OutcomeKind::Withdrawn(true),
        };
        StoredOutcome { kind: Some(kind) }
    }
}

impl TryFrom<StoredOutcome> for Outcome {
    type Error = StoredFault;

    fn try_from(stored: StoredOutcome) -> Result<Outcome, StoredFault> {
        Ok(
            match stored
                .kind
                .ok_or(StoredFault::Missing { field: "outcome" })?
            {
                OutcomeKind::Completed(completion) => Outcome::Completed(completion.try_into()?),
                OutcomeKind::Refused(refused) => Outcome::Refused {
                    by: word(&refused.by, "refused.by")?,
                    refer_to: word(&refused.refer_to, "refused.refer_to")?,
                },
                OutcomeKind::DuplicateOf(of) => Outcome::Duplicate(CaseId(of)),
                OutcomeKind::Withdrawn(_) => Outcome::Withdrawn,
            },
        )
    }
}

impl From<&Completion> for StoredCompletion {
    fn from(completion: &Completion) -> StoredCompletion {
        let (kind, to) = match completion {
            Completion::Resolved => (1, None),
            Completion::Partly => (2, None),
            Completion::Explained => (3, None),
            Completion::Referred(to) => (4, to.as_ref().map(ToString::to_string)),
        };
        StoredCompletion {
            kind,
            referred_to: to,
        }
    }
}

impl TryFrom<StoredCompletion> for Completion {
    type Error = StoredFault;

    fn try_from(stored: StoredCompletion) -> Result<Completion, StoredFault> {
        Ok(match stored.kind {
            1 => Completion::Resolved,
            2 => Completion::Partly,
            3 => Completion::Explained,
            4 => Completion::Referred(words(stored.referred_to.as_deref(), "referred_to")?),
            other => {
                return Err(StoredFault::Meaningless {
                    field: "completion",
                    value: other.to_string(),
                });
            }
        })
    }
}
