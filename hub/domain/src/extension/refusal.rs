//! Why an extension is not registered, approved or retired.

use jiff::civil::Date;
use proto::identity::Label;

use super::{EXTENSIONS, LONGEST_DAYS};
use crate::rollout;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0} is the code of one of the nine centres: choose another")]
    CentreCode(Label),
    #[error("extension {0} is registered already: retire it first, or choose another code")]
    AlreadyRegistered(Label),
    #[error("its last day {until} is not between today, {today}, and {LONGEST_DAYS} days ahead")]
    EndDate { until: Date, today: Date },
    #[error("it wants neither a new definition nor an indicator to read")]
    NothingWanted,
    #[error("no indicator begins with {0}: see tongxin hub catalogue list")]
    ReadsNothing(String),
    #[error("{EXTENSIONS} extensions are kept, and there is no room for another code")]
    TooMany,
    #[error("there is no extension {0}: see tongxin hub extension list")]
    Unknown(Label),
    #[error("extension {0} is not waiting for approval")]
    NotWaiting(Label),
    #[error("extension {0} is retired already")]
    AlreadyRetired(Label),
    /// Of its definitions.
    #[error(transparent)]
    Definitions(#[from] rollout::Refusal),
}

impl Refusal {
    /// UPPER_SNAKE, stable.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refusal::CentreCode(_) => "CENTRE_CODE",
            Refusal::AlreadyRegistered(_) => "EXTENSION_EXISTS",
            Refusal::EndDate { .. } => "EXTENSION_END_DATE",
            Refusal::NothingWanted => "NOTHING_WANTED",
            Refusal::ReadsNothing(_) => "READS_NOTHING",
            Refusal::TooMany => "TOO_MANY_EXTENSIONS",
            Refusal::Unknown(_) => "UNKNOWN_EXTENSION",
            Refusal::NotWaiting(_) => "EXTENSION_NOT_WAITING",
            Refusal::AlreadyRetired(_) => "EXTENSION_RETIRED",
            Refusal::Definitions(refusal) => refusal.reason(),
        }
    }

    /// The field to put right; `None`: it is not what was written.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Refusal::CentreCode(_) | Refusal::AlreadyRegistered(_) => Some("extension.name"),
            Refusal::EndDate { .. } => Some("extension.until"),
            Refusal::NothingWanted => Some("indicators"),
            Refusal::ReadsNothing(_) => Some("extension.reads"),
            Refusal::Unknown(_) => Some("name"),
            Refusal::Definitions(refusal) => refusal.field(),
            Refusal::TooMany | Refusal::NotWaiting(_) | Refusal::AlreadyRetired(_) => None,
        }
    }
}
