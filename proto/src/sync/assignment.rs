//! Which hub counts a community, where that is not said by the community's code:
//! what a child hub claims, and what its parent assigns. Knows no rule.

use jiff::Timestamp;

use crate::place::Place;

/// Claims of one coverage, and assignments of one acknowledgement, at most.
pub const LIMIT: usize = 4096;

/// A child hub's word about a community, of the very numbers that it goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub community: Place,
    /// The newest assignment that the child knows; 0: none.
    pub number: u32,
    pub state: ClaimState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState {
    /// Not in the numbers, and not before the parent says so.
    Absent,
    /// The same, and the child wants to count it. `asked_at`: when the community
    /// was enrolled with whoever wants it.
    Wanted { asked_at: Timestamp },
    /// In the numbers, by the parent's word.
    Counted,
}

/// A parent's word about a community; a greater number overrides a smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub community: Place,
    pub number: u32,
    /// Whether the child that hears this is the one that counts it.
    pub is_yours: bool,
    /// When its holder enrolled it: a later enrolment is a claim still.
    pub asked_at: Option<Timestamp>,
}
