//! Fact types of the surveys engine (TN-1, CZY-8, QH-6, QH-7, WJ-7).

use super::{FactType, FactTypeId, fact};

pub const HOUSEHOLD_ASKED: FactTypeId = FactTypeId(176);
pub const HOUSEHOLD_ANSWERED: FactTypeId = FactTypeId(177);
pub const VISITED: FactTypeId = FactTypeId(178);
pub const CLOSED: FactTypeId = FactTypeId(179);
pub const BUNDLE_SENT: FactTypeId = FactTypeId(180);
pub const BUNDLE_ANSWERED: FactTypeId = FactTypeId(181);

pub static TYPES: &[FactType] = &[
    // occurred_at: the survey's beginning; one for each household on its roll.
    fact(HOUSEHOLD_ASKED, "survey.household_asked", &["kind"], &[]),
    // occurred_at: the survey's beginning; one for each household that answered.
    fact(
        HOUSEHOLD_ANSWERED,
        "survey.household_answered",
        &["kind", "origin"],
        &[],
    ),
    // occurred_at: the visit that brought no answer. `outcome`: no-answer, declined.
    fact(VISITED, "survey.visited", &["kind", "outcome"], &[]),
    // occurred_at: the end of the survey.
    fact(
        CLOSED,
        "survey.closed",
        &["kind"],
        &["answered", "households"],
    ),
    // occurred_at: when a department was sent its issues.
    fact(BUNDLE_SENT, "survey.bundle_sent", &["kind"], &[]),
    // occurred_at: when they were sent; recorded with the reply, or when the time
    // for that was over.
    fact(
        BUNDLE_ANSWERED,
        "survey.bundle_answered",
        &["kind", "on_time"],
        &[],
    ),
];
