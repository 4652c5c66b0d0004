//! Fact types of the funds engine. Amounts are whole fen; `kind` is the fund's.

use super::{FactType, FactTypeId, fact};

pub const RECEIVED: FactTypeId = FactTypeId(112);
pub const SPENT: FactTypeId = FactTypeId(113);
pub const PUBLISHED: FactTypeId = FactTypeId(114);
pub const STARTED: FactTypeId = FactTypeId(115);
pub const SCHEME_OPENED: FactTypeId = FactTypeId(116);
pub const BUILDING_APPLIED: FactTypeId = FactTypeId(117);
pub const BUILDING_STARTED: FactTypeId = FactTypeId(118);
pub const BUILDING_DONE: FactTypeId = FactTypeId(119);
pub const SUBSIDY_PAID: FactTypeId = FactTypeId(120);
pub const GRANT_MOVED: FactTypeId = FactTypeId(121);

pub static TYPES: &[FactType] = &[
    // `source`: the kind of income; `shares`: owners' shares of a cost.
    fact(
        RECEIVED,
        "fund.received",
        &["kind", "grid", "source"],
        &["fen"],
    ),
    // occurred_at: the payment.
    fact(
        SPENT,
        "fund.spent",
        &["kind", "grid", "countersigned"],
        &["fen"],
    ),
    fact(PUBLISHED, "fund.published", &["kind", "grid"], &["fen"]),
    // Works start: everybody has agreed.
    fact(
        STARTED,
        "fund.started",
        &["kind", "grid"],
        &["total", "owners"],
    ),
    // `buildings` that may apply.
    fact(
        SCHEME_OPENED,
        "subsidy.opened",
        &["kind", "grid"],
        &["buildings"],
    ),
    // A building has agreed and applied.
    fact(
        BUILDING_APPLIED,
        "subsidy.applied",
        &["kind", "grid", "tier"],
        &["percent"],
    ),
    fact(
        BUILDING_STARTED,
        "subsidy.started",
        &["kind", "grid", "tier"],
        &["total", "household", "street"],
    ),
    fact(
        BUILDING_DONE,
        "subsidy.done",
        &["kind", "grid", "tier"],
        &[],
    ),
    fact(
        SUBSIDY_PAID,
        "subsidy.paid",
        &["kind", "grid", "tier"],
        &["fen"],
    ),
    // `paid`: with this stage its money has gone out. `days` in the stage before.
    fact(
        GRANT_MOVED,
        "grant.moved",
        &["kind", "grid", "funding", "to", "paid"],
        &["fen", "days"],
    ),
];
