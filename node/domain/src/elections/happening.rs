//! What can be asked of an election, and what happens to it. What happened is
//! complete in itself: no playbook is asked again.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Outcome, Route, Rules, Tally};
use crate::actor::Grid;
use crate::code::{Code, Name};
use crate::roll::{Channel, Roll};
use crate::sha256::Sha256;
use crate::stored::Day;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Open(Open),
    GatherViews {
        people: u32,
        document: Sha256,
    },
    Nominate {
        entry: u64,
        route: Route,
    },
    Review {
        entry: u64,
        is_accepted: bool,
        reason: Option<Name>,
    },
    StandDown {
        entry: u64,
    },
    PublishCandidates {
        place: Name,
    },
    Freeze {
        roll: Roll,
    },
    OpenVoting {
        boxes: Vec<(Code, Channel)>,
        closes_at: Timestamp,
    },
    /// Somebody on the roll was handed a ballot.
    Mark {
        entry: u64,
        ballot_box: Code,
    },
    /// The wrong line was marked.
    Unmark {
        entry: u64,
        reason: Name,
    },
    /// Early, when everybody has voted.
    CloseVoting,
    Mix {
        from: Code,
        into: Code,
    },
    Count {
        ballot_box: Code,
        tally: Tally,
        counters: Vec<u64>,
        document: Sha256,
    },
    /// The box counts for nothing.
    Void {
        ballot_box: Code,
        reason: Name,
    },
    /// `drawn`: by lot, of those whose votes are equal, who are elected.
    Announce {
        signers: Vec<u64>,
        document: Sha256,
        drawn: Vec<u64>,
    },
    Object {
        document: Sha256,
    },
    Rule {
        objection: u32,
        is_upheld: bool,
        reason: Name,
    },
    /// Somebody elected does not take the seat.
    Decline {
        entry: u64,
    },
    /// `serving`: who sits on a body that excludes this one.
    Seat {
        from: Date,
        serving: Vec<u64>,
    },
    Vacate {
        entry: u64,
        reason: Name,
    },
    Cancel {
        reason: Name,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    pub kind: Code,
    pub title: Name,
    pub grid: Option<Grid>,
    pub seats: Option<u16>,
    pub committee: Vec<u64>,
    /// The document that says a seat's duties, rights and obligations.
    pub charter: Option<u64>,
}

/// Append-only: the places of variants and fields are what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    Opened {
        kind: Code,
        rules: Rules,
        title: Name,
        grid: Option<Grid>,
        seats: u16,
        committee: Box<[u64]>,
        charter: Option<u64>,
        zone: Box<str>,
    },
    ViewsGathered {
        people: u32,
        document: Sha256,
    },
    Nominated {
        entry: u64,
        route: Route,
    },
    Reviewed {
        entry: u64,
        is_accepted: bool,
        reason: Option<Name>,
    },
    StoodDown {
        entry: u64,
    },
    CandidatesPublished {
        place: Name,
        until: Day,
    },
    RollFrozen {
        roll: Roll,
    },
    VotingOpened {
        boxes: Box<[(Code, Channel)]>,
        #[serde(with = "crate::stored::micros")]
        closes_at: Timestamp,
    },
    Marked {
        entry: u64,
        ballot_box: u16,
    },
    Unmarked {
        entry: u64,
        reason: Name,
    },
    VotingClosed,
    Mixed {
        from: u16,
        into: u16,
    },
    Counted {
        ballot_box: u16,
        tally: Tally,
        counters: Box<[u64]>,
        document: Sha256,
    },
    Voided {
        ballot_box: u16,
        reason: Name,
    },
    Announced {
        outcome: Outcome,
        signers: Box<[u64]>,
        document: Sha256,
        until: Day,
    },
    Objected {
        document: Sha256,
    },
    Ruled {
        objection: u32,
        is_upheld: bool,
        reason: Name,
    },
    Declined {
        entry: u64,
    },
    Seated {
        from: Day,
        until: Day,
    },
    Vacated {
        entry: u64,
        on: Day,
        reason: Name,
    },
    Cancelled {
        reason: Name,
    },
    TermEnded,
}
