//! A kind of election as a playbook lists it, and the rules that an election takes
//! with it when it is opened. Knows no file format.

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
    /// The body that is elected: `supervision-committee`.
    pub body: Code,
    /// Fixed by the kind; none: said at opening.
    pub seats: Option<u16>,
    /// Candidates more than seats, at least (差额).
    pub surplus: u16,
    pub criteria: Box<[Code]>,
    /// Key residents are asked before candidates are published.
    pub gathers_views: bool,
    /// From the publication of candidates to the first vote, at least.
    pub notice_days: u16,
    /// Ballots of the roll; below, the election fails.
    pub quorum: Option<Share>,
    /// Votes of the valid ballots that a winner needs.
    pub majority: Option<Share>,
    pub tie: Tie,
    /// Of those who count a box, and of those who sign the result.
    pub counters: u16,
    /// Ballots in a box that is opened by itself.
    pub smallest_box: u32,
    pub objection_days: u16,
    pub term_months: u16,
    /// Bodies on which nobody can sit at the same time.
    pub excludes: Box<[Code]>,
}

/// What happens where the last seat's votes are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tie {
    /// Drawn in public, and entered with the result.
    Lot,
    /// The seats stay empty for another election.
    Vacant,
}
