//! Fact types of the activities engine (QS-7, QS-10, QS-11, BBT's seven kinds, WJ-2,
//! WJ-9, WJ-10, CZY-10).

use super::{FactType, FactTypeId, fact};

pub const HELD: FactTypeId = FactTypeId(160);
pub const FELL_THROUGH: FactTypeId = FactTypeId(161);
pub const DAY_JUDGED: FactTypeId = FactTypeId(162);
pub const WEEK_JUDGED: FactTypeId = FactTypeId(163);
pub const HOURS_CONFIRMED: FactTypeId = FactTypeId(164);
pub const INCOME: FactTypeId = FactTypeId(165);
pub const COST: FactTypeId = FactTypeId(166);
pub const ACCOUNTS_PUBLISHED: FactTypeId = FactTypeId(167);
pub const HARVESTED: FactTypeId = FactTypeId(168);
pub const DELIVERED: FactTypeId = FactTypeId(169);

pub static TYPES: &[FactType] = &[
    // occurred_at: the activity. `size`: small, large; `theme`: the playbook's
    // kind of activity. `attended`, of whom `signed_up` had signed up before.
    fact(
        HELD,
        "activity.held",
        &["kind", "size", "theme", "grid"],
        &["attended", "signed_up"],
    ),
    // occurred_at: noon of the day it was to be. `why`: called-off, lapsed.
    fact(
        FELL_THROUGH,
        "activity.fell_through",
        &["kind", "size", "why"],
        &[],
    ),
    // occurred_at: noon of the day with which a window of days ends. `kept`: there
    // was a small activity in it.
    fact(DAY_JUDGED, "activity.day_judged", &["kind", "kept"], &[]),
    // occurred_at: noon of the week's Sunday. `kept`: there was a large one in it.
    fact(WEEK_JUDGED, "activity.week_judged", &["kind", "kept"], &[]),
    // occurred_at: noon of the activity's day.
    fact(
        HOURS_CONFIRMED,
        "activity.hours_confirmed",
        &["kind"],
        &["minutes"],
    ),
    // occurred_at: when it came in. `source`: shared (AA), donation, crowdfunding,
    // purchase.
    fact(INCOME, "activity.income", &["kind", "source"], &["fen"]),
    // occurred_at: when it was spent.
    fact(COST, "activity.cost", &["kind"], &["fen"]),
    // occurred_at: noon of the activity's day; recorded with the publication, or
    // when the time for that was over.
    fact(
        ACCOUNTS_PUBLISHED,
        "activity.accounts_published",
        &["kind", "on_time"],
        &[],
    ),
    // occurred_at: the harvest.
    fact(
        HARVESTED,
        "activity.harvested",
        &["kind", "crop"],
        &["grams"],
    ),
    // occurred_at: the harvest; one for each home that some of it was brought to.
    fact(DELIVERED, "activity.delivered", &["kind"], &[]),
];
