//! Fact types of support requests and offers (WJ-2, WJ-3). `centre` is the code of
//! the centre whose the request or the offer is.

use super::{FactType, FactTypeId, fact};

pub const ASKED: FactTypeId = FactTypeId(240);
pub const ADDRESSED: FactTypeId = FactTypeId(241);
pub const ACCEPTED: FactTypeId = FactTypeId(242);
pub const DECLINED: FactTypeId = FactTypeId(243);
pub const DONE: FactTypeId = FactTypeId(244);
pub const RATED: FactTypeId = FactTypeId(245);
pub const WITHDRAWN: FactTypeId = FactTypeId(246);
pub const ENROLLED: FactTypeId = FactTypeId(248);
pub const COMPLETED: FactTypeId = FactTypeId(249);
pub const APPLIED: FactTypeId = FactTypeId(250);

pub static TYPES: &[FactType] = &[
    // `centre`: none where whoever can was asked.
    fact(ASKED, "support.asked", &["centre"], &[]),
    // It is known whose it is. occurred_at: when it was asked, so that it counts
    // with what became of it.
    fact(ADDRESSED, "support.addressed", &["centre"], &[]),
    // occurred_at: when it was asked. `in_time`: within the community's limit.
    fact(
        ACCEPTED,
        "support.accepted",
        &["centre", "in_time"],
        &["wait_s"],
    ),
    fact(DECLINED, "support.declined", &["centre"], &["wait_s"]),
    // `on_time`: by the agreed day; none where no day was agreed.
    fact(
        DONE,
        "support.done",
        &["centre", "on_time"],
        &["duration_s"],
    ),
    // `satisfied`: four or five stars of five.
    fact(RATED, "support.rated", &["centre", "satisfied"], &["stars"]),
    fact(WITHDRAWN, "support.withdrawn", &["centre"], &[]),
    // `kind`: course, grant, notice, expert.
    fact(ENROLLED, "offer.enrolled", &["centre", "kind"], &[]),
    // occurred_at: noon of the day. `council`: the person held a role in an entry
    // of the register `councils`; `first`: the person's first of its kind in the
    // civil year.
    fact(
        COMPLETED,
        "offer.completed",
        &["centre", "kind", "council", "first"],
        &[],
    ),
    // A grant was asked for. `form`: direct, award, purchase, venture.
    fact(APPLIED, "offer.applied", &["centre", "form"], &["fen"]),
];
