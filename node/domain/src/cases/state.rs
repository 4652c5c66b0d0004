//! What a case is at one moment. Knows neither its history, which the journal
//! keeps at [`Case::events`], nor what the requester said, which is sealed in the
//! report.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Clocks, Positions};
use crate::{
    actor::{Grid, Pseudonym},
    code::{Code, Name},
    playbook::Rules,
    sealed::Fingerprint,
};

/// Given by the node in the order of reporting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub id: CaseId,
    pub kind: Code,
    pub category: Code,
    pub origin: Origin,
    pub grid: Option<Grid>,
    /// Frozen when the case was reported.
    pub rules: Arc<Rules>,
    /// Whose case it is, if that is a known resident.
    pub requester: Option<Pseudonym>,
    /// Somebody else reported it for the requester: nobody rates.
    pub on_behalf: bool,
    /// The record's name in the system it was imported from.
    pub source_id: Option<Name>,
    /// Who answers for it, the nearest first: an unsolved case moves up level by
    /// level (五级负责). Empty: nobody but its handler.
    pub chain: Box<[Name]>,
    pub lifecycle: Lifecycle,
    /// How the case stands completed or closed; none while it is open, also after
    /// a reopening.
    pub outcome: Option<Outcome>,
    pub reported_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    /// Never changes once set.
    pub first_completed_at: Option<Timestamp>,
    /// When the last reopening or escalation was.
    pub returned_at: Option<Timestamp>,
    pub handler: Option<Name>,
    pub bounces: u32,
    pub reopenings: u32,
    pub escalated: bool,
    /// Of the last completion.
    pub rating: Option<Level>,
    pub clocks: Clocks,
    /// All pauses, the last one perhaps still open; at most [`Case::MAX_PAUSES`].
    pub pauses: Vec<Pause>,
    /// Bad reviews; at most one per round.
    pub reviews: Vec<Review>,
    /// What was said since the lifecycle last changed, newest last; at most
    /// [`Case::MAX_RECENT_NOTES`].
    pub recent_notes: Vec<Fingerprint>,
    /// Whether the settling time after the first completion has passed.
    pub settled: bool,
    /// When somebody last acted. The node's own ticks do not move it, so that
    /// late entries still fit in.
    pub acted_at: Timestamp,
    /// How many events there were; grows with every change.
    pub revision: u64,
    /// Where the journal keeps them. The server adds a position when it has one.
    pub events: Positions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    Reported,
    Accepted,
    Dispatched,
    InProgress,
    Completed,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Completed(Completion),
    /// Not a matter for this community: who says so, and where to go.
    Refused {
        by: Name,
        refer_to: Name,
    },
    Duplicate(CaseId),
    Withdrawn,
}

/// How work on a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    Resolved,
    Partly,
    Explained,
    /// Handed over; to whom, when it is known.
    Referred(Option<Name>),
}

/// How the case came in. Append-only: other engines keep it in its place's form.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Origin {
    Online,
    Counter,
    Phone,
    Paper,
    DoorKnock,
    Hotline,
    Patrol,
    Meeting,
}

/// 五级评价. The two lowest are a bad review (差评).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    VeryBad = 1,
    Bad = 2,
    Fair = 3,
    Good = 4,
    VeryGood = 5,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    pub paused_at: Timestamp,
    pub resumed_at: Option<Timestamp>,
    pub cause: Code,
}

/// A bad review and the completion that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    pub reviewed_at: Timestamp,
    pub level: Level,
    /// Whose work it was; none when the office completed it itself.
    pub handler: Option<Name>,
    pub completed_at: Timestamp,
    pub completion: Completion,
    /// Until when the handler may appeal.
    pub appeal_until: Option<Timestamp>,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It counts, and may be appealed.
    Stands,
    Appealed,
    /// It counts; its appeal was dismissed.
    Confirmed,
    /// An appeal struck it out.
    Annulled,
    /// A later completion was rated fair or better.
    Righted,
}

impl Case {
    pub const MAX_PAUSES: usize = 100;
    pub const MAX_RECENT_NOTES: usize = 16;
    /// Events after which only what leads to an end is still taken.
    pub const MAX_EVENTS: u64 = 10_000;

    pub fn paused(&self) -> Option<&Pause> {
        self.pauses
            .last()
            .filter(|pause| pause.resumed_at.is_none())
    }

    /// Whether its requester may rate its completions at all.
    pub fn is_ratable(&self) -> bool {
        self.requester.is_some() && !self.on_behalf && self.rules.rate.is_some()
    }

    /// The level above the handler's, while a level of its chain has it.
    pub fn next_level(&self) -> Option<&Name> {
        let of = self.handler.as_ref()?;
        let at = self.chain.iter().position(|level| level == of)?;
        self.chain.get(at + 1)
    }

    /// Whether its last completion was rated fair or better.
    pub fn is_rated_well(&self) -> bool {
        self.rating.is_some_and(|level| !level.is_bad())
    }

    /// How often it came back for a review that has not been struck out.
    pub fn returns(&self) -> usize {
        let annulled = |review: &&Review| review.standing == Standing::Annulled;
        let all = self.reopenings as usize + usize::from(self.escalated);
        all.saturating_sub(self.reviews.iter().filter(annulled).count())
    }
}

impl Lifecycle {
    pub fn is_open(self) -> bool {
        self < Lifecycle::Completed
    }
}

impl Completion {
    pub const fn code(&self) -> &'static str {
        match self {
            Completion::Resolved => "resolved",
            Completion::Partly => "partly",
            Completion::Explained => "explained",
            Completion::Referred(_) => "referred",
        }
    }
}

impl Origin {
    pub const ALL: [Origin; 8] = [
        Origin::Online,
        Origin::Counter,
        Origin::Phone,
        Origin::Paper,
        Origin::DoorKnock,
        Origin::Hotline,
        Origin::Patrol,
        Origin::Meeting,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Origin::Online => "online",
            Origin::Counter => "counter",
            Origin::Phone => "phone",
            Origin::Paper => "paper",
            Origin::DoorKnock => "door-knock",
            Origin::Hotline => "hotline",
            Origin::Patrol => "patrol",
            Origin::Meeting => "meeting",
        }
    }

    pub fn by_code(code: &str) -> Option<Origin> {
        Origin::ALL.into_iter().find(|origin| origin.code() == code)
    }
}

impl Level {
    pub const fn is_bad(self) -> bool {
        (self as u8) < Level::Fair as u8
    }

    /// "1" to "5".
    pub const fn code(self) -> &'static str {
        match self {
            Level::VeryBad => "1",
            Level::Bad => "2",
            Level::Fair => "3",
            Level::Good => "4",
            Level::VeryGood => "5",
        }
    }
}
