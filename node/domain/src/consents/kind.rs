//! A kind of consent as a playbook lists it, with the profile's thresholds; what a
//! process takes with it when it is opened. Knows no file format.

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::playbook::{PlaybookId, Title};
use crate::share::Share;

#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    pub code: Code,
    pub title: Title,
    pub rules: Rules,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub playbook: PlaybookId,
    /// `tianning-2018`; a mandate has none.
    pub profile: Option<Code>,
    pub course: Course,
    /// Those that apply must all be met.
    pub thresholds: Box<[Threshold]>,
    /// Only signed papers and the owner's own token count, no telephone.
    pub is_written: bool,
    /// The text that is answered is fixed before, and every answer is to it.
    pub needs_text: bool,
    /// The longest time to collect answers.
    pub collect_days: u16,
    /// Time that is given at least after a withdrawal undid what had been met.
    pub recollect_days: u16,
    pub notice_days: u16,
    /// Owners that one proxy may answer for.
    pub proxy_principals: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Course {
    /// Consent, notice, approval, works, use.
    Works,
    /// Decided at the deadline; nobody sees a part of the count before.
    Vote,
    /// One principal and a mandatary; has no roll.
    Mandate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    pub when: When,
    pub of: Of,
    pub base: Base,
    /// Of the roll: how many must have taken part at all.
    pub quorum_heads: Option<Share>,
    pub quorum_area: Option<Share>,
    /// Of the base: how many must have said yes.
    pub heads: Option<Share>,
    pub area: Option<Share>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    Always,
    /// The project takes common area of the estate.
    CommonArea,
    /// A matter for which the law wants more.
    Special,
    Ordinary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Of {
    /// The stairwell that is served.
    Unit,
    /// Everybody on the roll.
    Estate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Base {
    Roll,
    Participants,
}

impl Threshold {
    pub fn wants_area(&self) -> bool {
        self.area.is_some() || self.quorum_area.is_some()
    }
}

impl Of {
    pub const fn code(self) -> &'static str {
        match self {
            Of::Unit => "unit",
            Of::Estate => "estate",
        }
    }
}

impl Base {
    pub const fn code(self) -> &'static str {
        match self {
            Base::Roll => "roll",
            Base::Participants => "participants",
        }
    }
}
