//! Fact types of the deliberations engine (BBT-1, CZY-1, CZY-3 to CZY-7, CZY-11,
//! WJ-7, QH-5).

use super::{FactType, FactTypeId, fact};

pub const PROPOSED: FactTypeId = FactTypeId(144);
pub const TRIAGED: FactTypeId = FactTypeId(145);
pub const COMMENTED: FactTypeId = FactTypeId(146);
pub const SESSION_HELD: FactTypeId = FactTypeId(147);
pub const PARTY_SEAT: FactTypeId = FactTypeId(148);
pub const HEARD: FactTypeId = FactTypeId(149);
pub const DECIDED: FactTypeId = FactTypeId(150);
pub const ANNOUNCED: FactTypeId = FactTypeId(151);
pub const VERIFIED: FactTypeId = FactTypeId(152);
pub const FOLLOW_UP_DUE: FactTypeId = FactTypeId(153);
pub const YEAR_TURNED: FactTypeId = FactTypeId(154);
pub const VOTER: FactTypeId = FactTypeId(155);
pub const VOTE_HELD: FactTypeId = FactTypeId(156);
pub const ADVICE_GIVEN: FactTypeId = FactTypeId(157);
pub const ADVICE_ANSWERED: FactTypeId = FactTypeId(158);

pub static TYPES: &[FactType] = &[
    // occurred_at: the proposal. `source`: resident, grid, office, party,
    // organisation, council, expert, calendar.
    fact(
        PROPOSED,
        "deliberation.proposed",
        &["kind", "source", "grid"],
        &["supporters"],
    ),
    // occurred_at: the triage. `grade`: urgent, important, minor, deferrable;
    // `route`: agenda, deferred, elsewhere.
    fact(
        TRIAGED,
        "deliberation.triaged",
        &["kind", "grade", "route"],
        &[],
    ),
    // occurred_at: the comment on a posted draft.
    fact(
        COMMENTED,
        "deliberation.commented",
        &["kind", "origin"],
        &[],
    ),
    // occurred_at: the session. `present` of those `listed`.
    fact(
        SESSION_HELD,
        "deliberation.session_held",
        &["kind", "quorate"],
        &["present", "listed"],
    ),
    // occurred_at: the session; one for each party of the platform.
    fact(
        PARTY_SEAT,
        "deliberation.party_seat",
        &["kind", "party", "present"],
        &[],
    ),
    // occurred_at: the first session with a quorum. `wait_days` since the proposal.
    fact(HEARD, "deliberation.heard", &["kind"], &["wait_days"]),
    // occurred_at: the decision. `whole`: every step of its rules is on record.
    // `rounds`: sessions with a quorum; `days` since the proposal.
    fact(
        DECIDED,
        "deliberation.decided",
        &["kind", "source", "grade", "passed", "whole"],
        &["rounds", "days"],
    ),
    // occurred_at: the decision; recorded with its announcement, or when the time
    // for that was over.
    fact(
        ANNOUNCED,
        "deliberation.announced",
        &["kind", "on_time"],
        &[],
    ),
    // occurred_at: the decision, all of which is now done and checked.
    fact(VERIFIED, "deliberation.verified", &["kind"], &[]),
    // occurred_at: noon of the due day.
    fact(
        FOLLOW_UP_DUE,
        "deliberation.follow_up_due",
        &["kind", "on_time"],
        &[],
    ),
    // occurred_at: noon of the last day of the year that a yearly topic was owed
    // for.
    fact(
        YEAR_TURNED,
        "deliberation.year_turned",
        &["kind", "decided"],
        &[],
    ),
    // occurred_at: noon of the last day of voting; one for each entry on the roll.
    fact(VOTER, "deliberation.voter", &["kind", "voted"], &[]),
    // occurred_at: noon of the last day of voting.
    fact(
        VOTE_HELD,
        "deliberation.vote_held",
        &["kind", "passed"],
        &["roll", "cast", "yes", "no", "abstained"],
    ),
    // occurred_at: when the advice was given.
    fact(
        ADVICE_GIVEN,
        "deliberation.advice_given",
        &["kind", "interest"],
        &[],
    ),
    // occurred_at: when the advice was given that is now answered.
    fact(
        ADVICE_ANSWERED,
        "deliberation.advice_answered",
        &["kind", "adopted"],
        &[],
    ),
];
