//! Fact types of the assessments engine. `first`: no version was published before.

use super::{FactType, FactTypeId, fact};

pub const SCORED: FactTypeId = FactTypeId(128);
pub const SURVEYED: FactTypeId = FactTypeId(129);
pub const CHECKED: FactTypeId = FactTypeId(130);
pub const PUBLISHED: FactTypeId = FactTypeId(131);
pub const CORRECTED: FactTypeId = FactTypeId(132);

pub static TYPES: &[FactType] = &[
    // occurred_at: when it became final. `listing`: red, neither, black. Hundredths
    // of a point, rounded down.
    fact(
        SCORED,
        "assessment.scored",
        &["kind", "grid", "first", "listing"],
        &["centipoints"],
    ),
    // occurred_at: when it became final.
    fact(
        SURVEYED,
        "assessment.surveyed",
        &["kind", "grid", "first"],
        &["satisfied", "valid"],
    ),
    // occurred_at: when it became final. `reason`: why not suitable.
    fact(
        CHECKED,
        "assessment.checked",
        &["kind", "grid", "first", "suitable", "reason"],
        &[],
    ),
    // occurred_at: when it became final, `days` before it was published.
    fact(
        PUBLISHED,
        "assessment.published",
        &["kind", "grid", "first", "in_time"],
        &["days"],
    ),
    fact(CORRECTED, "assessment.corrected", &["kind", "grid"], &[]),
];
