//! Fact types of the documents engine (TN-5, QH-2, CZY-14, covenants).

use super::{FactType, FactTypeId, fact};

pub const CONSULTED: FactTypeId = FactTypeId(80);
pub const PUT_IN_FORCE: FactTypeId = FactTypeId(81);
pub const STANDING: FactTypeId = FactTypeId(82);

pub static TYPES: &[FactType] = &[
    // occurred_at: when the comments on a posted version were closed.
    fact(
        CONSULTED,
        "document.consulted",
        &["kind", "grid"],
        &["comments"],
    ),
    // occurred_at: when a version came in force; `amends`: it followed another.
    fact(
        PUT_IN_FORCE,
        "document.put_in_force",
        &["kind", "grid", "amends"],
        &[],
    ),
    // occurred_at: since when a version is in force (1), or none is any more (0).
    fact(
        STANDING,
        "document.standing",
        &["kind", "grid"],
        &["in_force"],
    ),
];
