//! Fact types of the duties engine (QS-4, QS-6, BBT-3, BBT-4, BBT-11, CZY-2, QH-3).

use super::{FactType, FactTypeId, fact};

pub const CONCLUDED: FactTypeId = FactTypeId(32);
pub const ATTEMPTED: FactTypeId = FactTypeId(33);
pub const ALERTED: FactTypeId = FactTypeId(34);
pub const HELD_EXTRA: FactTypeId = FactTypeId(35);

pub static TYPES: &[FactType] = &[
    // occurred_at: noon of the rule date. `outcome`: held, declined, no-answer,
    // missed. `present` of `seats` were there.
    fact(
        CONCLUDED,
        "duty.concluded",
        &["kind", "grid", "outcome", "moved"],
        &["present", "seats"],
    ),
    // occurred_at: the visit that nobody answered.
    fact(ATTEMPTED, "duty.attempted", &["kind", "grid"], &[]),
    // occurred_at: the visit that was one too many without an answer.
    fact(ALERTED, "duty.alerted", &["kind", "grid"], &[]),
    // occurred_at: the visit or meeting that no rule asked for.
    fact(
        HELD_EXTRA,
        "duty.held_extra",
        &["kind", "grid"],
        &["present", "seats"],
    ),
];
