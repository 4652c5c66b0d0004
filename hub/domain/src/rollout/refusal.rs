//! Why a rollout is not begun, approved or ended.

use proto::indicator::mistake::InvalidItem;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{} items are wrong, first: {}", .0.len(), first(.0))]
    Invalid(Vec<InvalidItem>),
    #[error("{0} items: want 1 to {most}", most = super::ITEMS)]
    ItemCount(usize),
    #[error("all of it is in the catalogue already: raise the revision for another meaning")]
    NothingNew,
    #[error("{code} is being rolled out already, as number {number}: retire that first")]
    Underway { code: String, number: u32 },
    #[error("a wave is held for 1 second to 90 days, not {0}")]
    Hold(String),
    #[error("{0} nodes are asked to try it out: want at most {most}", most = super::TRIAL_NODES)]
    TrialNodes(usize),
    #[error("no node of {0} has ever been here: ask one that has")]
    UnknownNode(String),
    #[error("{by} already asks for the number of {code}, for {owner}: read it there")]
    AlreadyAsked {
        code: String,
        by: String,
        owner: String,
    },
    #[error("no indicator {0}: want the code of one that was published")]
    UnknownIndicator(String),
    #[error("nothing of {0} waits for approval")]
    NothingToApprove(String),
    #[error("{0} is retired already")]
    AlreadyRetired(String),
    #[error("{code} is a term of {by}: retire that first")]
    Derived { code: String, by: String },
}

fn first(invalid: &[InvalidItem]) -> String {
    invalid.first().map(ToString::to_string).unwrap_or_default()
}

impl Refusal {
    /// UPPER_SNAKE, stable.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::Invalid(_) => "CATALOGUE_INVALID",
            Refusal::ItemCount(_) => "ITEM_COUNT",
            Refusal::NothingNew => "NOTHING_NEW",
            Refusal::Underway { .. } => "ROLLOUT_UNDERWAY",
            Refusal::AlreadyAsked { .. } => "ALREADY_ASKED",
            Refusal::Hold(_) => "WAVE_HOLD",
            Refusal::TrialNodes(_) => "DRY_RUN_NODES",
            Refusal::UnknownNode(_) => "UNKNOWN_NODE",
            Refusal::UnknownIndicator(_) => "UNKNOWN_INDICATOR",
            Refusal::NothingToApprove(_) => "NOTHING_TO_APPROVE",
            Refusal::AlreadyRetired(_) => "ALREADY_RETIRED",
            Refusal::Derived { .. } => "DERIVED_FROM",
        }
    }

    /// The field to put right; `None`: it is not what was written.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Refusal::Invalid(_) | Refusal::ItemCount(_) => Some("indicators"),
            Refusal::Hold(_) => Some("wave_hold"),
            Refusal::TrialNodes(_) | Refusal::UnknownNode(_) => Some("dry_run_on"),
            Refusal::UnknownIndicator(_) => Some("indicator"),
            Refusal::NothingNew
            | Refusal::Underway { .. }
            | Refusal::AlreadyAsked { .. }
            | Refusal::NothingToApprove(_)
            | Refusal::AlreadyRetired(_)
            | Refusal::Derived { .. } => None,
        }
    }
}
