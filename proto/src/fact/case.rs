//! Fact types of the cases engine (`reference/seed-systems.md` QS-1 to QS-3).

use super::{FactType, FactTypeId, fact};

/// Dimensions that every case fact starts with.
pub const DIMENSIONS: [&str; 4] = ["kind", "category", "origin", "grid"];

pub const REPORTED: FactTypeId = FactTypeId(1);
pub const ACCEPTED: FactTypeId = FactTypeId(2);
pub const FELL_DUE: FactTypeId = FactTypeId(3);
pub const COMPLETED: FactTypeId = FactTypeId(4);
pub const RATED: FactTypeId = FactTypeId(5);
pub const COMPLETION_RATED: FactTypeId = FactTypeId(6);
pub const BAD_REVIEW_RIGHTED: FactTypeId = FactTypeId(7);
pub const SETTLED: FactTypeId = FactTypeId(8);
pub const REOPENED: FactTypeId = FactTypeId(9);
pub const BOUNCED: FactTypeId = FactTypeId(10);
pub const REFUSED: FactTypeId = FactTypeId(11);
pub const WITHDRAWN: FactTypeId = FactTypeId(12);
pub const BAD_REVIEW_ANNULLED: FactTypeId = FactTypeId(13);
pub const ESCALATED: FactTypeId = FactTypeId(14);
pub const DUPLICATE: FactTypeId = FactTypeId(15);

pub static TYPES: &[FactType] = &[
    // occurred_at: when it was reported.
    fact(
        REPORTED,
        "case.reported",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: when it was accepted.
    fact(
        ACCEPTED,
        "case.accepted",
        &["kind", "category", "origin", "grid"],
        &["wait_s"],
    ),
    // occurred_at: the complete clock's due time, recorded once that has passed.
    fact(
        FELL_DUE,
        "case.fell_due",
        &["kind", "category", "origin", "grid", "on_time"],
        &[],
    ),
    // occurred_at: this completion. `first`: not a completion after reopening.
    // `duration_s`: since the report, or since the case last came back.
    fact(
        COMPLETED,
        "case.completed",
        &["kind", "category", "origin", "grid", "outcome", "first"],
        &["duration_s"],
    ),
    // occurred_at: the rating. `level`: 1 to 5, `bad`: the two lowest (差评).
    fact(
        RATED,
        "case.rated",
        &["kind", "category", "origin", "grid", "level", "bad"],
        &[],
    ),
    // occurred_at: the completion that was rated.
    fact(
        COMPLETION_RATED,
        "case.completion_rated",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bad review that has since been put right.
    fact(
        BAD_REVIEW_RIGHTED,
        "case.bad_review_righted",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the first completion, recorded 30 days after it.
    fact(
        SETTLED,
        "case.settled",
        &["kind", "category", "origin", "grid", "reopened"],
        &[],
    ),
    // occurred_at: the reopening.
    fact(
        REOPENED,
        "case.reopened",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bounce.
    fact(
        BOUNCED,
        "case.bounced",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the refusal.
    fact(
        REFUSED,
        "case.refused",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the withdrawal.
    fact(
        WITHDRAWN,
        "case.withdrawn",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the bad review that an appeal has struck out.
    fact(
        BAD_REVIEW_ANNULLED,
        "case.bad_review_annulled",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: the escalation, when the rounds of reopening are used up.
    fact(
        ESCALATED,
        "case.escalated",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
    // occurred_at: when it was marked as a duplicate.
    fact(
        DUPLICATE,
        "case.duplicate",
        &["kind", "category", "origin", "grid"],
        &[],
    ),
];
