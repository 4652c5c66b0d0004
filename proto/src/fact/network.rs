//! Fact types that a hub tells of its own net (WJ.N01–N03, HUB.B01, HUB.B02). No node
//! has such facts: the hub folds them itself, at the moment it is asked.

use super::{FactType, FactTypeId, fact};

pub const COMMUNITY: FactTypeId = FactTypeId(272);
pub const REPORT: FactTypeId = FactTypeId(273);
pub const ASK: FactTypeId = FactTypeId(274);
pub const TURNED: FactTypeId = FactTypeId(275);

pub static TYPES: &[FactType] = &[
    // One for each month of each community. occurred_at: the last day of the month
    // on which it was open, today while the month runs.
    fact(COMMUNITY, "network.community", &["enrolled"], &[]),
    // The numbers of a month that a community had to report. occurred_at: the last
    // day of that month, told once they are due.
    fact(REPORT, "network.report", &["in_time"], &[]),
    // One for each number that is collected. occurred_at: today. `once`: no other
    // one gives it; `founding`: the hub was founded with it.
    fact(ASK, "network.ask", &["once", "founding"], &[]),
    // A request for a number that was there. occurred_at: when it was pointed to it.
    fact(TURNED, "network.turned", &[], &[]),
];

/// Whether hubs tell of it, not nodes.
pub fn tells_of(fact_type: &FactType) -> bool {
    TYPES.iter().any(|of| of.id == fact_type.id)
}
