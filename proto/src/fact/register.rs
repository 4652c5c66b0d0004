//! Fact types of the registers engine. `group` is a kind within the register.

use super::{FactType, FactTypeId, fact};

pub const JOINED: FactTypeId = FactTypeId(48);
pub const LEFT: FactTypeId = FactTypeId(49);
pub const MOVED: FactTypeId = FactTypeId(50);
pub const ROLE_GRANTED: FactTypeId = FactTypeId(51);
pub const ROLE_ENDED: FactTypeId = FactTypeId(52);
pub const STOCK: FactTypeId = FactTypeId(53);
pub const PLOT_CLAIMED: FactTypeId = FactTypeId(54);
pub const PLOT_WARNED: FactTypeId = FactTypeId(55);
pub const PLOT_RELEASED: FactTypeId = FactTypeId(56);
pub const PAIR_BEGUN: FactTypeId = FactTypeId(57);

pub static TYPES: &[FactType] = &[
    // occurred_at: noon of a term's first day.
    fact(JOINED, "entry.joined", &["register", "group", "grid"], &[]),
    // occurred_at: noon of the last day. `days`: how long the term was.
    fact(
        LEFT,
        "entry.left",
        &["register", "group", "grid", "reason"],
        &["days"],
    ),
    // `days`: how long it was in `from`.
    fact(
        MOVED,
        "entry.moved",
        &["register", "group", "grid", "from", "to"],
        &["days"],
    ),
    // occurred_at: noon of its first day.
    fact(
        ROLE_GRANTED,
        "entry.role_granted",
        &["register", "group", "grid", "role"],
        &[],
    ),
    // occurred_at: noon of its last day.
    fact(
        ROLE_ENDED,
        "entry.role_ended",
        &["register", "group", "grid", "role", "reason"],
        &["days"],
    ),
    // The whole community's, after each change: for levels. `active` entries;
    // `complete`, whose needed roles are all held; `bound` to a resident's token;
    // `seats` of needed roles, `filled` of them; `plots` that can be or are
    // claimed, `claimed`, `neglected`.
    fact(
        STOCK,
        "register.stock",
        &["register"],
        &[
            "active",
            "complete",
            "bound",
            "seats",
            "filled",
            "plots",
            "claimed",
            "neglected",
        ],
    ),
    // `wait_days`: since it was asked for.
    fact(
        PLOT_CLAIMED,
        "plot.claimed",
        &["register", "group", "grid", "school"],
        &["wait_days"],
    ),
    fact(
        PLOT_WARNED,
        "plot.warned",
        &["register", "group", "grid", "school"],
        &[],
    ),
    fact(
        PLOT_RELEASED,
        "plot.released",
        &["register", "group", "grid", "school", "reason"],
        &[],
    ),
    // `again`: first, in-time, late; `gap_days` since the person's last pair.
    fact(
        PAIR_BEGUN,
        "pair.begun",
        &["register", "group", "grid", "again"],
        &["gap_days"],
    ),
];
