//! Fact types of the consents engine (TN-2, BBT-1 step 6, QS-9).

use super::{FactType, FactTypeId, fact};

pub const CONCLUDED: FactTypeId = FactTypeId(64);
pub const PUT_IN_USE: FactTypeId = FactTypeId(65);
pub const COVENANT_SIGNED: FactTypeId = FactTypeId(66);
pub const MANDATE_ENDED: FactTypeId = FactTypeId(67);

pub static TYPES: &[FactType] = &[
    // occurred_at: noon of the day on which consent was met, known for good once
    // works start; of a lapsed drive's or a vote's last day. `outcome`: met, lapsed,
    // abandoned; carried, rejected. `days` since the roll was frozen; `answered` and
    // `yes` of `heads` on the roll.
    fact(
        CONCLUDED,
        "consent.concluded",
        &["kind", "grid", "profile", "outcome"],
        &["days", "heads", "answered", "yes"],
    ),
    // occurred_at: when what was built was put in use.
    fact(PUT_IN_USE, "consent.put_in_use", &["kind", "grid"], &[]),
    // occurred_at: when it was put in use, also where its covenant came later.
    fact(
        COVENANT_SIGNED,
        "consent.covenant_signed",
        &["kind", "grid"],
        &[],
    ),
    // `outcome`: done, revoked, expired, ended.
    fact(
        MANDATE_ENDED,
        "consent.mandate_ended",
        &["kind", "grid", "outcome"],
        &[],
    ),
];
