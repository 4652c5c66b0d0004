//! 报事: reported, accepted, worked off, rated; a bad review is put right.

use jiff::{SignedDuration, ToSpan as _};

use super::super::deed::Deed;
use super::super::plan::Plan;

const KINDS: [&str; 5] = [
    "street-light",
    "litter",
    "greenery",
    "property-repair",
    "parking",
];
/// They ask for seven days.
const LATE: i64 = 9 * 24;

pub fn reports(plan: &mut Plan, count: usize) {
    for _ in 0..count {
        let case = plan.thing();
        let kind = KINDS[plan.below(KINDS.len() as i64) as usize];
        // Until the middle of November: what is late then is seen in the year, too.
        let day = Plan::day(1, 2) + plan.below(315).days();
        let (hour, minute) = (9 + plan.below(8) as i8, plan.below(60) as i8);
        let mut at = plan.time(day, hour, minute);
        plan.add(at, Deed::Report { case, kind });
        let mut after = |plan: &mut Plan, hours: i64, deed| {
            at += SignedDuration::from_hours(hours);
            plan.add(at, deed);
        };
        let wait = plan.below(3);
        after(plan, wait, Deed::Accept(case));
        after(plan, 0, Deed::Dispatch(case));
        let is_late = plan.by_chance(10);
        let hours = if is_late { LATE } else { 6 + plan.below(120) };
        after(plan, hours, Deed::Complete(case));
        plan.expect("QS.R01", 1);
        plan.expect_of("QS.R02", i64::from(!is_late), 1);
        if !plan.by_chance(90) {
            plan.expect_of("QS.R05", 0, 1);
            continue;
        }
        let is_bad = plan.by_chance(15);
        after(plan, 20, Deed::Rate { case, is_bad });
        plan.expect_of("QS.R04", i64::from(is_bad), 1);
        plan.expect_of("QS.R05", 1, 1);
        if is_bad {
            after(plan, 30, Deed::Complete(case));
            let is_bad = false;
            after(plan, 20, Deed::Rate { case, is_bad });
            plan.expect_of("QS.R04", 0, 1);
            plan.expect_of("QS.R05", 1, 1);
            plan.expect_of("QS.R06", 1, 1);
        }
    }
}
